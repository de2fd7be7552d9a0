//! Remembered browsers: where a factor was proved lately, applications are answered without another proof.

use std::time::Duration;

use super::login::PROVED_LIFETIME;
use super::request::Request;
use crate::core::{Actor, BearerSecret, Error, LoginId, Result, Rng, Timestamp, UserId};
use crate::store::{Browser, Event, Store};

/// How long a browser is remembered.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Remembers the browser in which a login was just proved; the secret is for its cookie. Nothing, if it was not proved.
///
/// # Errors
/// Of the database.
pub async fn remember(
    store: &Store,
    of: (&UserId, &LoginId),
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Option<BearerSecret>> {
    let secret = BearerSecret::new(rng);
    let mut tx = store.begin_write().await?;
    if !tx
        .remember_browser(of, &secret.digest(), now + LIFETIME)
        .await?
    {
        return Ok(None);
    }
    let event = Event::new("browser.remembered", actor, now, rng).user(of.0);
    tx.record(&[event.detail("login", of.1.as_str())]).await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Proves a login by the browser that was remembered, if that is what its application lets be enough: what was proved
/// there may be too long ago for it (`max_age`), or it may want to have it proved now (`prompt=login`).
///
/// # Errors
/// Of the database.
pub async fn recognize(
    store: &Store,
    of: (&UserId, &LoginId),
    request: &Request,
    secret: &BearerSecret,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<bool> {
    let secret = secret.digest();
    let found = store
        .begin_read()
        .await?
        .browser(of.0, &secret, now)
        .await?;
    if !found.is_some_and(|browser| is_enough(&browser, request, now)) {
        return Ok(false);
    }
    let mut tx = store.begin_write().await?;
    if !tx
        .recognize_browser(of, &secret, now + PROVED_LIFETIME, now)
        .await?
    {
        return Ok(false);
    }
    let event = Event::new("login.verified", actor, now, rng).user(of.0);
    let event = event.detail("login", of.1.as_str());
    tx.record(&[event.detail("factor", "remembered-browser")])
        .await?;
    tx.commit().await?;
    Ok(true)
}

fn is_enough(browser: &Browser, request: &Request, now: Timestamp) -> bool {
    let age = now.since(browser.verified_at).as_secs();
    request.prompt.as_deref() != Some("login") && request.max_age.is_none_or(|most| age <= most)
}

/// Remembers no browser of a user any more.
///
/// # Errors
/// [`Error::NotFound`] for an unknown user; else of the database.
pub async fn forget(
    store: &Store,
    user_id: &UserId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let mut tx = store.begin_write().await?;
    tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
    let forgotten = tx.forget_browsers(user_id).await?;
    let event = Event::new("browsers.forgotten", actor, now, rng).user(user_id);
    tx.record(&[event.detail("browsers", forgotten)]).await?;
    tx.commit().await
}
