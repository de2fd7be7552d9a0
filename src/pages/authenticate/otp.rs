//! A code of the authenticator app.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::prove::prove;
use super::prover::Prover;
use crate::core::{Result, urls};
use crate::factors::otp;
use crate::factors::verify::Answer;
use crate::logins::Shown;
use crate::pages::frame::{FormError, Screen};
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Otp {}

impl Screen for Otp {
    const NAME: &'static str = "authenticate-otp";
    const ACTION: &'static str = urls::AUTHENTICATE_OTP;
    const INPUTS: &'static [&'static str] = &["code"];
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        vec![
            ("fresh", Self {}, Vec::new()),
            (
                "wrong-code",
                Self {},
                vec![FormError::sample("login-code-wrong")],
            ),
        ]
    }
}

/// `GET /guardian/authenticate/otp`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Prover) -> Result<HttpResponse> {
    if session.is_proving() {
        session.page(StatusCode::OK, &Otp {}, &[])
    } else {
        Ok(session.redirect(session.next()))
    }
}

/// `POST /guardian/authenticate/otp`
///
/// # Errors
/// Of the session, the form or the database.
pub async fn post(session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let page = |session: &Prover, status, error: FormError| session.page(status, &Otp {}, &[error]);
    let typed = form.string("code")?.unwrap_or_default();
    match otp::Code::parse(&typed) {
        Some(code) => {
            let shown = Shown::Factor(Answer::Otp(code));
            prove(session, shown, "login-code-wrong", page).await
        }
        None => {
            let error = session.error(crate::pages::otp::misspelt(&typed));
            page(&session, StatusCode::UNPROCESSABLE_ENTITY, error)
        }
    }
}
