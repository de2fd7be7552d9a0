//! A factor that is added by the MFA API: with a ticket of the login's own, and by the same proof that pages redeem.
//!
//! A login that was begun with an `mfa_token` adds the first factor of a user. One that was begun with an access token, which
//! says that a factor was proved just before, may add another.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::login::LIFETIME;
use crate::access::Attempt;
use crate::core::{
    Actor, ChallengeId, ClientId, Digest, EnrollmentId, Error, LoginId, Refusal, Result, Rng,
    Sealer, TicketId, TicketSecret, Timestamp, UserId,
};
use crate::factors::{Available, Factor, Proof};
use crate::store::{
    Challenge, Event, Login, NewChallenge, NewLogin, NewTicket, Store, TicketGatherer, UserLimits,
    Write,
};
use crate::tickets::redeem::{Redeemed, Redemption, redeem};
use crate::tickets::{start, written};

/// What associating is done with.
pub struct Desk<'a> {
    /// The database.
    pub store: &'a Store,
    /// Writes the ticket.
    pub gatherer: &'a TicketGatherer,
    /// What one user may have.
    pub limits: UserLimits,
    /// What the installation can do.
    pub available: Available,
    /// Seals what waits.
    pub sealer: &'a Sealer,
    /// For the events.
    pub actor: &'a Actor,
    /// The present moment.
    pub now: Timestamp,
    /// Makes ids and secrets.
    pub rng: &'a Arc<dyn Rng>,
}

/// What the row of a login says of one that the MFA API began with an access token.
#[derive(Default, Serialize, Deserialize)]
struct Request {
    /// Whether it may add a factor to others.
    #[serde(default)]
    adds: bool,
}

/// Whether this login may add a factor to a user who has one.
fn adds(login: &Login) -> bool {
    let request: Option<Request> = serde_json::from_str(&login.request).unwrap_or_default();
    request.unwrap_or_default().adds
}

/// What the association of a login is kept under.
fn bearer(login_id: &LoginId) -> String {
    format!("associate:{login_id}")
}

/// The login with which whoever bears this access token, which was checked, adds a factor: one for each token.
///
/// # Errors
/// [`Error::NotFound`] when the user or the client is gone; else of the database.
pub async fn login_of(
    desk: &Desk<'_>,
    user_id: &UserId,
    client_id: &ClientId,
    token: &Digest,
) -> Result<Login> {
    let mut tx = desk.store.begin_write().await?;
    tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
    if let Some(login) = tx.login_by_secret(token).await? {
        return Ok(login);
    }
    let login_id = LoginId::new(desk.now, desk.rng);
    let request = serde_json::to_string(&Request { adds: true }).map_err(Error::internal)?;
    let new = NewLogin {
        user_id,
        login_id: &login_id,
        client_id,
        kind: "api",
        state: "created",
        request: &request,
        secret: token,
        expires_at: desk.now + LIFETIME,
    };
    if !tx.insert_login(&new, desk.now).await? {
        return Err(Error::no_user());
    }
    let login = tx.login(user_id, &login_id).await?;
    let login = login.ok_or_else(Error::no_user)?;
    tx.record(&[event("login.created", &login, desk)]).await?;
    tx.commit().await?;
    Ok(login)
}

/// Lets a login add a factor: what its pages would be, and the same again each time it asks.
///
/// # Errors
/// [`Refusal::AlreadyEnrolled`] when the user has a factor and this login did not prove one, [`Refusal::LoginOver`]; else as
/// creating a ticket.
pub async fn begin(desk: &Desk<'_>, login: &Login, factor: Factor) -> Result<Attempt> {
    let may_add = adds(login);
    let mut read = desk.store.begin_read().await?;
    match read.enrollments_of(&login.user_id).await?.is_empty() {
        false if !may_add => return Err(Refusal::AlreadyEnrolled.into()),
        // What was proved is taken away since: the token says nothing any more.
        true if may_add => return Err(Refusal::LoginOver.into()),
        _ => {}
    }
    let bearer = bearer(&login.login_id);
    let waiting = read.challenge(&login.user_id, &bearer, factor.name());
    let waiting = waiting.await?;
    drop(read);
    if let Some(attempt) = open(waiting, desk.sealer, desk.now)? {
        return Ok(attempt);
    }
    let secret = TicketSecret::new(desk.rng).digest();
    let ticket = ticket(desk, login, factor, &secret, may_add);
    let attempt = Attempt::new(ticket.ticket_id.clone(), &secret, None, desk.now, desk.rng);
    written(desk.gatherer.create(ticket).await?, desk.now)?;
    let mut tx = desk.store.begin_write().await?;
    let user_id = &login.user_id;
    tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
    let waiting = tx.challenge(user_id, &bearer, factor.name());
    if let Some(first) = open(waiting.await?, desk.sealer, desk.now)? {
        // Of two at once one was first; the other's ticket ends with the login.
        return Ok(first);
    }
    let is_on = tx.challenge_login(user_id, &login.login_id, factor.name(), desk.now);
    if !is_on.await? {
        return Err(Refusal::LoginOver.into());
    }
    let mut events = vec![event("login.challenged", login, desk).detail("factor", factor.name())];
    if may_add {
        events.push(step_up(&mut tx, desk, login, &attempt).await?);
    }
    keep(&mut tx, desk, login, factor, &attempt).await?;
    tx.record(&events).await?;
    tx.commit().await?;
    Ok(attempt)
}

