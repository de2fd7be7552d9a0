//! `POST /oauth/token`: who proves itself gets what its grant is good for (RFC 6749 §3.2).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::OAuthError;
use super::grants::{GrantRequest, authorization_code, client_credentials, mfa};
use crate::web::{App, Body, Seen};

/// Where the endpoint is.
pub const PATH: &str = "/oauth/token";
/// The grants there are.
pub const GRANTS: [&str; 5] = [
    client_credentials::GRANT,
    authorization_code::GRANT,
    mfa::OTP,
    mfa::OOB,
    mfa::RECOVERY_CODE,
];

/// What a client sends, as a form or as JSON. Other members are ignored.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({ "grant_type": "client_credentials" }))]
pub struct TokenRequest {
    /// For a management token, or for the tokens of a login.
    #[schema(
        pattern = "^(client_credentials|authorization_code|http://auth0\\.com/oauth/grant-type/mfa-(otp|oob|recovery-code))$"
    )]
    pub grant_type: String,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// Its secret, unless HTTP Basic carries it.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    pub client_assertion_type: Option<String>,
    /// What the client signed, in the place of a secret (RFC 7523).
    pub client_assertion: Option<String>,
    /// With `client_credentials`: `{public_url}/api/v2/`; scheme, port and trailing slash are not compared.
    pub audience: Option<String>,
    /// With `authorization_code`: the code that the browser brought.
    pub code: Option<String>,
    /// With `authorization_code`: the address that it was brought to.
    pub redirect_uri: Option<String>,
    /// With `authorization_code`: what `code_challenge` was made of (RFC 7636).
    pub code_verifier: Option<String>,
    /// With the grants of the MFA API: the token of the login, or the access token that a factor is added with.
    pub mfa_token: Option<String>,
    /// With `…/mfa-otp`: the code that the app shows.
    pub otp: Option<String>,
    /// With `…/mfa-oob`: what `/mfa/challenge` or `/mfa/associate` answered.
    pub oob_code: Option<String>,
    /// With `…/mfa-oob`: the code that was sent, if `binding_method` was `prompt`.
    pub binding_code: Option<String>,
    /// With `…/mfa-recovery-code`: the recovery code.
    pub recovery_code: Option<String>,
}

/// A token.
#[derive(utoipa::ToSchema)]
pub struct TokenResponse {
    /// For `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`
    pub token_type: String,
    /// Its life in seconds.
    pub expires_in: u64,
    /// What it lets its bearer do, separated by spaces.
    pub scope: String,
    /// With `authorization_code` and the grants of the MFA API: who proved what, and when.
    pub id_token: Option<String>,
    /// With `…/mfa-recovery-code`: the code in the place of the one that is used up, this once.
    pub recovery_code: Option<String>,
}

/// Hands out a token.
///
/// # Errors
/// [`OAuthError`], or one that [`face`](super::error::face) makes one of.
#[utoipa::path(
    post, path = "/oauth/token", tag = "OAuth", operation_id = "post_token",
    description = "The client proves itself by HTTP Basic or in the body, as a form or as JSON: by its secret, or by signing.",
    request_body(content(
        (TokenRequest = "application/x-www-form-urlencoded"),
        (TokenRequest = "application/json"),
    )),
    responses(
        (status = 200, description = "A token", body = TokenResponse),
        (status = 400, description = "`invalid_request`: something is missing or contradicts itself; `invalid_grant`: the code is not good, or not any more", body = OAuthError),
        (status = 401, description = "No such client, or it does not prove itself: `access_denied` with `client_credentials`, `invalid_client` with `authorization_code`", body = OAuthError),
        (status = 403, description = "`unsupported_grant_type`, `access_denied` for an unknown audience, or `invalid_request` for what came by plain http", body = OAuthError),
        (status = 408, description = "The body did not arrive in time", body = OAuthError),
        (status = 413, description = "The body is too large", body = OAuthError),
        (status = 415, description = "Neither a form nor JSON", body = OAuthError),
        (status = 429, description = "`too_many_requests`: `Retry-After` says when to come back", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security((), ("basic" = []))
)]
pub async fn post(
    app: web::Data<App>,
    seen: Seen,
    request: HttpRequest,
    Body(mut fields): Body,
) -> Result<HttpResponse, actix_web::Error> {
    let grant = fields.required_string("grant_type")?;
    let mut asked = GrantRequest {
        app,
        seen,
        fields,
        request,
    };
    // Boxed: the future of a handler is moved for each request, and would have room for the largest of them.
    match grant.as_str() {
        client_credentials::GRANT => Box::pin(client_credentials::answer(&mut asked)).await,
        authorization_code::GRANT => Box::pin(authorization_code::answer(&mut asked)).await,
        mfa::OTP => Box::pin(mfa::otp(&mut asked)).await,
        mfa::OOB => Box::pin(mfa::oob(&mut asked)).await,
        mfa::RECOVERY_CODE => Box::pin(mfa::recovery_code(&mut asked)).await,
        _ => Err(unsupported().into()),
    }
}

fn unsupported() -> OAuthError {
    let description = format!("Unsupported grant type; use {}", GRANTS.join(", "));
    OAuthError::new(StatusCode::FORBIDDEN, "unsupported_grant_type", description)
}
