//! Leasing what is due: mails, and in a lane of their own messages to phones.

use super::conn::{ConnMut, Store};
use super::outbox::Leased;
use super::sql::{bind, sql};
use crate::core::{Result, Timestamp};

/// Each lane has its kinds, so that none waits for another's next hop.
macro_rules! lease {
    ($kinds:literal, $lock:literal) => {
        concat!(
            "WITH due AS (
                SELECT message_id FROM outbox WHERE state = 'due' AND due_at <= $3 AND kind ",
            $kinds,
            " ORDER BY due_at LIMIT $4 ",
            $lock,
            ")
             UPDATE outbox SET lease_owner = $1, due_at = $2, attempts = attempts + 1
             WHERE message_id IN (SELECT message_id FROM due)"
        )
    };
}

impl Store {
    /// Leases up to `limit` due mails to `owner` until `until`: nobody else gets them before.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lease_messages(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Leased>> {
        // Two workers that waited for each other's rows would wait in a ring.
        const TEXTS: [&str; 2] = [
            lease!("NOT IN ('sms', 'voice', 'push')", ""),
            lease!("NOT IN ('sms', 'voice', 'push')", "FOR UPDATE SKIP LOCKED"),
        ];
        self.lease(TEXTS, owner, now, until, limit).await
    }

    /// The same with messages to phones.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lease_texts(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Leased>> {
        const TEXTS: [&str; 2] = [
            lease!("IN ('sms', 'voice')", ""),
            lease!("IN ('sms', 'voice')", "FOR UPDATE SKIP LOCKED"),
        ];
        self.lease(TEXTS, owner, now, until, limit).await
    }

    /// The same with calls to phones, by Web Push.
    ///
    /// # Errors
    /// Of the database.
    pub async fn lease_calls(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Leased>> {
        const TEXTS: [&str; 2] = [
            lease!("= 'push'", ""),
            lease!("= 'push'", "FOR UPDATE SKIP LOCKED"),
        ];
        self.lease(TEXTS, owner, now, until, limit).await
    }

    /// With the text for SQLite and the one for PostgreSQL.
    async fn lease(
        &self,
        [sqlite, postgres]: [&'static str; 2],
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Leased>> {
        let mut tx = self.begin_write().await?;
        let text = match tx.conn() {
            ConnMut::Postgres(_) => postgres,
            _ => sqlite,
        };
        let bound = bind![owner, until.millis(), now.millis(), limit];
        let taken = sql(text, &bound).run(&mut tx).await?;
        if taken == 0 {
            return Ok(Vec::new());
        }
        let leased = sql(
            "SELECT o.message_id, o.kind, o.payload_sealed, o.detail, o.attempts, o.created_at, o.expires_at, o.user_id,
                    u.email AS user_email, u.profile AS user_profile,
                    t.ticket_id, t.state AS ticket_state, t.secret_hash AS ticket_secret_hash, t.email AS ticket_email,
                    t.locale AS ticket_locale, t.expires_at AS ticket_expires_at, c.name AS asked_by
             FROM outbox o
             JOIN users u ON u.user_id = o.user_id
             LEFT JOIN tickets t ON t.ticket_id = o.ticket_id
             LEFT JOIN clients c ON 'client:' || c.client_id = t.created_by
             WHERE o.lease_owner = $1 AND o.state = 'due' AND o.due_at = $2 ORDER BY o.created_at, o.message_id",
            &bind![owner, until.millis()],
        )
        .all(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(leased)
    }
}
