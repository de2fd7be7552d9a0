//! `POST /oauth/par`: an application says, by itself, whom it sends and why (RFC 9126). Nothing of it goes through the
//! browser.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::client_auth;
use super::error::OAuthError;
use crate::core::{Error, UserId, urls};
use crate::logins::Request;
use crate::logins::login::{self, NewRun, REQUEST_LIFETIME};
use crate::store::Client;
use crate::web::body::Form;
use crate::web::faces::JSON;
use crate::web::{App, Fields, Seen};

/// Where the endpoint is.
pub const PATH: &str = "/oauth/par";
/// What an application may ask to read; other scopes are ignored (OpenID Connect Core §3.1.2.1).
pub const SCOPES: [&str; 2] = ["openid", "email"];
/// What it may ask of the page: to ask again whatever it remembers, or to ask nothing.
pub const PROMPTS: [&str; 2] = ["login", "none"];

/// What an application asks for. Other parameters are ignored.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({
    "response_type": "code", "scope": "openid", "redirect_uri": "https://app.example.com/callback",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
    "state": "af0ifjsldkj", "nonce": "n-0S6_WzA2Mj", "login_hint": "auth0|ada"
}))]
pub struct PushedRequest {
    /// `code`
    #[schema(pattern = "^code$")]
    pub response_type: String,
    /// One of the client's addresses, letter by letter.
    #[schema(max_length = 1000)]
    pub redirect_uri: String,
    /// `openid`, and `email` for the user's address in the ID token.
    pub scope: String,
    /// SHA-256 of the verifier, base64url (RFC 7636).
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    pub code_challenge: String,
    /// `S256`
    #[schema(pattern = "^S256$")]
    pub code_challenge_method: String,
    /// The `user_id` of the user, whose password was right.
    #[schema(max_length = 255)]
    pub login_hint: String,
    /// Comes back with the answer.
    #[schema(max_length = 2000)]
    pub state: Option<String>,
    /// Comes back in the ID token.
    #[schema(max_length = 500)]
    pub nonce: Option<String>,
    /// How it is best proved, separated by spaces, the best first.
    #[schema(max_length = 500)]
    pub acr_values: Option<String>,
    /// How long ago it may have been proved, in seconds.
    pub max_age: Option<i64>,
    /// `login` asks whatever the browser remembers, `none` asks nothing.
    pub prompt: Option<String>,
    /// The user's languages, the best first, separated by spaces.
    #[schema(max_length = 500)]
    pub ui_locales: Option<String>,
    /// Whether a user without a factor may enroll one on the way. Of Tessera's own.
    pub allow_enrollment: Option<bool>,
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// Its secret, unless HTTP Basic carries it.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    pub client_assertion_type: Option<String>,
    /// What the client signed, in the place of a secret (RFC 7523).
    pub client_assertion: Option<String>,
}

/// Where the browser is sent next: to `authorization_endpoint` with `client_id` and this.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PushedAnswer {
    /// Names the request, once.
    pub request_uri: String,
    /// How long it waits for the browser, in seconds.
    pub expires_in: u64,
}

/// Takes what an application asks for, and gives the name that its browser comes with.
///
/// # Errors
/// [`OAuthError`], or one that [`face`](super::error::face) makes one of.
#[utoipa::path(
    post, path = "/oauth/par", tag = "OAuth", operation_id = "post_par",
    description = "The client proves itself as at the token endpoint, and names the user in `login_hint`.",
    request_body(content = PushedRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 201, description = "The name of the request", body = PushedAnswer),
        (status = 400, description = "`invalid_request`, naming the parameter; `invalid_scope`, `unsupported_response_type`, `request_not_supported`, or `access_denied` for a blocked user", body = OAuthError),
        (status = 401, description = "`invalid_client`: no such client, or it does not prove itself", body = OAuthError),
        (status = 403, description = "`invalid_request`: it came by plain http", body = OAuthError),
        (status = 408, description = "The body did not arrive in time", body = OAuthError),
        (status = 413, description = "The body is too large", body = OAuthError),
        (status = 415, description = "No form", body = OAuthError),
        (status = 429, description = "`too_many_requests`: `Retry-After` says when to come back", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security((), ("basic" = []))
)]
pub async fn post(
    app: web::Data<App>,
    seen: Seen,
    request: HttpRequest,
    Form(mut fields): Form,
) -> Result<HttpResponse, actix_web::Error> {
    let wrong = "invalid_client";
    let client = client_auth::authenticate(&app, &seen, &request, &mut fields, wrong).await?;
    let (user_id, request) = asked(&mut fields, &client)?;
    let user = app.store.begin_read().await?.user(&user_id).await?;
    if user.ok_or_else(unknown_user)?.blocked {
        return Err(OAuthError::bad("access_denied", "The user is blocked").into());
    }
    let run = NewRun {
        user_id: &user_id,
        client_id: &client.client_id,
        request: Some(&request),
    };
    let actor = seen.client(&client.client_id);
    let begun = login::begin(&app.store, &run, &actor, app.now(), app.rng()).await;
    let (_, secret) = begun.map_err(|error| match error {
        Error::NotFound { .. } => unknown_user().into(),
        other => actix_web::Error::from(other),
    })?;
    let answer = PushedAnswer {
        request_uri: format!("{}{}", urls::REQUEST_URI, secret.expose()),
        expires_in: REQUEST_LIFETIME.as_secs(),
    };
    Ok(HttpResponse::build(StatusCode::CREATED)
        .content_type(JSON)
        .json(answer))
}

