//! Calls to phones (Web Push): that there is something to answer, and nothing else. Their lane of the outbox waits for no
//! mail server; a prompt is over within minutes, so a call is tried a few times and forgotten.

mod service;

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use zeroize::Zeroizing;

use super::lane::{self, Lane};
use super::language;
use crate::core::seal::Place;
use crate::core::webpush::{KEY_PLACE, KEY_SETTING, PushHosts, Subscription};
use crate::core::{Actor, Clock, EnrollmentId, Error, Result, Rng, Sealer, TicketId, Timestamp};
use crate::store::{Event, Leased, SealedRow, SealedTable, Settlement, Store};
use crate::views::Views;

use service::{Answer, Service};

const BATCH: i64 = 32;
/// Longer than a batch of the slowest takes.
const LEASE: Duration = Duration::from_secs(60);
/// How long a message of another process waits at most to be noticed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A call is tried so often.
const TRIES: i64 = 3;
/// The wait after a first try; the next is three times as long.
const FIRST_WAIT: Duration = Duration::from_secs(3);

/// What a caller works with.
pub struct CallNeeds {
    /// Where the outbox is.
    pub store: Store,
    /// Whom it may call.
    pub hosts: PushHosts,
    /// Whom a push service turns to: `mailto:` or `https://`.
    pub subject: String,
    /// What calls say.
    pub views: Views,
    /// Who calls, in words.
    pub site: String,
    /// Opens what is sealed.
    pub sealer: Sealer,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Names leases.
    pub rng: Arc<dyn Rng>,
    /// Told what became of each call: `sent`, `deferred`, `failed` or `dropped`.
    pub tally: CallTally,
}

/// Counts calls by what became of them.
pub type CallTally = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Calls phones.
pub struct Caller {
    needs: CallNeeds,
    service: Service,
}

/// What a message tells beside its subscription.
#[derive(Deserialize)]
struct Detail {
    enrollment_id: EnrollmentId,
}

/// What became of a call.
struct Fate {
    result: &'static str,
    settlement: Settlement,
}

impl Fate {
    fn dead(error: impl Into<String>) -> Self {
        let error = error.into();
        Self {
            result: "failed",
            settlement: Settlement::Dead { error },
        }
    }

    fn dropped(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            result: "dropped",
            settlement: Settlement::Dropped { reason },
        }
    }

    fn reason(&self) -> Option<&str> {
        match &self.settlement {
            Settlement::Retry { error, .. } | Settlement::Dead { error } => Some(error),
            Settlement::Dropped { reason } => Some(reason),
            Settlement::Sent | Settlement::Untried { .. } => None,
        }
    }
}

