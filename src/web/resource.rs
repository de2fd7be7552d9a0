//! What every row of a route table is made of.

use std::cell::OnceCell;
use std::sync::Arc;

use actix_web::guard;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};

use super::metrics::{self, Metrics};
use crate::core::Error;

/// A resource that answers other methods with 405 and the ones that it knows.
pub fn resource(path: &str, allow: &str) -> Resource {
    let allow = HeaderValue::from_str(allow).ok();
    let resource = web::resource(path).app_data(Counted::default());
    resource.default_service(web::to(move || {
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

/// What is counted of a resource, found at its first request.
#[derive(Default)]
struct Counted(OnceCell<Arc<metrics::Route>>);

/// What is counted of the route that answered.
pub fn counted(request: &HttpRequest, metrics: &Metrics) -> Arc<metrics::Route> {
    let Some(Counted(found)) = request.app_data() else {
        return metrics.unrouted();
    };
    // The pattern, not the path: a path can hold an address.
    let find = || match request.match_pattern() {
        Some(pattern) => metrics.route(&pattern),
        None => metrics.unrouted(),
    };
    Arc::clone(found.get_or_init(find))
}
