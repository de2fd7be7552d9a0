//! The recovery code: shown until the person says that it is saved, then never again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;

use super::choose::Steps;
use super::frame::{FormError, Screen};
use super::otp::groups;
use super::session::Session;
use crate::core::{RecoveryCode, Result, Timestamp, urls};
use crate::tickets::aftermath::save_recovery_code;
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Recovery {
    steps: Steps,
    code: String,
    code_groups: Vec<String>,
    issued_at: i64,
}

impl Recovery {
    fn new(code: &str, issued_at: Timestamp) -> Self {
        Self {
            steps: Steps {
                current: 3,
                total: 3,
            },
            code: code.to_owned(),
            code_groups: groups(code),
            issued_at: issued_at.millis(),
        }
    }
}

impl Screen for Recovery {
    const NAME: &'static str = "recovery-code";
    const ACTION: &'static str = urls::RECOVERY_CODE;
    const INPUTS: &'static [&'static str] = &["saved"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let shown = || {
            Self::new(
                "7KQX2MWDPZ94HTRB6CVN8YLA",
                Timestamp::from_millis(1_795_305_600_000),
            )
        };
        vec![
            ("fresh", shown(), Vec::new()),
            (
                "not-saved",
                shown(),
                vec![FormError::sample("saved-missing")],
            ),
        ]
    }
}

/// The code that this attempt made, while it may be shown.
fn shown(session: &Session) -> Option<&RecoveryCode> {
    session
        .attempt
        .recovery_code
        .as_ref()
        .filter(|_| session.shows_recovery_code())
}

fn issued_at(session: &Session) -> Timestamp {
    session
        .opened
        .ticket
        .redeemed_at
        .map_or_else(|| session.app.now(), Timestamp::from_millis)
}

/// `GET /guardian/enroll/recovery-code`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Session) -> Result<HttpResponse> {
    match shown(&session) {
        Some(code) => session.page(
            StatusCode::OK,
            &Recovery::new(code.expose(), issued_at(&session)),
            &[],
        ),
        None => Ok(session.redirect(session.next())),
    }
}

/// `POST /guardian/enroll/recovery-code`: "I saved it".
///
/// # Errors
/// Of the session, the form or the database.
pub async fn post(mut session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let Some(code) = shown(&session) else {
        return Ok(session.redirect(session.next()));
    };
    if form.string("saved")?.as_deref() != Some("yes") {
        let screen = Recovery::new(code.expose(), issued_at(&session));
        return session.page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &screen,
            &[session.error("saved-missing")],
        );
    }
    let user_id = &session.opened.ticket.user_id;
    save_recovery_code(
        &session.app.store,
        user_id,
        &session.attempt,
        &session.actor(),
        session.app.now(),
        session.app.rng(),
    )
    .await?;
    session.attempt.recovery_code = None;
    Ok(session.redirect(urls::DONE))
}

/// `GET /guardian/enroll/recovery-code/download`: the same as a file, without JavaScript.
///
/// # Errors
/// Of the session.
pub async fn download(session: Session) -> Result<HttpResponse> {
    let Some(code) = shown(&session) else {
        return Ok(session.redirect(session.next()));
    };
    let (views, locale) = (&session.app.views, &session.speech.locale);
    let word = |key: &str| views.translate(locale, key, &[]);
    let text = format!(
        "{}\r\n\r\n{}\r\n\r\n{}: {}\r\n{}: {}\r\n{}: {}\r\n",
        word("recovery-code-label"),
        groups(code.expose()).join(" "),
        word("recovery-code-paper-site"),
        session.app.site.name(),
        word("recovery-code-paper-account"),
        session.stub.account(),
        word("recovery-code-paper-date"),
        views.format_date(locale, issued_at(&session).millis()),
    );
    let response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"recovery-code.txt\"",
        ))
        .body(text);
    Ok(session.keep(response))
}
