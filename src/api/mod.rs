//! The management API, one file per resource.

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web;

use crate::core::Error;
use crate::web::{faces, request};

/// `/api/v2/…`
pub fn routes() -> impl HttpServiceFactory {
    web::scope("/api/v2")
        .wrap(from_fn(request::refuse))
        .wrap(from_fn(faces::json))
        .default_service(web::to(|| async {
            Err::<String, _>(Error::NotFound {
                code: "not_found",
                message: "There is no such path.",
            })
        }))
}
