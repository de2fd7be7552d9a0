//! Rows of the people who enroll.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql, sql_locking};
use crate::core::{Result, Timestamp, UserId};

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// The back end's name for the person.
    pub user_id: UserId,
    /// The stored address.
    pub email: Option<String>,
    /// A blocked user's tickets open no page.
    pub blocked: bool,
    /// Everything else the API keeps of a user, as a JSON object (contract §2.5).
    pub profile: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}
record!(User: user_id, email, blocked, profile, created_at, updated_at);

impl Read {
    /// The user of this id.
    ///
    /// # Errors
    /// Of the database.
    pub async fn user(&mut self, user_id: &UserId) -> Result<Option<User>> {
        sql(
            "SELECT user_id, email, blocked, profile, created_at, updated_at FROM users WHERE user_id = $1",
            &bind![user_id.as_str()],
        )
        .first(self)
        .await
    }

    /// A page of all users, in the order of their ids.
    ///
    /// # Errors
    /// Of the database.
    pub async fn users(&mut self, limit: i64, offset: i64) -> Result<Vec<User>> {
        sql(
            "SELECT user_id, email, blocked, profile, created_at, updated_at FROM users
             ORDER BY user_id LIMIT $1 OFFSET $2",
            &bind![limit, offset],
        )
        .all(self)
        .await
    }

    /// How many users there are.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_users(&mut self) -> Result<i64> {
        sql("SELECT COUNT(*) FROM users", &bind![]).one(self).await
    }
}

impl Write {
    /// Adds a user; `false` when the id is taken.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_user(&mut self, user: &User) -> Result<bool> {
        let done = sql(
            "INSERT INTO users (user_id, email, blocked, profile, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id) DO NOTHING",
            &bind![
                user.user_id.as_str(),
                &user.email,
                user.blocked,
                &user.profile,
                user.created_at.millis(),
                user.updated_at.millis()
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Takes the user's row for the rest of the transaction: whatever touches the user's factors begins here.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lock_user(&mut self, user_id: &UserId) -> Result<Option<User>> {
        sql_locking!(
            "SELECT user_id, email, blocked, profile, created_at, updated_at FROM users WHERE user_id = $1",
            &bind![user_id.as_str()]
        )
        .first(self)
        .await
    }

    /// Replaces what the API keeps of a user; `false` when there is none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn update_user(&mut self, user: &User) -> Result<bool> {
        let done = sql(
            "UPDATE users SET email = $2, blocked = $3, profile = $4, updated_at = $5 WHERE user_id = $1",
            &bind![
                user.user_id.as_str(), &user.email, user.blocked, &user.profile,
                user.updated_at.millis(),
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Removes a user with all tickets, enrollments and messages; `false` when there was none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_user(&mut self, user_id: &UserId) -> Result<bool> {
        let done = sql(
            "DELETE FROM users WHERE user_id = $1",
            &bind![user_id.as_str()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
