//! Rows of the signing keys, and of the value that tells whether the sealing key is the right one.

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{Result, Timestamp};

/// A key that signs tokens. All that are here verify; the newest that is known everywhere signs.
#[derive(Debug, Clone, FromRow)]
pub struct SigningKey {
    /// Its name in tokens and in the key set.
    pub kid: String,
    /// The private key (PKCS#8), sealed.
    pub private_sealed: Vec<u8>,
    /// When it was made.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

impl Read {
    /// All signing keys, the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKey>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT kid, private_sealed, created_at FROM signing_keys ORDER BY created_at DESC, kid DESC")
            .fetch_all(conn).await)?,
        )
    }

    /// A named value of the whole installation.
    ///
    /// # Errors
    /// Of the database.
    pub async fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(
            on!(self, conn => sqlx::query_scalar("SELECT value FROM meta WHERE name = $1").bind(name).fetch_optional(conn).await)?,
        )
    }
}

impl Write {
    /// Adds a signing key.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_signing_key(&mut self, key: &SigningKey) -> Result<()> {
        Ok(
            on!(self, conn => sqlx::query("INSERT INTO signing_keys (kid, private_sealed, created_at) VALUES ($1, $2, $3)")
            .bind(&key.kid).bind(&key.private_sealed).bind(key.created_at.millis()).execute(conn).await.map(drop))?,
        )
    }

    /// Removes a signing key, unless it is the last; `false` when it was not removed.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_signing_key(&mut self, kid: &str) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "DELETE FROM signing_keys WHERE kid = $1 AND EXISTS (SELECT 1 FROM signing_keys other WHERE other.kid <> $1)"
        ).bind(kid).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Removes the signing keys whose successor was made at `until` or before; says which they were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_succeeded_signing_keys(&mut self, until: Timestamp) -> Result<Vec<String>> {
        Ok(on!(self, conn => sqlx::query_scalar(
            "DELETE FROM signing_keys WHERE created_at < (SELECT MAX(created_at) FROM signing_keys WHERE created_at <= $1)
             RETURNING kid"
        ).bind(until.millis()).fetch_all(conn).await)?)
    }

    /// Sets a value that must not be set yet; `false` when it is.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_meta(&mut self, name: &str, value: &[u8]) -> Result<bool> {
        let done = on!(self, conn => sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name).bind(value).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Sets a value, whatever it was.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_meta(&mut self, name: &str, value: &[u8]) -> Result<()> {
        Ok(
            on!(self, conn => sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2")
            .bind(name).bind(value).execute(conn).await.map(drop))?,
        )
    }

    /// Changes a value that is still `old`; `false` when it is not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn replace_meta(&mut self, name: &str, old: &[u8], new: &[u8]) -> Result<bool> {
        let done = on!(self, conn => sqlx::query("UPDATE meta SET value = $3 WHERE name = $1 AND value = $2")
            .bind(name).bind(old).bind(new).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Removes a value that is still `old`; `false` when it is not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_meta(&mut self, name: &str, old: &[u8]) -> Result<bool> {
        let done = on!(self, conn => sqlx::query("DELETE FROM meta WHERE name = $1 AND value = $2")
            .bind(name).bind(old).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