impl Caller {
    /// A caller at rest.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(needs: CallNeeds) -> anyhow::Result<Self> {
        Ok(Self {
            service: Service::new(needs.subject.clone())?,
            needs,
        })
    }

    /// Calls until `stop` says true, or its sender is gone. `wake` says that something was promised.
    pub async fn run(self, stop: watch::Receiver<bool>, wake: Arc<Notify>) {
        lane::run(&self, stop, wake).await;
    }

    /// Leases one batch of what is due, calls and settles it; says how many there were.
    ///
    /// # Errors
    /// Of the database; what could not be settled is due again when its lease ends.
    pub async fn drain_once(&self) -> Result<usize> {
        // Others can open what this one cannot.
        if self.needs.sealer.is_behind() {
            return Ok(0);
        }
        let now = self.needs.clock.now();
        let owner = HEXLOWER.encode(&self.needs.rng.bytes::<16>());
        let store = &self.needs.store;
        let batch = store.lease_calls(&owner, now, now + LEASE, BATCH).await?;
        lane::each(batch, |message| self.call_and_settle(&owner, message)).await
    }

    async fn call_and_settle(&self, owner: &str, message: Leased) -> Result<()> {
        let fate = self.call(&message).await?;
        let now = self.needs.clock.now();
        (self.needs.tally)(fate.result);
        let event = self.event(&message, &fate, now);
        let settled = [(message.message_id, fate.settlement)];
        let store = &self.needs.store;
        store.settle_messages(owner, &settled, &[event], now).await
    }

    async fn call(&self, message: &Leased) -> Result<Fate> {
        let now = self.needs.clock.now();
        if message.expires_at <= now {
            return Ok(Fate::dropped("expired"));
        }
        let Some(subscription) = self.subscription(message) else {
            return Ok(Fate::dead("sealed with another key"));
        };
        let Some(endpoint) = self.needs.hosts.endpoint(&subscription.endpoint) else {
            return Ok(Fate::dropped(
                "its push service is not in push.allowed_hosts",
            ));
        };
        let Some((public, private)) = self.key().await? else {
            return Ok(Fate::dead("this server has no key for push services"));
        };
        let words = self.words(message);
        let lasts = message.expires_at.since(now);
        let answer = self
            .service
            .call(
                &endpoint,
                &subscription,
                &words,
                (&public, &private),
                lasts,
                now,
            )
            .await;
        Ok(match answer {
            Answer::Taken => Fate {
                result: "sent",
                settlement: Settlement::Sent,
            },
            Answer::Gone => {
                self.forget(message, &subscription).await?;
                Fate::dropped("the phone can no longer be called")
            }
            Answer::Refused(why) => Fate::dead(why),
            Answer::Away(why) if message.attempts >= TRIES => Fate::dead(why),
            Answer::Away(error) => {
                let tries = u32::try_from(message.attempts - 1).unwrap_or_default();
                let at = now + FIRST_WAIT * 3_u32.saturating_pow(tries);
                Fate {
                    result: "deferred",
                    settlement: Settlement::Retry { at, error },
                }
            }
        })
    }

    fn subscription(&self, message: &Leased) -> Option<Subscription> {
        let place = Place {
            table: "outbox",
            row: &[message.message_id.as_str()],
            column: "payload_sealed",
        };
        let opened = self
            .needs
            .sealer
            .open(&place, message.payload_sealed.as_deref()?)?;
        serde_json::from_slice(&opened).ok()
    }

    /// The server's key pair: the public half as browsers have it, the private one as PKCS#8.
    async fn key(&self) -> Result<Option<(String, Zeroizing<Vec<u8>>)>> {
        let setting = self
            .needs
            .store
            .begin_read()
            .await?
            .setting(KEY_SETTING)
            .await?;
        let Some(setting) = setting else {
            return Ok(None);
        };
        let sealed = setting.value_sealed.as_deref().unwrap_or_default();
        let private = self.needs.sealer.open(&KEY_PLACE, sealed);
        Ok(private.map(|private| (setting.value, private)))
    }

    /// What the phone shows, in the language of the ticket or else of the user.
    fn words(&self, message: &Leased) -> Vec<u8> {
        let views = &self.needs.views;
        let locale = language::of(message, views);
        let values = [("site", self.needs.site.as_str())];
        let told = serde_json::json!({
            "title": views.translate(&locale, "push-call-title", &values),
            "text": views.translate(&locale, "push-call-text", &values),
            "lang": locale.as_str(),
        });
        told.to_string().into_bytes()
    }

    /// Takes the subscription off the phone's enrollment: from now on prompts are seen while its page is open.
    async fn forget(&self, message: &Leased, gone: &Subscription) -> Result<()> {
        let Ok(Detail { enrollment_id }) = serde_json::from_str(&message.detail) else {
            return Ok(());
        };
        let mut tx = self.needs.store.begin_write().await?;
        let Some(enrolled) = tx.enrollment(&enrollment_id).await? else {
            return Ok(());
        };
        let row = [enrolled.user_id.as_str(), enrollment_id.as_str()];
        let place = Place {
            table: "enrollments",
            row: &row,
            column: "material_sealed",
        };
        let opened = self.needs.sealer.open(&place, &enrolled.material_sealed);
        let opened =
            opened.ok_or_else(|| Error::internal(anyhow::anyhow!("sealed with another key")))?;
        let Ok(mut material) = serde_json::from_slice::<Value>(&opened) else {
            return Ok(());
        };
        if material["subscription"]["endpoint"] != gone.endpoint.as_str() {
            return Ok(());
        }
        if let Some(fields) = material.as_object_mut() {
            fields.remove("subscription");
        }
        let material = Zeroizing::new(material.to_string());
        let sealed = self
            .needs
            .sealer
            .seal(&place, material.as_bytes(), &*self.needs.rng);
        let before = SealedRow {
            owner: Some(row[0].to_owned()),
            id: row[1].to_owned(),
            sealed: enrolled.material_sealed.clone(),
        };
        tx.reseal(SealedTable::Enrollments, &before, &sealed)
            .await?;
        tx.commit().await
    }

    /// The line in the timeline, and the same in the log.
    fn event(&self, message: &Leased, fate: &Fate, now: Timestamp) -> Event {
        let (result, reason) = (fate.result, fate.reason());
        tracing::info!(
            message_id = %message.message_id,
            ticket_id = message.ticket_id,
            kind = %message.kind,
            attempts = message.attempts,
            result,
            error = reason,
            "call"
        );
        let kind = match result {
            "sent" => "push.sent",
            "deferred" => "push.deferred",
            "dropped" => "push.dropped",
            _ => "push.failed",
        };
        let mut event = Event::new(kind, &Actor::server(), now, &*self.needs.rng)
            .user(&message.user_id)
            .detail("message_id", message.message_id.as_str())
            .detail("attempts", message.attempts);
        if let Ok(detail) = serde_json::from_str::<Detail>(&message.detail) {
            event = event.enrollment(&detail.enrollment_id);
        }
        let ticket = message.ticket_id.as_deref();
        if let Some(ticket) = ticket.and_then(|id| id.parse::<TicketId>().ok()) {
            event = event.ticket(&ticket);
        }
        match reason {
            Some(reason) => event.detail("reason", reason),
            None => event,
        }
    }
}

impl Lane for Caller {
    const LOOK_EVERY: Duration = LOOK_EVERY;

    async fn drain(&self, _: &watch::Receiver<bool>) -> Result<usize> {
        self.drain_once().await
    }

    async fn until_next(&self) -> Duration {
        let due = match self.needs.store.begin_read().await {
            Ok(mut read) => read.next_call_due().await.ok().flatten(),
            Err(_) => None,
        };
        due.map_or(LOOK_EVERY, |due| {
            due.since(self.needs.clock.now()).min(LOOK_EVERY)
        })
    }
}
