//! Rows of recovery codes: one a user.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Digest, Result, TicketId, Timestamp, UserId};

/// What may be told of a recovery code.
#[derive(Debug, Clone)]
pub struct KeptRecoveryCode {
    /// When it was made.
    pub created_at: Timestamp,
}
record!(KeptRecoveryCode: created_at);

impl Read {
    /// The user's recovery code, if there is one.
    ///
    /// # Errors
    /// Of the database.
    pub async fn recovery_code(&mut self, user_id: &UserId) -> Result<Option<KeptRecoveryCode>> {
        sql(
            "SELECT created_at FROM recovery_codes WHERE user_id = $1",
            &bind![user_id.as_str()],
        )
        .first(self)
        .await
    }
}

impl Write {
    /// Gives the user this recovery code, made with this ticket if with any, in place of any other.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_recovery_code(
        &mut self,
        user_id: &UserId,
        code: &Digest,
        ticket_id: Option<&TicketId>,
        now: Timestamp,
    ) -> Result<()> {
        sql(
            "INSERT INTO recovery_codes (user_id, code_hash, ticket_id, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id) DO UPDATE SET code_hash = $2, ticket_id = $3, created_at = $4, saved_at = NULL",
            &bind![
                user_id.as_str(), code.as_bytes(), ticket_id.map(TicketId::as_str), now.millis(),
            ],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// Uses up the user's own recovery code and puts a fresh one in its place; `false` when it is not this one, or no longer.
    ///
    /// # Errors
    /// Of the database.
    pub async fn use_recovery_code(
        &mut self,
        user_id: &UserId,
        code: &Digest,
        fresh: &Digest,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE recovery_codes SET code_hash = $3, ticket_id = NULL, created_at = $4, saved_at = NULL
             WHERE user_id = $1 AND code_hash = $2",
            &bind![user_id.as_str(), code.as_bytes(), fresh.as_bytes(), now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// The person saved the code made with this ticket; `false` when they had said so before.
    ///
    /// # Errors
    /// Of the database.
    pub async fn mark_recovery_code_saved(
        &mut self,
        user_id: &UserId,
        ticket_id: &TicketId,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE recovery_codes SET saved_at = $3 WHERE user_id = $1 AND ticket_id = $2 AND saved_at IS NULL",
            &bind![user_id.as_str(), ticket_id.as_str(), now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Takes the user's recovery code away; `false` when there was none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_recovery_code(&mut self, user_id: &UserId) -> Result<bool> {
        let done = sql(
            "DELETE FROM recovery_codes WHERE user_id = $1",
            &bind![user_id.as_str()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
