//! The two faces of an error: JSON in Auth0's envelope for a back end, a page for a visitor.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError, web};
use serde_json::{Map, Value, json};

use super::throttle::Told;
use super::{App, Seen};
use crate::core::error::Place;
use crate::core::{Error, Refusal};

/// The media type of the management API's answers (contract §0).
pub const JSON: &str = "application/json; charset=utf-8";

/// How long a caller waits before it tries a server that lacks something.
const UNAVAILABLE_SECONDS: u64 = 5;

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_)
            | Self::ForeignForm
            | Self::ForeignAddress
            | Self::PlainHttp => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::Refused(refusal) => refusal_status(*refusal),
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMedia(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The bare face, for routes that have no other.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::build(self.status_code()).json(envelope(self))
    }
}

/// The status of a result page (design §3).
fn refusal_status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid => StatusCode::NOT_FOUND,
        Refusal::Expired { .. }
        | Refusal::Used
        | Refusal::Replaced
        | Refusal::Revoked
        | Refusal::SessionEnded
        | Refusal::LoginOver => StatusCode::GONE,
        Refusal::AlreadyEnrolled | Refusal::NoMethod | Refusal::OtherLink => StatusCode::CONFLICT,
        Refusal::OpenAgain => StatusCode::UNAUTHORIZED,
    }
}

/// Auth0's error envelope (contract §0.1).
pub fn envelope(error: &Error) -> Value {
    let status = error.status_code();
    let (code, message) = match error {
        Error::Invalid {
            place,
            property,
            reason,
        } => {
            let (code, prefix) = match place {
                Place::Body => ("invalid_body", "Payload validation error"),
                Place::Path => ("invalid_uri", "Path validation error"),
                Place::Query => ("invalid_query_string", "Query validation error"),
                Place::Header => ("invalid_header", "Header validation error"),
            };
            (
                Some(code),
                format!("{prefix}: '{reason}' on property {property}"),
            )
        }
        Error::Unreadable(reason) => (
            Some("invalid_body"),
            format!("Payload validation error: '{reason}'"),
        ),
        Error::Unauthenticated(message) => (None, (*message).to_owned()),
        // Auth0's command line splits on exactly this prefix.
        Error::InsufficientScope(scopes) => (
            Some("insufficient_scope"),
            format!("Insufficient scope, expected any of: {}", scopes.join(",")),
        ),
        Error::NotFound { code, message } | Error::Conflict { code, message } => {
            (Some(*code), (*message).to_owned())
        }
        Error::Throttled { .. } => (Some("too_many_requests"), error.to_string()),
        Error::TooLarge { most } => (
            Some("invalid_body"),
            format!("Payload validation error: 'the body has {most} bytes at most'"),
        ),
        Error::UnsupportedMedia(message) => (Some("unsupported_media_type"), (*message).to_owned()),
        Error::TooSlow => (Some("request_timeout"), error.to_string()),
        Error::ForeignAddress => (Some("address_not_allowed"), error.to_string()),
        Error::PlainHttp => (Some("https_required"), error.to_string()),
        Error::Misdirected => (
            Some("misdirected"),
            "The request names another host".to_owned(),
        ),
        Error::MethodNotAllowed => (
            Some("method_not_allowed"),
            "The method is not allowed on this path".to_owned(),
        ),
        Error::Unavailable(_) => (
            Some("service_unavailable"),
            "The service is not available now; try again shortly".to_owned(),
        ),
        Error::ForeignForm | Error::Refused(_) | Error::Internal(_) => {
            (Some("internal_error"), "Something went wrong".to_owned())
        }
    };
    let mut body = Map::new();
    body.insert("statusCode".to_owned(), json!(status.as_u16()));
    body.insert(
        "error".to_owned(),
        json!(status.canonical_reason().unwrap_or("Error")),
    );
    if matches!(error, Error::Unauthenticated(_)) {
        body.insert("attributes".to_owned(), json!({ "error": message }));
    }
    body.insert("message".to_owned(), Value::String(message));
    if let Some(code) = code {
        body.insert("errorCode".to_owned(), json!(code));
    }
    Value::Object(body)
}

/// Gives the errors of the management API their JSON, and logs our own faults once.
///
/// # Errors
/// Those that are not ours.
pub async fn json(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    if let Some(error) = error.and_then(|error| error.as_error::<Error>()) {
        log(error, response.request());
        let mut face = with_headers(HttpResponse::build(error.status_code()), error);
        face.insert_header((CONTENT_TYPE, JSON));
        if let Some(allow) = response.headers().get(ALLOW) {
            face.insert_header((ALLOW, allow.clone()));
        }
        let face = face.json(envelope(error));
        response = response.into_response(face);
    }
    let told = response.request().extensions().get::<Told>().copied();
    if let Some(told) = told {
        told.write(response.headers_mut());
    }
    Ok(response)
}

/// Headers that an error needs whatever its face.
fn with_headers(
    mut response: actix_web::HttpResponseBuilder,
    error: &Error,
) -> actix_web::HttpResponseBuilder {
    if let Some(seconds) = retry_after(error) {
        response.insert_header((RETRY_AFTER, seconds));
    }
    if matches!(error, Error::Unauthenticated(_)) {
        response.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    response
}

/// In how many seconds it is worth trying again, for the errors that pass.
pub fn retry_after(error: &Error) -> Option<u64> {
    match error {
        Error::Throttled { retry_after, .. } => Some(retry_after.as_secs().max(1)),
        Error::Unavailable(_) => Some(UNAVAILABLE_SECONDS),
        _ => None,
    }
}

/// Counts a refusal. Our own faults go to the log once, here; their words go nowhere else.
pub fn log(error: &Error, request: &HttpRequest) {
    if let Some(app) = request.app_data::<web::Data<App>>() {
        app.metrics.refused(error);
    }
    let seen = Seen::of(request);
    let request_id = seen.as_ref().map_or("-", |seen| seen.id.as_str());
    match error {
        Error::Internal(source) => {
            tracing::error!(request_id, error = format!("{source:#}"), "internal error");
        }
        Error::Unavailable(source) => {
            tracing::error!(request_id, error = format!("{source:#}"), "out of reach");
        }
        // Strangers can cause this at will; `tessera doctor` tells an admin whose proxy does.
        Error::Misdirected => tracing::debug!(
            request_id,
            "a page was asked for under another host than public_url's; a proxy must pass the Host header on"
        ),
        other => tracing::debug!(request_id, error = other.label(), "refused"),
    }
}
