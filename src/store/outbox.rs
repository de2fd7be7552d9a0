//! Rows of messages that a committed transaction promised and that are not yet delivered.

use super::conn::{ConnMut, Read, Store, Write};
use super::events::Event;
use super::sql::{bind, record, sql};
use crate::core::{Error, MessageId, Result, TicketId, Timestamp, UserId};

/// A message to promise.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its name; the Message-ID follows from it, so that a duplicate is recognized.
    pub message_id: MessageId,
    /// Which mail: the name of its folder in `templates/mail`.
    pub kind: &'static str,
    /// What only the message may show, sealed.
    pub payload_sealed: Option<Vec<u8>>,
    /// What it tells beside that, as a JSON object without secrets.
    pub detail: String,
    /// Not sent after this.
    pub expires_at: Timestamp,
}

/// A message as an admin or the API sees it.
#[derive(Debug, Clone)]
pub struct OutboxMessage {
    /// Its name.
    pub message_id: MessageId,
    /// Which mail.
    pub kind: String,
    /// To whom.
    pub user_id: UserId,
    /// The ticket it is about.
    pub ticket_id: Option<String>,
    /// `due`, `sent`, `dead` or `dropped`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was not delivered, last time.
    pub last_error: Option<String>,
    /// When it was promised.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// Not sent after this.
    pub expires_at: Timestamp,
    /// When it was delivered or given up, in milliseconds.
    pub settled_at: Option<i64>,
}
record!(OutboxMessage: message_id, kind, user_id, ticket_id, state, attempts, last_error, created_at, due_at, expires_at, settled_at);

/// A message that one worker has for the length of a lease, with all that composing it needs.
#[derive(Debug, Clone)]
pub struct Leased {
    /// Its name.
    pub message_id: MessageId,
    /// Which mail.
    pub kind: String,
    /// What only the message may show, sealed.
    pub payload_sealed: Option<Vec<u8>>,
    /// What it tells beside that, as a JSON object.
    pub detail: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was promised.
    pub created_at: Timestamp,
    /// Not sent after this.
    pub expires_at: Timestamp,
    /// To whom.
    pub user_id: UserId,
    /// The user's address.
    pub user_email: Option<String>,
    /// The user's profile, as JSON.
    pub user_profile: String,
    /// The ticket it is about.
    pub ticket_id: Option<String>,
    /// Where that ticket stands.
    pub ticket_state: Option<String>,
    /// The hash of the ticket's present secret: another link is not mailed any more.
    pub ticket_secret_hash: Option<Vec<u8>>,
    /// Where the ticket's mail goes, when that is not the user's address.
    pub ticket_email: Option<String>,
    /// The language of the ticket's mail.
    pub ticket_locale: Option<String>,
    /// When the ticket ends, in milliseconds.
    pub ticket_expires_at: Option<i64>,
    /// The name of the API client that asked for the ticket.
    pub asked_by: Option<String>,
}
record!(Leased: message_id, kind, payload_sealed, detail, attempts, created_at, expires_at, user_id, user_email, user_profile, ticket_id, ticket_state, ticket_secret_hash, ticket_email, ticket_locale, ticket_expires_at, asked_by);

/// What became of a leased message.
#[derive(Debug, Clone)]
pub enum Settlement {
    /// The next hop has it.
    Sent,
    /// Not now: try again then.
    Retry {
        /// When.
        at: Timestamp,
        /// Why not now; without address or secret.
        error: String,
    },
    /// It was leased and not tried: it waits as if it had not been leased, and is due then.
    Untried {
        /// When.
        at: Timestamp,
    },
    /// Never: a person must look.
    Dead {
        /// Why; without address or secret.
        error: String,
    },
    /// No longer wanted: the ticket was revoked, used or replaced, or its time is over.
    Dropped {
        /// Why.
        reason: String,
    },
}

impl Settlement {
    fn state(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retry { .. } | Self::Untried { .. } => "due",
            Self::Dead { .. } => "dead",
            Self::Dropped { .. } => "dropped",
        }
    }

    fn error(&self) -> Option<&str> {
        match self {
            Self::Sent | Self::Untried { .. } => None,
            Self::Retry { error, .. } | Self::Dead { error } => Some(error),
            Self::Dropped { reason } => Some(reason),
        }
    }
}

macro_rules! columns {
    () => {
        "message_id, kind, user_id, ticket_id, state, attempts, last_error, created_at, due_at, expires_at, settled_at"
    };
}

