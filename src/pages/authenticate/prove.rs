//! Showing a proof, and saying why it was not taken: the same for every factor.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, rt};

use super::prover::Prover;
use super::stopped;
use crate::core::{Error, Refusal, Result};
use crate::logins::{self, Shown, Verification, Verified};
use crate::pages::frame::FormError;
use crate::store::with_the_rest;

/// Verifies in a task of its own: a closed connection can't cancel it half-way. What is right lets the attempt go on;
/// `wrong` names the words for what is not, which `page` shows.
///
/// # Errors
/// Of [`logins::prove`], or of the template.
pub async fn prove(
    mut session: Prover,
    shown: Shown,
    wrong: &'static str,
    page: impl FnOnce(&Prover, StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let app = session.app.clone();
    let verification = Verification {
        user_id: session.user_id.clone(),
        shown,
        actor: session.actor(),
    };
    let purpose = session.purpose.clone();
    let verified = rt::spawn(with_the_rest(Box::pin(async move {
        let now = app.now();
        logins::prove(
            &app.store,
            verification,
            purpose,
            &app.sealer,
            now,
            &app.rng,
        )
        .await
    })))
    .await
    .map_err(|error| Error::of_task(&error))??;
    match verified {
        Verified::Factor(_) => {
            let response = session.redirect(session.proved());
            Box::pin(session.remember(response)).await
        }
        Verified::RecoveryCode(fresh) => {
            session.app.outbox_bell.notify_one();
            let shown_at = session.keep_fresh_code(fresh);
            Ok(session.redirect(shown_at))
        }
        Verified::Wrong | Verified::NotEnrolled => {
            let error = session.error(wrong);
            page(&session, StatusCode::UNPROCESSABLE_ENTITY, error)
        }
        refused => held_back(&session, &refused, page),
    }
}

/// The page again while nothing is looked at, with when that ends; once that is long, a page of its own.
///
/// # Errors
/// [`Refusal::Invalid`] for a user who is blocked; else of the template.
pub fn held_back(
    session: &Prover,
    refused: &Verified,
    page: impl FnOnce(&Prover, StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let (mut response, wait) = match refused {
        Verified::TooSoon(wait) => {
            let error = too_soon(session, *wait);
            (page(session, StatusCode::TOO_MANY_REQUESTS, error)?, *wait)
        }
        Verified::Stopped(wait) => (stopped::page(session, *wait)?, *wait),
        _ => return Err(Refusal::Invalid.into()),
    };
    let seconds = wait.as_secs().max(1);
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(response)
}

/// That something is looked at again in so long.
pub fn too_soon(session: &Prover, wait: Duration) -> FormError {
    let minutes = wait.as_secs().div_ceil(60).to_string();
    let values = [("minutes", minutes.as_str())];
    FormError::with("login-too-soon", &values, &session.speech, &session.app)
}
