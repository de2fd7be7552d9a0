//! The sweeper: what nobody may see any more is deleted, in batches, so that no request waits for it.

use std::time::Duration;

use super::calls::REMEMBERED;
use super::conn::Store;
use super::sql::{bind, sql};
use crate::core::fault::dies_at;
use crate::core::{EventId, Result, Timestamp};

const BATCH: i64 = 500;
/// The audit log keeps a line this long: a year, and a month to notice.
const EVENTS_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Openings and expiries have their ticket's time in their id; they are at most this much younger.
const TICKETS_LAST: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// A sweep tells of tickets that expired since then: longer than a server is ever down unnoticed.
const EXPIRED_LATELY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A challenge that is over is kept as long as an attempt may live: its successor inherits the wrong answers.
const CHALLENGES_KEPT: Duration = Duration::from_secs(60 * 60);

/// What became of a login is kept for a day.
const LOGINS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How many rows a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Tickets, with their former links and messages.
    pub tickets: u64,
    /// Settled messages of no ticket.
    pub messages: u64,
    /// Lines of what happened.
    pub events: u64,
    /// Keys of calls, counts of links that opened nothing, challenges and logins that are over, browsers that are no longer
    /// remembered, and assertions of clients.
    pub counts: u64,
}

impl Store {
    /// Tells of tickets and logins that expired unused, and deletes tickets `keep` after they expired, other messages `keep` after they were settled,
    /// old events, and what is remembered for a day.
    ///
    /// # Errors
    /// Of the database.
    pub async fn sweep(&self, now: Timestamp, keep: Duration) -> Result<Swept> {
        self.record_expired(now).await?;
        self.expire_logins(now).await?;
        let ended = (now - keep).millis();
        let recorded = EventId::time_part(now - EVENTS_KEPT);
        let created = EventId::time_part(now - EVENTS_KEPT - TICKETS_LAST);
        let mut swept = Swept::default();
        loop {
            let mut tx = self.begin_write().await?;
            let tickets = sql(
                "DELETE FROM tickets WHERE ticket_id IN (SELECT ticket_id FROM tickets WHERE expires_at < $1 LIMIT $2)",
                &bind![ended, BATCH],
            )
            .run(&mut tx)
            .await?;
            let messages = sql(
                "DELETE FROM outbox WHERE message_id IN (SELECT message_id FROM outbox WHERE settled_at < $1 LIMIT $2)",
                &bind![ended, BATCH],
            )
            .run(&mut tx)
            .await?;
            let events = sql(
                "DELETE FROM events WHERE event_id IN (SELECT event_id FROM events
                    WHERE (event_id >= 'evt_' AND event_id < 'evt_' || $1) OR (event_id >= 'opn_' AND event_id < 'opn_' || $2)
                       OR (event_id >= 'exp_' AND event_id < 'exp_' || $2) LIMIT $3)",
                &bind![&recorded, &created, BATCH],
            )
            .run(&mut tx)
            .await?;
            let over = [
                (
                    "DELETE FROM idempotency_keys WHERE key_hash IN (SELECT key_hash FROM idempotency_keys WHERE created_at <= $1 LIMIT $2)",
                    now - REMEMBERED,
                ),
                (
                    "DELETE FROM link_failures WHERE address_hash IN (SELECT address_hash FROM link_failures WHERE since <= $1 LIMIT $2)",
                    now - REMEMBERED,
                ),
                (
                    "DELETE FROM challenges WHERE challenge_id IN (SELECT challenge_id FROM challenges WHERE expires_at < $1 LIMIT $2)",
                    now - CHALLENGES_KEPT,
                ),
                (
                    "DELETE FROM phone_sends WHERE message_id IN (SELECT message_id FROM phone_sends WHERE sent_at <= $1 LIMIT $2)",
                    now - REMEMBERED,
                ),
                (
                    "DELETE FROM phone_counts WHERE name IN (SELECT name FROM phone_counts WHERE ends_at <= $1 LIMIT $2)",
                    now,
                ),
                (
                    "DELETE FROM logins WHERE (user_id, login_id) IN (SELECT user_id, login_id FROM logins WHERE expires_at < $1 LIMIT $2)",
                    now - LOGINS_KEPT,
                ),
                (
                    "DELETE FROM browsers WHERE (user_id, secret_hash) IN (SELECT user_id, secret_hash FROM browsers WHERE expires_at <= $1 LIMIT $2)",
                    now,
                ),
                (
                    "DELETE FROM client_assertions WHERE (client_id, jti_hash) IN
                    (SELECT client_id, jti_hash FROM client_assertions WHERE expires_at <= $1 LIMIT $2)",
                    now,
                ),
            ];
            let mut counts = 0;
            for (text, before) in over {
                counts += sql(text, &bind![before, BATCH]).run(&mut tx).await?;
            }
            dies_at!("sweep::commit");
            tx.commit().await?;
            dies_at!("sweep::committed");
            swept = Swept {
                tickets: swept.tickets + tickets,
                messages: swept.messages + messages,
                events: swept.events + events,
                counts: swept.counts + counts,
            };
            if tickets + messages + events + counts == 0 {
                return Ok(swept);
            }
        }
    }

    /// Tells of tickets that expired unused; each once, since the event's id follows from the ticket's.
    async fn record_expired(&self, now: Timestamp) -> Result<()> {
        let mut tx = self.begin_write().await?;
        sql(
            "INSERT INTO events (event_id, at, kind, user_id, ticket_id, actor, detail)
             SELECT REPLACE(ticket_id, 'gten_', 'exp_'), expires_at, 'ticket.expired', user_id, ticket_id, 'server', '{}'
             FROM tickets WHERE state = 'open' AND expires_at <= $1 AND expires_at > $2
             ON CONFLICT (event_id) DO NOTHING",
            &bind![now.millis(), (now - EXPIRED_LATELY).millis()],
        )
        .run(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Ends the logins whose time is over, and tells of each.
    async fn expire_logins(&self, now: Timestamp) -> Result<()> {
        let mut tx = self.begin_write().await?;
        sql(
            "INSERT INTO events (event_id, at, kind, user_id, actor, detail)
             SELECT REPLACE(login_id, 'lgn_', 'exp_'), expires_at, 'login.expired', user_id, 'server',
                '{\"login\":\"' || login_id || '\",\"client\":\"' || client_id || '\"}'
             FROM logins WHERE state IN ('requested', 'created', 'challenged', 'verified', 'answered') AND expires_at <= $1
             ON CONFLICT (event_id) DO NOTHING",
            &bind![now.millis()],
        )
        .run(&mut tx)
        .await?;
        sql(
            "UPDATE logins SET state = 'expired'
             WHERE state IN ('requested', 'created', 'challenged', 'verified', 'answered') AND expires_at <= $1",
            &bind![now.millis()],
        )
        .run(&mut tx)
        .await?;
        tx.commit().await
    }
}
