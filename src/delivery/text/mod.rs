//! Codes to phones: their lane of the outbox, which waits for no mail server.
//!
//! A provider that does not answer in time has perhaps taken the message: it is not tried again, and the person may ask
//! for another code, which kills this one. A message that is tried again carries the same code.

mod fate;
mod gateway;
mod provider;
mod twilio;
mod words;

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use tokio::sync::{Notify, watch};
use zeroize::Zeroize as _;

use super::lane::{self, Lane};
use crate::config;
use crate::core::seal::Place;
use crate::core::{Actor, Clock, Result, Rng, Sealer, TicketId, Timestamp, Urls};
use crate::store::{Event, Leased, Store, TicketState};
use crate::views::Views;

pub(super) use words::samples;

use fate::Fate;
use provider::{Provider, Text};
use words::Words;

/// How long a provider has for all of a message.
pub const TEXT_DEADLINE: Duration = Duration::from_secs(10);

const BATCH: i64 = 32;
/// Longer than a batch of the slowest takes.
const LEASE: Duration = Duration::from_secs(90);
/// How long a message of another process waits at most to be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A message is tried so often.
const TRIES: i64 = 3;
/// The wait after the first try; the next is three times as long.
const FIRST_WAIT: Duration = Duration::from_secs(4);

/// What a worker works with.
pub struct TextNeeds {
    /// Where the outbox is.
    pub store: Store,
    /// How codes leave.
    pub phone: config::Phone,
    /// What messages say.
    pub views: Views,
    /// Opens what is sealed.
    pub sealer: Sealer,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Names leases.
    pub rng: Arc<dyn Rng>,
    /// Whom messages are from, in words.
    pub site: config::Site,
    /// Which host the codes are for.
    pub urls: Urls,
    /// A provider has this long for all of a message; see [`TEXT_DEADLINE`].
    pub deadline: Duration,
    /// Told what became of each message: its channel, and `sent`, `perhaps_sent`, `deferred`, `failed` or `dropped`.
    pub tally: TextTally,
}

/// Counts messages by channel and by what became of them.
pub type TextTally = Arc<dyn Fn(&str, &'static str) + Send + Sync>;

/// Delivers codes to phones.
pub struct TextWorker {
    store: Store,
    provider: Provider,
    words: Words,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    tally: TextTally,
}

/// What only the message may show. It is wiped once the message left, as its words are; what the libraries that render
/// and send it copied cannot be.
#[derive(Deserialize)]
struct Payload {
    number: String,
    code: String,
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.number.zeroize();
        self.code.zeroize();
    }
}

/// What it tells beside that.
#[derive(Deserialize)]
struct Detail {
    purpose: String,
    locale: String,
}

