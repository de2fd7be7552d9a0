//! Rows of API clients and applications.

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{ClientId, Digest, Result, Timestamp};

/// An API client, an application, or both. It has no default: none exists until an admin creates one.
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
    /// Where its logins may lead back to, one address a line.
    pub redirect_uris: String,
    /// How it proves itself: [`Client::PRIVATE_KEY_JWT`], or by its secret.
    pub auth_method: String,
    /// The public keys that it proves itself with, as a JWK set.
    pub jwks: Option<String>,
    /// When it was created.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "client_id, name, secret_hash, scopes, redirect_uris, auth_method, jwks, created_at"
    };
}

impl Client {
    /// The method of a client that signs instead of showing a secret (RFC 7523).
    pub const PRIVATE_KEY_JWT: &str = "private_key_jwt";

    /// Where its logins may lead back to.
    pub fn redirects(&self) -> impl Iterator<Item = &str> {
        let lines = self.redirect_uris.split('\n');
        lines.filter(|line| !line.is_empty())
    }

    /// Whether it has this scope.
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.split(' ').any(|has| has == scope)
    }

    /// Whether it proves itself by signing, and never by a secret.
    pub fn signs(&self) -> bool {
        self.auth_method == Self::PRIVATE_KEY_JWT
    }
}

impl Read {
    /// The client of this id.
    ///
    /// # Errors
    /// Of the database.
    pub async fn client(&mut self, id: &ClientId) -> Result<Option<Client>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM clients WHERE client_id = $1"
        )).bind(id.as_str()).fetch_optional(conn).await)?)
    }

    /// All clients, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn clients(&mut self) -> Result<Vec<Client>> {
        self.page_of_clients(i64::MAX, 0).await
    }

    /// A page of all clients, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn page_of_clients(&mut self, limit: i64, offset: i64) -> Result<Vec<Client>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM clients ORDER BY client_id LIMIT $1 OFFSET $2"
        )).bind(limit).bind(offset).fetch_all(conn).await)?)
    }

    /// How many clients there are.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_clients(&mut self) -> Result<i64> {
        Ok(
            on!(self, conn => sqlx::query_scalar("SELECT COUNT(*) FROM clients").fetch_one(conn).await)?,
        )
    }
}

impl Write {
    /// Adds a client that proves itself by a secret, and leads nobody anywhere.
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
    ) -> Result<Client> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "INSERT INTO clients (client_id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)
             RETURNING ", columns!()
        ))
        .bind(id.as_str()).bind(name).bind(secret.as_bytes()).bind(scopes).bind(now.millis())
        .fetch_one(conn).await)?)
    }

    /// Takes the client's row for the rest of the transaction.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lock_client(&mut self, id: &ClientId) -> Result<Option<Client>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "UPDATE clients SET name = name WHERE client_id = $1 RETURNING ", columns!()
        )).bind(id.as_str()).fetch_optional(conn).await)?)
    }

    /// Replaces all that may change of a client; `false` when there is none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn update_client(&mut self, client: &Client) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "UPDATE clients SET name = $2, secret_hash = $3, redirect_uris = $4, auth_method = $5, jwks = $6
             WHERE client_id = $1"
        )
        .bind(client.client_id.as_str()).bind(&client.name).bind(&client.secret_hash).bind(&client.redirect_uris)
        .bind(&client.auth_method).bind(&client.jwks)
        .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Removes a client with its logins; `false` when there was none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_client(&mut self, id: &ClientId) -> Result<bool> {
        let done = on!(self, conn => sqlx::query("DELETE FROM clients WHERE client_id = $1")
            .bind(id.as_str()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
