//! Asking for a code, and saying why none is sent.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;

use crate::core::Result;
use crate::factors::Factor;
use crate::factors::phone::{Channel, Held, Number, Sent};
use crate::pages::frame::FormError;
use crate::pages::language::Speech;
use crate::pages::session::Session;
use crate::pages::spend::held_back;
use crate::tickets::Redeemed;
use crate::tickets::send::{self, CodeRequest};
use crate::web::App;

/// What became of asking for a code.
pub(super) enum Asked {
    Sent,
    Held(Held),
    HeldBack(Redeemed),
}

/// Promises a code, in the place of the former one.
pub(super) async fn ask(session: &Session, number: &Number, channel: Channel) -> Result<Asked> {
    let app = &session.app;
    let asked = CodeRequest {
        attempt: &session.attempt,
        available: app.available,
        number,
        channel,
        address: session.seen.ip,
        locale: session.speech.locale.as_str(),
    };
    let (now, rng, actor) = (app.now(), app.rng(), session.actor());
    let (store, policy, sealer) = (&app.store, &app.phone, &app.sealer);
    let asked = send::send_code(store, &asked, policy, sealer, &actor, now, rng);
    Ok(match asked.await? {
        send::Asked::Sent(_) => {
            app.text_bell.notify_one();
            Asked::Sent
        }
        send::Asked::Held(held) => {
            app.metrics.text_refused(held.reason());
            Asked::Held(held)
        }
        send::Asked::HeldBack(refused) => Asked::HeldBack(refused),
    })
}

/// The code that waits to be entered.
pub(super) async fn sent(session: &Session) -> Result<Option<Sent>> {
    let mut read = session.app.store.begin_read().await?;
    let bearer = session.attempt.id.as_str();
    let user_id = &session.opened.ticket.user_id;
    let challenge = read
        .challenge(user_id, bearer, Factor::Phone.name())
        .await?;
    let waiting = challenge.filter(|challenge| challenge.expires_at > session.app.now());
    Ok(waiting.and_then(|waiting| send::open(&waiting, &session.app.sealer)))
}

/// That a code was entered counts for its prefix.
pub(super) async fn confirm(session: &Session, sent: &Sent) {
    let (app, user_id) = (&session.app, &session.opened.ticket.user_id);
    let (now, rng) = (app.now(), app.rng());
    send::entered(&app.store, user_id, sent, &app.sealer, now, rng).await;
}

pub(super) fn refused_page(
    session: &Session,
    refused: &Redeemed,
    page: impl FnOnce(StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    match refused {
        Redeemed::TooSoon(wait) => held_back(session, Some(*wait), page),
        _ => held_back(session, None, page),
    }
}

/// The page again, with why no code is sent, and when that ends.
pub(super) fn held_page(
    session: &Session,
    held: Held,
    page: impl FnOnce(StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let (error, wait) = why_held(&session.app, &session.speech, held);
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, error)?;
    if let Some(wait) = wait {
        let seconds = wait.as_secs().max(1);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// Why no code is sent, and for how long.
pub fn why_held(app: &App, speech: &Speech, held: Held) -> (FormError, Option<Duration>) {
    let timed = |code, name, number: u64| {
        let number = number.max(1).to_string();
        FormError::with(code, &[(name, number.as_str())], speech, app)
    };
    match held {
        Held::TooSoon(wait) if wait.as_secs() < 60 => (
            timed("phone-too-soon-seconds", "seconds", wait.as_secs() + 1),
            Some(wait),
        ),
        Held::TooSoon(wait) => (
            timed("phone-too-soon", "minutes", wait.as_secs().div_ceil(60)),
            Some(wait),
        ),
        Held::Often(wait) => (
            timed("phone-too-often", "minutes", wait.as_secs().div_ceil(60)),
            Some(wait),
        ),
        Held::Paused | Held::Spent(_) => (FormError::new("phone-unreachable", speech, app), None),
    }
}
