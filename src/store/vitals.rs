//! How the database is: what an operator watches.

use super::conn::{ConnMut, Pool, Read, Store};
use super::sql::{bind, record, sql};
use crate::core::{Result, Timestamp};

/// How the outbox stands.
#[derive(Debug, Clone, PartialEq, Eq)]
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
record!(OutboxVitals: due, oldest, next, dead, delivers);

/// How many tickets stand where.
#[derive(Debug, Clone, PartialEq, Eq)]
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
record!(TicketCounts: open, expired, held, used, closed, revoked);

/// The connections of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// `read`, `write`, or `all` where one pool does both.
    pub pool: &'static str,
    /// How many are at work.
    pub used: u32,
    /// How many wait for work.
    pub idle: u32,
}

impl PoolUse {
    fn of<D: sqlx::Database>(pool: &'static str, of: &sqlx::Pool<D>) -> Self {
        Self::counted(pool, of.size(), of.num_idle())
    }

    /// A connection can be taken before it is counted as put back: sqlx's count is then below nothing, and wraps.
    fn counted(pool: &'static str, size: u32, idle: usize) -> Self {
        let idle = u32::try_from(idle).unwrap_or(0).min(size);
        Self {
            pool,
            used: size - idle,
            idle,
        }
    }
}

impl Read {
    /// How the outbox stands; `since` is the moment for [`OutboxVitals::delivers`].
    ///
    /// # Errors
    /// Of the database.
    pub async fn outbox_vitals(&mut self, since: Timestamp) -> Result<OutboxVitals> {
        // `|| ''` keeps the few that were settled lately from being sought among all that were ever sent.
        sql(
            "SELECT COUNT(*) AS due, MIN(created_at) AS oldest, MIN(due_at) AS next,
                (SELECT COUNT(*) FROM outbox WHERE state = 'dead') AS dead,
                EXISTS (SELECT 1 FROM outbox WHERE settled_at > $1 AND state || '' = 'sent') AS delivers
             FROM outbox WHERE state = 'due'",
            &bind![since.millis()],
        )
        .one(self)
        .await
    }

    /// How many tickets stand where at `now`. Reads them all: about 0.3 seconds for a million.
    ///
    /// # Errors
    /// Of the database.
    pub async fn ticket_counts(&mut self, now: Timestamp) -> Result<TicketCounts> {
        sql(
            "SELECT COUNT(*) FILTER (WHERE state = 'open' AND expires_at > $1) AS open,
                COUNT(*) FILTER (WHERE state = 'open' AND expires_at <= $1) AS expired,
                COUNT(*) FILTER (WHERE state = 'held') AS held,
                COUNT(*) FILTER (WHERE state = 'used') AS used,
                COUNT(*) FILTER (WHERE state = 'closed') AS closed,
                COUNT(*) FILTER (WHERE state = 'revoked') AS revoked
             FROM tickets",
            &bind![now.millis()],
        )
        .one(self)
        .await
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
        match &self.0 {
            Pool::Sqlite { write, read, .. } => {
                vec![PoolUse::of("read", read), PoolUse::of("write", write)]
            }
            Pool::Postgres { pool, .. } => vec![PoolUse::of("all", pool)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PoolUse;

    #[test]
    fn a_count_of_idle_connections_that_wrapped_is_none() {
        let seen = |size, idle| {
            let told = PoolUse::counted("read", size, idle);
            (told.used, told.idle)
        };
        assert_eq!(seen(8, 3), (5, 3));
        assert_eq!(seen(1, 2), (0, 1), "closed since");
        assert_eq!(seen(8, usize::MAX), (8, 0));
        assert_eq!(seen(8, usize::MAX - 1), (8, 0));
    }
}
