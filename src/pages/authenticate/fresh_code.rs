//! The recovery code in the place of the one that a login used: shown until the person says that it is saved.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::prover::Prover;
use crate::core::{Result, urls};
use crate::pages::frame::{FormError, Screen};
use crate::pages::recovery_code::{Recovery, file};
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
#[serde(transparent)]
pub struct FreshCode(Recovery);

impl Screen for FreshCode {
    const NAME: &'static str = "authenticate-fresh-code";
    const ACTION: &'static str = urls::AUTHENTICATE_FRESH_CODE;
    const INPUTS: &'static [&'static str] = &["saved"];
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let missing = vec![FormError::sample("saved-missing")];
        vec![
            ("fresh", Self(Recovery::sample_in_place()), Vec::new()),
            ("not-saved", Self(Recovery::sample_in_place()), missing),
        ]
    }
}

/// The page, if there is a code to show.
fn screen(session: &Prover) -> Option<FreshCode> {
    let login = session.login().filter(|_| !session.is_proving())?;
    let (code, at) = login.visit.fresh_recovery_code.as_ref()?;
    Some(FreshCode(Recovery::in_place(code, *at)))
}

/// `GET /guardian/authenticate/recovery-code/fresh`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Prover) -> Result<HttpResponse> {
    match screen(&session) {
        Some(screen) => session.page(StatusCode::OK, &screen, &[]),
        None => Ok(session.redirect(session.next())),
    }
}

/// `POST /guardian/authenticate/recovery-code/fresh`: "I saved it".
///
/// # Errors
/// Of the session, the form or the template.
pub async fn post(mut session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let Some(screen) = screen(&session) else {
        return Ok(session.redirect(session.next()));
    };
    if form.string("saved")?.as_deref() != Some("yes") {
        let errors = [session.error("saved-missing")];
        return session.page(StatusCode::UNPROCESSABLE_ENTITY, &screen, &errors);
    }
    session.forget_fresh_code();
    Ok(session.redirect(session.next()))
}

/// `GET /guardian/authenticate/recovery-code/fresh/download`
///
/// # Errors
/// Of the session.
pub async fn download(session: Prover) -> Result<HttpResponse> {
    let login = session.login().filter(|_| !session.is_proving());
    let shown = login.and_then(|login| login.visit.fresh_recovery_code.as_ref());
    let Some((code, at)) = shown else {
        return Ok(session.redirect(session.next()));
    };
    let file = file(&session.app, &session.speech, session.account(), code, *at);
    Ok(session.keep(file))
}
