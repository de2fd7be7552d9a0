//! The page for a visitor who can't go on: the pages' face of every error.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use serde::Serialize;

use super::frame::{FormError, Page, Screen, Stub};
use super::language::Speech;
use super::session::{self, remember_language};
use crate::core::{Error, Refusal};
use crate::web::{Seen, faces};

/// The screen.
#[derive(Serialize)]
pub struct Outcome {
    code: &'static str,
    tone: &'static str,
    expires_at: Option<i64>,
    retry_after_minutes: Option<u64>,
}

impl Outcome {
    fn of(error: &Error) -> Self {
        let code = match error {
            Error::Refused(refusal) => refusal.code(),
            Error::ForeignForm | Error::PlainHttp => "forbidden",
            Error::NotFound { .. } => "not-found",
            Error::TooLarge { .. } => "too-large",
            Error::MethodNotAllowed => "method",
            Error::Misdirected => "misdirected",
            Error::Throttled { .. } => "throttled",
            Error::Invalid { .. }
            | Error::Unreadable(_)
            | Error::UnsupportedMedia(_)
            | Error::TooSlow => "bad-request",
            Error::Unavailable(_) => "unavailable",
            Error::Unauthenticated(_)
            | Error::InsufficientScope(_)
            | Error::ForeignAddress
            | Error::Conflict { .. }
            | Error::Internal(_) => "error",
        };
        Self {
            code,
            tone: tone_of(code),
            expires_at: match error {
                Error::Refused(Refusal::Expired { at }) => Some(at.millis()),
                _ => None,
            },
            retry_after_minutes: match error {
                Error::Throttled { retry_after, .. } => Some(retry_after.as_secs().div_ceil(60)),
                _ => None,
            },
        }
    }

    fn sample(code: &'static str) -> Self {
        Self {
            code,
            tone: tone_of(code),
            expires_at: None,
            retry_after_minutes: None,
        }
    }
}

/// What is nobody's fault looks calm.
fn tone_of(code: &str) -> &'static str {
    match code {
        "already-enrolled" | "replaced" | "other-link" | "open-again" | "session-ended"
        | "login-over" | "throttled" | "no-method" => "neutral",
        _ => "bad",
    }
}

impl Screen for Outcome {
    const NAME: &'static str = "result";
    const ACTION: &'static str = "";

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let own = [
            "used",
            "replaced",
            "revoked",
            "already-enrolled",
            "no-method",
        ];
        let strangers = [
            ("stranger-invalid", "invalid"),
            ("stranger-other-link", "other-link"),
            ("stranger-open-again", "open-again"),
            ("stranger-session-ended", "session-ended"),
            ("stranger-login-over", "login-over"),
            ("stranger-forbidden", "forbidden"),
            ("stranger-not-found", "not-found"),
            ("stranger-too-large", "too-large"),
            ("stranger-bad-request", "bad-request"),
            ("stranger-method", "method"),
            ("stranger-misdirected", "misdirected"),
            ("stranger-unavailable", "unavailable"),
            ("stranger-error", "error"),
        ];
        let expired = Self {
            expires_at: Some(1_795_737_600_000),
            ..Self::sample("expired")
        };
        let throttled = Self {
            retry_after_minutes: Some(5),
            ..Self::sample("throttled")
        };
        let mut samples = vec![
            ("expired", expired, Vec::new()),
            ("stranger-throttled", throttled, Vec::new()),
        ];
        samples.extend(own.map(|code| (code, Self::sample(code), Vec::new())));
        samples.extend(strangers.map(|(name, code)| (name, Self::sample(code), Vec::new())));
        samples
    }
}

/// Gives the errors of the pages their page, and logs our own faults once.
///
/// # Errors
/// Those that are not ours.
pub async fn face(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(error) = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Error>())
    else {
        return Ok(response);
    };
    let seen = Seen::of(response.request());
    faces::log(error, response.request());
    let mut page = show(response.request(), error, seen.as_ref());
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    Ok(response.into_response(page))
}

fn show(request: &HttpRequest, error: &Error, seen: Option<&Seen>) -> HttpResponse {
    let Ok(app) = session::app(request) else {
        return error.error_response();
    };
    let stub = request.extensions().get::<Stub>().cloned();
    let asked = stub.as_ref().map(Stub::languages).unwrap_or_default();
    let speech = Speech::of(request, &app, asked);
    let page = Page {
        app: &app,
        speech: &speech,
        stub: stub.as_ref(),
        form: ("", ""),
        application: None,
        request_id: seen.map(|seen| seen.id.as_str()).unwrap_or_default(),
    };
    match page.render(error.status_code(), &Outcome::of(error), &[]) {
        Ok(mut response) => {
            remember_language(&speech, &app, &mut response);
            if let Some(seconds) = faces::retry_after(error) {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            response
        }
        // The template fails on an error page: the words that need none.
        Err(fault) => {
            faces::log(&fault, request);
            error.error_response()
        }
    }
}
