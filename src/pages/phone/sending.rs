//! Asking for a code, and saying why none is sent.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;

use crate::core::{MessageId, Result};
use crate::factors::Factor;
use crate::factors::phone::{self, CODE_LIFETIME, Channel, Code, Held, Number, Send, Sent};
use crate::pages::frame::FormError;
use crate::pages::session::Session;
use crate::pages::spend::held_back;
use crate::store::Challenge;
use crate::tickets::Redeemed;
use crate::tickets::start::{self, NewPayload};

/// Who asks again this soon tapped twice.
const DOUBLE_TAP: Duration = Duration::from_secs(5);

/// What became of asking for a code.
pub(super) enum Asked {
    Sent,
    Held(Held),
    HeldBack(Redeemed),
}

/// Promises a code, in the place of the former one.
pub(super) async fn ask(session: &Session, number: &Number, channel: Channel) -> Result<Asked> {
    let app = &session.app;
    let (now, rng, actor) = (app.now(), app.rng(), session.actor());
    let starting = start::start(
        &app.store,
        &session.attempt,
        Factor::Phone,
        app.available,
        now,
    );
    let mut starting = match starting.await? {
        Ok(starting) => starting,
        Err(refused) => return Ok(Asked::HeldBack(refused)),
    };
    let former = starting
        .former
        .as_ref()
        .and_then(|former| open(session, former));
    let code = Code::new(rng);
    let send = Send {
        number,
        channel,
        code: &code,
        purpose: "enrollment",
        user_id: &starting.opened.ticket.user_id,
        ticket_id: Some(&starting.opened.ticket.ticket_id),
        series: starting.opened.ticket.ticket_id.as_str(),
        address: session.seen.ip,
        locale: session.speech.locale.as_str(),
    };
    let promised = send
        .promise(
            &mut starting.tx,
            &app.phone.budgets,
            &app.sealer,
            &actor,
            now,
            rng,
        )
        .await?;
    let promised = match promised {
        Ok(promised) => promised,
        Err(held) => {
            app.metrics.text_refused(held.reason());
            if held == Held::Paused {
                starting.commit().await?;
            }
            // A double tap: the code that was asked for is on its way.
            let is_the_same = former.is_some_and(|(former, alive)| {
                alive && former.number == number.e164() && former.channel == channel
            });
            let is_double = matches!(held, Held::TooSoon(wait) if wait > phone::send::delay_after(1) - DOUBLE_TAP);
            return Ok(if is_double && is_the_same {
                Asked::Sent
            } else {
                Asked::Held(held)
            });
        }
    };
    if let Some((former, _)) = former
        && let Ok(message_id) = former.message_id.parse::<MessageId>()
    {
        starting
            .tx
            .drop_message(&message_id, "another code was asked for", now)
            .await?;
    }
    let sent = Sent::new(number, channel, &code, &promised);
    let payload = NewPayload {
        state: "sent",
        payload: &sent.to_bytes(),
        lookup: None,
        lifetime: CODE_LIFETIME,
    };
    starting.put(&payload, &app.sealer, now, rng).await?;
    starting.commit().await?;
    app.text_bell.notify_one();
    Ok(Asked::Sent)
}

/// A challenge's payload, and whether it still waits for its code.
fn open(session: &Session, challenge: &Challenge) -> Option<(Sent, bool)> {
    let opened = start::open_challenge(challenge, &session.app.sealer).ok()?;
    Some((
        Sent::from_bytes(&opened)?,
        challenge.expires_at > session.app.now(),
    ))
}

/// The code that waits to be entered.
pub(super) async fn sent(session: &Session) -> Result<Option<Sent>> {
    let mut read = session.app.store.begin_read().await?;
    let bearer = session.attempt.id.as_str();
    let user_id = &session.opened.ticket.user_id;
    let challenge = read
        .challenge(user_id, bearer, Factor::Phone.name())
        .await?;
    let opened = challenge.and_then(|challenge| open(session, &challenge));
    Ok(opened.filter(|(_, alive)| *alive).map(|(sent, _)| sent))
}

/// That a code was entered counts for its prefix; the enrollment stands without it.
pub(super) async fn confirm(session: &Session, sent: &Sent) {
    let app = &session.app;
    let counted = async {
        let mut tx = app.store.begin_write().await?;
        let user_id = &session.opened.ticket.user_id;
        phone::send::confirm(
            &mut tx,
            user_id,
            &sent.number,
            &app.sealer,
            app.now(),
            app.rng(),
        )
        .await?;
        tx.commit().await
    };
    if let Err(error) = counted.await {
        tracing::warn!(
            error = error.label(),
            "an entered code was not counted for its prefix"
        );
    }
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
    let (error, wait) = why_held(session, held);
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, error)?;
    if let Some(wait) = wait {
        let seconds = wait.as_secs().max(1);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// Why no code is sent, and for how long.
pub fn why_held(session: &Session, held: Held) -> (FormError, Option<Duration>) {
    let timed = |code, name, number: u64| {
        let number = number.max(1).to_string();
        FormError::with(
            code,
            &[(name, number.as_str())],
            &session.speech,
            &session.app,
        )
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
        Held::Paused | Held::Spent(_) => (session.error("phone-unreachable"), None),
    }
}
