//! The recovery code, for who has lost everything else. It is used up, and a fresh one is shown.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::prove::prove;
use super::prover::Prover;
use crate::core::{self, Result, urls};
use crate::logins::Shown;
use crate::pages::frame::{FormError, Screen};
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct RecoveryCode {}

impl Screen for RecoveryCode {
    const NAME: &'static str = "authenticate-recovery-code";
    const ACTION: &'static str = urls::AUTHENTICATE_RECOVERY_CODE;
    const INPUTS: &'static [&'static str] = &["code"];
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let wrong = vec![FormError::sample("login-recovery-code-wrong")];
        vec![
            ("fresh", Self {}, Vec::new()),
            ("wrong-code", Self {}, wrong),
        ]
    }
}

/// `GET /guardian/authenticate/recovery-code`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Prover) -> Result<HttpResponse> {
    if session.is_proving() {
        session.page(StatusCode::OK, &RecoveryCode {}, &[])
    } else {
        Ok(session.redirect(session.next()))
    }
}

/// `POST /guardian/authenticate/recovery-code`
///
/// # Errors
/// Of the session, the form or the database.
pub async fn post(session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let page = |session: &Prover, status, error: FormError| {
        session.page(status, &RecoveryCode {}, &[error])
    };
    let typed = form.string("code")?.unwrap_or_default();
    match core::RecoveryCode::typed(&typed) {
        Some(code) => {
            let shown = Shown::RecoveryCode(code);
            prove(session, shown, "login-recovery-code-wrong", page).await
        }
        None => {
            let missing = typed.trim().is_empty();
            let code = if missing {
                "login-recovery-code-missing"
            } else {
                "login-recovery-code-format"
            };
            let error = session.error(code);
            page(&session, StatusCode::UNPROCESSABLE_ENTITY, error)
        }
    }
}
