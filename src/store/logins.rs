//! Rows of logins. Every step is one conditional UPDATE: no row means that somebody was first, or that the time is over.

use std::fmt;

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{ClientId, Digest, LoginId, Result, TicketId, Timestamp, UserId};

/// One run of the authenticate pages, or of the MFA API, for one user on behalf of one client.
#[derive(Clone, FromRow)]
pub struct Login {
    /// Who is to prove a factor.
    #[sqlx(try_from = "String")]
    pub user_id: UserId,
    /// Its name.
    #[sqlx(try_from = "String")]
    pub login_id: LoginId,
    /// On whose behalf.
    #[sqlx(try_from = "String")]
    pub client_id: ClientId,
    /// `application` or `api`.
    pub kind: String,
    /// `requested`, `created`, `challenged`, `verified`, `answered`, `spent`, `denied` or `expired`.
    pub state: String,
    /// What the client asked for, as JSON.
    pub request: String,
    /// The ticket with which its user may enroll on the way.
    pub ticket_id: Option<String>,
    /// What was asked for, or proved, last.
    pub factor: Option<String>,
    /// How it was proved (RFC 8176), separated by spaces.
    pub amr: Option<String>,
    /// When it was proved, in milliseconds.
    pub verified_at: Option<i64>,
    /// When it was asked for.
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    /// When its present state ends by itself.
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({}, {})", self.login_id, self.state)
    }
}

/// A login to begin.
pub struct NewLogin<'a> {
    /// Who is to prove a factor.
    pub user_id: &'a UserId,
    /// Its name.
    pub login_id: &'a LoginId,
    /// On whose behalf.
    pub client_id: &'a ClientId,
    /// `application` or `api`.
    pub kind: &'static str,
    /// `requested` while it waits for its browser, else `created`.
    pub state: &'static str,
    /// What the client asked for, as JSON.
    pub request: &'a str,
    /// The hash of what it is found by.
    pub secret: &'a Digest,
    /// When its state ends by itself.
    pub expires_at: Timestamp,
}

/// A login as its pages need it, in one read.
#[derive(Debug, Clone, FromRow)]
pub struct OpenedLogin {
    /// The login.
    #[sqlx(flatten)]
    pub login: Login,
    /// The user's address.
    pub user_email: Option<String>,
    /// The user's profile, as JSON.
    pub user_profile: String,
    /// Whether the user is blocked.
    pub user_blocked: bool,
    /// What the admin calls the client.
    pub client_name: String,
    /// The factors that an admin switched on, separated by commas.
    pub switched_on: Option<String>,
    /// The factors that an admin switched off, separated by commas.
    pub switched_off: Option<String>,
}

macro_rules! columns {
    ($of:literal) => {
        concat!(
            $of,
            "user_id, ",
            $of,
            "login_id, ",
            $of,
            "client_id, ",
            $of,
            "kind, ",
            $of,
            "state, ",
            $of,
            "request, ",
            $of,
            "ticket_id, ",
            $of,
            "factor, ",
            $of,
            "amr, ",
            $of,
            "verified_at, ",
            $of,
            "created_at, ",
            $of,
            "expires_at"
        )
    };
}

impl Read {
    /// The login of this user and name.
    ///
    /// # Errors
    /// Of the database.
    pub async fn login(&mut self, user_id: &UserId, login_id: &LoginId) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "SELECT ", columns!(""), " FROM logins WHERE user_id = $1 AND login_id = $2"
        )).bind(user_id.as_str()).bind(login_id.as_str()).fetch_optional(conn).await)?)
    }

    /// The same with its user, its client and the factor settings.
    ///
    /// # Errors
    /// Of the database.
    pub async fn opened_login(
        &mut self,
        user_id: &UserId,
        login_id: &LoginId,
    ) -> Result<Option<OpenedLogin>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "SELECT ", columns!("l."), ", u.email AS user_email, u.profile AS user_profile, u.blocked AS user_blocked,
                c.name AS client_name,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE f.enabled) AS switched_on,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE NOT f.enabled) AS switched_off
             FROM logins l JOIN users u ON u.user_id = l.user_id JOIN clients c ON c.client_id = l.client_id
             WHERE l.user_id = $1 AND l.login_id = $2"
        )).bind(user_id.as_str()).bind(login_id.as_str()).fetch_optional(conn).await)?)
    }

    /// The login that whoever has its secret means, whatever became of it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn login_by_secret(&mut self, secret: &Digest) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "SELECT ", columns!(""), " FROM logins WHERE secret_hash = $1"
        )).bind(secret.as_bytes()).fetch_optional(conn).await)?)
    }

    /// The login that a code was issued for, whatever became of it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn login_by_code(&mut self, code: &Digest) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "SELECT ", columns!(""), " FROM logins WHERE code_hash = $1"
        )).bind(code.as_bytes()).fetch_optional(conn).await)?)
    }
}

