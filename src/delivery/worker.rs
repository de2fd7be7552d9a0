//! The worker: leases what is due, sends it, and writes what became of it.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::{StreamExt as _, stream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, timeout};

use super::backoff::{backoff, backoff_for_an_admin, next_try, pause, pause_for_an_admin};
use super::failure::Failure;
use super::judge::{Verdict, judge};
use super::lane::{self, Lane};
use super::mail::{Content, Mails};
use super::pause::Pause;
use super::transport::Mailer;
use crate::config;
use crate::core::fault::dies_at;
use crate::core::{Actor, Clock, Email, MessageId, Result, Rng, Sealer, TicketId, Timestamp, Urls};
use crate::store::{Event, Leased, Settlement, Store};
use crate::views::Views;

/// How many messages one lease takes, and how long nobody else gets them.
const BATCH: usize = 64;
const LEASE: Duration = Duration::from_secs(120);
/// No mail of a batch begins later than this, so that the slowest is over before the lease is.
const LAST_START: Duration = Duration::from_secs(20);
/// A delivered mail waits this long at most for others to be settled with: each settling is a commit.
const SETTLE_WITHIN: Duration = Duration::from_millis(20);
const AT_ONCE: usize = 8;
/// How long a message of another process waits at most to be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a worker works with.
pub struct Needs {
    /// Where the outbox is.
    pub store: Store,
    /// How mails leave.
    pub mailer: Mailer,
    /// What mails look like.
    pub views: Views,
    /// Opens what is sealed.
    pub sealer: Sealer,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Names leases and spreads retries.
    pub rng: Arc<dyn Rng>,
    /// Whom mails are from, in words.
    pub site: config::Site,
    /// Builds the links.
    pub urls: Urls,
    /// Told what became of each mail.
    pub tally: Tally,
}

/// Counts mails by what became of them: `sent`, `deferred`, `failed` or `dropped`.
pub type Tally = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Delivers what the outbox promises.
pub struct Worker {
    store: Store,
    mailer: Mailer,
    mails: Mails,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    tally: Tally,
    pause: Pause,
}

/// A message and what became of it.
struct Outcome {
    message: Leased,
    settlement: Settlement,
}

impl Outcome {
    /// Whether the timeline tells it: of the tries of a long outage only the 16th, the 32nd, the 64th and so on.
    fn is_news(&self) -> bool {
        let tries = self.message.attempts.unsigned_abs();
        let failed = matches!(self.settlement, Settlement::Retry { .. });
        !failed || tries <= 8 || tries.is_power_of_two()
    }

    /// The kind of its event, and why; nothing when it was only put back.
    fn told(&self) -> Option<(&'static str, Option<&str>)> {
        Some(match &self.settlement {
            Settlement::Sent => ("mail.sent", None),
            Settlement::Untried { .. } => return None,
            Settlement::Retry { error, .. } => ("mail.deferred", Some(error)),
            Settlement::Dead { error } => ("mail.failed", Some(error)),
            Settlement::Dropped { reason } => ("mail.dropped", Some(reason)),
        })
    }
}

impl Worker {
    /// A worker at rest.
    pub fn new(needs: Needs) -> Self {
        Self {
            mails: Mails::new(needs.views, &needs.site, needs.urls),
            store: needs.store,
            mailer: needs.mailer,
            sealer: needs.sealer,
            clock: needs.clock,
            rng: needs.rng,
            tally: needs.tally,
            pause: Pause::default(),
        }
    }

    /// Delivers until `stop` says true, or its sender is gone; mails that are under way are finished. `wake` says that
    /// something was promised.
    pub async fn run(self, stop: watch::Receiver<bool>, wake: Arc<Notify>) {
        lane::run(&self, stop, wake).await;
    }

    /// Leases one batch of what is due, delivers it and settles it; says how many there were.
    ///
    /// # Errors
    /// Of the database; what could not be settled is due again when its lease ends.
    pub async fn drain_once(&self) -> Result<usize> {
        self.deliver_batch(&|| false).await
    }

    async fn deliver_batch(&self, stopping: &(dyn Fn() -> bool + Sync)) -> Result<usize> {
        // Others can open what this one cannot.
        if self.sealer.is_behind() {
            return Ok(0);
        }
        let now = self.clock.now();
        let most = self.pause.lets_through(BATCH, now);
        if most == 0 {
            return Ok(0);
        }
        let owner = HEXLOWER.encode(&self.rng.bytes::<16>());
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let batch = self
            .store
            .lease_messages(&owner, now, now + LEASE, limit)
            .await?;
        dies_at!("deliver::leased");
        let leased = batch.len();
        let patience = leased.min(AT_ONCE);
        let last_start = Instant::now() + LAST_START;
        let (done, mut finished) = mpsc::channel(BATCH);
        let deliver = async move {
            stream::iter(batch)
                .for_each_concurrent(AT_ONCE, |message| {
                    let done = done.clone();
                    async move {
                        let is_paused = self.pause.left(self.clock.now()).is_some();
                        let outcome = if is_paused || stopping() || Instant::now() > last_start {
                            self.put_back(message)
                        } else {
                            self.deliver(message, patience).await
                        };
                        // The receiver outlives this stream.
                        let _ = done.send(outcome).await;
                    }
                })
                .await;
        };
        // Settled as they come, while others are still under way: what a crash repeats is little.
        let settle = async {
            let mut outcomes = Vec::with_capacity(BATCH);
            let mut result = Ok(());
            while finished.recv_many(&mut outcomes, BATCH).await > 0 {
                let more = async { while finished.recv_many(&mut outcomes, BATCH).await > 0 {} };
                let _ = timeout(SETTLE_WITHIN, more).await;
                let settled = self.settle(&owner, std::mem::take(&mut outcomes)).await;
                result = result.and(settled);
            }
            result
        };
        let ((), settled) = tokio::join!(deliver, settle);
        settled.map(|()| leased)
    }

