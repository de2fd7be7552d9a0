//! `/guardian/factors/webauthn-…/settings`: how security keys and passkeys are asked for (contract §3).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::unread::Unread;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::{Error, Result};
use crate::factors::Factor;
use crate::factors::webauthn::{RelyingParty, Settings, Verification};
use crate::store::Event;
use crate::web::{ApiCaller, App, Fields};

/// How security keys are asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoamingSettings {
    /// Whether the person enters a PIN or shows a finger besides touching the key: `discouraged`, `preferred` or `required`.
    #[schema(
        pattern = "^(discouraged|preferred|required)$",
        default = "discouraged"
    )]
    user_verification: Option<String>,
    /// Whether keys belong to `relyingPartyIdentifier` instead of the configured domain.
    #[schema(default = false)]
    override_relying_party: Option<bool>,
    /// The host of `public_url`, or a domain above it.
    relying_party_identifier: Option<String>,
}

/// How the device itself is asked for; it always verifies the person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlatformSettings {
    /// Whether passkeys belong to `relyingPartyIdentifier` instead of the configured domain.
    #[schema(default = false)]
    override_relying_party: Option<bool>,
    /// The host of `public_url`, or a domain above it.
    relying_party_identifier: Option<String>,
}

/// Shows how security keys are asked for.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors/webauthn-roaming/settings", tag = "Factors",
    operation_id = "get_webauthn_roaming_settings", description = "Needs `read:guardian_factors`.",
    responses((status = 200, description = "As they are", body = RoamingSettings))
)]
pub async fn roaming(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    show(&app, &caller, Factor::WebauthnRoaming).await
}

/// Sets how security keys are asked for; what is left out is as on a new database.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/webauthn-roaming/settings", tag = "Factors",
    operation_id = "put_webauthn_roaming_settings", description = "Needs `update:guardian_factors`.",
    request_body(content((RoamingSettings = "application/json"), (RoamingSettings = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As they are now", body = RoamingSettings),
        (status = 400, description = "`invalid_body`, saying why", body = ErrorBody),
    )
)]
pub async fn set_roaming(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    set(&app, &caller, request, Factor::WebauthnRoaming).await
}

/// Shows how passkeys of the device itself are asked for.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors/webauthn-platform/settings", tag = "Factors",
    operation_id = "get_webauthn_platform_settings", description = "Needs `read:guardian_factors`.",
    responses((status = 200, description = "As they are", body = PlatformSettings))
)]
pub async fn platform(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    show(&app, &caller, Factor::WebauthnPlatform).await
}

/// Sets how passkeys of the device itself are asked for; what is left out is as on a new database.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/webauthn-platform/settings", tag = "Factors",
    operation_id = "put_webauthn_platform_settings", description = "Needs `update:guardian_factors`.",
    request_body(content((PlatformSettings = "application/json"), (PlatformSettings = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As they are now", body = PlatformSettings),
        (status = 400, description = "`invalid_body`, saying why", body = ErrorBody),
    )
)]
pub async fn set_platform(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    set(&app, &caller, request, Factor::WebauthnPlatform).await
}

async fn show(app: &App, caller: &ApiCaller, factor: Factor) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_FACTORS])?;
    let stored = app.store.begin_read().await?.setting(factor.name()).await?;
    let settings = Settings::read(factor, stored.as_ref().map(|stored| &*stored.value))?;
    Ok(answer(factor, &settings))
}

async fn set(
    app: &App,
    caller: &ApiCaller,
    request: Unread,
    factor: Factor,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_FACTORS])?;
    let mut body = request.body().await?;
    let settings = parse(&mut body, factor, app.relying_party.as_ref())?;
    body.finish()?;
    let now = app.now();
    let text = serde_json::to_string(&settings).map_err(Error::internal)?;
    let mut tx = app.store.begin_write().await?;
    tx.set_setting(factor.name(), &text, None, now).await?;
    let event = Event::new("factor.configured", &actor, now, app.rng());
    tx.record(&[event.detail("factor", factor.name())]).await?;
    tx.commit().await?;
    Ok(answer(factor, &settings))
}

fn parse(body: &mut Fields, factor: Factor, configured: Option<&RelyingParty>) -> Result<Settings> {
    let mut settings = Settings::of_new(factor);
    if factor == Factor::WebauthnRoaming
        && let Some(word) = body.string("userVerification")?
    {
        settings.user_verification = match word.as_str() {
            "discouraged" => Verification::Discouraged,
            "preferred" => Verification::Preferred,
            "required" => Verification::Required,
            _ => {
                let reason = "must be one of discouraged, preferred, required";
                return Err(Error::invalid("userVerification", reason));
            }
        };
    }
    let overrides = body.boolean("overrideRelyingParty")?;
    settings.override_relying_party = overrides.unwrap_or_default();
    let property = "relyingPartyIdentifier";
    settings.relying_party_identifier = body.string(property)?;
    match (&settings.relying_party_identifier, configured) {
        (None, _) if settings.override_relying_party => {
            let reason = "needs relyingPartyIdentifier";
            Err(Error::invalid("overrideRelyingParty", reason))
        }
        (Some(id), Some(party)) if !party.may_be(id) => {
            let reason = "must be the host of public_url, or a domain above it";
            Err(Error::invalid(property, reason))
        }
        (Some(_), None) => {
            let reason = "cannot be used while public_url is an IP address";
            Err(Error::invalid(property, reason))
        }
        _ => Ok(settings),
    }
}

fn answer(factor: Factor, settings: &Settings) -> HttpResponse {
    let mut told = serde_json::to_value(settings).unwrap_or_default();
    if let (Factor::WebauthnPlatform, Some(told)) = (factor, told.as_object_mut()) {
        told.remove("userVerification");
    }
    ok(&told)
}
