//! Another way to prove who one is.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::prover::Prover;
use super::{Ways, page_of};
use crate::core::{Result, urls};
use crate::factors::Factor;
use crate::pages::frame::{FormError, Screen};

/// The screen.
#[derive(Serialize)]
pub struct Choose {
    choices: Vec<Choice>,
    recovery_url: &'static str,
}

#[derive(Serialize)]
struct Choice {
    factor: &'static str,
    url: &'static str,
}

impl Choose {
    fn new(factors: &[Factor]) -> Self {
        let choice = |factor: &Factor| Choice {
            factor: factor.name(),
            url: page_of(*factor),
        };
        Self {
            choices: factors.iter().map(choice).collect(),
            recovery_url: urls::AUTHENTICATE_RECOVERY_CODE,
        }
    }
}

impl Screen for Choose {
    const NAME: &'static str = "authenticate-choose";
    const ACTION: &'static str = "";
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        vec![
            ("all", Self::new(&Factor::ALL), Vec::new()),
            ("recovery-code-alone", Self::new(&[]), Vec::new()),
        ]
    }
}

/// `GET /guardian/authenticate/choose`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Prover) -> Result<HttpResponse> {
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let ways = Ways::of(&session).await?;
    session.page(StatusCode::OK, &Choose::new(&ways.factors), &[])
}
