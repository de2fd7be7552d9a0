//! How often a caller may call: told in the headers of the management API's answers, and kept for pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::middleware::Next;
use actix_web::web;

use super::{App, Seen};
use crate::access::limits::Allowance;
use crate::core::Timestamp;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// What an API client has left, as of a request of its.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    allowance: Allowance,
    reset: i64,
}

impl Told {
    /// `allowance` at `now`.
    pub fn new(allowance: Allowance, now: Timestamp) -> Self {
        let reset = now + allowance.full_in;
        Self {
            allowance,
            reset: (reset.millis() + 999).div_euclid(1000),
        }
    }

    /// Writes the headers (contract §9): the reset is in seconds since the Unix epoch.
    pub fn write(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, self.allowance.limit.into());
        headers.insert(REMAINING, self.allowance.remaining.into());
        headers.insert(RESET, self.reset.into());
    }
}

/// Turns away who asks for pages too often.
///
/// # Errors
/// Those of the handler.
pub async fn pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let address = Seen::of(request.request()).and_then(|seen| seen.ip);
    let app = request.app_data::<web::Data<App>>();
    match app.map_or(Ok(()), |app| app.limits.page(address)) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => Ok(request.error_response(error)),
    }
}
