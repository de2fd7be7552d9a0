//! `/mfa/authenticators`: what the user can prove, and taking one of them away.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::bearer::Bearer;
use super::ok;
use crate::access::mfa_tokens::{READ, REMOVE};
use crate::core::{Error, Result, UserId};
use crate::factors::{Factor, phone};
use crate::oidc::error::OAuthError;
use crate::store::Enrollment;
use crate::users::{methods, reset};
use crate::web::{App, Seen};

/// What a user can prove.
#[derive(Serialize, ToSchema)]
pub struct Authenticator {
    /// Its name, with its type before it: `totp|dev_…`
    pub id: String,
    /// `otp`, `oob` or `recovery-code`
    pub authenticator_type: &'static str,
    /// Always true: what is not confirmed is not listed.
    pub active: bool,
    /// Of `oob`: `sms`, `voice` or `auth0`, a phone that approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oob_channel: Option<&'static str>,
    /// What its owner calls it; of a phone number the last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `otp`, `phone`, `push-notification` or `recovery-code`
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// One that this API can ask for.
pub struct Usable {
    /// Of which factor.
    pub factor: Factor,
    /// Its row.
    pub enrollment: Enrollment,
    /// As it is shown.
    pub shown: Authenticator,
}

/// What a user has.
pub struct Found {
    /// What this API can ask for, the oldest first.
    pub usable: Vec<Usable>,
    /// Whether there is any factor, such as a security key.
    pub is_enrolled: bool,
    /// Whether there is a recovery code.
    pub has_recovery_code: bool,
}

/// What a user has that is switched on and that this API can ask for.
///
/// # Errors
/// Of the database.
pub async fn authenticators(app: &App, user_id: &UserId) -> Result<Found> {
    let switches = app.switches.get().await?;
    let mut read = app.store.begin_lookup().await?;
    let enrollments = read.enrollments_of(user_id).await?;
    let has_recovery_code = read.recovery_code(user_id).await?.is_some();
    let is_enrolled = !enrollments.is_empty();
    let confirmed = enrollments
        .into_iter()
        .filter(|found| found.status == "confirmed");
    let usable = confirmed.filter_map(|enrollment| {
        let factor: Factor = enrollment.factor.parse().ok()?;
        let shown = shown(factor, &enrollment)?;
        switches.allows(factor).then_some(Usable {
            factor,
            enrollment,
            shown,
        })
    });
    Ok(Found {
        usable: usable.collect(),
        is_enrolled,
        has_recovery_code,
    })
}

fn shown(factor: Factor, enrollment: &Enrollment) -> Option<Authenticator> {
    let facts: Value = serde_json::from_str(&enrollment.facts).unwrap_or_default();
    let (authenticator_type, oob_channel, name) = match factor {
        Factor::Otp => ("otp", None, enrollment.name.clone()),
        Factor::PushNotification => ("oob", Some("auth0"), enrollment.name.clone()),
        Factor::Phone => {
            let channel = if facts["channel"] == "voice" {
                "voice"
            } else {
                "sms"
            };
            ("oob", Some(channel), phone::masked(&facts))
        }
        Factor::WebauthnRoaming | Factor::WebauthnPlatform => return None,
    };
    Some(Authenticator {
        id: format!("{}|{}", factor.method_type(), enrollment.enrollment_id),
        authenticator_type,
        active: true,
        oob_channel,
        name,
        kind: factor.name(),
    })
}

/// Lists what the user can prove.
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
#[utoipa::path(
    get, path = "/mfa/authenticators", tag = "MFA API", operation_id = "get_mfa_authenticators",
    description = "For the bearer of an `mfa_token`, or of an access token for `{public_url}/mfa/` with `read:authenticators`. Security keys and passkeys are not listed: they need a page of this server.",
    responses(
        (status = 200, description = "What the user can prove, the oldest first", body = Vec<Authenticator>),
        (status = 400, description = "The Authorization header holds no bearer token", body = OAuthError),
        (status = 401, description = "`expired_token`, `invalid_grant` for a token that is none, `access_denied` without one", body = OAuthError),
        (status = 403, description = "`insufficient_scope`, `access_denied` for a user who is blocked, or `invalid_request` for what came by plain http", body = OAuthError),
        (status = 429, description = "`too_many_requests`: `Retry-After` says when to come back", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security(("bearer" = []))
)]
pub async fn list(
    app: web::Data<App>,
    seen: Seen,
    request: HttpRequest,
) -> Result<HttpResponse, actix_web::Error> {
    let bearer = Bearer::of(&app, &seen, &request).await?;
    bearer.require(READ, true)?;
    let user_id = bearer.user_id();
    let found = authenticators(&app, user_id).await?;
    let code = found.has_recovery_code.then(|| Authenticator {
        id: format!("recovery-code|{}", methods::recovery_code_id(user_id)),
        authenticator_type: "recovery-code",
        active: true,
        oob_channel: None,
        name: None,
        kind: "recovery-code",
    });
    let usable = found.usable.into_iter().map(|usable| usable.shown);
    Ok(ok(&usable.chain(code).collect::<Vec<_>>()))
}

/// Takes one away; with the last factor goes the recovery code.
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
#[utoipa::path(
    delete, path = "/mfa/authenticators/{id}", tag = "MFA API", operation_id = "delete_mfa_authenticator",
    description = "For the bearer of an access token for `{public_url}/mfa/` with `remove:authenticators`, which is issued for ten minutes to whoever proved a factor.",
    params(("id" = String, Path, description = "As `GET /mfa/authenticators` has it, percent-encoded: `totp|dev_…`")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "The Authorization header holds no bearer token", body = OAuthError),
        (status = 401, description = "`expired_token`, `invalid_grant` for a token that is none, `access_denied` without one", body = OAuthError),
        (status = 403, description = "`insufficient_scope`, `access_denied` for a user who is blocked, or `invalid_request` for what came by plain http", body = OAuthError),
        (status = 404, description = "`invalid_request`: the user has no such authenticator", body = OAuthError),
        (status = 429, description = "`too_many_requests`: `Retry-After` says when to come back", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security(("bearer" = []))
)]
pub async fn remove(
    app: web::Data<App>,
    seen: Seen,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, actix_web::Error> {
    let bearer = Bearer::of(&app, &seen, &request).await?;
    bearer.require(REMOVE, false)?;
    let (user_id, actor) = (bearer.user_id(), seen.client(bearer.client_id()));
    let (now, rng) = (app.now(), app.rng());
    let kind_and_id = id.split_once('|');
    let (kind, id) = kind_and_id.ok_or_else(Error::no_enrollment)?;
    if kind == "recovery-code" && id == methods::recovery_code_id(user_id) {
        let hand = methods::Hand {
            store: &app.store,
            sealer: &app.sealer,
            actor: &actor,
            now,
            rng,
        };
        hand.remove_recovery_code(user_id).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    let found = authenticators(&app, user_id).await?.usable.into_iter();
    let wanted = format!("{kind}|{id}");
    let found = found
        .map(|usable| (usable.shown.id, usable.enrollment.enrollment_id))
        .find(|(shown, _)| *shown == wanted);
    let (_, id) = found.ok_or_else(Error::no_enrollment)?;
    reset::remove_enrollment(&app.store, &id, &actor, now, rng).await?;
    Ok(HttpResponse::NoContent().finish())
}
