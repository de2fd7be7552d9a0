//! Security keys, and passkeys of the device itself: two factors with one ceremony. The browser does it by script.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, USER_AGENT};
use actix_web::web::post;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Value, json};

use super::choose::Steps;
use super::frame::{FormError, Screen};
use super::session::Session;
use super::spend::{held_back, spend, why_held_back};
use crate::core::{Refusal, Result, urls};
use crate::factors::webauthn::{self, Registration, RelyingParty, Settings};
use crate::factors::{Factor, Proof, Wrong};
use crate::tickets::start::{NewPayload, start};
use crate::tickets::{Phase, Redeemed};
use crate::web::body::Form;
use crate::web::resource::{get, resource};

/// Browsers inside other apps: most of them know no credentials, or throw them away.
const IN_APP: [&str; 10] = [
    "FBAN/",
    "FBAV/",
    "Instagram",
    "; wv)",
    " Line/",
    "MicroMessenger",
    "Snapchat",
    "BytedanceWebview",
    "LinkedInApp",
    "GSA/",
];

/// What both screens show.
#[derive(Serialize)]
struct Ceremony {
    steps: Steps,
    factor: &'static str,
    /// Whether the page seems to be open inside another app.
    in_app: bool,
    can_choose_other: bool,
    /// What the owner called it before.
    name: String,
}

impl Ceremony {
    fn new(factor: Factor, in_app: bool, can_choose_other: bool, name: &str) -> Self {
        Self {
            steps: Steps {
                current: 2,
                total: 3,
            },
            factor: factor.name(),
            in_app,
            can_choose_other,
            name: name.to_owned(),
        }
    }

    fn samples(factor: Factor) -> Vec<(&'static str, Self, Vec<FormError>)> {
        let refused = FormError::sample("webauthn-refused");
        vec![
            ("fresh", Self::new(factor, false, true, ""), Vec::new()),
            ("in-an-app", Self::new(factor, true, false, ""), Vec::new()),
            (
                "refused",
                Self::new(factor, false, true, "Blue one"),
                vec![refused],
            ),
        ]
    }
}

macro_rules! screen {
    ($(#[$doc:meta])* $name:ident, $factor:ident, $file:literal, $path:expr) => {
        $(#[$doc])*
        #[derive(Serialize)]
        pub struct $name(Ceremony);

        impl Screen for $name {
            const NAME: &'static str = $file;
            const ACTION: &'static str = $path;
            const INPUTS: &'static [&'static str] = &["response"];

            fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
                let samples = Ceremony::samples(Factor::$factor).into_iter();
                samples.map(|(name, screen, errors)| (name, Self(screen), errors)).collect()
            }
        }
    };
}

screen!(
    /// The screen of security keys.
    Roaming, WebauthnRoaming, "webauthn-roaming", urls::WEBAUTHN_ROAMING
);
screen!(
    /// The screen of passkeys.
    Platform, WebauthnPlatform, "webauthn-platform", urls::WEBAUTHN_PLATFORM
);

/// `GET /guardian/enroll/webauthn-roaming`
///
/// # Errors
/// Of the session or the template.
pub async fn roaming(session: Session, request: HttpRequest) -> Result<HttpResponse> {
    show(&session, &request, Factor::WebauthnRoaming)
}

/// `GET /guardian/enroll/webauthn-platform`
///
/// # Errors
/// Of the session or the template.
pub async fn platform(session: Session, request: HttpRequest) -> Result<HttpResponse> {
    show(&session, &request, Factor::WebauthnPlatform)
}

/// `POST /guardian/enroll/webauthn-roaming/options`
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn ask_roaming(session: Session, form: Form) -> Result<HttpResponse> {
    ask(&session, form, Factor::WebauthnRoaming).await
}

/// `POST /guardian/enroll/webauthn-platform/options`
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn ask_platform(session: Session, form: Form) -> Result<HttpResponse> {
    ask(&session, form, Factor::WebauthnPlatform).await
}

/// `POST /guardian/enroll/webauthn-roaming`: spends the ticket, if the browser's answer is right.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn enroll_roaming(
    session: Session,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    enroll(&session, &request, form, Factor::WebauthnRoaming).await
}

/// `POST /guardian/enroll/webauthn-platform`: spends the ticket, if the browser's answer is right.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn enroll_platform(
    session: Session,
    request: HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    enroll(&session, &request, form, Factor::WebauthnPlatform).await
}

/// Both factors' pages, and what their script asks.
pub fn routes() -> impl HttpServiceFactory {
    (
        resource(urls::WEBAUTHN_ROAMING, "GET, HEAD, POST")
            .route(get().to(roaming))
            .route(post().to(enroll_roaming)),
        resource(urls::WEBAUTHN_ROAMING_OPTIONS, "POST").route(post().to(ask_roaming)),
        resource(urls::WEBAUTHN_PLATFORM, "GET, HEAD, POST")
            .route(get().to(platform))
            .route(post().to(enroll_platform)),
        resource(urls::WEBAUTHN_PLATFORM_OPTIONS, "POST").route(post().to(ask_platform)),
    )
}