impl TextWorker {
    /// A worker at rest.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(needs: TextNeeds) -> anyhow::Result<Self> {
        Ok(Self {
            provider: Provider::new(
                needs.phone.provider,
                needs.deadline,
                needs.store.clone(),
                needs.sealer.clone(),
            )?,
            words: Words::new(needs.views, &needs.site, &needs.urls, needs.store.clone()),
            store: needs.store,
            sealer: needs.sealer,
            clock: needs.clock,
            rng: needs.rng,
            tally: needs.tally,
        })
    }

    /// Delivers until `stop` says true, or its sender is gone. `wake` says that something was promised.
    pub async fn run(self, stop: watch::Receiver<bool>, wake: Arc<Notify>) {
        lane::run(&self, stop, wake).await;
    }

    /// Leases one batch of what is due, delivers it and settles it; says how many there were.
    ///
    /// # Errors
    /// Of the database; what could not be settled is due again when its lease ends.
    pub async fn drain_once(&self) -> Result<usize> {
        // Others can open what this one cannot.
        if self.sealer.is_behind() {
            return Ok(0);
        }
        let now = self.clock.now();
        let owner = HEXLOWER.encode(&self.rng.bytes::<16>());
        let batch = self
            .store
            .lease_texts(&owner, now, now + LEASE, BATCH)
            .await?;
        lane::each(batch, |message| self.deliver_and_settle(&owner, message)).await
    }

    async fn deliver_and_settle(&self, owner: &str, message: Leased) -> Result<()> {
        let fate = self.deliver(&message).await;
        let now = self.clock.now();
        let (result, settlement) = fate.settle(&message, now);
        (self.tally)(&message.kind, result);
        let event = self.event(&message, result, fate.reason(), now);
        let settled = [(message.message_id, settlement)];
        self.store
            .settle_messages(owner, &settled, &[event], now)
            .await
    }

    async fn deliver(&self, message: &Leased) -> Fate {
        let (payload, detail) = match self.open(message) {
            Ok(opened) => opened,
            Err(fate) => return fate,
        };
        let text = self
            .words
            .write(
                &message.kind,
                &detail.purpose,
                &detail.locale,
                &payload.code,
            )
            .await;
        let words = match text {
            Ok(words) => words,
            Err(fate) => return fate,
        };
        let text = Text {
            message_id: &message.message_id,
            is_call: message.kind == "voice",
            number: &payload.number,
            code: &payload.code,
            locale: &detail.locale,
            words: &words,
        };
        self.provider.send(&text).await
    }

    /// What is to be sent, if it is still wanted.
    fn open(&self, message: &Leased) -> Result<(Payload, Detail), Fate> {
        if message.expires_at <= self.clock.now() {
            return Err(Fate::Dropped("expired"));
        }
        let open = [TicketState::Open.as_str(), TicketState::Held.as_str()];
        let is_open = message
            .ticket_state
            .as_deref()
            .is_none_or(|state| open.contains(&state));
        if !is_open {
            return Err(Fate::Dropped("the ticket is over"));
        }
        let place = Place {
            table: "outbox",
            row: &[message.message_id.as_str()],
            column: "payload_sealed",
        };
        let sealed = message.payload_sealed.as_deref().unwrap_or_default();
        let opened = self.sealer.open(&place, sealed);
        let payload = opened.and_then(|opened| serde_json::from_slice(&opened).ok());
        let detail = serde_json::from_str(&message.detail).ok();
        payload
            .zip(detail)
            .ok_or_else(|| Fate::Refused("sealed with another key".to_owned()))
    }

    /// The line in the timeline, and the same in the log.
    fn event(
        &self,
        message: &Leased,
        result: &'static str,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Event {
        tracing::info!(
            message_id = %message.message_id,
            ticket_id = message.ticket_id,
            kind = %message.kind,
            attempts = message.attempts,
            result,
            error = reason,
            "text"
        );
        let kind = match result {
            "sent" => "text.sent",
            "perhaps_sent" => "text.perhaps_sent",
            "deferred" => "text.deferred",
            "dropped" => "text.dropped",
            _ => "text.failed",
        };
        let mut event = Event::new(kind, &Actor::server(), now, &*self.rng)
            .user(&message.user_id)
            .detail("message_id", message.message_id.as_str())
            .detail("channel", message.kind.as_str())
            .detail("attempts", message.attempts);
        let ticket = message
            .ticket_id
            .as_deref()
            .and_then(|id| id.parse::<TicketId>().ok());
        if let Some(ticket) = ticket {
            event = event.ticket(&ticket);
        }
        match reason {
            Some(reason) => event.detail("reason", reason),
            None => event,
        }
    }
}

impl Lane for TextWorker {
    const LOOK_EVERY: Duration = LOOK_EVERY;

    async fn drain(&self, _: &watch::Receiver<bool>) -> Result<usize> {
        self.drain_once().await
    }

    async fn until_next(&self) -> Duration {
        let due = match self.store.begin_read().await {
            Ok(mut read) => read.next_text_due().await.ok().flatten(),
            Err(_) => None,
        };
        due.map_or(LOOK_EVERY, |due| {
            due.since(self.clock.now()).min(LOOK_EVERY)
        })
    }
}
