//! A login: one run of the authenticate pages, or of the MFA API, for one user on behalf of one client.
//!
//! `requested` → `created` → `challenged` → `verified` → `answered` → `spent`; or `denied`, or `expired`. One of the MFA API
//! begins as `created`, and is `spent` once it is proved. Each step is one conditional UPDATE, and leaves an event.

use std::time::Duration;

use serde_json::Value;

use super::request::Request;
use crate::core::{
    Actor, BearerSecret, ClientId, Error, LoginId, Refusal, Result, Rng, Timestamp, UserId,
};
use crate::store::{Event, Login, NewLogin, Store, Write};

/// How long an application's request waits for its browser (RFC 9126 §2.2).
pub const REQUEST_LIFETIME: Duration = Duration::from_secs(60);
/// How long a person may take to prove a factor.
pub const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long what was proved may wait until the person goes on: a fresh recovery code may have to be kept first.
pub const PROVED_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How long the code waits for its application (RFC 6749 §4.1.2).
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// That the login's own step was taken.
fn event(kind: &'static str, login: &Login, actor: &Actor, now: Timestamp, rng: &dyn Rng) -> Event {
    Event::new(kind, actor, now, rng)
        .user(&login.user_id)
        .detail("login", login.login_id.as_str())
        .detail("client", login.client_id.as_str())
}

/// What a client begins.
pub struct NewRun<'a> {
    /// Who is to prove a factor.
    pub user_id: &'a UserId,
    /// On whose behalf.
    pub client_id: &'a ClientId,
    /// What the application asked for; nothing for the MFA API, whose login waits for no browser.
    pub request: Option<&'a Request>,
}

/// Begins a login; whoever has the secret goes on with it.
///
/// # Errors
/// [`Error::NotFound`] for an unknown user; else of the database.
pub async fn begin(
    store: &Store,
    run: &NewRun<'_>,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(LoginId, BearerSecret)> {
    let (login_id, secret) = (LoginId::new(now, rng), BearerSecret::new(rng));
    let (kind, state, named, lifetime) = match run.request {
        Some(_) => (
            "application",
            "requested",
            "login.requested",
            REQUEST_LIFETIME,
        ),
        None => ("api", "created", "login.created", LIFETIME),
    };
    let request = serde_json::to_string(&run.request).map_err(Error::internal)?;
    let new = NewLogin {
        user_id: run.user_id,
        login_id: &login_id,
        client_id: run.client_id,
        kind,
        state,
        request: &request,
        secret: &secret.digest(),
        expires_at: now + lifetime,
    };
    let mut tx = store.begin_write().await?;
    if !tx.insert_login(&new, now).await? {
        return Err(Error::no_user());
    }
    let event = Event::new(named, actor, now, rng)
        .user(run.user_id)
        .detail("login", login_id.as_str())
        .detail("client", run.client_id.as_str());
    tx.record(&[event]).await?;
    tx.commit().await?;
    Ok((login_id, secret))
}

