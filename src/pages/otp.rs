//! The authenticator app: QR code, key, and the code that proves it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::choose::Steps;
use super::frame::{FormError, Screen};
use super::session::Session;
use super::spend::{held_back, spend};
use crate::core::{Result, Seed, urls};
use crate::factors::{Factor, Proof, otp, qr};
use crate::tickets::{Phase, Redeemed};
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Otp {
    steps: Steps,
    qr: Qr,
    key: String,
    key_groups: Vec<String>,
    otpauth_url: String,
    can_choose_other: bool,
}

#[derive(Serialize)]
struct Qr {
    size: usize,
    path_d: String,
}

impl Otp {
    fn new(seed: &Seed, issuer: &str, account: &str, can_choose_other: bool) -> Result<Self> {
        let otpauth_url = otp::otpauth_url(seed, issuer, account);
        let qr = qr::qr(&otpauth_url)?;
        let key = seed.to_base32();
        Ok(Self {
            steps: Steps {
                current: 2,
                total: 3,
            },
            qr: Qr {
                size: qr.size,
                path_d: qr.path.to_string(),
            },
            key_groups: groups(&key),
            key: key.to_string(),
            otpauth_url: otpauth_url.to_string(),
            can_choose_other,
        })
    }

    fn of(session: &Session) -> Result<Option<Self>> {
        let Some(seed) = &session.attempt.seed else {
            return Ok(None);
        };
        let can_choose_other = session.admission.offered.len() > 1;
        Self::new(
            seed,
            session.app.site.name(),
            session.stub.account(),
            can_choose_other,
        )
        .map(Some)
    }
}

/// Groups of four, as people read keys and codes.
pub fn groups(text: &str) -> Vec<String> {
    text.as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect()
}

impl Screen for Otp {
    const NAME: &'static str = "otp";
    const ACTION: &'static str = urls::OTP;
    const INPUTS: &'static [&'static str] = &["code"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let seed = Seed::from_bytes(b"12345678901234567890".to_vec());
        let otp = |can_choose_other| {
            Self::new(&seed, "Example Bank", "ada@example.com", can_choose_other).ok()
        };
        [
            ("fresh", otp(true), Vec::new()),
            (
                "wrong-code",
                otp(false),
                vec![FormError::sample("code-wrong")],
            ),
        ]
        .into_iter()
        .filter_map(|(name, otp, errors)| Some((name, otp?, errors)))
        .collect()
    }
}

/// Whether this attempt may enroll an app now; if not, it goes on elsewhere.
fn may_enroll(session: &Session) -> bool {
    session.admission.offered.contains(&Factor::Otp) && session.attempt.seed.is_some()
}

/// `GET /guardian/enroll/otp`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Session) -> Result<HttpResponse> {
    match Otp::of(&session)? {
        Some(screen) if may_enroll(&session) => session.page(StatusCode::OK, &screen, &[]),
        _ => Ok(session.redirect(session.next())),
    }
}

/// `POST /guardian/enroll/otp`: spends the ticket, if the code is right.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn post(mut session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if session.admission.phase != Phase::Enrolling && !may_enroll(&session) {
        return Ok(session.redirect(session.next()));
    }
    let typed = form.string("code")?.unwrap_or_default();
    let Some(code) = otp::Code::parse(&typed) else {
        return again(
            &session,
            StatusCode::UNPROCESSABLE_ENTITY,
            session.error(misspelt(&typed)),
        );
    };
    let page = |status, error| again(&session, status, error);
    match spend(&session, Proof::Otp(code.clone())).await? {
        Redeemed::Enrolled => {
            session.attempt.seed = None;
            session.attempt.older_seed = None;
            // The recovery page leads on by itself when this enrollment got no code.
            Ok(session.redirect(urls::RECOVERY_CODE))
        }
        Redeemed::Wrong(_) => {
            let error = why_wrong(&session, &code);
            page(StatusCode::UNPROCESSABLE_ENTITY, error)
        }
        Redeemed::Blocked => held_back(&session, None, page),
        Redeemed::TooSoon(wait) => held_back(&session, Some(wait), page),
    }
}

fn again(session: &Session, status: StatusCode, error: FormError) -> Result<HttpResponse> {
    match Otp::of(session)? {
        Some(screen) => session.page(status, &screen, &[error]),
        None => Ok(session.redirect(session.next())),
    }
}

/// Why what was typed is no code at all.
pub fn misspelt(typed: &str) -> &'static str {
    let typed = typed.trim();
    match typed.len() {
        0 => "code-missing",
        7 | 8 if typed.bytes().all(|b| b.is_ascii_digit()) => "code-digits",
        _ => "code-format",
    }
}

/// Why a code is wrong, as far as that can be found out.
fn why_wrong(session: &Session, code: &otp::Code) -> FormError {
    let app = &session.app;
    let Some(seed) = &session.attempt.seed else {
        return session.error("code-wrong");
    };
    let older = session.attempt.older_seed.as_ref();
    match otp::diagnose(seed, older, code, app.now()) {
        otp::Diagnosis::Clock { minutes } => FormError::with(
            "code-clock",
            &[("minutes", &minutes.abs().to_string())],
            &session.speech,
            app,
        ),
        otp::Diagnosis::Algorithm => session.error("code-algorithm"),
        otp::Diagnosis::OlderQr => session.error("code-older-qr"),
        otp::Diagnosis::Wrong => session.error("code-wrong"),
    }
}
