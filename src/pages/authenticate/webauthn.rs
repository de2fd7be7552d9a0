//! Security keys, and passkeys of the device itself. The browser does it by script.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::post;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;

use super::Ways;
use super::prove::{prove, too_soon};
use super::prover::Prover;
use crate::core::{Refusal, Result, urls};
use crate::factors::Factor;
use crate::factors::verify::{Answer, Ceremony as Shows};
use crate::factors::webauthn::Assertion;
use crate::logins::{self, Begun, CeremonyRequest, Shown, Verified};
use crate::pages::frame::{FormError, Screen};
use crate::pages::webauthn::is_in_app;
use crate::web::body::Form;
use crate::web::resource::{get, resource};

/// What both screens show.
#[derive(Serialize)]
struct Ceremony {
    factor: &'static str,
    /// Whether the page seems to be open inside another app.
    in_app: bool,
}

impl Ceremony {
    fn new(factor: Factor, in_app: bool) -> Self {
        let factor = factor.name();
        Self { factor, in_app }
    }

    fn samples(factor: Factor) -> Vec<(&'static str, Self, Vec<FormError>)> {
        let refused = vec![FormError::sample("login-webauthn-refused")];
        vec![
            ("fresh", Self::new(factor, false), Vec::new()),
            ("in-an-app", Self::new(factor, true), Vec::new()),
            ("refused", Self::new(factor, false), refused),
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
            const HAS_TICKET: bool = false;

            fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
                let samples = Ceremony::samples(Factor::$factor).into_iter();
                samples.map(|(name, screen, errors)| (name, Self(screen), errors)).collect()
            }
        }
    };
}

screen!(
    /// The screen of security keys.
    Roaming, WebauthnRoaming, "authenticate-webauthn-roaming", urls::AUTHENTICATE_ROAMING
);
screen!(
    /// The screen of passkeys.
    Platform, WebauthnPlatform, "authenticate-webauthn-platform", urls::AUTHENTICATE_PLATFORM
);

/// Both factors' pages, and what their script asks.
pub fn routes() -> impl HttpServiceFactory {
    let pages = |factor: Factor, page: &'static str, options: &'static str| {
        (
            resource(page, "GET, HEAD, POST")
                .route(get().to(move |session, request| show(session, request, factor)))
                .route(
                    post().to(move |session, request, form| answer(session, request, form, factor)),
                ),
            resource(options, "POST")
                .route(post().to(move |session, form| ask(session, form, factor))),
        )
    };
    (
        pages(
            Factor::WebauthnRoaming,
            urls::AUTHENTICATE_ROAMING,
            urls::AUTHENTICATE_ROAMING_OPTIONS,
        ),
        pages(
            Factor::WebauthnPlatform,
            urls::AUTHENTICATE_PLATFORM,
            urls::AUTHENTICATE_PLATFORM_OPTIONS,
        ),
    )
}

/// `GET /guardian/authenticate/webauthn-…`
async fn show(session: Prover, request: HttpRequest, factor: Factor) -> Result<HttpResponse> {
    if session.is_proving() {
        page(&session, is_in_app(&request), factor, StatusCode::OK, &[])
    } else {
        Ok(session.redirect(session.next()))
    }
}

fn page(
    session: &Prover,
    in_app: bool,
    factor: Factor,
    status: StatusCode,
    errors: &[FormError],
) -> Result<HttpResponse> {
    let ceremony = Ceremony::new(factor, in_app);
    match factor {
        Factor::WebauthnPlatform => session.page(status, &Platform(ceremony), errors),
        _ => session.page(status, &Roaming(ceremony), errors),
    }
}

/// `POST /guardian/authenticate/webauthn-…/options`: begins the ceremony; answers what the browser is to be asked for, or
/// in words why not.
async fn ask(session: Prover, Form(mut form): Form, factor: Factor) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let configured = session.app.relying_party.as_ref();
    let configured = configured.ok_or(Refusal::NoMethod)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let enrollments = Ways::of(&session).await?.of_factor(factor);
    let (app, login) = (&session.app, session.bearer());
    let request = CeremonyRequest {
        user_id: &session.user_id,
        login: &login,
        factor,
        enrollments: &enrollments,
    };
    let (now, rng, actor) = (app.now(), app.rng(), session.actor());
    let (store, sealer) = (&app.store, &app.sealer);
    let begun = logins::begin_ceremony(store, &request, configured, sealer, &actor, now, rng);
    let told = match begun.await? {
        Begun::Options(options) => HttpResponse::Ok().json(options),
        Begun::Nothing => {
            let error = session.error("login-webauthn-none");
            HttpResponse::Conflict().json(json!({ "error": error }))
        }
        Begun::Refused(Verified::TooSoon(wait) | Verified::Stopped(wait)) => {
            let error = too_soon(&session, wait);
            HttpResponse::TooManyRequests()
                .insert_header((RETRY_AFTER, wait.as_secs().max(1)))
                .json(json!({ "error": error }))
        }
        Begun::Refused(_) => return Err(Refusal::Invalid.into()),
    };
    Ok(session.keep(told))
}

/// `POST /guardian/authenticate/webauthn-…`
async fn answer(
    session: Prover,
    request: HttpRequest,
    Form(mut form): Form,
    factor: Factor,
) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let shows = Shows {
        factor,
        assertion: Assertion::new(form.string("response")?.unwrap_or_default()),
        login: session.bearer(),
    };
    let in_app = is_in_app(&request);
    let shown = Shown::Factor(Answer::Webauthn(shows));
    prove(
        session,
        shown,
        "login-webauthn-refused",
        |session, status, error| page(session, in_app, factor, status, &[error]),
    )
    .await
}
