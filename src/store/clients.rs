//! Rows of API clients.

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{ClientId, Digest, Result, Timestamp};

/// An API client. It has no default: none exists until an admin creates one.
#[derive(Debug, Clone, FromRow)]
pub struct Client {
    /// Its name in tokens and logs.
    #[sqlx(try_from = "String")]
    pub client_id: ClientId,
    /// What the admin calls it; mails say who asked by it.
    pub name: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// When it was created.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

impl Read {
    /// The client of this id.
    ///
    /// # Errors
    /// Of the database.
    pub async fn client(&mut self, id: &ClientId) -> Result<Option<Client>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT client_id, name, secret_hash, scopes, created_at FROM clients WHERE client_id = $1")
            .bind(id.as_str()).fetch_optional(conn).await)?,
        )
    }

    /// All clients, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn clients(&mut self) -> Result<Vec<Client>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT client_id, name, secret_hash, scopes, created_at FROM clients ORDER BY client_id")
            .fetch_all(conn).await)?,
        )
    }
}

impl Write {
    /// Adds a client.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_client(
        &mut self,
        id: &ClientId,
        name: &str,
        secret: &Digest,
        scopes: &str,
        now: Timestamp,
    ) -> Result<()> {
        Ok(
            on!(self, conn => sqlx::query("INSERT INTO clients (client_id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.as_str()).bind(name).bind(secret.as_bytes()).bind(scopes).bind(now.millis()).execute(conn).await.map(drop))?,
        )
    }

    /// Removes a client; `false` when there was none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_client(&mut self, id: &ClientId) -> Result<bool> {
        let done = on!(self, conn => sqlx::query("DELETE FROM clients WHERE client_id = $1")
            .bind(id.as_str()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
