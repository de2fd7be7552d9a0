//! `/.well-known/openid-configuration`: where the endpoints are (RFC 8414).

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::access::scopes;
use crate::web::App;

/// Where the description is.
pub const PATH: &str = "/.well-known/openid-configuration";

/// What a client finds out by itself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Discovery {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    /// None: nobody logs in here.
    response_types_supported: [&'static str; 0],
    scopes_supported: Vec<&'static str>,
}

/// Where to get a token and how to verify it.
#[utoipa::path(
    get, path = "/.well-known/openid-configuration", tag = "OAuth", operation_id = "get_openid_configuration",
    responses((status = 200, description = "Where the endpoints are; may be kept for five minutes", body = Discovery)),
    security(())
)]
pub async fn get(app: web::Data<App>) -> HttpResponse {
    super::public(&Discovery {
        issuer: app.urls.issuer(),
        token_endpoint: app.urls.absolute("/oauth/token"),
        jwks_uri: app.urls.absolute(super::keys::PATH),
        grant_types_supported: super::token::GRANTS,
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        response_types_supported: [],
        scopes_supported: scopes::ALL.to_vec(),
    })
}
