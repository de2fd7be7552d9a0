//! Trying a message of the outbox again.

use super::conn::{Read, Write};
use super::sql::{bind, sql};
use crate::core::{MessageId, Result, TicketId, Timestamp};

impl Read {
    /// Whether a link mail of the ticket was promised after this one, and is sent or waits.
    ///
    /// # Errors
    /// Of the database.
    pub async fn has_newer_link_mail(
        &mut self,
        ticket_id: &TicketId,
        id: &MessageId,
    ) -> Result<bool> {
        let newer: i64 = sql(
            "SELECT COUNT(*) FROM outbox
             WHERE ticket_id = $1 AND message_id > $2 AND kind = 'enrollment' AND state IN ('due', 'sent')",
            &bind![ticket_id.as_str(), id.as_str()],
        )
        .one(self)
        .await?;
        Ok(newer > 0)
    }
}

impl Write {
    /// Makes a message that waits due now; `false` when it does not wait, or a worker has it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn hasten_message(&mut self, id: &MessageId, now: Timestamp) -> Result<bool> {
        let hastened = sql(
            "UPDATE outbox SET due_at = $2
             WHERE message_id = $1 AND state = 'due' AND expires_at > $2 AND (lease_owner IS NULL OR due_at <= $2)",
            &bind![id.as_str(), now.millis()],
        )
        .run(self)
        .await?;
        Ok(hastened > 0)
    }

    /// Promises a message again that was given up; `false` when it was not, or its time is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn revive_message(
        &mut self,
        id: &MessageId,
        payload_sealed: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<bool> {
        let revived = sql(
            "UPDATE outbox SET state = 'due', payload_sealed = $2, due_at = $3, attempts = 0, settled_at = NULL
             WHERE message_id = $1 AND state = 'dead' AND expires_at > $3",
            &bind![id.as_str(), payload_sealed, now.millis()],
        )
        .run(self)
        .await?;
        Ok(revived > 0)
    }
}
