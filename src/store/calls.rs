//! Calls that may be repeated: what was created under a key of the caller's choice (K14).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::conn::{Read, Write};
use super::create_tickets::{Created, NewTicket};
use super::rows::Insert;
use super::sql::Bind;
use super::sql::{bind, record, sql};
use crate::core::{Digest, Result, TicketId, Timestamp};

/// A key is remembered for this long.
pub(super) const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// What is remembered of a call that creates a ticket.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// The hash of the caller and its key, in hex.
    pub key_hash: String,
    /// The hash of what was asked for.
    pub request_hash: Digest,
    /// The secret of the link, sealed.
    pub secret_sealed: Vec<u8>,
}

/// A call as it was answered.
#[derive(Debug, Clone)]
pub struct Call {
    /// The hash of what was asked for.
    pub request_hash: Vec<u8>,
    /// The ticket that was created.
    pub ticket_id: TicketId,
    /// The secret of its link, sealed.
    pub secret_sealed: Vec<u8>,
    /// When the ticket ends.
    pub expires_at: Timestamp,
}
record!(Call: request_hash, ticket_id, secret_sealed, expires_at);

/// The keys of a batch: those that were free, and what became of the first ticket of each.
pub(super) struct Keys<'a> {
    free: HashSet<String>,
    settled: HashMap<&'a str, Created>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(free: HashSet<String>) -> Self {
        Self {
            free,
            settled: HashMap::new(),
        }
    }

    /// What becomes of a ticket: the first with a key that was free is created like one without, the others repeat it.
    pub(super) fn settle(
        &mut self,
        ticket: &'a NewTicket,
        create: impl FnOnce() -> Created,
    ) -> Created {
        let Some(key) = ticket.call.as_ref().map(|call| call.key_hash.as_str()) else {
            return create();
        };
        match self.settled.get(key) {
            Some(Created::Ticket) => Created::Repeated,
            Some(refused) => *refused,
            None if !self.free.contains(key) => Created::Repeated,
            None => *self.settled.entry(key).or_insert(create()),
        }
    }

    /// Keys whose ticket was not created: the call may come again.
    pub(super) fn unused(&self) -> Vec<&'a str> {
        let settled = self.settled.iter();
        settled
            .filter(|(_, outcome)| **outcome != Created::Ticket)
            .map(|(key, _)| *key)
            .collect()
    }
}

impl Read {
    /// The call that was made with this key in the last 24 hours.
    ///
    /// # Errors
    /// Of the database.
    pub async fn call(&mut self, key_hash: &str, now: Timestamp) -> Result<Option<Call>> {
        sql(
            "SELECT request_hash, ticket_id, secret_sealed, expires_at FROM idempotency_keys WHERE key_hash = $1 AND created_at > $2",
            &bind![key_hash, (now - REMEMBERED).millis()],
        )
        .first(self)
        .await
    }
}

/// A key is taken anew when what was created under it is over.
const KEYS: Insert = Insert {
    into: "idempotency_keys (key_hash, request_hash, ticket_id, secret_sealed, expires_at, created_at)",
    columns: 6,
    then: " ON CONFLICT (key_hash) DO UPDATE SET request_hash = excluded.request_hash, ticket_id = excluded.ticket_id,
              secret_sealed = excluded.secret_sealed, expires_at = excluded.expires_at, created_at = excluded.created_at
            WHERE idempotency_keys.created_at <= excluded.created_at - 86400000 RETURNING key_hash",
};
const _: () = assert!(REMEMBERED.as_millis() == 86_400_000);

impl Write {
    /// Takes the keys of these tickets; says which were free. Of tickets with the same key the first counts.
    pub(super) async fn take_keys(&mut self, tickets: &[&NewTicket]) -> Result<HashSet<String>> {
        let mut calls: Vec<(&NewTicket, &NewCall)> = tickets
            .iter()
            .filter_map(|ticket| Some((*ticket, ticket.call.as_ref()?)))
            .collect();
        // In the order of the keys, so that two instances never wait for each other in a ring; the sort is stable.
        calls.sort_by_key(|(_, call)| call.key_hash.as_str());
        calls.dedup_by_key(|(_, call)| call.key_hash.as_str());
        let mut values = Vec::with_capacity(calls.len() * KEYS.columns);
        for (ticket, call) in calls {
            values.extend::<[Bind<'_>; KEYS.columns]>([
                call.key_hash.as_str().into(),
                call.request_hash.as_bytes().into(),
                ticket.ticket_id.as_str().into(),
                call.secret_sealed.as_slice().into(),
                ticket.expires_at.into(),
                ticket.created_at.into(),
            ]);
        }
        Ok(self.insert(&KEYS, &values).await?.into_iter().collect())
    }

    /// Gives keys back whose tickets were not created.
    pub(super) async fn free_keys(&mut self, keys: &[&str]) -> Result<()> {
        for key in keys {
            sql(
                "DELETE FROM idempotency_keys WHERE key_hash = $1",
                &bind![*key],
            )
            .run(self)
            .await?;
        }
        Ok(())
    }
}
