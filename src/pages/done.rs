//! The last page: what was enrolled, and where to go from here.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;
use url::Url;

use super::frame::{FormError, Screen};
use super::session::Session;
use crate::core::{Result, urls};
use crate::factors::Factor;
use crate::tickets::Phase;
use crate::tickets::aftermath::finish;
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Done {
    factor: &'static str,
    enrolled: Vec<&'static str>,
    remaining: Vec<&'static str>,
    return_url: Option<String>,
    return_host: Option<String>,
}

impl Done {
    /// `here` is our own host: where the way back leads on here, it is not named.
    fn new(enrolled: &[Factor], remaining: &[Factor], return_url: Option<Url>, here: &str) -> Self {
        let names = |factors: &[Factor]| factors.iter().map(|factor| factor.name()).collect();
        Self {
            factor: enrolled.last().copied().unwrap_or(Factor::Otp).name(),
            enrolled: names(enrolled),
            remaining: names(remaining),
            return_host: return_url
                .as_ref()
                .and_then(Url::host_str)
                .filter(|host| *host != here)
                .map(str::to_owned),
            return_url: return_url.map(String::from),
        }
    }
}

impl Screen for Done {
    const NAME: &'static str = "done";
    const ACTION: &'static str = urls::DONE;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let back = Url::parse("https://app.example.com/welcome?ticket_id=gten_019377a1b2c3d4e5f60718293a4b5c6d&result=enrolled").ok();
        let one = Factor::ALL.map(|factor| {
            (
                factor.name(),
                Self::new(&[factor], &[], None, ""),
                Vec::new(),
            )
        });
        let mut samples = Vec::from(one);
        samples.push((
            "with-a-way-back",
            Self::new(&[Factor::Otp], &[], back, ""),
            Vec::new(),
        ));
        let on = Url::parse("https://mfa.example.com/guardian/authenticate/finish").ok();
        samples.push((
            "on-the-way",
            Self::new(&[Factor::Otp], &[], on, "mfa.example.com"),
            Vec::new(),
        ));
        samples.push((
            "more-to-add",
            Self::new(
                &[Factor::WebauthnPlatform, Factor::Otp],
                &[Factor::WebauthnRoaming],
                None,
                "",
            ),
            Vec::new(),
        ));
        samples
    }
}

/// `GET /guardian/enroll/done`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Session) -> Result<HttpResponse> {
    if session.admission.phase != Phase::Enrolled || session.shows_recovery_code() {
        return Ok(session.redirect(session.next()));
    }
    let ticket = &session.opened.ticket;
    let return_url = ticket
        .result_url
        .as_deref()
        .and_then(|url| way_back(url, ticket.ticket_id.as_str()));
    session.page(
        StatusCode::OK,
        &Done::new(
            &session.admission.enrolled,
            &session.admission.offered,
            return_url,
            session.app.urls.host(),
        ),
        &[],
    )
}

/// `POST /guardian/enroll/done`: no further factor is wanted.
///
/// # Errors
/// Of the session, the form or the database.
pub async fn post(session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if session.admission.phase == Phase::Enrolled {
        let (app, user_id) = (&session.app, &session.opened.ticket.user_id);
        let actor = session.actor();
        finish(
            &app.store,
            user_id,
            &session.attempt,
            &actor,
            app.now(),
            app.rng(),
        )
        .await?;
    }
    Ok(session.redirect(session.next()))
}

/// The `result_url`, with what it is told: a courtesy, no proof (design §3).
fn way_back(result_url: &str, ticket_id: &str) -> Option<Url> {
    let mut url = Url::parse(result_url).ok()?;
    url.query_pairs_mut()
        .append_pair("ticket_id", ticket_id)
        .append_pair("result", "enrolled");
    Some(url)
}
