//! The phone that approves: on this screen a QR code, then a number to carry over to the phone.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::choose::Steps;
use super::frame::{FormError, Screen};
use super::otp::groups;
use super::session::Session;
use super::spend::{held_back, spend};
use crate::core::{PairingCode, Result, urls};
use crate::factors::push::{self, Decision, PAIRING, Payload, exchange};
use crate::factors::{Factor, Proof, qr};
use crate::store::Challenge;
use crate::tickets::Redeemed;
use crate::tickets::start::{self, open_challenge};
use crate::web::body::Form;

/// The screen.
#[derive(Serialize, Default)]
pub struct PushNotification {
    steps: Steps,
    /// `start`, `waiting`, `asked`, `approved`, `denied`, `wrong-number` or `over`.
    stage: &'static str,
    pairing: Option<Pairing>,
    number: Option<String>,
    phone: Option<String>,
    state_url: &'static str,
    can_choose_other: bool,
}

#[derive(Serialize)]
struct Pairing {
    qr: Qr,
    code_groups: Vec<String>,
    url: String,
    /// The page's address as people type it.
    page: String,
}

#[derive(Serialize)]
struct Qr {
    size: usize,
    path_d: String,
}

impl Pairing {
    fn new(code: &PairingCode, url: String) -> Result<Self> {
        let qr = qr::qr(&url)?;
        let page = url.split('#').next().unwrap_or_default();
        let page = page
            .trim_start_matches("https://")
            .trim_start_matches("http://");
        Ok(Self {
            page: page.to_owned(),
            qr: Qr {
                size: qr.size,
                path_d: qr.path.to_string(),
            },
            code_groups: groups(code.expose()),
            url,
        })
    }
}

impl PushNotification {
    fn at(stage: &'static str, can_choose_other: bool) -> Self {
        Self {
            steps: Steps {
                current: 2,
                total: 3,
            },
            stage,
            state_url: urls::PUSH_STATE,
            can_choose_other,
            ..Self::default()
        }
    }

    fn of(session: &Session, standing: &Standing) -> Result<Self> {
        let can_choose_other = session.admission.offered.len() > 1;
        let mut screen = Self::at(standing.stage, can_choose_other);
        if let Some(code) = &standing.code {
            let url = session.app.urls.pairing_link(code);
            screen.pairing = Some(Pairing::new(code, url)?);
        }
        screen.number.clone_from(&standing.number);
        screen.phone.clone_from(&standing.phone);
        Ok(screen)
    }
}

impl Screen for PushNotification {
    const NAME: &'static str = "push-notification";
    const ACTION: &'static str = urls::PUSH;
    const INPUTS: &'static [&'static str] = &["step"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let url = "https://mfa.example.com/authenticator#K7QM2XPD";
        let pairing = PairingCode::parse("K7QM2XPD")
            .and_then(|code| Pairing::new(&code, url.to_owned()).ok());
        let phone = Some("Pixel 9".to_owned());
        let waiting = Self {
            pairing,
            ..Self::at("waiting", true)
        };
        let asked = Self {
            number: Some("42".to_owned()),
            phone: phone.clone(),
            ..Self::at("asked", false)
        };
        let approved = Self {
            phone,
            ..Self::at("approved", false)
        };
        let held_back = vec![FormError::sample("too-many-failures")];
        vec![
            ("start", Self::at("start", true), Vec::new()),
            ("waiting", waiting, Vec::new()),
            ("asked", asked, Vec::new()),
            ("approved", approved, Vec::new()),
            ("denied", Self::at("denied", true), Vec::new()),
            ("wrong-number", Self::at("wrong-number", false), Vec::new()),
            ("over", Self::at("over", false), Vec::new()),
            ("held-back", Self::at("start", true), held_back),
        ]
    }
}

/// Where this attempt's pairing stands.
struct Standing {
    stage: &'static str,
    code: Option<PairingCode>,
    number: Option<String>,
    phone: Option<String>,
}

impl Standing {
    fn at(stage: &'static str) -> Self {
        Self {
            stage,
            code: None,
            number: None,
            phone: None,
        }
    }

