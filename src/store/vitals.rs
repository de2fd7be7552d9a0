//! How the database is: what an operator watches.

use sqlx::FromRow;

use super::conn::{ConnMut, Pool, Read, Store, on};
use crate::core::{Result, Timestamp};

/// How the outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OutboxVitals {
    /// Messages that wait.
    pub due: i64,
    /// Messages that were given up.
    pub dead: i64,
    /// When the oldest that waits was promised, in milliseconds.
    pub oldest: Option<i64>,
    /// When the next is due, in milliseconds.
    pub next: Option<i64>,
    /// Whether any was delivered since the moment that was asked for.
    pub delivers: bool,
}

/// How many tickets stand where.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TicketCounts {
    /// They can be redeemed.
    pub open: i64,
    /// Their time is over, and nobody used them.
    pub expired: i64,
    /// An attempt adds factors with them.
    pub held: i64,
    /// Spent.
    pub used: i64,
    /// Another ticket of the user was spent.
    pub closed: i64,
    /// Taken back.
    pub revoked: i64,
}

/// The connections of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// `read`, `write`, or `all` where one pool does both.
    pub pool: &'static str,
    /// How many are at work.
    pub used: usize,
    /// How many wait for work.
    pub idle: usize,
}

impl Read {
    /// How the outbox stands; `since` is the moment for [`OutboxVitals::delivers`].
    ///
    /// # Errors
    /// Of the database.
    pub async fn outbox_vitals(&mut self, since: Timestamp) -> Result<OutboxVitals> {
        // `|| ''` keeps the few that were settled lately from being sought among all that were ever sent.
        Ok(on!(self, conn => sqlx::query_as(
            "SELECT COUNT(*) AS due, MIN(created_at) AS oldest, MIN(due_at) AS next,
                (SELECT COUNT(*) FROM outbox WHERE state = 'dead') AS dead,
                EXISTS (SELECT 1 FROM outbox WHERE settled_at > $1 AND state || '' = 'sent') AS delivers
             FROM outbox WHERE state = 'due'"
        ).bind(since.millis()).fetch_one(conn).await)?)
    }

    /// How many tickets stand where at `now`. Reads them all: about 0.3 seconds for a million.
    ///
    /// # Errors
    /// Of the database.
    pub async fn ticket_counts(&mut self, now: Timestamp) -> Result<TicketCounts> {
        Ok(on!(self, conn => sqlx::query_as(
            "SELECT COUNT(*) FILTER (WHERE state = 'open' AND expires_at > $1) AS open,
                COUNT(*) FILTER (WHERE state = 'open' AND expires_at <= $1) AS expired,
                COUNT(*) FILTER (WHERE state = 'held') AS held,
                COUNT(*) FILTER (WHERE state = 'used') AS used,
                COUNT(*) FILTER (WHERE state = 'closed') AS closed,
                COUNT(*) FILTER (WHERE state = 'revoked') AS revoked
             FROM tickets"
        ).bind(now.millis()).fetch_one(conn).await)?)
    }
}

impl Read {
    /// What the clock of the database server says; nothing of an embedded one, which has ours.
    ///
    /// # Errors
    /// Of the database.
    pub async fn server_time(&mut self) -> Result<Option<Timestamp>> {
        let ConnMut::Postgres(conn) = self.conn() else {
            return Ok(None);
        };
        let millis: i64 = sqlx::query_scalar(
            "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        )
        .fetch_one(conn)
        .await?;
        Ok(Some(Timestamp::from_millis(millis)))
    }
}

impl Store {
    /// The connections to the database.
    pub fn pool_use(&self) -> Vec<PoolUse> {
        let of = |pool, size: u32, idle: usize| PoolUse {
            pool,
            used: (size as usize).saturating_sub(idle),
            idle,
        };
        match &self.0 {
            Pool::Sqlite { write, read, .. } => vec![
                of("read", read.size(), read.num_idle()),
                of("write", write.size(), write.num_idle()),
            ],
            Pool::Postgres { pool, .. } => vec![of("all", pool.size(), pool.num_idle())],
        }
    }
}
