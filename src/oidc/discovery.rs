//! `/.well-known/openid-configuration`: where the endpoints are, and what they can do (OpenID Connect Discovery §3,
//! RFC 8414 §2).

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{par, token};
use crate::access::client_keys::ALGORITHMS;
use crate::access::scopes;
use crate::core::{Algorithm, urls};
use crate::logins::methods;
use crate::web::App;

/// Where the description is.
pub const PATH: &str = "/.well-known/openid-configuration";

/// How a client may prove itself, at the token endpoint and at the others.
const AUTH_METHODS: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];
const ID_TOKEN_CLAIMS: [&str; 11] = [
    "iss",
    "sub",
    "aud",
    "iat",
    "exp",
    "auth_time",
    "nonce",
    "amr",
    "acr",
    "sid",
    "email",
];

/// What a client finds out by itself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    pushed_authorization_request_endpoint: String,
    /// No request goes through the browser.
    require_pushed_authorization_requests: bool,
    token_endpoint: String,
    jwks_uri: String,
    /// Auth0's MFA API.
    mfa_challenge_endpoint: String,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: Vec<&'static str>,
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Every answer that goes through the browser names the issuer (RFC 9207).
    authorization_response_iss_parameter_supported: bool,
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 2],
    acr_values_supported: Vec<&'static str>,
    prompt_values_supported: [&'static str; 2],
    claims_supported: [&'static str; 11],
    ui_locales_supported: Vec<String>,
    /// Of an ID token, then of a management token.
    scopes_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
}

/// Where to get a token and how to verify it.
#[utoipa::path(
    get, path = "/.well-known/openid-configuration", tag = "OAuth", operation_id = "get_openid_configuration",
    responses((status = 200, description = "Where the endpoints are; may be kept for five minutes", body = Discovery)),
    security(())
)]
pub async fn get(app: web::Data<App>) -> HttpResponse {
    let locales = app.views.locales();
    super::public(&Discovery {
        issuer: app.urls.issuer(),
        authorization_endpoint: app.urls.absolute(urls::AUTHORIZE),
        pushed_authorization_request_endpoint: app.urls.absolute(par::PATH),
        require_pushed_authorization_requests: true,
        token_endpoint: app.urls.absolute(token::PATH),
        jwks_uri: app.urls.absolute(super::keys::PATH),
        mfa_challenge_endpoint: app.urls.absolute("/mfa/challenge"),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: token::GRANTS.to_vec(),
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: AUTH_METHODS,
        token_endpoint_auth_signing_alg_values_supported: ALGORITHMS.map(|(name, _)| name).to_vec(),
        authorization_response_iss_parameter_supported: true,
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: Algorithm::ALL.map(Algorithm::name),
        acr_values_supported: methods::ACR_VALUES.to_vec(),
        prompt_values_supported: par::PROMPTS,
        claims_supported: ID_TOKEN_CLAIMS,
        ui_locales_supported: locales
            .iter()
            .map(|locale| locale.as_str().to_owned())
            .collect(),
        scopes_supported: par::SCOPES.into_iter().chain(scopes::ALL).collect(),
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    })
}