    async fn of(session: &Session) -> Result<Self> {
        let (app, now) = (&session.app, session.app.now());
        let mut read = app.store.begin_read().await?;
        let begun = read
            .challenge(
                &session.opened.ticket.user_id,
                session.attempt.id.as_str(),
                Factor::PushNotification.name(),
            )
            .await?;
        let Some(begun) = begun else {
            return Ok(Self::at("start"));
        };
        let is_late = begun.state == push::WAITING && now.since(begun.created_at) > PAIRING;
        if begun.expires_at <= now || is_late {
            return Ok(Self::at("over"));
        }
        let payload = Payload::read(&open_challenge(&begun, &app.sealer)?)?;
        Ok(Self::in_time(&begun, &payload))
    }

    fn in_time(begun: &Challenge, payload: &Payload) -> Self {
        let stage = stage_of(begun, payload);
        Self {
            stage,
            code: payload.code.as_deref().and_then(PairingCode::parse),
            number: payload
                .asked()
                .filter(|_| stage == push::ASKED)
                .map(|asked| asked.number.clone()),
            phone: payload.asked().map(|asked| asked.name.clone()),
        }
    }
}

/// Where a prompt stands, as its page has it.
pub fn stage_of(begun: &Challenge, payload: &Payload) -> &'static str {
    match begun.state.as_str() {
        push::WAITING => push::WAITING,
        push::ASKED => push::ASKED,
        push::APPROVED => push::APPROVED,
        _ if payload
            .answer
            .as_ref()
            .is_some_and(|answer| answer.decision == Decision::Approve) =>
        {
            "wrong-number"
        }
        _ => push::DENIED,
    }
}

fn is_offered(session: &Session) -> bool {
    session
        .admission
        .offered
        .contains(&Factor::PushNotification)
}

/// `GET /guardian/enroll/push-notification`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Session) -> Result<HttpResponse> {
    if !is_offered(&session) {
        return Ok(session.redirect(session.next()));
    }
    let standing = Standing::of(&session).await?;
    show(&session, StatusCode::OK, &standing, &[])
}

fn show(
    session: &Session,
    status: StatusCode,
    standing: &Standing,
    errors: &[FormError],
) -> Result<HttpResponse> {
    session.page(status, &PushNotification::of(session, standing)?, errors)
}

/// `GET /guardian/enroll/push-notification/state`: what the page waits for. It leaves the cookie alone, which a page that
/// is just answered may change.
///
/// # Errors
/// Of the session.
pub async fn state(session: Session) -> Result<HttpResponse> {
    let stage = if is_offered(&session) {
        Standing::of(&session).await?.stage
    } else {
        "over"
    };
    Ok(HttpResponse::Ok().json(json!({ "state": stage })))
}

/// `POST /guardian/enroll/push-notification`: begins a pairing, or spends the ticket once the phone approved.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn post(session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !is_offered(&session) {
        return Ok(session.redirect(session.next()));
    }
    if form.string("step")?.as_deref() == Some("begin") {
        return begin(&session).await;
    }
    // To ask too early is no wrong proof.
    if Standing::of(&session).await?.stage != push::APPROVED {
        return Ok(session.redirect(urls::PUSH));
    }
    match spend(&session, Proof::Push).await? {
        Redeemed::Enrolled => Ok(session.redirect(urls::RECOVERY_CODE)),
        Redeemed::Wrong(_) => Ok(session.redirect(urls::PUSH)),
        refused => refuse(&session, &refused).await,
    }
}

async fn begin(session: &Session) -> Result<HttpResponse> {
    let (app, now) = (&session.app, session.app.now());
    let begun = start::start(
        &app.store,
        &session.attempt,
        Factor::PushNotification,
        app.available,
        now,
    );
    let starting = match begun.await? {
        Ok(starting) => starting,
        Err(refused) => return refuse(session, &refused).await,
    };
    exchange::begin(starting, &app.sealer, now, app.rng()).await?;
    Ok(session.redirect(urls::PUSH))
}

async fn refuse(session: &Session, refused: &Redeemed) -> Result<HttpResponse> {
    let wait = match refused {
        Redeemed::TooSoon(wait) => Some(*wait),
        _ => None,
    };
    let standing = Standing::of(session).await?;
    held_back(session, wait, |status, error| {
        show(session, status, &standing, &[error])
    })
}
