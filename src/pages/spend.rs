//! Spending a ticket by a proof, and saying why it was not taken: the same for every factor.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, rt};

use super::frame::FormError;
use super::session::Session;
use crate::core::{Error, Result};
use crate::factors::Proof;
use crate::store::with_the_rest;
use crate::tickets::{Redeemed, Redemption, redeem};

/// Redeems in a task of its own: a closed connection can't cancel it half-way.
///
/// # Errors
/// Of [`redeem::redeem`].
pub async fn spend(session: &Session, proof: Proof) -> Result<Redeemed> {
    let app = session.app.clone();
    // Whoever guesses on and on takes no turn from those who write.
    if let Some(refused) = redeem::refused_already(
        &session.opened,
        &session.admission,
        proof.factor(),
        app.now(),
    ) {
        app.metrics.redeemed(proof.factor(), &refused);
        return Ok(refused);
    }
    let redemption = Redemption {
        attempt: session.attempt.clone(),
        proof,
        actor: session.actor(),
        available: app.available,
        login: None,
    };
    let redeemed = rt::spawn(with_the_rest(Box::pin(async move {
        let factor = redemption.proof.factor();
        let redeemed =
            redeem::redeem(&app.store, redemption, &app.sealer, app.now(), &app.rng).await?;
        app.metrics.redeemed(factor, &redeemed);
        Ok::<_, Error>(redeemed)
    })))
    .await
    .map_err(|error| Error::of_task(&error))??;
    if redeemed == Redeemed::Enrolled {
        session.app.outbox_bell.notify_one();
    }
    Ok(redeemed)
}

/// The factor's page again while its ticket takes no proof: for good, or for so long.
///
/// # Errors
/// Of the template.
pub fn held_back(
    session: &Session,
    wait: Option<Duration>,
    page: impl FnOnce(StatusCode, FormError) -> Result<HttpResponse>,
) -> Result<HttpResponse> {
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, why_held_back(session, wait))?;
    if let Some(wait) = wait {
        response
            .headers_mut()
            .insert(RETRY_AFTER, wait.as_secs().max(1).into());
    }
    Ok(response)
}

/// Why its ticket takes no proof: for good, or for so long.
pub fn why_held_back(session: &Session, wait: Option<Duration>) -> FormError {
    let Some(wait) = wait else {
        return session.error("link-blocked");
    };
    let minutes = wait.as_secs().div_ceil(60).to_string();
    let values = [("minutes", minutes.as_str())];
    FormError::with("too-many-failures", &values, &session.speech, &session.app)
}
