//! What a message to a phone has to get past before it is promised: a delay that grows, limits for all that it is about,
//! a budget for all of them together, and a breaker for prefixes whose codes nobody enters.
//!
//! Whoever earns by each message to a number asks for many and enters none. So at most `hourly_per_prefix` go to a prefix
//! (country code and three digits) in an hour; and when of the last hour's that had five minutes to be answered there are
//! twenty, and fewer than a fifth of them were, nothing goes there for an hour. Other factors go on.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::json;
use zeroize::Zeroizing;

use super::{CODE_LIFETIME, Channel, Code, Number};
use crate::access::limits::network_of;
use crate::core::seal::Place;
use crate::core::{Actor, Digest, MessageId, Result, Rng, Sealer, TicketId, Timestamp, UserId};
use crate::store::{Event, NewMessage, NewSend, Write};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Between the first message of a ticket and the next; it doubles with each.
const FIRST_DELAY: Duration = Duration::from_secs(30);
const LONGEST_DELAY: Duration = Duration::from_secs(32 * 60);
/// A message that is not answered after this long counts as one that nobody answers.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5 * 60);
/// So many must have had that long before a prefix is judged.
const FEWEST: i64 = 20;
/// One answer to so many messages is enough.
const ANSWERED_OF: i64 = 5;
/// A prefix that is paused is paused for so long.
const PAUSE: Duration = HOUR;
/// The window of the messages of one ticket: longer than a ticket lives.
const SERIES: Duration = Duration::from_secs(6 * 24 * 60 * 60);
/// Where the key of the hashes is kept.
const KEY: &str = "phone.hash_key";
const KEY_BYTES: usize = 32;

/// How much may be sent; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Budgets {
    /// By this installation, in 24 hours.
    pub daily: Option<NonZeroU32>,
    /// To one user, in 24 hours.
    pub daily_per_user: Option<NonZeroU32>,
    /// To one number, in an hour.
    pub hourly_per_number: Option<NonZeroU32>,
    /// For one address, in an hour.
    pub hourly_per_address: Option<NonZeroU32>,
    /// To one prefix, in an hour.
    pub hourly_per_prefix: Option<NonZeroU32>,
    /// For one ticket, ever.
    pub per_ticket: Option<NonZeroU32>,
}

/// A code that is to be sent.
pub struct Send<'a> {
    /// Where.
    pub number: &'a Number,
    /// How.
    pub channel: Channel,
    /// The code.
    pub code: &'a Code,
    /// Which words: `enrollment` or `verification`.
    pub purpose: &'static str,
    /// To whom.
    pub user_id: &'a UserId,
    /// For which ticket.
    pub ticket_id: Option<&'a TicketId>,
    /// What the growing delay is about: the ticket, or a login.
    pub series: &'a str,
    /// Who asked.
    pub address: Option<IpAddr>,
    /// In which language.
    pub locale: &'a str,
}

/// A message that will leave when the transaction is committed.
pub struct Promised {
    /// It.
    pub message_id: MessageId,
    /// When the next one of its series may be asked for.
    pub again_at: Timestamp,
}

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The former message may still be on its way.
    TooSoon(Duration),
    /// This person, number or address had its share.
    Often(Duration),
    /// Nothing goes to numbers like this for now. That may have begun with this very message: commit it.
    Paused,
    /// No more goes to numbers like this, or to any, for now.
    Spent(&'static str),
}

impl Held {
    /// For the metric.
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooSoon(_) => "too_soon",
            Self::Often(_) => "too_often",
            Self::Paused => "prefix_paused",
            Self::Spent(reason) => reason,
        }
    }
}

/// The delay after so many messages of a series.
pub fn delay_after(sends: i64) -> Duration {
    let doublings = u32::try_from(sends.saturating_sub(1).clamp(0, 6)).unwrap_or(0);
    (FIRST_DELAY * 2_u32.pow(doublings)).min(LONGEST_DELAY)
}

