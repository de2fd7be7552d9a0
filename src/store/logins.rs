//! Rows of logins. Every step is one conditional UPDATE: no row means that somebody was first, or that the time is over.

use std::fmt;
use std::str::FromStr as _;

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{ClientId, Digest, LoginId, Result, TicketId, Timestamp, UserId};

/// One run of the authenticate pages, or of the MFA API, for one user on behalf of one client.
#[derive(Clone)]
pub struct Login {
    /// Who is to prove a factor.
    pub user_id: UserId,
    /// Its name.
    pub login_id: LoginId,
    /// On whose behalf.
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
    pub created_at: Timestamp,
    /// When its present state ends by itself.
    pub expires_at: Timestamp,
}
record!(Login: user_id, login_id, client_id, kind, state, request, ticket_id, factor, amr, verified_at, created_at, expires_at);

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
#[derive(Debug, Clone)]
pub struct OpenedLogin {
    /// The login.
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
record!(OpenedLogin: ..login, user_email, user_profile, user_blocked, client_name, switched_on, switched_off);

macro_rules! columns {
    ($of:literal) => {
        $crate::store::sql::columns!($of:
            user_id, login_id, client_id, kind, state, request, ticket_id, factor, amr,
            verified_at, created_at, expires_at
        )
    };
}

impl Read {
    /// The login of this user and name.
    ///
    /// # Errors
    /// Of the database.
    pub async fn login(&mut self, user_id: &UserId, login_id: &LoginId) -> Result<Option<Login>> {
        sql(
            concat!(
                "SELECT ",
                columns!(""),
                " FROM logins WHERE user_id = $1 AND login_id = $2"
            ),
            &bind![user_id.as_str(), login_id.as_str()],
        )
        .first(self)
        .await
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
        sql(
            concat!(
                "SELECT ", columns!("l."), ", u.email AS user_email, u.profile AS user_profile, u.blocked AS user_blocked,
                c.name AS client_name,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE f.enabled) AS switched_on,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE NOT f.enabled) AS switched_off
             FROM logins l JOIN users u ON u.user_id = l.user_id JOIN clients c ON c.client_id = l.client_id
             WHERE l.user_id = $1 AND l.login_id = $2"
            ),
            &bind![user_id.as_str(), login_id.as_str()],
        )
        .first(self)
        .await
    }

    /// The login that whoever has its secret means, whatever became of it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn login_by_secret(&mut self, secret: &Digest) -> Result<Option<Login>> {
        sql(
            concat!(
                "SELECT ",
                columns!(""),
                " FROM logins WHERE secret_hash = $1"
            ),
            &bind![secret.as_bytes()],
        )
        .first(self)
        .await
    }

    /// The login that a code was issued for, whatever became of it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn login_by_code(&mut self, code: &Digest) -> Result<Option<Login>> {
        sql(
            concat!("SELECT ", columns!(""), " FROM logins WHERE code_hash = $1"),
            &bind![code.as_bytes()],
        )
        .first(self)
        .await
    }
}

