//! Https where `public_url` says https, also behind a proxy that speaks plain http too.

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;

use super::App;
use crate::core::Error;

/// Whether a proxy that is believed says that the visitor came by plain http where `public_url` is https.
///
/// The first value counts: further proxies append theirs, and between them http is fine.
pub fn came_by_http(request: &HttpRequest) -> bool {
    let Some(app) = request.app_data::<web::Data<App>>() else {
        return false;
    };
    let believed = request
        .peer_addr()
        .is_some_and(|peer| app.proxies.trusts(peer.ip()));
    believed
        && app.urls.is_https()
        && request
            .headers()
            .get("x-forwarded-proto")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(',').next())
            .is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("http"))
}

/// A back end that sends its token in the clear learns it at once: no redirect hides it (H8).
///
/// # Errors
/// Those of the handler.
pub async fn insist_on_https(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if came_by_http(request.request()) {
        return Ok(request.error_response(Error::PlainHttp));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
