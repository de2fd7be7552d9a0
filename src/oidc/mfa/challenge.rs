//! `POST /mfa/challenge`: asks for a factor that the user has.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::authenticators::{Found, Usable, authenticators};
use super::bearer::Bearer;
use super::oob::OobCode;
use super::refusals::{
    ended, invalid_request, not_enrolled, over, unreachable, why_held, why_refused,
};
use super::{locale, ok};
use crate::core::Result;
use crate::factors::Factor;
use crate::factors::push::{Payload, prompts};
use crate::logins::{self, Asked, CodeRequest};
use crate::oidc::error::OAuthError;
use crate::store::Login;
use crate::tickets::start::open_challenge;
use crate::web::{App, Body, Seen};

/// What is asked for. Other members are ignored.
#[derive(ToSchema)]
pub struct ChallengeRequest {
    /// The token of the login, unless the `Authorization` header bears it.
    pub mfa_token: Option<String>,
    /// The kinds that the client can show, separated by spaces: `otp`, `oob`. Both, if it does not say.
    pub challenge_type: Option<String>,
    /// One of `GET /mfa/authenticators`; the one that was used last, if it does not say.
    pub authenticator_id: Option<String>,
    /// The client. It may be left out; if not, it is the one that the token was made for.
    pub client_id: Option<String>,
    /// Its secret, with `client_id`.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    pub client_assertion_type: Option<String>,
    /// What the client signed, in the place of a secret (RFC 7523).
    pub client_assertion: Option<String>,
}