impl Write {
    /// Begins a login; `false` when there is no such user or client.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_login(&mut self, new: &NewLogin<'_>, now: Timestamp) -> Result<bool> {
        let done = sql(
            "INSERT INTO logins (user_id, login_id, client_id, kind, state, request, secret_hash, created_at, expires_at)
             SELECT u.user_id, $3, c.client_id, $4, $5, $6, $7, $8, $9 FROM users u, clients c
             WHERE u.user_id = $1 AND c.client_id = $2",
            &bind![
                new.user_id.as_str(), new.client_id.as_str(), new.login_id.as_str(), new.kind,
                new.state, new.request, new.secret.as_bytes(), now.millis(),
                new.expires_at.millis(),
            ],
        )
        .run(self)
        .await?;
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
        sql(
            concat!(
                "UPDATE logins SET state = 'created', expires_at = $3
             WHERE secret_hash = $1 AND client_id = $2 AND state = 'requested' AND expires_at > $4 RETURNING ", columns!("")
            ),
            &bind![secret.as_bytes(), client_id.as_str(), until.millis(), now.millis()],
        )
        .first(self)
        .await
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
        let done = sql(
            "UPDATE logins SET state = 'challenged', factor = $3 WHERE user_id = $1 AND login_id = $2
                AND state IN ('created', 'challenged') AND expires_at > $4",
            &bind![user_id.as_str(), login_id.as_str(), factor, now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Notes that a factor was proved to an application's login, and when and how (RFC 8176), and has it wait until `until` to
    /// be answered; `false` when it is over.
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
        let done = sql(
            "UPDATE logins SET state = 'verified', factor = $3, amr = $4, verified_at = $5, expires_at = $6
             WHERE user_id = $1 AND login_id = $2 AND kind = 'application' AND state IN ('created', 'challenged')
                AND expires_at > $5",
            &bind![user_id.as_str(), login_id.as_str(), factor, amr, now.millis(), until.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// The same for one of the MFA API, which waits for nobody: it is spent.
    ///
    /// # Errors
    /// Of the database.
    pub async fn spend_api_login(
        &mut self,
        (user_id, login_id): (&UserId, &LoginId),
        (factor, amr): (&str, &str),
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE logins SET state = 'spent', factor = $3, amr = $4, verified_at = $5
             WHERE user_id = $1 AND login_id = $2 AND kind = 'api' AND state IN ('created', 'challenged')
                AND expires_at > $5",
            &bind![user_id.as_str(), login_id.as_str(), factor, amr, now.millis()],
        )
        .run(self)
        .await?;
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
        sql(
            concat!(
                "UPDATE logins SET state = 'answered', code_hash = $3, expires_at = $4
             WHERE user_id = $1 AND login_id = $2 AND kind = 'application' AND state = 'verified' AND expires_at > $5
             RETURNING ", columns!("")
            ),
            &bind![
                user_id.as_str(), login_id.as_str(), code.as_bytes(), until.millis(), now.millis(),
            ],
        )
        .first(self)
        .await
    }

    /// Takes the code of a login, once.
    ///
    /// # Errors
    /// Of the database.
    pub async fn spend_login(&mut self, code: &Digest, now: Timestamp) -> Result<Option<Login>> {
        sql(
            concat!(
                "UPDATE logins SET state = 'spent' WHERE code_hash = $1 AND state = 'answered' AND expires_at > $2
             RETURNING ", columns!("")
            ),
            &bind![code.as_bytes(), now.millis()],
        )
        .first(self)
        .await
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
        sql(
            concat!(
                "UPDATE logins SET state = 'denied' WHERE user_id = $1 AND login_id = $2
                AND state IN ('created', 'challenged') AND expires_at > $3 RETURNING ",
                columns!("")
            ),
            &bind![user_id.as_str(), login_id.as_str(), now.millis()],
        )
        .first(self)
        .await
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
        let done = sql(
            "UPDATE logins SET ticket_id = $3, expires_at = $5 WHERE user_id = $1 AND login_id = $2 AND ticket_id IS NULL
                AND state IN ('created', 'challenged') AND expires_at > $4",
            &bind![
                user_id.as_str(), login_id.as_str(), ticket_id.as_str(), now.millis(),
                until.millis(),
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Takes back the user's other open tickets that logins made; says which they were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn revoke_other_tickets_of_logins(
        &mut self,
        user_id: &UserId,
        newest: &TicketId,
        now: Timestamp,
    ) -> Result<Vec<TicketId>> {
        let revoked: Vec<String> = sql(
            "UPDATE tickets SET state = 'revoked', ended_at = $3
             WHERE user_id = $1 AND ticket_id <> $2 AND state = 'open' AND created_by LIKE 'login:%' RETURNING ticket_id",
            &bind![user_id.as_str(), newest.as_str(), now.millis()],
        )
        .all(self)
        .await?;
        revoked.iter().map(|id| TicketId::from_str(id)).collect()
    }
}
