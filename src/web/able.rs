//! An instance whose sealing key is behind shows and promises nothing: others could not read it, nor it what they wrote.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;

use super::App;
use crate::core::Error;

/// Refuses for now, until `sealing.key` is right.
///
/// # Errors
/// Those of the handler.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_behind = request
        .app_data::<web::Data<App>>()
        .is_some_and(|app| app.sealer.is_behind());
    if is_behind {
        let why = anyhow::anyhow!("sealing.key lacks the version that the database asks for");
        return Ok(request.error_response(Error::Unavailable(why)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
