//! An `mfa_token`, which Auth0 gives to whoever typed a right password: here a back end asks for it, since this server knows no
//! passwords.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::ErrorBody;
use super::unread::Unread;
use super::user_body::UserIdText;
use crate::access::scopes;
use crate::core::{ClientId, Error, Result, UserId};
use crate::factors::Factor;
use crate::logins::login::{self, LIFETIME, NewRun};
use crate::oidc::mfa::authenticators::authenticators;
use crate::web::faces::JSON;
use crate::web::{ApiCaller, App};

/// For whom it is.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaTokenRequest {
    /// The client that will send it, and get the tokens; the caller itself, if left out.
    #[schema(pattern = "^cli_[0-9a-f]{32}$")]
    pub client_id: Option<String>,
}

/// A login that begins.
#[derive(Serialize, ToSchema)]
pub struct MfaToken {
    /// For `/mfa/…` and `POST /oauth/token`; it gives one set of tokens.
    mfa_token: String,
    /// Its life in seconds.
    expires_in: u64,
    mfa_requirements: Requirements,
}

/// What the user can do.
#[derive(Serialize, ToSchema)]
pub struct Requirements {
    /// With `/mfa/challenge`: what the user has.
    challenge: Vec<Requirement>,
    /// With `/mfa/associate`: what a user who has no factor can add.
    enroll: Vec<Requirement>,
}

/// A kind of authenticator.
#[derive(Serialize, ToSchema)]
pub struct Requirement {
    /// `otp`, `phone`, `push-notification` or `recovery-code`
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Begins a login.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/users/{id}/mfa-token", tag = "MFA API", operation_id = "post_mfa_token",
    description = "Needs `create:mfa_tokens`. Call it when your application knows who the user is, such as by a right password. Auth0 has no such call: there, a login with a password answers `mfa_required` and the token.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    request_body(content(
        (MfaTokenRequest = "application/json"),
        (MfaTokenRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "The token, this once", body = MfaToken),
        (status = 400, description = "`invalid_uri`, or `invalid_body` naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
        (status = 409, description = "`user_blocked`", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_MFA_TOKENS])?;
    let id: UserId = request.id()?;
    let mut body = request.body().await?;
    let named = body.string("client_id")?;
    body.finish()?;
    let client_id = match named {
        Some(named) => client(&app, &named).await?,
        None => caller.client_id().clone(),
    };
    let user = app.store.begin_read().await?.user(&id).await?;
    if user.ok_or_else(Error::no_user)?.blocked {
        return Err(Error::Conflict {
            code: "user_blocked",
            message: "The user is blocked.",
        });
    }
    let requirements = requirements(&app, &id).await?;
    let run = NewRun {
        user_id: &id,
        client_id: &client_id,
        request: None,
    };
    let (now, rng) = (app.now(), app.rng());
    let (_, secret) = login::begin(&app.store, &run, &actor, now, rng).await?;
    let token = MfaToken {
        mfa_token: secret.expose().to_owned(),
        expires_in: LIFETIME.as_secs(),
        mfa_requirements: requirements,
    };
    Ok(HttpResponse::Created().content_type(JSON).json(token))
}

/// A client that there is.
async fn client(app: &App, named: &str) -> Result<ClientId> {
    let none = || Error::invalid("client_id", "must be the id of a client of this server");
    let id: ClientId = named.parse().map_err(|_| none())?;
    let found = app.store.begin_read().await?.client(&id).await?;
    Ok(found.ok_or_else(none)?.client_id)
}

async fn requirements(app: &App, user_id: &UserId) -> Result<Requirements> {
    let found = authenticators(app, user_id).await?;
    let mut challenge = Vec::new();
    let mut enroll = Vec::new();
    let switches = app.switches.get().await?;
    for factor in [Factor::Otp, Factor::PushNotification, Factor::Phone] {
        let requirement = Requirement {
            kind: factor.name(),
        };
        if found.usable.iter().any(|usable| usable.factor == factor) {
            challenge.push(requirement);
        } else if !found.is_enrolled && switches.allows(factor) {
            enroll.push(requirement);
        }
    }
    if found.has_recovery_code {
        challenge.push(Requirement {
            kind: "recovery-code",
        });
    }
    Ok(Requirements { challenge, enroll })
}