fn show(session: &Session, request: &HttpRequest, factor: Factor) -> Result<HttpResponse> {
    if session.admission.offered.contains(&factor) {
        page(session, request, factor, "", StatusCode::OK, &[])
    } else {
        Ok(session.redirect(session.next()))
    }
}

fn page(
    session: &Session,
    request: &HttpRequest,
    factor: Factor,
    name: &str,
    status: StatusCode,
    errors: &[FormError],
) -> Result<HttpResponse> {
    let can_choose_other = session.admission.offered.len() > 1;
    let ceremony = Ceremony::new(factor, is_in_app(request), can_choose_other, name);
    match factor {
        Factor::WebauthnPlatform => session.page(status, &Platform(ceremony), errors),
        _ => session.page(status, &Roaming(ceremony), errors),
    }
}

/// Whether the page seems to be open inside another app.
pub fn is_in_app(request: &HttpRequest) -> bool {
    let agent = request.headers().get(USER_AGENT);
    let agent = agent
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    IN_APP.iter().any(|app| agent.contains(app))
}

/// Begins the ceremony: answers what the browser is to be asked for, or in words why not.
async fn ask(session: &Session, Form(mut form): Form, factor: Factor) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let configured = session.app.relying_party.as_ref();
    let configured = configured.ok_or(Refusal::NoMethod)?;
    let begun = begin(session, configured, factor).await?;
    let told = match begun {
        Ok(options) => HttpResponse::Ok().json(options),
        Err(refused) => {
            let wait = match refused {
                Redeemed::TooSoon(wait) => Some(wait),
                _ => None,
            };
            let mut held = HttpResponse::TooManyRequests();
            if let Some(wait) = wait {
                held.insert_header((RETRY_AFTER, wait.as_secs().max(1)));
            }
            held.json(json!({ "error": why_held_back(session, wait) }))
        }
    };
    Ok(session.keep(told))
}

/// The options of a ceremony that has begun; or why the ticket lets none begin now.
async fn begin(
    session: &Session,
    configured: &RelyingParty,
    factor: Factor,
) -> Result<Result<Value, Redeemed>> {
    let app = &session.app;
    let now = app.now();
    let mut starting = match start(&app.store, &session.attempt, factor, app.available, now).await?
    {
        Ok(starting) => starting,
        Err(refused) => return Ok(Err(refused)),
    };
    let tx = &mut starting.tx;
    let stored = tx.setting(factor.name()).await?;
    let settings = Settings::read(factor, stored.as_ref().map(|stored| &*stored.value))?;
    let enrolled = tx.enrollments_of(&starting.opened.ticket.user_id).await?;
    let known = enrolled.into_iter().filter_map(|one| one.credential_id);
    let begun = webauthn::begin(
        factor,
        &settings.party(configured),
        settings.user_verification,
        session.stub.account(),
        &known.collect::<Vec<_>>(),
        app.rng(),
    )?;
    let payload = NewPayload {
        state: "asked",
        payload: &begun.payload,
        lookup: None,
        lifetime: webauthn::LIFETIME,
    };
    starting.put(&payload, &app.sealer, now, app.rng()).await?;
    starting.commit().await?;
    Ok(Ok(begun.options))
}

async fn enroll(
    session: &Session,
    request: &HttpRequest,
    Form(mut form): Form,
    factor: Factor,
) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if session.admission.phase != Phase::Enrolling && !session.admission.offered.contains(&factor) {
        return Ok(session.redirect(session.next()));
    }
    let answer = form.string("response")?.unwrap_or_default();
    let name = form.string("name")?.unwrap_or_default();
    let again = |status, error| page(session, request, factor, &name, status, &[error]);
    let word = format!("{factor}-default-name");
    let default = session
        .app
        .views
        .translate(&session.speech.locale, &word, &[]);
    let registration = Registration::new(factor, answer, &name, &default);
    match spend(session, Proof::Webauthn(registration)).await? {
        // The recovery page leads on by itself when this enrollment got no code.
        Redeemed::Enrolled => Ok(session.redirect(urls::RECOVERY_CODE)),
        Redeemed::Wrong(wrong) => again(
            StatusCode::UNPROCESSABLE_ENTITY,
            session.error(told(factor, &wrong)),
        ),
        Redeemed::Blocked => held_back(session, None, again),
        Redeemed::TooSoon(wait) => held_back(session, Some(wait), again),
    }
}

/// The words for what is wrong.
fn told(factor: Factor, wrong: &Wrong) -> &'static str {
    match wrong {
        Wrong::Ended => "webauthn-ended",
        Wrong::Webauthn(webauthn::Wrong::NotVerified) => "webauthn-not-verified",
        Wrong::Webauthn(webauthn::Wrong::AlreadyRegistered) => "webauthn-known",
        Wrong::Webauthn(webauthn::Wrong::OtherKind) if factor == Factor::WebauthnPlatform => {
            "webauthn-other-kind-platform"
        }
        Wrong::Webauthn(webauthn::Wrong::OtherKind) => "webauthn-other-kind-roaming",
        _ => "webauthn-refused",
    }
}
