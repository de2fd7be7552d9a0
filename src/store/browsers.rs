//! Rows of browsers that are remembered.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Digest, LoginId, Result, Timestamp, UserId};

/// A browser in which a user need not prove a factor again, for a while.
#[derive(Debug, Clone)]
pub struct Browser {
    /// How it was proved there last (RFC 8176), separated by spaces.
    pub amr: String,
    /// When that was.
    pub verified_at: Timestamp,
}
record!(Browser: amr, verified_at);

impl Read {
    /// The browser of this user that has this secret, if it is still remembered.
    ///
    /// # Errors
    /// Of the database.
    pub async fn browser(
        &mut self,
        user_id: &UserId,
        secret: &Digest,
        now: Timestamp,
    ) -> Result<Option<Browser>> {
        sql(
            "SELECT amr, verified_at FROM browsers WHERE user_id = $1 AND secret_hash = $2 AND expires_at > $3",
            &bind![user_id.as_str(), secret.as_bytes(), now.millis()],
        )
        .first(self)
        .await
    }
}

impl Write {
    /// Remembers the browser in which a login was proved; `false` when it was not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn remember_browser(
        &mut self,
        (user_id, login_id): (&UserId, &LoginId),
        secret: &Digest,
        until: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "INSERT INTO browsers (user_id, secret_hash, amr, verified_at, expires_at)
             SELECT user_id, $3, amr, verified_at, $4 FROM logins
             WHERE user_id = $1 AND login_id = $2 AND state = 'verified'",
            &bind![
                user_id.as_str(),
                login_id.as_str(),
                secret.as_bytes(),
                until.millis()
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Notes that a login was proved when its browser was remembered; `false` when the login is over, or the browser is
    /// not remembered any more.
    ///
    /// # Errors
    /// Of the database.
    pub async fn recognize_browser(
        &mut self,
        (user_id, login_id): (&UserId, &LoginId),
        secret: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE logins SET state = 'verified', factor = 'remembered-browser', expires_at = $4, amr = b.amr,
                verified_at = b.verified_at
             FROM browsers b WHERE logins.user_id = $1 AND login_id = $2 AND state IN ('created', 'challenged')
                AND logins.expires_at > $5 AND b.user_id = $1 AND b.secret_hash = $3 AND b.expires_at > $5",
            &bind![
                user_id.as_str(), login_id.as_str(), secret.as_bytes(), until.millis(),
                now.millis(),
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Remembers no browser of this user any more; says how many there were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn forget_browsers(&mut self, user_id: &UserId) -> Result<u64> {
        sql(
            "DELETE FROM browsers WHERE user_id = $1",
            &bind![user_id.as_str()],
        )
        .run(self)
        .await
    }
}