/// The ticket that the factor is enrolled with: of this factor alone, and for as long as the login.
fn ticket(
    desk: &Desk<'_>,
    login: &Login,
    factor: Factor,
    secret: &Digest,
    may_add: bool,
) -> NewTicket {
    let ticket_id = TicketId::new(desk.now, desk.rng);
    let event = event("ticket.created", login, desk)
        .ticket(&ticket_id)
        .detail("send_mail", false)
        .detail("factors", factor.name())
        .detail("allow_multiple_enrollments", may_add);
    NewTicket {
        ticket_id,
        user_id: login.user_id.clone(),
        new_user: None,
        secret_hash: *secret,
        factors: factor.name().to_owned(),
        allow_multiple: may_add,
        email: None,
        locale: None,
        result_url: None,
        created_by: desk.actor.name.clone(),
        created_at: desk.now,
        expires_at: login.expires_at,
        mail: None,
        event,
        limits: desk.limits,
        call: None,
    }
}

/// The access token says that a factor was proved: that lets the attempt add one.
async fn step_up(
    tx: &mut Write,
    desk: &Desk<'_>,
    login: &Login,
    attempt: &Attempt,
) -> Result<Event> {
    let (ticket_id, secret_hash) = (&attempt.ticket_id, &attempt.secret_hash);
    let moved = tx.step_up_ticket(
        ticket_id,
        &login.user_id,
        &attempt.id,
        secret_hash,
        desk.now,
    );
    match moved.await? {
        true => Ok(event("ticket.stepped_up", login, desk).ticket(ticket_id)),
        false => Err(Refusal::Used.into()),
    }
}

/// Keeps the attempt where a browser would have its cookie.
async fn keep(
    tx: &mut Write,
    desk: &Desk<'_>,
    login: &Login,
    factor: Factor,
    attempt: &Attempt,
) -> Result<()> {
    let challenge_id = ChallengeId::new(desk.now, desk.rng);
    let row = [login.user_id.as_str(), challenge_id.as_str()];
    let sealed = desk
        .sealer
        .seal(&start::place(&row), &attempt.to_bytes(), desk.rng);
    let new = NewChallenge {
        user_id: &login.user_id,
        bearer: &bearer(&login.login_id),
        factor: factor.name(),
        challenge_id: &challenge_id,
        ticket_id: Some(&attempt.ticket_id),
        // A name that no phone has: it finds no prompt here.
        enrollment_id: &EnrollmentId::new(desk.now, desk.rng),
        state: "associating",
        payload_sealed: &sealed,
        lookup: None,
        expires_at: login.expires_at,
    };
    tx.put_challenge(&new, desk.now).await.map(drop)
}

fn open(waiting: Option<Challenge>, sealer: &Sealer, now: Timestamp) -> Result<Option<Attempt>> {
    let Some(waiting) = waiting.filter(|waiting| waiting.expires_at > now) else {
        return Ok(None);
    };
    let opened: Zeroizing<Vec<u8>> = start::open_challenge(&waiting, sealer)?;
    Ok(Attempt::from_bytes(&opened))
}

/// What a login is adding; nothing when it adds no such factor, as none does before it was [asked to](begin).
///
/// # Errors
/// Of the database, or the sealing key.
pub async fn pending(
    store: &Store,
    login: &Login,
    factor: Factor,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Option<Attempt>> {
    if login.state == "created" {
        return Ok(None);
    }
    let mut read = store.begin_lookup().await?;
    let bearer = bearer(&login.login_id);
    let waiting = read.challenge(&login.user_id, &bearer, factor.name());
    open(waiting.await?, sealer, now)
}

/// Enrolls what a login is adding, if the proof is right. The login is proved with it, in the same transaction.
///
/// # Errors
/// [`Refusal::LoginOver`]; else of [`redeem`].
pub async fn confirm(
    desk: &Desk<'_>,
    login: &Login,
    attempt: Attempt,
    proof: Proof,
) -> Result<Redeemed> {
    let redemption = Redemption {
        attempt,
        proof,
        actor: desk.actor.clone(),
        available: desk.available,
        login: Some(login.login_id.clone()),
    };
    redeem(desk.store, redemption, desk.sealer, desk.now, desk.rng).await
}

fn event(kind: &'static str, login: &Login, desk: &Desk<'_>) -> Event {
    Event::new(kind, desk.actor, desk.now, desk.rng)
        .user(&login.user_id)
        .detail("login", login.login_id.as_str())
        .detail("client", login.client_id.as_str())
}
