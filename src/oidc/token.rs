//! `POST /oauth/token`: a management token for an API client (RFC 6749 §4.4, contract §4.1).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, HeaderValue, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError, web};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use url::Url;
use zeroize::Zeroizing;

use crate::access::tokens::LIFETIME;
use crate::core::{Error, Result};
use crate::store::Event;
use crate::web::faces::{self, JSON};
use crate::web::{App, Body, Fields, Seen};

/// The one grant there is.
pub const GRANT: &str = "client_credentials";
/// An unknown audience is repeated to the caller up to here.
const LONGEST_ECHO: usize = 200;

/// What a client sends, as a form or as JSON. Other members are ignored.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({ "grant_type": GRANT }))]
pub struct TokenRequest {
    /// The one there is.
    #[schema(pattern = "^client_credentials$")]
    pub grant_type: String,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// Its secret, unless HTTP Basic carries it.
    pub client_secret: Option<String>,
    /// `{public_url}/api/v2/`; scheme, port and trailing slash are not compared.
    pub audience: Option<String>,
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
}

/// An error in OAuth's shape (RFC 6749 §5.2).
#[derive(Debug, Serialize, utoipa::ToSchema, thiserror::Error)]
#[error("{error}: {error_description}")]
pub struct OAuthError {
    error: &'static str,
    error_description: String,
    #[serde(skip)]
    #[schema(ignore)]
    status: StatusCode,
}

/// Who the caller says it is.
struct Credentials {
    client_id: String,
    secret: Zeroizing<String>,
}

/// Hands out a token.
///
/// # Errors
/// [`OAuthError`], or one that [`face`] makes one of.
#[utoipa::path(
    post, path = "/oauth/token", tag = "OAuth", operation_id = "post_token",
    description = "The client proves itself by HTTP Basic or in the body, as a form or as JSON.",
    request_body(content(
        (TokenRequest = "application/x-www-form-urlencoded"),
        (TokenRequest = "application/json"),
    )),
    responses(
        (status = 200, description = "A token", body = TokenResponse),
        (status = 400, description = "`invalid_request`: something is missing or contradicts itself", body = OAuthError),
        (status = 401, description = "`access_denied`: no such client, or a wrong secret", body = OAuthError),
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
    if grant != GRANT {
        let description = format!("Unsupported grant type; use {GRANT}");
        return Err(forbidden("unsupported_grant_type", description).into());
    }
    let credentials = credentials(&request, &mut fields)?;
    let audience = fields.string("audience")?;
    app.limits.token(seen.ip, &credentials.client_id)?;
    let client = app
        .tokens
        .authenticate(&credentials.client_id, &credentials.secret)
        .await?;
    request.extensions_mut().insert(client.client_id.clone());
    if let Some(audience) = audience.filter(|audience| !is_management(&app, audience)) {
        let audience: String = audience.chars().take(LONGEST_ECHO).collect();
        let description = format!("Service not found: {audience}");
        return Err(forbidden("access_denied", description).into());
    }
    let token = app.tokens.issue(&client, LIFETIME).await?;
    let actor = seen.client(&client.client_id);
    let event = Event::new("token.issued", &actor, app.now(), app.rng());
    app.store.record(&[event]).await?;
    Ok(HttpResponse::Ok().content_type(JSON).json(token))
}

/// Gives every error OAuth's shape, and lets nobody keep an answer.
///
/// # Errors
/// Those that are not ours.
pub async fn face(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    if let Some(error) = error.and_then(|error| error.as_error::<Error>()) {
        faces::log(error, response.request());
        let mut told = OAuthError::of(error).error_response();
        if let Some(allow) = response.headers().get(ALLOW) {
            told.headers_mut().insert(ALLOW, allow.clone());
        }
        if let Some(seconds) = faces::retry_after(error) {
            told.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response = response.into_response(told);
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// HTTP Basic, else the body; a client that uses both must not contradict itself (RFC 6749 §2.3).
fn credentials(
    request: &HttpRequest,
    fields: &mut Fields,
) -> Result<Credentials, actix_web::Error> {
    let client_id = fields.string("client_id")?;
    let secret = fields.string("client_secret")?.map(Zeroizing::new);
    let bad = |reason: &str| OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", reason);
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        let client_id = client_id.ok_or_else(|| bad("Missing required parameter: client_id"))?;
        let secret = secret.ok_or_else(|| bad("Missing required parameter: client_secret"))?;
        return Ok(Credentials { client_id, secret });
    };
    let basic = header.to_str().ok().and_then(parse_basic);
    let basic = basic.filter(|_| headers.next().is_none()).ok_or_else(|| {
        bad("The Authorization header must be Basic, with the client's id and secret")
    })?;
    if client_id.is_some_and(|client_id| client_id != basic.client_id) {
        return Err(
            bad("client_id in the body is another than in the Authorization header").into(),
        );
    }
    if secret.is_some() {
        return Err(
            bad("Send the secret in the Authorization header or in the body, not in both").into(),
        );
    }
    Ok(basic)
}

/// Id and secret are form-encoded before they are put together (RFC 6749 §2.3.1).
fn parse_basic(header: &str) -> Option<Credentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = Zeroizing::new(BASE64.decode(encoded.trim().as_bytes()).ok()?);
    let (client_id, secret) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    let decode = |part: &str| {
        let part = part.replace('+', " ");
        percent_decode_str(&part)
            .decode_utf8()
            .map(String::from)
            .ok()
    };
    Some(Credentials {
        client_id: decode(client_id)?,
        secret: Zeroizing::new(decode(secret)?),
    })
}

/// Clients derive the audience from the address they call: behind a proxy, scheme and port may differ.
fn is_management(app: &App, audience: &str) -> bool {
    Url::parse(audience).is_ok_and(|url| {
        url.host_str() == Some(app.urls.host())
            && url.path().trim_end_matches('/') == "/api/v2"
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

fn forbidden(error: &'static str, description: String) -> OAuthError {
    OAuthError::new(StatusCode::FORBIDDEN, error, description)
}

impl OAuthError {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            error_description: description.into(),
            status,
        }
    }

    fn of(error: &Error) -> Self {
        let code = match error {
            Error::Unauthenticated(_) => "access_denied",
            Error::Throttled { .. } => "too_many_requests",
            Error::Unavailable(_) => "temporarily_unavailable",
            Error::Internal(_) => "server_error",
            _ => "invalid_request",
        };
        let description = match error {
            Error::Unavailable(_) => "Try again shortly".to_owned(),
            Error::Internal(_) => "Something went wrong".to_owned(),
            told => told.to_string(),
        };
        Self::new(error.status_code(), code, description)
    }
}

impl ResponseError for OAuthError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"tessera\""));
        }
        response.content_type(JSON).json(self)
    }
}
