//! OAuth endpoints: management tokens, keys and discovery (contract §4), the back channel of OpenID Connect, and the MFA
//! API (contract §5).

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Route, web};
use serde::Serialize;

use crate::web::faces::JSON;
use crate::web::resource::{get, resource};
use crate::web::{able, https, request};

pub mod client_auth;
pub mod discovery;
pub mod error;
pub mod grants;
pub mod keys;
pub mod mfa;
pub mod par;
pub mod token;

/// `/oauth/…` and `/.well-known/…`
pub fn routes() -> impl HttpServiceFactory {
    (
        endpoint(token::PATH, web::post().to(token::post)),
        endpoint(par::PATH, web::post().to(par::post)),
        resource(keys::PATH, "GET, HEAD").route(get().to(keys::get)),
        resource(discovery::PATH, "GET, HEAD").route(get().to(discovery::get)),
        mfa::routes(),
    )
}

/// What a client calls to prove itself.
fn endpoint(path: &str, post: Route) -> impl HttpServiceFactory + use<> {
    resource(path, "POST")
        .route(post)
        .wrap(from_fn(able::check))
        .wrap(from_fn(request::refuse))
        .wrap(from_fn(https::insist_on_https))
        .wrap(from_fn(error::face))
}

/// What anybody may read, and keep for five minutes.
fn public(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(JSON)
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(body)
}
