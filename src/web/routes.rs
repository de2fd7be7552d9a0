//! The route table: the server and the tests are configured by the same function.

use actix_web::guard;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, Resource, Route, web};

use super::{health, static_files};
use crate::core::Error;

/// Registers every route.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(resource("/healthz", "GET, HEAD").route(get().to(health::healthz)))
        .service(resource("/readyz", "GET, HEAD").route(get().to(health::readyz)))
        .service(resource("/static/site.css", "GET, HEAD").route(get().to(static_files::site_css)))
        .service(resource("/static/{path:.+}", "GET, HEAD").route(get().to(static_files::get)))
        .service(crate::oidc::routes())
        .service(crate::api::routes())
        .service(crate::pages::routes());
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
