//! What every row of a route table is made of.

use actix_web::guard;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, Resource, Route, web};

use crate::core::Error;

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
