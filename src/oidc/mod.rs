//! OAuth endpoints: management tokens, keys and discovery.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;

/// `/oauth/…`
pub fn routes() -> impl HttpServiceFactory {
    web::scope("/oauth")
}
