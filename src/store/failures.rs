//! Wrong proofs of confirmed factors, counted on the user's row: one count for all factors, pages and instances.

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{Result, Timestamp, UserId};

/// How often a user's proofs were wrong.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Failures {
    /// In a row, since the last right one.
    pub failures: i64,
    /// No proof is looked at before.
    #[sqlx(try_from = "i64")]
    pub retry_at: Timestamp,
}

impl Read {
    /// How often the user's proofs were wrong.
    ///
    /// # Errors
    /// Of the database.
    pub async fn failures_of(&mut self, user_id: &UserId) -> Result<Option<Failures>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT failures, retry_at FROM users WHERE user_id = $1")
            .bind(user_id.as_str()).fetch_optional(conn).await)?,
        )
    }
}

impl Write {
    /// Counts a wrong proof, and says how many there were in a row.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_failure_of(&mut self, user_id: &UserId) -> Result<Option<i64>> {
        Ok(on!(self, conn => sqlx::query_scalar(
            "UPDATE users SET failures = failures + 1 WHERE user_id = $1 RETURNING failures"
        ).bind(user_id.as_str()).fetch_optional(conn).await)?)
    }

    /// No proof of this user is looked at before `until`.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delay_user(&mut self, user_id: &UserId, until: Timestamp) -> Result<()> {
        Ok(
            on!(self, conn => sqlx::query("UPDATE users SET retry_at = $2 WHERE user_id = $1")
            .bind(user_id.as_str()).bind(until.millis()).execute(conn).await.map(drop))?,
        )
    }

    /// Forgets the wrong proofs; `false` when there were none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn clear_failures_of(&mut self, user_id: &UserId) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "UPDATE users SET failures = 0, retry_at = 0 WHERE user_id = $1 AND (failures > 0 OR retry_at > 0)"
        ).bind(user_id.as_str()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
