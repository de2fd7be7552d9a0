//! The route table: the server and the tests are configured by the same function.

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::{Route, web};

use super::resource::{get, resource};
use super::{health, request, scrape, static_files};
use crate::core::urls;

/// Registers every route that visitors, applications and back ends have; `api_apart` leaves those of back ends away.
pub fn configure(config: &mut web::ServiceConfig, api_apart: bool) {
    health(config);
    config
        .service(plain(urls::SITE_CSS, get().to(static_files::site_css)))
        .service(plain("/static/{path:.+}", get().to(static_files::get)))
        .service(crate::oidc::routes());
    if !api_apart {
        config.service(crate::api::routes());
    }
    config.service(crate::pages::routes());
}

/// The routes of back ends alone: the management API, and where they get their tokens.
pub fn api(config: &mut web::ServiceConfig) {
    health(config);
    config
        .service(crate::oidc::routes())
        .service(crate::api::routes());
}

/// Liveness and readiness.
pub fn health(config: &mut web::ServiceConfig) {
    config
        .service(plain("/healthz", get().to(health::healthz)))
        .service(plain("/readyz", get().to(health::readyz)));
}

/// The metrics: for those who run the server, and for nobody else.
pub fn metrics(config: &mut web::ServiceConfig) {
    config.service(plain("/metrics", get().to(scrape::get)));
}

/// A resource outside the scopes that give errors their face.
pub(super) fn plain(path: &str, route: Route) -> impl HttpServiceFactory + use<> {
    resource(path, "GET, HEAD")
        .route(route)
        .wrap(from_fn(request::refuse))
}