impl Send<'_> {
    /// Promises the message, or says why not. The caller commits after [`Held::Paused`], and rolls back after any other.
    ///
    /// # Errors
    /// Of the database.
    pub async fn promise(
        &self,
        tx: &mut Write,
        budgets: &Budgets,
        sealer: &Sealer,
        actor: &Actor,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Result<Promised, Held>> {
        let prefix = self.number.prefix();
        if self.is_paused(tx, &prefix, actor, now, rng).await? {
            return Ok(Err(Held::Paused));
        }
        let sends = match self.next_of_series(tx, now).await? {
            Ok(sends) => sends,
            Err(wait) => return Ok(Err(Held::TooSoon(wait))),
        };
        let key = hash_key(tx, sealer, now, rng).await?;
        let number = Digest::keyed(&key, self.number.e164().as_bytes());
        if let Some(held) = self
            .count(tx, budgets, &key, &number, &prefix, actor, now, rng)
            .await?
        {
            return Ok(Err(held));
        }
        let message_id = MessageId::new(now, rng);
        let send = NewSend {
            message_id: &message_id,
            user_id: self.user_id,
            number: &number,
            prefix: &prefix,
        };
        tx.insert_send(&send, now).await?;
        let message = self.message(&message_id, sealer, now, rng);
        tx.insert_message(&message, self.user_id, self.ticket_id, now)
            .await?;
        let event = self.event("phone.code_promised", actor, now, rng);
        tx.record(&[event.detail("channel", self.channel.name())])
            .await?;
        Ok(Ok(Promised {
            message_id,
            again_at: now + delay_after(sends + 1),
        }))
    }

    /// How many of the series were sent; or how long to wait.
    async fn next_of_series(
        &self,
        tx: &mut Write,
        now: Timestamp,
    ) -> Result<Result<i64, Duration>> {
        let Some(former) = tx.send_count(&series(self.series), now).await? else {
            return Ok(Ok(0));
        };
        let again_at = former.last_at + delay_after(former.sends);
        Ok(if again_at > now {
            Err(again_at.since(now))
        } else {
            Ok(former.sends)
        })
    }

    /// Counts the message for all that it is about, always in the same order, so that two never wait in a ring.
    #[expect(
        clippy::too_many_arguments,
        reason = "of one caller, which has them all"
    )]
    async fn count(
        &self,
        tx: &mut Write,
        budgets: &Budgets,
        key: &[u8],
        number: &Digest,
        prefix: &str,
        actor: &Actor,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Option<Held>> {
        let address = self.address.map(|address| {
            let network = network_of(address).to_string();
            format!("address:{}", hex(&Digest::keyed(key, network.as_bytes())))
        });
        let of_one = [
            (
                Some(format!("number:{}", hex(number))),
                budgets.hourly_per_number,
                HOUR,
            ),
            (
                Some(format!("user:{}", self.user_id)),
                budgets.daily_per_user,
                DAY,
            ),
            (Some(series(self.series)), budgets.per_ticket, SERIES),
            (address, budgets.hourly_per_address, HOUR),
        ];
        for (name, most, window) in of_one {
            let Some(name) = name else { continue };
            if tx
                .count_send(&name, count_of(most), window, now)
                .await?
                .is_none()
            {
                let until = tx.send_count(&name, now).await?;
                let wait = until.map_or(window, |count| count.ends_at.since(now));
                return Ok(Some(Held::Often(wait)));
            }
        }
        let name = format!("prefix:{prefix}");
        let most = count_of(budgets.hourly_per_prefix);
        if tx.count_send(&name, most, HOUR, now).await?.is_none() {
            return Ok(Some(Held::Spent("prefix_full")));
        }
        let most = count_of(budgets.daily);
        match tx.count_send("all", most, DAY, now).await? {
            None => return Ok(Some(Held::Spent("budget_spent"))),
            Some(sends) if sends == most => {
                let event = Event::new("phone.budget_spent", actor, now, rng);
                tx.record(&[event.detail("sends", sends)]).await?;
            }
            Some(_) => {}
        }
        Ok(None)
    }

    /// Whether nothing goes to this prefix; tells the event when that begins.
    async fn is_paused(
        &self,
        tx: &mut Write,
        prefix: &str,
        actor: &Actor,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<bool> {
        let pause = format!("pause:{prefix}");
        if tx.send_count(&pause, now).await?.is_some() {
            return Ok(true);
        }
        let answered = tx
            .answered_sends(prefix, now - HOUR, now - ANSWERED_WITHIN)
            .await?;
        if answered.sends < FEWEST || answered.confirmed * ANSWERED_OF >= answered.sends {
            return Ok(false);
        }
        // Of two at once one begins it.
        if tx.count_send(&pause, 1, PAUSE, now).await?.is_some() {
            let event = self
                .event("phone.prefix_paused", actor, now, rng)
                .detail("prefix", prefix)
                .detail("sends", answered.sends)
                .detail("confirmed", answered.confirmed);
            tx.record(&[event]).await?;
            tracing::warn!(
                kind = "phone.prefix_paused",
                "codes to a prefix are not entered: it is paused for an hour"
            );
        }
        Ok(true)
    }

    fn event(&self, kind: &'static str, actor: &Actor, now: Timestamp, rng: &dyn Rng) -> Event {
        let event = Event::new(kind, actor, now, rng)
            .user(self.user_id)
            .detail("country", self.number.country());
        match self.ticket_id {
            Some(ticket_id) => event.ticket(ticket_id),
            None => event,
        }
    }

    fn message(
        &self,
        message_id: &MessageId,
        sealer: &Sealer,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> NewMessage {
        let payload =
            BTreeMap::from([("number", self.number.e164()), ("code", self.code.expose())]);
        // A map of texts has a JSON form.
        let payload = Zeroizing::new(serde_json::to_vec(&payload).unwrap_or_default());
        let place = Place {
            table: "outbox",
            row: &[message_id.as_str()],
            column: "payload_sealed",
        };
        NewMessage {
            message_id: message_id.clone(),
            kind: self.channel.name(),
            payload_sealed: Some(sealer.seal(&place, &payload, rng)),
            detail: json!({ "purpose": self.purpose, "locale": self.locale }).to_string(),
            expires_at: now + CODE_LIFETIME,
        }
    }
}

/// The code that went to a number was entered: that counts for its prefix.
///
/// # Errors
/// Of the database.
pub async fn confirm(
    tx: &mut Write,
    user_id: &UserId,
    number: &str,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let key = hash_key(tx, sealer, now, rng).await?;
    let number = Digest::keyed(&key, number.as_bytes());
    tx.confirm_sends(user_id, &number, now - HOUR)
        .await
        .map(drop)
}

fn series(name: &str) -> String {
    format!("series:{name}")
}

fn count_of(most: Option<NonZeroU32>) -> i64 {
    most.map_or(i64::MAX, |most| most.get().into())
}

fn hex(digest: &Digest) -> String {
    data_encoding::HEXLOWER.encode(digest.as_bytes())
}

/// The key of the hashes of this installation; the first message makes it.
async fn hash_key(
    tx: &mut Write,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Zeroizing<Vec<u8>>> {
    let place = Place {
        table: "settings",
        row: &[KEY],
        column: "value_sealed",
    };
    let stored = tx
        .setting(KEY)
        .await?
        .and_then(|setting| setting.value_sealed);
    if let Some(key) = stored.and_then(|sealed| sealer.open(&place, &sealed)) {
        return Ok(key);
    }
    let key = Zeroizing::new(rng.bytes::<KEY_BYTES>().to_vec());
    let sealed = sealer.seal(&place, &key, rng);
    tx.set_setting(KEY, "{}", Some(&sealed), now).await?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_from_half_a_minute_to_half_an_hour() {
        let seconds: Vec<u64> = (1..=9).map(|sends| delay_after(sends).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 1920, 1920]);
        assert_eq!(delay_after(i64::MAX).as_secs(), 1920);
        assert_eq!(delay_after(0).as_secs(), 30);
    }
}
