//! `POST /oauth/token`: a management token for an API client (RFC 6749 §4.4, contract §4.1).

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse, ResponseError as _, web};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use url::Url;
use zeroize::Zeroizing;

use crate::access::tokens::LIFETIME;
use crate::core::{Error, Result};
use crate::web::faces::{self, JSON};
use crate::web::{App, Body, Fields, Seen};

/// The one grant there is.
pub const GRANT: &str = "client_credentials";
/// An unknown audience is repeated to the caller up to here.
const LONGEST_ECHO: usize = 200;

/// What a client sends, as a form or as JSON. Other members are ignored.
#[derive(utoipa::ToSchema)]
pub struct TokenRequest {
    /// `client_credentials`
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
#[derive(Serialize, utoipa::ToSchema)]
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
#[utoipa::path(
    post, path = "/oauth/token", tag = "OAuth", operation_id = "post_token",
    request_body(content(
        (TokenRequest = "application/x-www-form-urlencoded"),
        (TokenRequest = "application/json"),
    )),
    responses(
        (status = 200, description = "A token", body = TokenResponse),
        (status = 400, description = "`invalid_request`: something is missing or contradicts itself", body = OAuthError),
        (status = 401, description = "`access_denied`: no such client, or a wrong secret", body = OAuthError),
        (status = 403, description = "`unsupported_grant_type`, or `access_denied` for an unknown audience", body = OAuthError),
        (status = 413, description = "The body is too large", body = OAuthError),
        (status = 415, description = "Neither a form nor JSON", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security((), ("basic" = []))
)]
pub async fn post(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let mut response = match answer(&app, &request, &mut payload.into_inner()).await {
        Ok(token) => HttpResponse::Ok().content_type(JSON).json(token),
        Err(error) => {
            let mut response = HttpResponse::build(error.status);
            if error.status == StatusCode::UNAUTHORIZED {
                response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"tessera\""));
            }
            response.content_type(JSON).json(error)
        }
    };
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        actix_web::http::header::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        PRAGMA,
        actix_web::http::header::HeaderValue::from_static("no-cache"),
    );
    response
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<crate::access::tokens::Issued, OAuthError> {
    let told = |error: Error| OAuthError::of(&error, request);
    let Body(mut fields) = Body::from_request(request, payload).await.map_err(told)?;
    let grant = fields.required_string("grant_type").map_err(told)?;
    if grant != GRANT {
        return Err(OAuthError::new(
            StatusCode::FORBIDDEN,
            "unsupported_grant_type",
            format!("Unsupported grant type; use {GRANT}"),
        ));
    }
    let credentials = credentials(request, &mut fields)?;
    let audience = fields.string("audience").map_err(told)?;
    let client = app
        .tokens
        .authenticate(&credentials.client_id, &credentials.secret)
        .await
        .map_err(told)?;
    if let Some(audience) = audience.filter(|audience| !is_management(app, audience)) {
        let audience: String = audience.chars().take(LONGEST_ECHO).collect();
        return Err(OAuthError::new(
            StatusCode::FORBIDDEN,
            "access_denied",
            format!("Service not found: {audience}"),
        ));
    }
    app.tokens.issue(&client, LIFETIME).await.map_err(told)
}

/// HTTP Basic, else the body; a client that uses both must not contradict itself (RFC 6749 §2.3).
fn credentials(request: &HttpRequest, fields: &mut Fields) -> Result<Credentials, OAuthError> {
    let told = |error: Error| OAuthError::of(&error, request);
    let client_id = fields.string("client_id").map_err(told)?;
    let secret = fields
        .string("client_secret")
        .map_err(told)?
        .map(Zeroizing::new);
    let bad = |reason: &str| OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", reason);
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        let client_id = client_id.ok_or_else(|| bad("Missing required parameter: client_id"))?;
        let secret = secret.ok_or_else(|| bad("Missing required parameter: client_secret"))?;
        return Ok(Credentials { client_id, secret });
    };
    let basic = header.to_str().ok().and_then(parse_basic);
    let Some(basic) = basic.filter(|_| headers.next().is_none()) else {
        return Err(bad(
            "The Authorization header must be Basic, with the client's id and secret",
        ));
    };
    if client_id.is_some_and(|client_id| client_id != basic.client_id) {
        return Err(bad(
            "client_id in the body is another than in the Authorization header",
        ));
    }
    if secret.is_some() {
        return Err(bad(
            "Send the secret in the Authorization header or in the body, not in both",
        ));
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

impl OAuthError {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            error_description: description.into(),
            status,
        }
    }

    fn of(error: &Error, request: &HttpRequest) -> Self {
        faces::log(error, Seen::of(request).as_ref());
        let (code, description) = match error {
            Error::Unauthenticated(_) => ("access_denied", error.to_string()),
            Error::Invalid { .. }
            | Error::Unreadable(_)
            | Error::TooLarge
            | Error::UnsupportedMedia(_) => ("invalid_request", error.to_string()),
            Error::Unavailable(_) => ("temporarily_unavailable", "Try again shortly".to_owned()),
            _ => ("server_error", "Something went wrong".to_owned()),
        };
        Self::new(error.status_code(), code, description)
    }
}