/// Gives a login to the browser that brought its secret, once.
///
/// # Errors
/// [`Refusal::LoginOver`] when somebody was first, when its time is over, and when it is another client's.
pub async fn open(
    store: &Store,
    secret: &BearerSecret,
    client_id: &ClientId,
    seen: impl FnOnce(&LoginId) -> Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Login> {
    let mut tx = store.begin_write().await?;
    let login = tx
        .open_login(&secret.digest(), client_id, now + LIFETIME, now)
        .await?
        .ok_or(Refusal::LoginOver)?;
    let actor = seen(&login.login_id);
    tx.record(&[event("login.created", &login, &actor, now, rng)])
        .await?;
    tx.commit().await?;
    Ok(login)
}

/// Notes that a factor is asked for or shown.
///
/// # Errors
/// [`Refusal::LoginOver`].
pub(super) async fn note_factor(
    tx: &mut Write,
    user_id: &UserId,
    login_id: &LoginId,
    factor: &str,
    now: Timestamp,
) -> Result<()> {
    match tx.challenge_login(user_id, login_id, factor, now).await? {
        true => Ok(()),
        false => Err(Refusal::LoginOver.into()),
    }
}

/// How the user of a login was authenticated, and when.
#[derive(Debug, Clone)]
pub struct Authentication {
    /// By which factor.
    pub factor: String,
    /// In which way (RFC 8176), in words separated by spaces.
    pub amr: String,
    /// When.
    pub at: Timestamp,
}

impl Authentication {
    /// The client vouches for the first factor.
    fn now(factor: &str, amr: &str, now: Timestamp) -> Self {
        Self {
            factor: factor.to_owned(),
            amr: format!("mfa {amr}").trim_end().to_owned(),
            at: now,
        }
    }

    /// As it was noted.
    ///
    /// # Errors
    /// When it was not.
    pub fn of(login: &Login) -> Result<Self> {
        let unproved = || Error::internal(anyhow::anyhow!("{}: not proved", login.login_id));
        Ok(Self {
            at: login.verified_at.ok_or_else(unproved)?.into(),
            factor: login.factor.clone().ok_or_else(unproved)?,
            amr: login.amr.clone().ok_or_else(unproved)?,
        })
    }

    /// That the login is proved in this way.
    fn event(&self, of: (&UserId, &LoginId), actor: &Actor, rng: &dyn Rng) -> Event {
        Event::new("login.verified", actor, self.at, rng)
            .user(of.0)
            .detail("login", of.1.as_str())
            .detail("factor", self.factor.as_str())
    }
}

/// Notes in the transaction of a proof that an application's login is proved by it, in the way that RFC 8176 calls so. The
/// event is the caller's to record.
///
/// # Errors
/// [`Refusal::LoginOver`].
pub async fn note_proof(
    tx: &mut Write,
    of: (&UserId, &LoginId),
    (factor, amr): (&str, &str),
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Event> {
    let proved = Authentication::now(factor, amr, now);
    let how = (factor, proved.amr.as_str());
    match tx.verify_login(of, how, now + PROVED_LIFETIME, now).await? {
        true => Ok(proved.event(of, actor, rng)),
        false => Err(Refusal::LoginOver.into()),
    }
}

/// The same for a login of the MFA API, which is spent with it: whoever proves it gets the tokens with the very answer.
///
/// # Errors
/// [`Refusal::LoginOver`].
pub async fn note_api_proof(
    tx: &mut Write,
    of: (&UserId, &LoginId),
    (factor, amr): (&str, &str),
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(Authentication, Event)> {
    let proved = Authentication::now(factor, amr, now);
    let how = (factor, proved.amr.as_str());
    match tx.spend_api_login(of, how, now).await? {
        true => {
            let event = proved.event(of, actor, rng);
            Ok((proved, event))
        }
        false => Err(Refusal::LoginOver.into()),
    }
}

/// Notes in the transaction of a challenge that it was sent, if it is a login's.
///
/// # Errors
/// [`Refusal::LoginOver`].
pub(super) async fn challenge(
    tx: &mut Write,
    user_id: &UserId,
    bearer: &str,
    factor: &str,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let Ok(login_id) = bearer.parse::<LoginId>() else {
        return Ok(());
    };
    note_factor(tx, user_id, &login_id, factor, now).await?;
    let event = Event::new("login.challenged", actor, now, rng)
        .user(user_id)
        .detail("login", login_id.as_str())
        .detail("factor", factor);
    tx.record(&[event]).await
}

/// Issues the code of a login that was proved, once.
///
/// # Errors
/// [`Refusal::LoginOver`] when it was not proved, or has its code already.
pub async fn answer(
    store: &Store,
    user_id: &UserId,
    login_id: &LoginId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(Login, BearerSecret)> {
    let code = BearerSecret::new(rng);
    let mut tx = store.begin_write().await?;
    let login = tx
        .answer_login(user_id, login_id, &code.digest(), now + CODE_LIFETIME, now)
        .await?
        .ok_or(Refusal::LoginOver)?;
    tx.record(&[event("login.answered", &login, actor, now, rng)])
        .await?;
    tx.commit().await?;
    Ok((login, code))
}

/// Ends a login; `why` is for the event.
///
/// # Errors
/// [`Refusal::LoginOver`] when it is over already.
pub async fn deny(
    store: &Store,
    user_id: &UserId,
    login_id: &LoginId,
    why: &'static str,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Login> {
    let mut tx = store.begin_write().await?;
    let login = tx
        .deny_login(user_id, login_id, now)
        .await?
        .ok_or(Refusal::LoginOver)?;
    let event = event("login.denied", &login, actor, now, rng);
    tx.record(&[event.detail("why", Value::from(why))]).await?;
    tx.commit().await?;
    Ok(login)
}