impl Write {
    /// Begins a login; `false` when there is no such user or client.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_login(&mut self, new: &NewLogin<'_>, now: Timestamp) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "INSERT INTO logins (user_id, login_id, client_id, kind, state, request, secret_hash, created_at, expires_at)
             SELECT u.user_id, $3, c.client_id, $4, $5, $6, $7, $8, $9 FROM users u, clients c
             WHERE u.user_id = $1 AND c.client_id = $2"
        )
        .bind(new.user_id.as_str()).bind(new.client_id.as_str()).bind(new.login_id.as_str()).bind(new.kind)
        .bind(new.state).bind(new.request).bind(new.secret.as_bytes()).bind(now.millis())
        .bind(new.expires_at.millis())
        .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Gives a login that was requested to the browser that came with its secret, until `until`.
    ///
    /// # Errors
    /// Of the database.
    pub async fn open_login(
        &mut self,
        secret: &Digest,
        client_id: &ClientId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "UPDATE logins SET state = 'created', expires_at = $3
             WHERE secret_hash = $1 AND client_id = $2 AND state = 'requested' AND expires_at > $4 RETURNING ", columns!("")
        )).bind(secret.as_bytes()).bind(client_id.as_str()).bind(until.millis()).bind(now.millis())
        .fetch_optional(conn).await)?)
    }

    /// Notes that a factor was asked for; `false` when the login is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn challenge_login(
        &mut self,
        user_id: &UserId,
        login_id: &LoginId,
        factor: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "UPDATE logins SET state = 'challenged', factor = $3 WHERE user_id = $1 AND login_id = $2
                AND state IN ('created', 'challenged') AND expires_at > $4"
        ).bind(user_id.as_str()).bind(login_id.as_str()).bind(factor).bind(now.millis())
        .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Notes that a factor was proved, and when and how (RFC 8176), and has the login wait until `until` to be answered;
    /// `false` when it is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn verify_login(
        &mut self,
        (user_id, login_id): (&UserId, &LoginId),
        (factor, amr): (&str, &str),
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "UPDATE logins SET state = 'verified', factor = $3, amr = $4, verified_at = $5, expires_at = $6
             WHERE user_id = $1 AND login_id = $2 AND state IN ('created', 'challenged') AND expires_at > $5"
        ).bind(user_id.as_str()).bind(login_id.as_str()).bind(factor).bind(amr).bind(now.millis()).bind(until.millis())
        .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Has the login, which is proved, wait until `until` for its client to come with the code.
    ///
    /// # Errors
    /// Of the database.
    pub async fn answer_login(
        &mut self,
        user_id: &UserId,
        login_id: &LoginId,
        code: &Digest,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "UPDATE logins SET state = 'answered', code_hash = $3, expires_at = $4
             WHERE user_id = $1 AND login_id = $2 AND kind = 'application' AND state = 'verified' AND expires_at > $5
             RETURNING ", columns!("")
        )).bind(user_id.as_str()).bind(login_id.as_str()).bind(code.as_bytes()).bind(until.millis()).bind(now.millis())
        .fetch_optional(conn).await)?)
    }

    /// Takes the code of a login, once.
    ///
    /// # Errors
    /// Of the database.
    pub async fn spend_login(&mut self, code: &Digest, now: Timestamp) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "UPDATE logins SET state = 'spent' WHERE code_hash = $1 AND state = 'answered' AND expires_at > $2
             RETURNING ", columns!("")
        )).bind(code.as_bytes()).bind(now.millis()).fetch_optional(conn).await)?)
    }

    /// Takes what was proved to the MFA API, once.
    ///
    /// # Errors
    /// Of the database.
    pub async fn spend_api_login(&mut self, user_id: &UserId, login_id: &LoginId) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "UPDATE logins SET state = 'spent' WHERE user_id = $1 AND login_id = $2 AND kind = 'api' AND state = 'verified'"
        ).bind(user_id.as_str()).bind(login_id.as_str()).execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Ends a login that nothing is to be proved for any more.
    ///
    /// # Errors
    /// Of the database.
    pub async fn deny_login(
        &mut self,
        user_id: &UserId,
        login_id: &LoginId,
        now: Timestamp,
    ) -> Result<Option<Login>> {
        Ok(on!(self, conn => sqlx::query_as(concat!(
            "UPDATE logins SET state = 'denied' WHERE user_id = $1 AND login_id = $2
                AND state IN ('created', 'challenged') AND expires_at > $3 RETURNING ", columns!("")
        )).bind(user_id.as_str()).bind(login_id.as_str()).bind(now.millis()).fetch_optional(conn).await)?)
    }

    /// Notes the ticket with which the login's user may enroll on the way, until `until`; `false` when there is one, or the
    /// login is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_ticket_of_login(
        &mut self,
        (user_id, login_id): (&UserId, &LoginId),
        ticket_id: &TicketId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let done = on!(self, conn => sqlx::query(
            "UPDATE logins SET ticket_id = $3, expires_at = $5 WHERE user_id = $1 AND login_id = $2 AND ticket_id IS NULL
                AND state IN ('created', 'challenged') AND expires_at > $4"
        ).bind(user_id.as_str()).bind(login_id.as_str()).bind(ticket_id.as_str()).bind(now.millis())
        .bind(until.millis())
        .execute(conn).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
