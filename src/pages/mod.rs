//! The pages a person sees, one file per screen family.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;

/// All that is not an API.
pub fn routes() -> impl HttpServiceFactory {
    web::scope("/guardian")
}

/// One rendered example of each page, for the check, the preview and the snapshots.
pub fn samples() -> Vec<crate::views::Sample> {
    Vec::new()
}
