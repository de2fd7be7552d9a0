//! The route table: the server and the tests are configured by the same function.

use actix_web::dev::HttpServiceFactory;
use actix_web::guard;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Resource, Route, web};

use super::{health, request, static_files};
use crate::core::{Error, urls};

/// Registers every route.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(plain("/healthz", get().to(health::healthz)))
        .service(plain("/readyz", get().to(health::readyz)))
        .service(plain(urls::SITE_CSS, get().to(static_files::site_css)))
        .service(plain("/static/{path:.+}", get().to(static_files::get)))
        .service(crate::oidc::routes())
        .service(crate::api::routes())
        .service(crate::pages::routes());
}

/// A resource outside the scopes that give errors their face.
fn plain(path: &str, route: Route) -> impl HttpServiceFactory + use<> {
    resource(path, "GET, HEAD")
        .route(route)
        .wrap(from_fn(request::refuse))
}

/// A resource that answers other methods with 405 and the ones that it knows.
pub fn resource(path: &str, allow: &str) -> Resource {
    let allow = HeaderValue::from_str(allow).ok();
    web::resource(path).default_service(web::to(move || {
        let mut response = HttpResponse::from_error(Error::MethodNotAllowed);
        if let Some(allow) = allow.clone() {
            response.headers_mut().insert(ALLOW, allow);
        }
        std::future::ready(response)
    }))
}

/// GET, and HEAD with the same headers.
pub fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