impl Read {
    /// The messages of a ticket, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn messages_of_ticket(&mut self, ticket_id: &TicketId) -> Result<Vec<OutboxMessage>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM outbox WHERE ticket_id = $1 ORDER BY created_at, message_id"
            ),
            &bind![ticket_id.as_str()],
        )
        .all(self)
        .await
    }

    /// The message of this id.
    ///
    /// # Errors
    /// Of the database.
    pub async fn message(&mut self, id: &MessageId) -> Result<Option<OutboxMessage>> {
        sql(
            concat!("SELECT ", columns!(), " FROM outbox WHERE message_id = $1"),
            &bind![id.as_str()],
        )
        .first(self)
        .await
    }

    /// A page of the messages in one state, the oldest first; those behind `after`.
    ///
    /// # Errors
    /// Of the database.
    pub async fn messages(
        &mut self,
        state: &str,
        after: Option<&MessageId>,
        limit: i64,
    ) -> Result<Vec<OutboxMessage>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM outbox WHERE state = $1 AND message_id > $2 ORDER BY message_id LIMIT $3"
            ),
            &bind![state, after.map_or("", MessageId::as_str), limit],
        )
        .all(self)
        .await
    }

    /// When the next message is due, if one waits.
    ///
    /// # Errors
    /// Of the database.
    pub async fn next_message_due(&mut self) -> Result<Option<Timestamp>> {
        let due: Option<i64> = sql(
            "SELECT MIN(due_at) FROM outbox WHERE state = 'due' AND kind NOT IN ('sms', 'voice', 'push')",
            &bind![],
        )
        .one(self)
        .await?;
        Ok(due.map(Timestamp::from_millis))
    }

    /// When the next call to a phone is due, if one waits.
    ///
    /// # Errors
    /// Of the database.
    pub async fn next_call_due(&mut self) -> Result<Option<Timestamp>> {
        let due: Option<i64> = sql(
            "SELECT MIN(due_at) FROM outbox WHERE state = 'due' AND kind = 'push'",
            &bind![],
        )
        .one(self)
        .await?;
        Ok(due.map(Timestamp::from_millis))
    }
}

impl Write {
    /// Promises a message.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_message(
        &mut self,
        message: &NewMessage,
        user_id: &UserId,
        ticket_id: Option<&TicketId>,
        now: Timestamp,
    ) -> Result<()> {
        sql(
            "INSERT INTO outbox (message_id, kind, user_id, ticket_id, state, payload_sealed, detail, created_at, due_at, expires_at)
             VALUES ($1, $2, $3, $4, 'due', $5, $6, $7, $7, $8)",
            &bind![
                message.message_id.as_str(), message.kind, user_id.as_str(),
                ticket_id.map(TicketId::as_str), message.payload_sealed.as_deref(),
                &message.detail, now.millis(), message.expires_at.millis(),
            ],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// Drops the messages of a ticket that are not sent yet.
    ///
    /// # Errors
    /// Of the database.
    pub async fn drop_messages_of_ticket(
        &mut self,
        ticket_id: &TicketId,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64> {
        sql(
            "UPDATE outbox SET state = 'dropped', payload_sealed = NULL, lease_owner = NULL, last_error = $2, settled_at = $3
             WHERE ticket_id = $1 AND state = 'due' AND kind = 'enrollment'",
            &bind![ticket_id.as_str(), reason, now.millis()],
        )
        .run(self)
        .await
    }
}

/// Only what is due has a lease. Were the state named too, SQLite would walk all that is due.
macro_rules! settle_sent {
    ($ids:literal) => {
        concat!(
            "UPDATE outbox SET state = 'sent', last_error = NULL, lease_owner = NULL, payload_sealed = NULL, settled_at = $2
             WHERE lease_owner = $1 AND message_id IN (", $ids, ")"
        )
    };
}

impl Write {
    /// Settles what was delivered: what nearly all come to, so many are one statement.
    async fn settle_sent(
        &mut self,
        owner: &str,
        sent: &[&(MessageId, Settlement)],
        now: Timestamp,
    ) -> Result<()> {
        if sent.is_empty() {
            return Ok(());
        }
        let text = match self.conn() {
            ConnMut::Postgres(_) => {
                settle_sent!("SELECT json_array_elements_text(CAST($3 AS JSON))")
            }
            _ => settle_sent!("SELECT value FROM json_each($3)"),
        };
        let ids: Vec<&str> = sent.iter().map(|(id, _)| id.as_str()).collect();
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        sql(text, &bind![owner, now.millis(), ids])
            .run(self)
            .await
            .map(drop)
    }
}

impl Store {
    /// Writes what became of leased messages, with the events that tell it; a lease that was lost meanwhile is left alone.
    ///
    /// # Errors
    /// Of the database.
    pub async fn settle_messages(
        &self,
        owner: &str,
        settled: &[(MessageId, Settlement)],
        events: &[Event],
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin_write().await?;
        let (sent, others): (Vec<_>, Vec<_>) = settled
            .iter()
            .partition(|(_, settlement)| matches!(settlement, Settlement::Sent));
        tx.settle_sent(owner, &sent, now).await?;
        for (id, settlement) in others {
            let retry_at = match settlement {
                Settlement::Retry { at, .. } | Settlement::Untried { at } => Some(at.millis()),
                _ => None,
            };
            let untried = i64::from(matches!(settlement, Settlement::Untried { .. }));
            sql(
                "UPDATE outbox SET state = $3, last_error = COALESCE($4, last_error), due_at = COALESCE($5, due_at), lease_owner = NULL,
                    attempts = attempts - $7,
                    payload_sealed = CASE WHEN $3 = 'due' THEN payload_sealed END,
                    settled_at = CASE WHEN $3 = 'due' THEN settled_at ELSE $6 END
                 WHERE message_id = $1 AND lease_owner = $2 AND state = 'due'",
                &bind![
                    id.as_str(), owner, settlement.state(), settlement.error(), retry_at,
                    now.millis(), untried,
                ],
            )
            .run(&mut tx)
            .await?;
        }
        tx.record(events).await?;
        tx.commit().await
    }
}
