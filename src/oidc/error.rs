//! Errors in OAuth's shape (RFC 6749 §5.2), whatever they were before.

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, HeaderValue, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::core::Error;
use crate::web::faces::{self, JSON};

/// An error in OAuth's shape (RFC 6749 §5.2).
#[derive(Debug, Serialize, utoipa::ToSchema, thiserror::Error)]
#[error("{error}: {error_description}")]
pub struct OAuthError {
    error: &'static str,
    error_description: String,
    /// With `authorization_pending`: show it to the person, who types it on the phone. Not in Auth0's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip)]
    #[schema(ignore)]
    status: StatusCode,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<Duration>,
}

impl OAuthError {
    /// An error of this code; its description is for the developer.
    pub fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        let description: String = description.into();
        Self {
            error,
            error_description: description.chars().map(printable).collect(),
            number: None,
            status,
            retry_after: None,
        }
    }

    /// With when it may be tried again.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// With the number that a phone asks for.
    #[must_use]
    pub fn showing(mut self, number: Option<String>) -> Self {
        self.number = number;
        self
    }

    /// A 400 of this code.
    pub fn bad(error: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, description)
    }

    fn of(error: &Error) -> Self {
        let code = match error {
            Error::Unauthenticated(_) => "access_denied",
            Error::Throttled { .. } => "too_many_requests",
            Error::Unavailable(_) => "temporarily_unavailable",
            Error::Internal(_) => "server_error",
            _ => "invalid_request",
        };
        let description = match error {
            Error::Unavailable(_) => "Try again shortly".to_owned(),
            Error::Internal(_) => "Something went wrong".to_owned(),
            told => told.to_string(),
        };
        Self::new(error.status_code(), code, description)
    }
}

/// A description holds printable ASCII but for the quote and the backslash (RFC 6749 §5.2).
fn printable(c: char) -> char {
    match c {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    }
}

impl ResponseError for OAuthError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"tessera\""));
        }
        if let Some(wait) = self.retry_after {
            response.insert_header((RETRY_AFTER, wait.as_secs().max(1)));
        }
        response.content_type(JSON).json(self)
    }
}

/// Gives every error OAuth's shape, and lets nobody keep an answer.
///
/// # Errors
/// Those that are not ours.
pub async fn face(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    if let Some(error) = error.and_then(|error| error.as_error::<Error>()) {
        faces::log(error, response.request());
        let mut told = OAuthError::of(error).error_response();
        if let Some(allow) = response.headers().get(ALLOW) {
            told.headers_mut().insert(ALLOW, allow.clone());
        }
        if let Some(seconds) = faces::retry_after(error) {
            told.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response = response.into_response(told);
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}
