//! `authorization_code`: the application comes with the code that the browser brought, and learns who proved what
//! (OpenID Connect Core §3.1.3).

use actix_web::HttpResponse;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::GrantRequest;
use crate::access::id_tokens::Subject;
use crate::access::tokens::Issued;
use crate::core::secret::same;
use crate::core::{BearerSecret, Digest, Result};
use crate::logins::{Authentication, Request};
use crate::oidc::client_auth;
use crate::oidc::error::OAuthError;
use crate::store::{Client, Event, Login, User};
use crate::web::faces::JSON;

/// The name of the grant.
pub const GRANT: &str = "authorization_code";

/// What is wrong with a code is the same to whoever brings it.
const INVALID: &str =
    "The code is unknown, used, expired, of another client, or was asked for otherwise";

/// What the application gets.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    access: Issued,
    id_token: String,
}

/// What the application brings.
struct Shown {
    code: Digest,
    redirect_uri: String,
    verifier: String,
}

/// The tokens of a login that was proved, once.
///
/// # Errors
/// [`OAuthError`], or of the database.
pub async fn answer(asked: &mut GrantRequest) -> Result<HttpResponse, actix_web::Error> {
    let (app, fields) = (&asked.app, &mut asked.fields);
    let wrong = "invalid_client";
    let client = client_auth::authenticate(app, &asked.seen, &asked.request, fields, wrong).await?;
    let mut required = |name: &'static str| {
        let missing = || {
            OAuthError::bad(
                "invalid_request",
                format!("Missing required parameter: {name}"),
            )
        };
        Ok::<_, actix_web::Error>(fields.string(name)?.ok_or_else(missing)?)
    };
    let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
    let verifier = fields.string("code_verifier")?.unwrap_or_default();
    let invalid = || OAuthError::bad("invalid_grant", INVALID);
    let code = BearerSecret::parse(&code).ok_or_else(invalid)?.digest();
    let shown = Shown {
        code,
        redirect_uri,
        verifier,
    };
    let Some((login, request, user)) = spend(asked, &client, &shown).await? else {
        return Err(invalid().into());
    };
    let tokens = &asked.app.tokens;
    let wants_email = request.scope.split(' ').any(|scope| scope == "email");
    let proved = Authentication::of(&login)?;
    let subject = Subject {
        client: &client,
        user: &login.user_id,
        email: user.email.as_deref().filter(|_| wants_email),
        nonce: request.nonce.as_deref(),
        factor: &proved.factor,
        amr: &proved.amr,
        auth_time: proved.at,
        login_id: &login.login_id,
    };
    let answer = Answer {
        id_token: tokens.id_token(&subject).await?,
        access: tokens
            .access_token(&login.user_id, &client, &request.scope, asked.app.rng())
            .await?,
    };
    Ok(HttpResponse::Ok().content_type(JSON).json(answer))
}

/// The login of the code, which is spent now; nothing, and why in the audit log, when it does not fit.
///
/// A wrong verifier or redirect URI spends the code too: its rightful client has both, so somebody else has the code
/// (RFC 9700 §4.5). Another client's try leaves it alone: that client can do nothing with it (RFC 6749 §4.1.3), and must
/// not be able to end the logins of others.
async fn spend(
    asked: &GrantRequest,
    client: &Client,
    shown: &Shown,
) -> Result<Option<(Login, Request, User)>> {
    let (app, actor) = (&asked.app, asked.seen.client(&client.client_id));
    let (now, rng) = (app.now(), app.rng());
    let event = |kind: &'static str, login: &Login| {
        Event::new(kind, &actor, now, rng)
            .user(&login.user_id)
            .detail("login", login.login_id.as_str())
            .detail("client", client.client_id.as_str())
    };
    let mut tx = app.store.begin_write().await?;
    let Some(login) = tx.spend_login(&shown.code, now).await? else {
        let known = tx.login_by_code(&shown.code).await?;
        let replayed =
            known.filter(|login| login.state == "spent" && login.client_id == client.client_id);
        if let Some(login) = replayed {
            tx.record(&[event("login.code_replayed", &login)]).await?;
            tx.commit().await?;
        }
        return Ok(None);
    };
    if login.client_id != client.client_id {
        drop(tx);
        let foreign = event("login.code_refused", &login).detail("reason", "other_client");
        app.store.record(&[foreign]).await?;
        return Ok(None);
    }
    let request = Request::of(&login)?;
    let user = tx.user(&login.user_id).await?;
    let user = user.filter(|user| !user.blocked);
    let reason = match &user {
        _ if request.redirect_uri != shown.redirect_uri => Some("redirect_uri"),
        _ if !proves(&shown.verifier, &request.code_challenge) => Some("code_verifier"),
        None => Some("user_blocked"),
        Some(_) => None,
    };
    let event = match reason {
        Some(reason) => event("login.code_refused", &login).detail("reason", reason),
        None => event("login.spent", &login).detail("factor", login.factor.as_deref()),
    };
    tx.record(&[event]).await?;
    tx.commit().await?;
    Ok(user
        .filter(|_| reason.is_none())
        .map(|user| (login, request, user)))
}

/// Whether the verifier is the one that the challenge was made of (RFC 7636 §4.6).
fn proves(verifier: &str, challenge: &str) -> bool {
    let hash = BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).as_bytes());
    (43..=128).contains(&verifier.len()) && same(hash.as_bytes(), challenge.as_bytes())
}
