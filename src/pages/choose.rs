//! Choosing a factor; skipped when one is left.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::frame::{FormError, Screen};
use super::session::Session;
use crate::core::{Result, urls};
use crate::factors::Factor;
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Choose {
    steps: Steps,
    enrolled: Vec<&'static str>,
    choices: Vec<Choice>,
}

/// How far the person has come.
#[derive(Serialize, Default)]
pub struct Steps {
    /// The step of this screen, from 1.
    pub current: u8,
    /// How many there are.
    pub total: u8,
}

#[derive(Serialize)]
struct Choice {
    factor: &'static str,
}

impl Choose {
    fn new(enrolled: &[Factor], offered: &[Factor]) -> Self {
        let choices = offered
            .iter()
            .map(|factor| Choice {
                factor: factor.name(),
            })
            .collect();
        Self {
            steps: Steps {
                current: 1,
                total: 3,
            },
            enrolled: enrolled.iter().map(|factor| factor.name()).collect(),
            choices,
        }
    }
}

impl Screen for Choose {
    const NAME: &'static str = "choose";
    const ACTION: &'static str = urls::ENROLL;
    const INPUTS: &'static [&'static str] = &["factor"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        vec![
            ("all", Self::new(&[], &Factor::ALL), Vec::new()),
            (
                "two",
                Self::new(&[], &[Factor::Otp, Factor::WebauthnRoaming]),
                Vec::new(),
            ),
            (
                "another",
                Self::new(&[Factor::Otp], &[Factor::WebauthnPlatform, Factor::Phone]),
                Vec::new(),
            ),
            (
                "nothing-chosen",
                Self::new(&[], &[Factor::Otp, Factor::Phone]),
                vec![FormError::sample("factor-missing")],
            ),
        ]
    }
}

/// The page of a factor.
fn page_of(factor: Factor) -> &'static str {
    match factor {
        Factor::Otp => urls::OTP,
        Factor::Phone => urls::PHONE,
        Factor::PushNotification => urls::PUSH,
        Factor::WebauthnRoaming => urls::WEBAUTHN_ROAMING,
        Factor::WebauthnPlatform => urls::WEBAUTHN_PLATFORM,
    }
}

/// The first page of an attempt: the choice, or the only factor that there is, or where the attempt stands already.
///
/// # Errors
/// Of the template.
pub fn first(session: &Session) -> Result<HttpResponse> {
    let next = session.next();
    if next != urls::ENROLL {
        return Ok(session.redirect(next));
    }
    match session.admission.offered.as_slice() {
        [only] => Ok(session.redirect(page_of(*only))),
        _ => show(session),
    }
}

/// `GET /guardian/enroll/choose`: also for the next factor, after the first.
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Session) -> Result<HttpResponse> {
    if session.admission.offered.is_empty() {
        Ok(session.redirect(session.next()))
    } else {
        show(&session)
    }
}

fn show(session: &Session) -> Result<HttpResponse> {
    session.page(StatusCode::OK, &screen(session), &[])
}

fn screen(session: &Session) -> Choose {
    Choose::new(&session.admission.enrolled, &session.admission.offered)
}

/// `POST /guardian/enroll`: goes on with the chosen factor.
///
/// # Errors
/// Of the session or the form.
pub async fn post(session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let chosen = form
        .string("factor")?
        .and_then(|name| name.parse::<Factor>().ok());
    match chosen.filter(|factor| session.admission.offered.contains(factor)) {
        Some(factor) => Ok(session.redirect(page_of(factor))),
        None if session.admission.offered.is_empty() => Ok(session.redirect(session.next())),
        None => {
            let errors = [session.error("factor-missing")];
            session.page(StatusCode::UNPROCESSABLE_ENTITY, &screen(&session), &errors)
        }
    }
}
