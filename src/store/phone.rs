//! Messages to phones: how many were sent, which of them were answered, and the outbox' lane of their own, as a code
//! can't wait until a mail server is back.

use std::time::Duration;

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Digest, MessageId, Result, Timestamp, UserId};

/// The setting of the Twilio account that was set by the API; its token is what is sealed.
pub const PHONE_TWILIO: &str = "phone.twilio";
/// The setting of the texts that were set by the API.
pub const PHONE_TEMPLATES: &str = "phone.templates";
/// The setting of the channels that are on.
pub const PHONE_CHANNELS: &str = "phone.message_types";

/// What was counted under a name, in its present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendCount {
    /// How many.
    pub sends: i64,
    /// When the last of them was.
    pub last_at: Timestamp,
    /// When the window ends.
    pub ends_at: Timestamp,
}
record!(SendCount: sends, last_at, ends_at);

/// A message to a phone, for the share of those that are answered.
#[derive(Debug, Clone)]
pub struct NewSend<'a> {
    /// The message.
    pub message_id: &'a MessageId,
    /// To whom.
    pub user_id: &'a UserId,
    /// The keyed hash of the number.
    pub number: &'a Digest,
    /// Country code and first digits.
    pub prefix: &'a str,
}

/// Messages to a prefix, and how many of them led to a code that was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// All.
    pub sends: i64,
    /// Those that were answered.
    pub confirmed: i64,
}
record!(Answered: sends, confirmed);

impl Read {
    /// What is counted under `name` in a window that is not over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn send_count(&mut self, name: &str, now: Timestamp) -> Result<Option<SendCount>> {
        sql(
            "SELECT sends, last_at, ends_at FROM phone_counts WHERE name = $1 AND ends_at > $2",
            &bind![name, now.millis()],
        )
        .first(self)
        .await
    }

    /// The messages to a prefix that were sent after `from` and not after `to`.
    ///
    /// # Errors
    /// Of the database.
    pub async fn answered_sends(
        &mut self,
        prefix: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Answered> {
        sql(
            "SELECT COUNT(*) AS sends, COUNT(CASE WHEN confirmed THEN 1 END) AS confirmed
             FROM phone_sends WHERE prefix = $1 AND sent_at > $2 AND sent_at <= $3",
            &bind![prefix, from.millis(), to.millis()],
        )
        .one(self)
        .await
    }

    /// When the next message to a phone is due, if one waits.
    ///
    /// # Errors
    /// Of the database.
    pub async fn next_text_due(&mut self) -> Result<Option<Timestamp>> {
        let due: Option<i64> = sql(
            "SELECT MIN(due_at) FROM outbox WHERE state = 'due' AND kind IN ('sms', 'voice')",
            &bind![],
        )
        .one(self)
        .await?;
        Ok(due.map(Timestamp::from_millis))
    }
}

impl Write {
    /// Counts one more under `name`, unless there are `most` in its window already; a window that is over begins anew.
    /// Says how many there are now.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_send(
        &mut self,
        name: &str,
        most: i64,
        window: Duration,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        sql(
            "INSERT INTO phone_counts (name, sends, last_at, ends_at) VALUES ($1, 1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET
                sends = CASE WHEN phone_counts.ends_at <= $2 THEN 1 ELSE phone_counts.sends + 1 END,
                last_at = $2,
                ends_at = CASE WHEN phone_counts.ends_at <= $2 THEN $3 ELSE phone_counts.ends_at END
             WHERE phone_counts.ends_at <= $2 OR phone_counts.sends < $4
             RETURNING sends",
            &bind![name, now.millis(), (now + window).millis(), most],
        )
        .first(self)
        .await
    }

    /// Writes down that a message goes to a phone.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_send(&mut self, send: &NewSend<'_>, now: Timestamp) -> Result<()> {
        sql(
            "INSERT INTO phone_sends (message_id, user_id, number_hash, prefix, sent_at) VALUES ($1, $2, $3, $4, $5)",
            &bind![
                send.message_id.as_str(), send.user_id.as_str(), send.number.as_bytes(),
                send.prefix, now.millis(),
            ],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// The code that went to a user's number since then was entered; says how many messages that answers.
    ///
    /// # Errors
    /// Of the database.
    pub async fn confirm_sends(
        &mut self,
        user_id: &UserId,
        number: &Digest,
        since: Timestamp,
    ) -> Result<u64> {
        sql(
            "UPDATE phone_sends SET confirmed = TRUE WHERE user_id = $1 AND number_hash = $2 AND sent_at > $3 AND NOT confirmed",
            &bind![user_id.as_str(), number.as_bytes(), since.millis()],
        )
        .run(self)
        .await
    }

    /// Drops a message that is not sent yet; `false` when it was settled before.
    ///
    /// # Errors
    /// Of the database.
    pub async fn drop_message(
        &mut self,
        id: &MessageId,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE outbox SET state = 'dropped', payload_sealed = NULL, lease_owner = NULL, last_error = $2, settled_at = $3
             WHERE message_id = $1 AND state = 'due'",
            &bind![id.as_str(), reason, now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
