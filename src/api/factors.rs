//! `/guardian/factors`: which kinds of factor are on (contract §3).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::unread::Unread;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::{Error, Result};
use crate::factors::SETTINGS;
use crate::store::Event;
use crate::web::{ApiCaller, App};

/// A kind of factor.
#[derive(Serialize, ToSchema)]
pub struct FactorSetting {
    name: &'static str,
    enabled: bool,
    /// Always false.
    trial_expired: bool,
}

/// Whether a kind of factor is on.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    enabled: bool,
}

/// Lists the kinds of factor.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors", tag = "Factors", operation_id = "get_factors",
    description = "Needs `read:guardian_factors`.",
    responses((status = 200, description = "All kinds, in a fixed order", body = Vec<FactorSetting>))
)]
pub async fn list(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_FACTORS])?;
    let switches = app.switches.get().await?;
    let list = SETTINGS.map(|name| FactorSetting {
        name,
        enabled: switches.is_on(name),
        trial_expired: false,
    });
    Ok(ok(&list))
}

/// Switches a kind of factor on or off.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/{name}", tag = "Factors", operation_id = "put_factor",
    description = "Needs `update:guardian_factors`.",
    params(("name" = String, Path, description = "`sms`, `push-notification`, `otp`, `email`, `duo`, `webauthn-roaming`, `webauthn-platform` or `recovery-code`")),
    request_body(content((Switch = "application/json"), (Switch = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As it is now", body = Switch),
        (status = 400, description = "`invalid_uri` for an unknown name; `invalid_body`, saying why, for one that can't be turned on", body = ErrorBody),
    )
)]
pub async fn switch(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_FACTORS])?;
    let name = request.segment("name")?;
    if !SETTINGS.contains(&name.as_str()) {
        let reason = format!("must be one of {}", SETTINGS.join(", "));
        return Err(Error::invalid_path("name", reason));
    }
    let mut body = request.body().await?;
    let enabled = body.boolean("enabled")?;
    let enabled = enabled.ok_or_else(|| Error::invalid("enabled", "Missing required property"))?;
    body.finish()?;
    if let Some(reason) = app.available.refusal(&name).filter(|_| enabled) {
        return Err(Error::invalid("enabled", reason));
    }
    let now = app.now();
    let kind = if enabled {
        "factor.enabled"
    } else {
        "factor.disabled"
    };
    let mut tx = app.store.begin_write().await?;
    tx.set_factor(&name, enabled, now).await?;
    tx.record(&[Event::new(kind, &actor, now, app.rng()).detail("factor", name)])
        .await?;
    tx.commit().await?;
    app.switches.forget();
    Ok(ok(&Switch { enabled }))
}
