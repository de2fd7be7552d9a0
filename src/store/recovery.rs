//! Rows of recovery codes: one a user.

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{Digest, Result, TicketId, Timestamp, UserId};

/// What may be told of a recovery code.
#[derive(Debug, Clone, FromRow)]
pub struct KeptRecoveryCode {
    /// When it was made.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

impl Read {
    /// The user's recovery code, if there is one.
    ///
    /// # Errors
    /// Of the database.
    pub async fn recovery_code(&mut self, user_id: &UserId) -> Result<Option<KeptRecoveryCode>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT created_at FROM recovery_codes WHERE user_id = $1")
            .bind(user_id.as_str()).fetch_optional(conn).await)?,
        )
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
        Ok(on!(self, conn => sqlx::query(
            "INSERT INTO recovery_codes (user_id, code_hash, ticket_id, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (user_id) DO UPDATE SET code_hash = $2, ticket_id = $3, created_at = $4, saved_at = NULL"
        ).bind(user_id.as_str()).bind(code.as_bytes()).bind(ticket_id.map(TicketId::as_str)).bind(now.millis()).execute(conn).await.map(drop))?)
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
        let done = on!(self, conn => sqlx::query(
            "UPDATE recovery_codes SET code_hash = $3, ticket_id = NULL, created_at = $4, saved_at = NULL
             WHERE user_id = $1 AND code_hash = $2"
        ).bind(user_id.as_str()).bind(code.as_bytes()).bind(fresh.as_bytes()).bind(now.millis())
        .execute(conn).await.map(|done| done.rows_affected()))?;
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
        let done = on!(self, conn => sqlx::query(
            "UPDATE recovery_codes SET saved_at = $3 WHERE user_id = $1 AND ticket_id = $2 AND saved_at IS NULL"
        ).bind(user_id.as_str()).bind(ticket_id.as_str()).bind(now.millis()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Takes the user's recovery code away; `false` when there was none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_recovery_code(&mut self, user_id: &UserId) -> Result<bool> {
        let done = on!(self, conn => sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
            .bind(user_id.as_str()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
