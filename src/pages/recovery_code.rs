//! The recovery code: shown until the person says that it is saved, then never again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;

use super::choose::Steps;
use super::frame::{FormError, Screen};
use super::language::Speech;
use super::otp::groups;
use super::session::Session;
use crate::core::{RecoveryCode, Result, Timestamp, urls};
use crate::tickets::aftermath::save_recovery_code;
use crate::web::App;
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Recovery {
    /// None when it is no step of enrolling.
    steps: Option<Steps>,
    code: String,
    code_groups: Vec<String>,
    download_url: &'static str,
    issued_at: i64,
}

impl Recovery {
    fn new(code: &str, issued_at: Timestamp, is_fresh: bool) -> Self {
        let steps = Steps {
            current: 3,
            total: 3,
        };
        Self {
            steps: (!is_fresh).then_some(steps),
            code: code.to_owned(),
            code_groups: groups(code),
            download_url: urls::RECOVERY_CODE_DOWNLOAD,
            issued_at: issued_at.millis(),
        }
    }

    /// Of a code that took the place of the one that a login used.
    pub fn in_place(code: &RecoveryCode, issued_at: Timestamp) -> Self {
        Self {
            download_url: urls::AUTHENTICATE_FRESH_CODE_DOWNLOAD,
            ..Self::new(code.expose(), issued_at, true)
        }
    }

    /// A sample of that.
    pub fn sample_in_place() -> Self {
        let issued_at = Timestamp::from_millis(1_795_305_600_000);
        Self {
            download_url: urls::AUTHENTICATE_FRESH_CODE_DOWNLOAD,
            ..Self::new("7KQX2MWDPZ94HTRB6CVN8YLA", issued_at, true)
        }
    }
}

impl Screen for Recovery {
    const NAME: &'static str = "recovery-code";
    const ACTION: &'static str = urls::RECOVERY_CODE;
    const INPUTS: &'static [&'static str] = &["saved"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let issued_at = Timestamp::from_millis(1_795_305_600_000);
        let shown = |is_fresh| Self::new("7KQX2MWDPZ94HTRB6CVN8YLA", issued_at, is_fresh);
        vec![
            ("fresh", shown(false), Vec::new()),
            ("in-place-of-a-used-one", shown(true), Vec::new()),
            (
                "not-saved",
                shown(false),
                vec![FormError::sample("saved-missing")],
            ),
        ]
    }
}

/// The code that this attempt made, while it may be shown: of its enrollment, or in the place of the one it used.
fn shown(session: &Session) -> Option<&RecoveryCode> {
    let made = session.attempt.recovery_code.as_ref();
    let fresh = session.attempt.fresh_recovery_code.as_ref();
    made.filter(|_| session.shows_recovery_code()).or(fresh)
}

/// Whether it takes the place of one that was used.
fn is_fresh(session: &Session) -> bool {
    session.attempt.fresh_recovery_code.is_some() && !session.shows_recovery_code()
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
            &Recovery::new(code.expose(), issued_at(&session), is_fresh(&session)),
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
        let screen = Recovery::new(code.expose(), issued_at(&session), is_fresh(&session));
        return session.page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &screen,
            &[session.error("saved-missing")],
        );
    }
    if is_fresh(&session) {
        session.attempt.fresh_recovery_code = None;
        return Ok(session.redirect(session.next()));
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
    let (app, speech, account) = (&session.app, &session.speech, session.stub.account());
    let file = file(app, speech, account, code, issued_at(&session));
    Ok(session.keep(file))
}

/// A code as a file, to be kept or printed.
pub fn file(
    app: &App,
    speech: &Speech,
    account: &str,
    code: &RecoveryCode,
    issued_at: Timestamp,
) -> HttpResponse {
    let (views, locale) = (&app.views, &speech.locale);
    let word = |key: &str| views.translate(locale, key, &[]);
    let text = format!(
        "{}\r\n\r\n{}\r\n\r\n{}: {}\r\n{}: {}\r\n{}: {}\r\n",
        word("recovery-code-label"),
        groups(code.expose()).join(" "),
        word("recovery-code-paper-site"),
        app.site.name(),
        word("recovery-code-paper-account"),
        account,
        word("recovery-code-paper-date"),
        views.format_date(locale, issued_at.millis()),
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"recovery-code.txt\"",
        ))
        .body(text)
}
