//! How a client proves itself to any of these endpoints: by HTTP Basic, by a secret in the body, or by signing
//! (RFC 6749 §2.3, RFC 7523 §2.2).

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage as _, HttpRequest};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::error::OAuthError;
use super::token;
use crate::access::assertions::claimed_client;
use crate::core::Error;
use crate::store::Client;
use crate::web::{App, Fields, Seen, faces};

/// What an assertion is said to be (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who the caller says it is, and what is to prove it.
struct Credentials {
    client_id: String,
    proof: Proof,
}

enum Proof {
    Secret(Zeroizing<String>),
    Assertion(Zeroizing<String>),
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
    let credentials = credentials(basic(request)?, fields)?;
    prove(app, seen, request, credentials, wrong).await
}

/// The same where the Authorization header says something else.
///
/// # Errors
/// As [`authenticate`].
pub async fn authenticate_in_body(
    app: &App,
    seen: &Seen,
    request: &HttpRequest,
    fields: &mut Fields,
    wrong: &'static str,
) -> Result<Client, actix_web::Error> {
    prove(app, seen, request, credentials(None, fields)?, wrong).await
}

async fn prove(
    app: &App,
    seen: &Seen,
    request: &HttpRequest,
    Credentials { client_id, proof }: Credentials,
    wrong: &'static str,
) -> Result<Client, actix_web::Error> {
    app.limits.token(seen.ip, &client_id)?;
    let proved = match &proof {
        Proof::Secret(secret) => app.tokens.authenticate(&client_id, secret).await,
        Proof::Assertion(assertion) => {
            let audiences = audiences(app, request.path());
            app.tokens.authenticate_signed(assertion, &audiences).await
        }
    };
    let client = proved.map_err(|error| refused(error, wrong, request))?;
    request.extensions_mut().insert(client.client_id.clone());
    Ok(client)
}

/// Whom an assertion may name as the one it is for: us, the token endpoint, or this very endpoint (RFC 9126 §2).
fn audiences(app: &App, path: &str) -> [String; 3] {
    let endpoints = [token::PATH, path].map(|path| app.urls.absolute(path));
    let [token, this] = endpoints;
    [app.urls.issuer(), token, this]
}

fn refused(error: Error, wrong: &'static str, request: &HttpRequest) -> actix_web::Error {
    let Error::Unauthenticated(told) = error else {
        return error.into();
    };
    faces::log(&error, request);
    OAuthError::new(StatusCode::UNAUTHORIZED, wrong, told).into()
}

/// One way to prove itself, and only one (RFC 6749 §2.3); what is said twice must not contradict itself.
fn credentials(
    basic: Option<Credentials>,
    fields: &mut Fields,
) -> Result<Credentials, actix_web::Error> {
    let client_id = fields.string("client_id")?;
    let secret = fields.string("client_secret")?.map(Zeroizing::new);
    let assertion = assertion(fields)?;
    let ways = [basic.is_some(), secret.is_some(), assertion.is_some()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(bad("Prove the client in one way: the Authorization header, client_secret or client_assertion").into());
    }
    let proved = basic.or(assertion);
    if let Some(proved) = &proved
        && client_id.as_ref().is_some_and(|id| *id != proved.client_id)
    {
        return Err(bad("client_id is another than in what proves the client").into());
    }
    if let Some(proved) = proved {
        return Ok(proved);
    }
    let client_id = client_id.ok_or_else(|| bad("Missing required parameter: client_id"))?;
    let secret = secret.ok_or_else(|| bad("Missing required parameter: client_secret"))?;
    Ok(Credentials {
        client_id,
        proof: Proof::Secret(secret),
    })
}

fn bad(reason: &str) -> OAuthError {
    OAuthError::bad("invalid_request", reason)
}

fn assertion(fields: &mut Fields) -> Result<Option<Credentials>, actix_web::Error> {
    let kind = fields.string("client_assertion_type")?;
    let assertion = fields.string("client_assertion")?.map(Zeroizing::new);
    let Some(assertion) = assertion else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(bad("Missing required parameter: client_assertion").into()),
        };
    };
    if kind.as_deref() != Some(ASSERTION_TYPE) {
        return Err(bad(&format!("client_assertion_type must be {ASSERTION_TYPE}")).into());
    }
    let client_id = claimed_client(&assertion);
    let client_id = client_id.ok_or_else(|| bad("client_assertion must be a JWT with a sub"))?;
    Ok(Some(Credentials {
        client_id,
        proof: Proof::Assertion(assertion),
    }))
}

fn basic(request: &HttpRequest) -> Result<Option<Credentials>, actix_web::Error> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    let basic = header.to_str().ok().and_then(parse_basic);
    match basic.filter(|_| headers.next().is_none()) {
        Some(basic) => Ok(Some(basic)),
        None => Err(
            bad("The Authorization header must be Basic, with the client's id and secret").into(),
        ),
    }
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
        proof: Proof::Secret(Zeroizing::new(decode(secret)?)),
    })
}
