//! A call with a key of the caller's choice: repeated, it gets the same answer and changes nothing (K14).

use data_encoding::HEXLOWER;

use super::create::{Asked, Issued};
use crate::core::seal::Place;
use crate::core::{Actor, Digest, Error, Result, Rng, Sealer, TicketSecret, Timestamp};
use crate::store::{NewCall, Store};

/// A call that may come again.
pub struct KeyedCall {
    key: String,
    request: Digest,
}

impl KeyedCall {
    /// `actor` asks for this under `key`, which is its own: the same key of another caller is another key.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn new(actor: &Actor, key: &str, asked: &Asked) -> Result<Self> {
        let asked = serde_json::to_vec(asked).map_err(Error::internal)?;
        // No name of an actor holds a line break.
        let key = Digest::of(format!("{}\n{key}", actor.name).as_bytes());
        Ok(Self {
            key: HEXLOWER.encode(key.as_bytes()),
            request: Digest::of(&asked),
        })
    }

    /// What is written with the ticket.
    pub fn remember(&self, issued: &Issued, sealer: &Sealer, rng: &dyn Rng) -> NewCall {
        let secret = issued.secret.expose().as_bytes();
        NewCall {
            key_hash: self.key.clone(),
            request_hash: self.request,
            secret_sealed: sealer.seal(&place(&[&self.key]), secret, rng),
        }
    }

    /// The answer that this call got already, if it did.
    ///
    /// # Errors
    /// [`Error::Conflict`] when something else was asked for under this key; else of the database.
    pub async fn answer(
        &self,
        store: &Store,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Option<Issued>> {
        let Some(call) = store.begin_read().await?.call(&self.key, now).await? else {
            return Ok(None);
        };
        if !self.request.matches(&call.request_hash) {
            return Err(Error::Conflict {
                code: "idempotency_conflict",
                message: "This Idempotency-Key was used for another request in the last 24 hours; use a new one.",
            });
        }
        let secret = sealer
            .open(&place(&[&self.key]), &call.secret_sealed)
            .and_then(|plain| TicketSecret::parse(std::str::from_utf8(&plain).ok()?))
            .ok_or_else(|| Error::internal(anyhow::anyhow!("a remembered call does not open")))?;
        Ok(Some(Issued {
            ticket_id: call.ticket_id,
            secret,
            expires_at: call.expires_at,
        }))
    }
}

fn place<'a>(row: &'a [&'a str]) -> Place<'a> {
    Place {
        table: "idempotency_keys",
        row,
        column: "secret_sealed",
    }
}
