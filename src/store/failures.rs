//! Wrong proofs of confirmed factors, counted on the user's row: one count for all factors, pages and instances.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql, sql_locking};
use super::users::User;
use crate::core::{Result, Timestamp, UserId};

/// How often a user's proofs were wrong.
#[derive(Debug, Clone, Copy)]
pub struct Failures {
    /// In a row, since the last right one.
    pub failures: i64,
    /// No proof is looked at before.
    pub retry_at: Timestamp,
}
record!(Failures: failures, retry_at);

/// A user who shows something, and what they showed before.
#[derive(Debug, Clone)]
pub struct Shower {
    /// The user.
    pub user: User,
    /// How often it was wrong.
    pub failures: Failures,
}
record!(Shower: ..user, ..failures,);

impl Read {
    /// How often the user's proofs were wrong.
    ///
    /// # Errors
    /// Of the database.
    pub async fn failures_of(&mut self, user_id: &UserId) -> Result<Option<Failures>> {
        sql(
            "SELECT failures, retry_at FROM users WHERE user_id = $1",
            &bind![user_id.as_str()],
        )
        .first(self)
        .await
    }
}

impl Write {
    /// As [`Write::lock_user`], with what they showed before.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lock_shower(&mut self, user_id: &UserId) -> Result<Option<Shower>> {
        sql_locking!(
            "SELECT user_id, email, blocked, profile, created_at, updated_at, failures, retry_at
             FROM users WHERE user_id = $1",
            &bind![user_id.as_str()]
        )
        .first(self)
        .await
    }

    /// Counts a wrong proof, and says how many there were in a row.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_failure_of(&mut self, user_id: &UserId) -> Result<Option<i64>> {
        sql(
            "UPDATE users SET failures = failures + 1 WHERE user_id = $1 RETURNING failures",
            &bind![user_id.as_str()],
        )
        .first(self)
        .await
    }

    /// No proof of this user is looked at before `until`.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delay_user(&mut self, user_id: &UserId, until: Timestamp) -> Result<()> {
        sql(
            "UPDATE users SET retry_at = $2 WHERE user_id = $1",
            &bind![user_id.as_str(), until.millis()],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// Forgets the wrong proofs; `false` when there were none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn clear_failures_of(&mut self, user_id: &UserId) -> Result<bool> {
        let done = sql(
            "UPDATE users SET failures = 0, retry_at = 0 WHERE user_id = $1 AND (failures > 0 OR retry_at > 0)",
            &bind![user_id.as_str()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
