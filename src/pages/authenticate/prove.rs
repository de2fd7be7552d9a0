//! Showing a proof, and saying why it was not taken: the same for every factor.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, rt};

use crate::core::{Error, Refusal, Result, urls};
use crate::logins::{self, Purpose, Shown, StepUp, Verification, Verified};
use crate::pages::frame::FormError;
use crate::pages::session::Session;
use crate::store::with_the_rest;

/// The login of an attempt: what it begins here is its own, and apart from what it begins while enrolling.
pub fn login(session: &Session) -> String {
    format!("login:{}", session.attempt.id)
}

/// Verifies in a task of its own: a closed connection can't cancel it half-way. What is right lets the attempt go on;
/// `wrong` names the words for what is not, which `page` shows.
///
/// # Errors
/// Of [`logins::prove`], or of the template.
pub async fn prove(
    mut session: Session,
    shown: Shown,
    wrong: &'static str,
    page: impl FnOnce(&Session, StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let app = session.app.clone();
    let verification = Verification {
        user_id: session.opened.ticket.user_id.clone(),
        shown,
        actor: session.actor(),
    };
    let purpose = Purpose::StepUp(StepUp {
        ticket_id: session.attempt.ticket_id.clone(),
        attempt: session.attempt.id.clone(),
        secret_hash: session.attempt.secret_hash.clone(),
    });
    let verified = rt::spawn(with_the_rest(async move {
        let (now, rng) = (app.now(), app.rng());
        logins::prove(&app.store, &verification, &purpose, &app.sealer, now, rng).await
    }))
    .await
    .map_err(|error| Error::of_task(&error))??;
    match verified {
        Verified::Factor(_) => Ok(session.redirect(urls::ENROLL)),
        Verified::RecoveryCode(fresh) => {
            session.app.outbox_bell.notify_one();
            session.attempt.fresh_recovery_code = Some(fresh);
            Ok(session.redirect(urls::RECOVERY_CODE))
        }
        Verified::Wrong => {
            let error = session.error(wrong);
            page(&session, StatusCode::UNPROCESSABLE_ENTITY, error)
        }
        refused => held_back(&session, &refused, page),
    }
}

/// The page again while nothing is looked at, with when that ends.
///
/// # Errors
/// [`Refusal::Invalid`] for a user who is blocked; else of the template.
pub fn held_back(
    session: &Session,
    refused: &Verified,
    page: impl FnOnce(&Session, StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let (code, name, amount, wait) = match refused {
        Verified::TooSoon(wait) => ("login-too-soon", "minutes", minutes(*wait), *wait),
        Verified::Stopped(wait) => ("login-stopped", "hours", minutes(*wait).div_ceil(60), *wait),
        _ => return Err(Refusal::Invalid.into()),
    };
    let amount = amount.to_string();
    let values = [(name, amount.as_str())];
    let error = FormError::with(code, &values, &session.speech, &session.app);
    let mut response = page(session, StatusCode::TOO_MANY_REQUESTS, error)?;
    let seconds = wait.as_secs().max(1);
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(response)
}

fn minutes(wait: Duration) -> u64 {
    wait.as_secs().div_ceil(60)
}
