//! Rows of API clients and applications.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Algorithm, ClientId, Digest, Result, Timestamp};

/// An API client, an application, or both. It has no default: none exists until an admin creates one.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its name in tokens and logs.
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
    /// How the tokens that it gets are signed.
    pub signing_alg: Algorithm,
    /// When it was created.
    pub created_at: Timestamp,
}
record!(Client: client_id, name, secret_hash, scopes, redirect_uris, auth_method, jwks, signing_alg, created_at);

macro_rules! columns {
    () => {
        "client_id, name, secret_hash, scopes, redirect_uris, auth_method, jwks, signing_alg, created_at"
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
        sql(
            concat!("SELECT ", columns!(), " FROM clients WHERE client_id = $1"),
            &bind![id.as_str()],
        )
        .first(self)
        .await
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
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM clients ORDER BY client_id LIMIT $1 OFFSET $2"
            ),
            &bind![limit, offset],
        )
        .all(self)
        .await
    }

    /// How many clients there are.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_clients(&mut self) -> Result<i64> {
        sql("SELECT COUNT(*) FROM clients", &bind![])
            .one(self)
            .await
    }
}

impl Write {
    /// Adds a client that proves itself by a secret, leads nobody anywhere, and gets its tokens signed by RS256.
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
        sql(
            concat!(
                "INSERT INTO clients (client_id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)
             RETURNING ", columns!()
            ),
            &bind![id.as_str(), name, secret.as_bytes(), scopes, now.millis()],
        )
        .one(self)
        .await
    }

    /// Takes the client's row for the rest of the transaction.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lock_client(&mut self, id: &ClientId) -> Result<Option<Client>> {
        sql(
            concat!(
                "UPDATE clients SET name = name WHERE client_id = $1 RETURNING ",
                columns!()
            ),
            &bind![id.as_str()],
        )
        .first(self)
        .await
    }

    /// Replaces all that may change of a client; `false` when there is none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn update_client(&mut self, client: &Client) -> Result<bool> {
        let done = sql(
            "UPDATE clients SET name = $2, secret_hash = $3, redirect_uris = $4, auth_method = $5, jwks = $6,
                 signing_alg = $7
             WHERE client_id = $1",
            &bind![
                client.client_id.as_str(), &client.name, &client.secret_hash,
                &client.redirect_uris, &client.auth_method, &client.jwks,
                client.signing_alg.name(),
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Removes a client with its logins; `false` when there was none.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_client(&mut self, id: &ClientId) -> Result<bool> {
        let done = sql(
            "DELETE FROM clients WHERE client_id = $1",
            &bind![id.as_str()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