    /// Tries a mail; `patience` says how many of its batch must find the server away before it is believed.
    async fn deliver(&self, message: Leased, patience: usize) -> Outcome {
        let settlement = match judge(&message, &self.sealer, self.clock.now()) {
            Verdict::Settle(settlement) => settlement,
            Verdict::Send { to, content } => match self.send(&message, &to, &content).await {
                Ok(()) => {
                    dies_at!("deliver::taken");
                    self.pause.end();
                    Settlement::Sent
                }
                Err(failure) => {
                    self.learn(&failure, patience);
                    self.after(&message, &failure)
                }
            },
        };
        Outcome {
            message,
            settlement,
        }
    }

    async fn send(&self, message: &Leased, to: &Email, content: &Content) -> Result<(), Failure> {
        let words = self.mails.write(message, content);
        let words = words.map_err(|error| Failure::Unwritten(error.to_string()))?;
        self.mailer
            .send(&message.message_id, to, words, self.clock.now())
            .await
    }

    /// What a failure says of the mail server.
    fn learn(&self, failure: &Failure, patience: usize) {
        match failure {
            Failure::Permanent(_) | Failure::Transient(_) => self.pause.end(),
            Failure::Away(_) | Failure::Ours(_) => {
                let now = self.clock.now();
                self.pause.begin(failure, patience, now, &*self.rng);
            }
            Failure::Interrupted(_) | Failure::Unwritten(_) => {}
        }
    }

    /// When to try again, if at all.
    fn after(&self, message: &Leased, failure: &Failure) -> Settlement {
        let error = failure.to_string();
        let (tries, rng) = (message.attempts, &*self.rng);
        let wait = match failure {
            Failure::Permanent(_) => return Settlement::Dead { error },
            Failure::Transient(_) => backoff(tries, rng),
            Failure::Interrupted(_) | Failure::Away(_) => pause(tries, rng),
            Failure::Ours(_) => pause_for_an_admin(tries, rng),
            Failure::Unwritten(_) => {
                tracing::error!(message_id = %message.message_id, kind = %message.kind, %error, "a mail cannot be written");
                backoff_for_an_admin(tries, rng)
            }
        };
        let at = next_try(self.clock.now(), wait, message.expires_at);
        Settlement::Retry { at, error }
    }

    fn put_back(&self, message: Leased) -> Outcome {
        let at = self.clock.now();
        Outcome {
            message,
            settlement: Settlement::Untried { at },
        }
    }

    async fn settle(&self, owner: &str, outcomes: Vec<Outcome>) -> Result<()> {
        let now = self.clock.now();
        let events: Vec<Event> = outcomes
            .iter()
            .filter_map(|outcome| {
                let (kind, error) = outcome.told()?;
                (self.tally)(kind.trim_start_matches("mail."));
                let event = event(&outcome.message, kind, error, now, &*self.rng);
                outcome.is_news().then_some(event)
            })
            .collect();
        let settled: Vec<(MessageId, Settlement)> = outcomes
            .into_iter()
            .map(|outcome| (outcome.message.message_id, outcome.settlement))
            .collect();
        self.store
            .settle_messages(owner, &settled, &events, now)
            .await
    }
}

impl Lane for Worker {
    const LOOK_EVERY: Duration = LOOK_EVERY;

    async fn drain(&self, stop: &watch::Receiver<bool>) -> Result<usize> {
        self.deliver_batch(&|| *stop.borrow()).await
    }

    async fn until_next(&self) -> Duration {
        if let Some(left) = self.pause.left(self.clock.now()) {
            return left.min(LOOK_EVERY);
        }
        let due = match self.store.begin_read().await {
            Ok(mut read) => read.next_message_due().await.ok().flatten(),
            Err(_) => None,
        };
        due.map_or(LOOK_EVERY, |due| {
            due.since(self.clock.now()).min(LOOK_EVERY)
        })
    }
}

/// The line in the timeline, and the same in the log.
fn event(
    message: &Leased,
    kind: &'static str,
    error: Option<&str>,
    now: Timestamp,
    rng: &dyn Rng,
) -> Event {
    tracing::info!(
        message_id = %message.message_id,
        ticket_id = message.ticket_id,
        kind = %message.kind,
        attempts = message.attempts,
        result = kind.trim_start_matches("mail."),
        error,
        "mail"
    );
    let mut event = Event::new(kind, &Actor::server(), now, rng)
        .user(&message.user_id)
        .detail("message_id", message.message_id.as_str())
        .detail("mail", message.kind.as_str())
        .detail("attempts", message.attempts);
    if let Some(ticket) = message
        .ticket_id
        .as_deref()
        .and_then(|id| id.parse::<TicketId>().ok())
    {
        event = event.ticket(&ticket);
    }
    match error {
        Some(error) => event.detail("reason", error),
        None => event,
    }
}