fn bad(reason: impl Into<String>) -> OAuthError {
    OAuthError::bad("invalid_request", reason)
}

fn unknown_user() -> OAuthError {
    bad(
        "login_hint: there is no such user; create the user first (POST /api/v2/users, or a ticket)",
    )
}

/// What is asked for, and for whom, once all of it is right.
fn asked(fields: &mut Fields, client: &Client) -> Result<(UserId, Request), actix_web::Error> {
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "invalid_request"),
    ] {
        if fields.has(name) {
            let reason = format!("{name}: send the parameters themselves");
            return Err(OAuthError::bad(error, reason).into());
        }
    }
    if required(fields, "response_type")? != "code" {
        let reason = "response_type must be code";
        return Err(OAuthError::bad("unsupported_response_type", reason).into());
    }
    let mode = fields.string("response_mode")?;
    if mode.is_some_and(|mode| mode != "query") {
        return Err(bad("response_mode must be query").into());
    }
    let redirect_uri = required(fields, "redirect_uri")?;
    if !client.redirects().any(|known| known == redirect_uri) {
        return Err(bad(
            "redirect_uri is none of the client's; an admin registers it, letter by letter",
        )
        .into());
    }
    let scope = scope(&required(fields, "scope")?)?;
    let code_challenge = code_challenge(fields)?;
    let login_hint = required(fields, "login_hint")?;
    let user_id = login_hint.parse::<UserId>().map_err(|_| unknown_user())?;
    let request = Request {
        redirect_uri,
        scope,
        state: short(fields, "state", 2000)?,
        nonce: short(fields, "nonce", 500)?,
        code_challenge,
        acr_values: short(fields, "acr_values", 500)?,
        max_age: max_age(fields)?,
        prompt: prompt(fields)?,
        ui_locales: short(fields, "ui_locales", 500)?,
        allow_enrollment: fields.boolean("allow_enrollment")?.unwrap_or(false),
    };
    Ok((user_id, request))
}

fn required(fields: &mut Fields, name: &'static str) -> Result<String, actix_web::Error> {
    let missing = || bad(format!("Missing required parameter: {name}"));
    Ok(fields.string(name)?.ok_or_else(missing)?)
}

/// A text of printable ASCII, as OAuth has all of these (RFC 6749 appendix A). An empty one is the same as none (§3.1).
fn short(
    fields: &mut Fields,
    name: &'static str,
    most: usize,
) -> Result<Option<String>, actix_web::Error> {
    let text = fields.string(name)?.filter(|text| !text.is_empty());
    let Some(text) = text else {
        return Ok(None);
    };
    if text.len() > most || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        let reason = format!("{name} must have {most} characters of printable ASCII at most");
        return Err(bad(reason).into());
    }
    Ok(Some(text))
}

/// The scopes that we know, of those that were asked for.
fn scope(asked: &str) -> Result<String, OAuthError> {
    let asked: BTreeSet<&str> = asked.split(' ').collect();
    if !asked.contains("openid") {
        return Err(OAuthError::bad(
            "invalid_scope",
            "scope must contain openid",
        ));
    }
    let known: Vec<&str> = SCOPES
        .into_iter()
        .filter(|scope| asked.contains(scope))
        .collect();
    Ok(known.join(" "))
}

fn code_challenge(fields: &mut Fields) -> Result<String, actix_web::Error> {
    let challenge = required(fields, "code_challenge")?;
    if fields.string("code_challenge_method")?.as_deref() != Some("S256") {
        return Err(bad("code_challenge_method must be S256").into());
    }
    let bytes = BASE64URL_NOPAD.decode(challenge.as_bytes());
    if bytes.is_ok_and(|bytes| bytes.len() == 32) {
        Ok(challenge)
    } else {
        Err(bad("code_challenge must be a SHA-256 digest, base64url: 43 characters").into())
    }
}

fn max_age(fields: &mut Fields) -> Result<Option<u64>, actix_web::Error> {
    let seconds = fields.integer("max_age")?;
    let seconds = seconds
        .map(|seconds| u64::try_from(seconds).map_err(|_| bad("max_age must not be negative")));
    Ok(seconds.transpose()?)
}

fn prompt(fields: &mut Fields) -> Result<Option<String>, actix_web::Error> {
    let prompt = fields.string("prompt")?.filter(|prompt| !prompt.is_empty());
    if prompt
        .as_deref()
        .is_some_and(|prompt| !PROMPTS.contains(&prompt))
    {
        return Err(bad("prompt must be login or none").into());
    }
    Ok(prompt)
}