/// What the person is to do.
#[derive(Serialize, ToSchema)]
pub struct ChallengeResponse {
    /// `otp`: type a code of the app. `oob`: something was sent to them.
    challenge_type: &'static str,
    /// For `POST /oauth/token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    oob_code: Option<String>,
    /// `prompt`: what was sent is typed here, and goes into `binding_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding_method: Option<&'static str>,
    /// Show this to the person, who types it on the phone: without it the phone can't approve. Not in Auth0's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

/// Asks for a factor.
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
#[utoipa::path(
    post, path = "/mfa/challenge", tag = "MFA API", operation_id = "post_mfa_challenge",
    description = "For the bearer of an `mfa_token`. A code is sent, or a phone is asked; an app needs neither. A phone that approves wants the `number` of the answer, which the person reads off your screen.",
    request_body(content(
        (ChallengeRequest = "application/json"),
        (ChallengeRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "What the person is to do", body = ChallengeResponse),
        (status = 400, description = "`invalid_request`: something is missing or contradicts itself", body = OAuthError),
        (status = 401, description = "`expired_token`, `invalid_grant` for a token that is none, `association_required`, `unsupported_challenge_type`, or `access_denied` for a wrong secret", body = OAuthError),
        (status = 403, description = "`access_denied` for a user who is blocked, or `invalid_request` for what came by plain http", body = OAuthError),
        (status = 408, description = "The body did not arrive in time", body = OAuthError),
        (status = 413, description = "The body is too large", body = OAuthError),
        (status = 415, description = "Neither a form nor JSON", body = OAuthError),
        (status = 429, description = "`too_many_attempts` or `too_many_requests`: `Retry-After` says when to come back", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security((), ("bearer" = []))
)]
pub async fn post(
    app: web::Data<App>,
    seen: Seen,
    request: HttpRequest,
    Body(mut fields): Body,
) -> Result<HttpResponse, actix_web::Error> {
    let token = fields.string("mfa_token")?;
    let kinds = fields.string("challenge_type")?;
    let wanted = fields.string("authenticator_id")?;
    let bearer = match token {
        Some(token) => Bearer::named(&app, &seen, &token).await?,
        None => Bearer::of(&app, &seen, &request).await?,
    };
    bearer
        .check_client(&app, &seen, &request, &mut fields)
        .await?;
    let Bearer::Login(login) = bearer else {
        let reason = "An access token challenges nothing: use an mfa_token";
        return Err(invalid_request(reason).into());
    };
    let kinds = Kinds::parse(kinds.as_deref())?;
    let found = authenticators(&app, &login.user_id).await?;
    let chosen = choose(found, &kinds, wanted.as_deref())?;
    match chosen.factor {
        Factor::Phone => {
            let words = locale(&app, &request, &login.user_id).await?;
            send(&app, &seen, &login, &chosen, &words).await
        }
        Factor::PushNotification => ask(&app, &seen, &login, &chosen).await,
        // The app shows codes all the time.
        _ => Ok(ok(&ChallengeResponse {
            challenge_type: "otp",
            oob_code: None,
            binding_method: None,
            number: None,
        })),
    }
}

/// The kinds of challenges that a client can show.
struct Kinds(Vec<&'static str>);

impl Kinds {
    fn parse(text: Option<&str>) -> Result<Self, OAuthError> {
        const KNOWN: [&str; 2] = ["otp", "oob"];
        let Some(text) = text else {
            return Ok(Self(KNOWN.to_vec()));
        };
        let asked: Vec<&str> = text.split_ascii_whitespace().collect();
        if asked.is_empty() || asked.iter().any(|kind| !KNOWN.contains(kind)) {
            let reason = "challenge_type must be otp, oob, or both with a space between them";
            return Err(invalid_request(reason));
        }
        Ok(Self(
            KNOWN
                .into_iter()
                .filter(|kind| asked.contains(kind))
                .collect(),
        ))
    }

    fn unsupported(&self) -> OAuthError {
        let kinds = self.0.join(" ");
        OAuthError::new(
            StatusCode::UNAUTHORIZED,
            "unsupported_challenge_type",
            format!(
                "User does not have any enrolled authenticator with the supported challenge type ({kinds})"
            ),
        )
    }
}

/// The one that is meant, or that was used last.
fn choose(found: Found, kinds: &Kinds, wanted: Option<&str>) -> Result<Usable, OAuthError> {
    if !found.is_enrolled {
        return Err(not_enrolled("association_required"));
    }
    let mut usable = found.usable;
    if let Some(id) = wanted {
        usable.retain(|usable| usable.shown.id == id);
        if usable.is_empty() {
            return Err(invalid_request("authenticator_id is none of the user's"));
        }
    }
    usable.retain(|usable| kinds.0.contains(&usable.shown.authenticator_type));
    let last = usable.into_iter().max_by_key(|usable| {
        usable
            .enrollment
            .last_auth_at
            .or(usable.enrollment.enrolled_at)
    });
    last.ok_or_else(|| kinds.unsupported())
}

async fn send(
    app: &App,
    seen: &Seen,
    login: &Login,
    chosen: &Usable,
    locale: &str,
) -> Result<HttpResponse, actix_web::Error> {
    let asked = CodeRequest {
        user_id: &login.user_id,
        login: login.login_id.as_str(),
        enrollment_id: &chosen.enrollment.enrollment_id,
        channel: None,
        address: seen.ip,
        locale,
    };
    let (now, rng, actor) = (app.now(), app.rng(), seen.login(&login.login_id));
    let (store, policy, sealer) = (&app.store, &app.phone, &app.sealer);
    let asked = logins::send_code(store, &asked, policy, sealer, &actor, now, rng).await;
    let challenge = match asked.map_err(over)? {
        Asked::Sent(challenge) => challenge,
        Asked::Held(held) => return Err(why_held(app, held).into()),
        Asked::Number(_) | Asked::NoChannel => return Err(unreachable().into()),
        Asked::Ended => return Err(ended(login, now).into()),
        Asked::Refused(refused) => return Err(why_refused(&refused).into()),
    };
    app.text_bell.notify_one();
    Ok(ok(&ChallengeResponse {
        challenge_type: "oob",
        oob_code: Some(OobCode::seal(
            &login.login_id,
            &challenge,
            false,
            sealer,
            rng,
        )),
        binding_method: Some("prompt"),
        number: None,
    }))
}

async fn ask(
    app: &App,
    seen: &Seen,
    login: &Login,
    chosen: &Usable,
) -> Result<HttpResponse, actix_web::Error> {
    let request = prompts::Request {
        user_id: &login.user_id,
        bearer: login.login_id.as_str(),
        enrollment_id: &chosen.enrollment.enrollment_id,
        origin: app.urls.origin(),
    };
    let (now, rng, actor) = (app.now(), app.rng(), seen.login(&login.login_id));
    let (store, sealer) = (&app.store, &app.sealer);
    let asked = logins::ask_phone(store, &request, sealer, &actor, now, rng).await;
    let challenge = match asked.map_err(over)? {
        Ok(challenge) => challenge,
        Err(refused) => return Err(why_refused(&refused).into()),
    };
    app.call_bell.notify_one();
    let payload = Payload::read(&open_challenge(&challenge, sealer)?)?;
    Ok(ok(&ChallengeResponse {
        challenge_type: "oob",
        oob_code: Some(OobCode::seal(
            &login.login_id,
            &challenge,
            false,
            sealer,
            rng,
        )),
        binding_method: None,
        number: payload.asked().map(|asked| asked.number.clone()),
    }))
}
