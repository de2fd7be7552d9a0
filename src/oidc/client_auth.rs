//! How a client proves itself to any of these endpoints: HTTP Basic, or in the body (RFC 6749 §2.3).

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::error::OAuthError;
use crate::core::Error;
use crate::store::Client;
use crate::web::{App, Fields, Seen, faces};

/// Who the caller says it is.
struct Credentials {
    client_id: String,
    secret: Zeroizing<String>,
}

/// The client that sent this, once it proved itself. Takes what proves it out of the fields.
///
/// # Errors
/// [`OAuthError`] `wrong` (401) for who does not prove itself, `invalid_request` for what contradicts itself, and
/// [`Error::Throttled`].
pub async fn authenticate(
    app: &App,
    seen: &Seen,
    request: &HttpRequest,
    fields: &mut Fields,
    wrong: &'static str,
) -> Result<Client, actix_web::Error> {
    let credentials = credentials(request, fields)?;
    app.limits.token(seen.ip, &credentials.client_id)?;
    let proved = app
        .tokens
        .authenticate(&credentials.client_id, &credentials.secret)
        .await;
    let client = proved.map_err(|error| refused(error, wrong, request))?;
    request.extensions_mut().insert(client.client_id.clone());
    Ok(client)
}

fn refused(error: Error, wrong: &'static str, request: &HttpRequest) -> actix_web::Error {
    let Error::Unauthenticated(told) = error else {
        return error.into();
    };
    faces::log(&error, request);
    OAuthError::new(StatusCode::UNAUTHORIZED, wrong, told).into()
}

/// HTTP Basic, else the body; a client that uses both must not contradict itself (RFC 6749 §2.3).
fn credentials(
    request: &HttpRequest,
    fields: &mut Fields,
) -> Result<Credentials, actix_web::Error> {
    let client_id = fields.string("client_id")?;
    let secret = fields.string("client_secret")?.map(Zeroizing::new);
    let bad = |reason: &str| OAuthError::bad("invalid_request", reason);
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
