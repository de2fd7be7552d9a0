//! The phone that approves: a number on this screen, to be typed on the phone.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use serde::Serialize;
use serde_json::json;

use super::Ways;
use super::prove::{held_back, prove};
use super::prover::Prover;
use crate::core::{Error, Result, urls};
use crate::factors::Factor;
use crate::factors::push::{self, Payload, prompts};
use crate::factors::verify::Answer;
use crate::logins::{self, Shown};
use crate::pages::frame::{FormError, Screen};
use crate::pages::push::stage_of;
use crate::tickets::start::open_challenge;
use crate::web::body::Form;

/// The screen.
#[derive(Serialize, Default)]
pub struct Push {
    /// `start`, `asked`, `approved`, `denied`, `wrong-number` or `over`.
    stage: &'static str,
    number: Option<String>,
    phone: Option<String>,
    state_url: &'static str,
}

impl Push {
    fn at(stage: &'static str) -> Self {
        Self {
            stage,
            state_url: urls::AUTHENTICATE_PUSH_STATE,
            ..Self::default()
        }
    }

    /// Where this login's prompt stands.
    async fn of(session: &Prover) -> Result<Self> {
        let app = &session.app;
        let user_id = &session.user_id;
        let mut read = app.store.begin_read().await?;
        let login = session.bearer();
        let asked = read.challenge(user_id, &login, Factor::PushNotification.name());
        let Some(asked) = asked.await? else {
            return Ok(Self::at("start"));
        };
        if asked.expires_at <= app.now() {
            return Ok(Self::at("over"));
        }
        let payload = Payload::read(&open_challenge(&asked, &app.sealer)?)?;
        let stage = stage_of(&asked, &payload);
        let shown = payload.asked();
        Ok(Self {
            number: shown
                .filter(|_| stage == push::ASKED)
                .map(|asked| asked.number.clone()),
            phone: shown.map(|asked| asked.name.clone()),
            ..Self::at(stage)
        })
    }
}

impl Screen for Push {
    const NAME: &'static str = "authenticate-push-notification";
    const ACTION: &'static str = urls::AUTHENTICATE_PUSH;
    const INPUTS: &'static [&'static str] = &["step"];
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let asked = Self {
            number: Some("42".to_owned()),
            phone: Some("Pixel 9".to_owned()),
            ..Self::at("asked")
        };
        vec![
            ("start", Self::at("start"), Vec::new()),
            ("asked", asked, Vec::new()),
            ("approved", Self::at("approved"), Vec::new()),
            ("denied", Self::at("denied"), Vec::new()),
            ("wrong-number", Self::at("wrong-number"), Vec::new()),
            ("over", Self::at("over"), Vec::new()),
            (
                "too-many",
                Self::at("start"),
                vec![FormError::sample("login-push-too-many")],
            ),
        ]
    }
}

/// `GET /guardian/authenticate/push-notification`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Prover) -> Result<HttpResponse> {
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    session.page(StatusCode::OK, &Push::of(&session).await?, &[])
}

/// `GET /guardian/authenticate/push-notification/state`: what the page waits for.
///
/// # Errors
/// Of the session.
pub async fn state(session: Prover) -> Result<HttpResponse> {
    let stage = if session.is_proving() {
        Push::of(&session).await?.stage
    } else {
        "over"
    };
    Ok(HttpResponse::Ok().json(json!({ "state": stage })))
}

/// `POST /guardian/authenticate/push-notification`: asks the phone, or goes on once it approved.
///
/// # Errors
/// Of the session, the form or the database.
pub async fn post(session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    if form.string("step")?.as_deref() == Some("begin") {
        return begin(&session).await;
    }
    let screen = Push::of(&session).await?;
    // To ask too early is no wrong proof.
    if screen.stage != push::APPROVED {
        return Ok(session.redirect(urls::AUTHENTICATE_PUSH));
    }
    let shown = Shown::Factor(Answer::Push(session.bearer()));
    prove(
        session,
        shown,
        "login-push-gone",
        |session, status, error| session.page(status, &Push::at("over"), &[error]),
    )
    .await
}

/// Asks the phone that was used last.
async fn begin(session: &Prover) -> Result<HttpResponse> {
    let (app, login) = (&session.app, session.bearer());
    let phones = Ways::of(session).await?.of_factor(Factor::PushNotification);
    let Some(phone) = phones.first() else {
        return Ok(session.redirect(urls::AUTHENTICATE_CHOOSE));
    };
    let request = prompts::Request {
        user_id: &session.user_id,
        bearer: &login,
        enrollment_id: &phone.enrollment_id,
        origin: app.urls.origin(),
    };
    let (now, rng, actor) = (app.now(), app.rng(), session.actor());
    let asked = logins::ask_phone(&app.store, &request, &app.sealer, &actor, now, rng);
    match asked.await {
        Ok(Err(refused)) => held_back(session, &refused, |session, status, error| {
            session.page(status, &Push::at("start"), &[error])
        }),
        Ok(Ok(_)) => {
            app.call_bell.notify_one();
            Ok(session.redirect(urls::AUTHENTICATE_PUSH))
        }
        Err(Error::Throttled { retry_after, .. }) => {
            let minutes = retry_after.as_secs().div_ceil(60).to_string();
            let values = [("minutes", minutes.as_str())];
            let (speech, app) = (&session.speech, &session.app);
            let error = FormError::with("login-push-too-many", &values, speech, app);
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = session.page(status, &Push::at("start"), &[error])?;
            let seconds = retry_after.as_secs().max(1);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            Ok(response)
        }
        Err(error) => Err(error),
    }
}
