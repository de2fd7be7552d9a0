//! `/guardian/factors/phone/…`: channels, provider and texts of the codes that go to phones (contract §3, §7.3).
//!
//! The provider is chosen by the configuration, and what is configured there wins: an account that is set here is used
//! when `[phone] provider = "twilio"` has none of its own.

use std::str::FromStr as _;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::unread::Unread;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::fill::MESSAGE_PLACES;
use crate::core::seal::Place;
use crate::core::{Actor, Error, Fill, Result};
use crate::factors::phone::Channel;
use crate::store::{Event, PHONE_CHANNELS, PHONE_TEMPLATES, PHONE_TWILIO};
use crate::web::{ApiCaller, App, Fields};

/// What is shown in the place of a token; sent back, it changes nothing.
const HIDDEN: &str = "***";
const LONGEST_TEXT: usize = 1000;
const LONGEST_FROM: usize = 64;

/// The ways a code can reach a phone.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTypes {
    /// `sms`, `voice`, both or none.
    #[schema(value_type = Vec<String>)]
    message_types: Vec<Channel>,
}

/// Who sends them.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectedProvider {
    /// `twilio`; `phone-message-hook` for files and any other gateway; `auth0` for none.
    provider: &'static str,
}

/// The texts of the messages, in the place of the files in `templates/sms` and `templates/voice`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTexts {
    /// While a phone is enrolled. Has a place for `{{ code }}`; others are `message_type`, `locale`, `requestInfo.lang`,
    /// `tenant.friendly_name`, `pause` and `custom_domain.domain`.
    enrollment_message: String,
    /// While signing in; with the same places.
    verification_message: String,
}

impl Default for MessageTexts {
    fn default() -> Self {
        let text = |what| {
            format!(
                "{{{{ code }}}} is your code to {what} at {{{{ tenant.friendly_name }}}}. Never share it."
            )
        };
        Self {
            enrollment_message: text("add this phone"),
            verification_message: text("sign in"),
        }
    }
}

/// An account at Twilio.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TwilioAccount {
    /// Whom messages are from; at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The messaging service that text messages are from, in the place of `from`.
    #[serde(skip_serializing_if = "Option::is_none")]
    messaging_service_sid: Option<String>,
    /// Shown as `***`.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_token: Option<String>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

/// Shows the channels that are on.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors/phone/message-types", tag = "Factors",
    operation_id = "get_phone_message_types", description = "Needs `read:guardian_factors`.",
    responses((status = 200, description = "As they are", body = MessageTypes))
)]
pub async fn message_types(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    let stored = stored(&app, &caller, PHONE_CHANNELS).await?;
    let message_types = stored.unwrap_or_else(|| Channel::ALL.to_vec());
    Ok(ok(&MessageTypes { message_types }))
}

/// Sets the channels that are on; those that the provider can't use are off anyway.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/phone/message-types", tag = "Factors",
    operation_id = "put_phone_message_types", description = "Needs `update:guardian_factors`.",
    request_body(content((MessageTypes = "application/json"), (MessageTypes = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As they are now", body = MessageTypes),
        (status = 400, description = "`invalid_body`, saying why", body = ErrorBody),
    )
)]
pub async fn set_message_types(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_FACTORS])?;
    let mut body = request.body().await?;
    let message_types = channels(&mut body)?;
    body.finish()?;
    store(&app, &actor, PHONE_CHANNELS, &message_types, None).await?;
    Ok(ok(&MessageTypes { message_types }))
}

fn channels(body: &mut Fields) -> Result<Vec<Channel>> {
    let name = "message_types";
    let wrong = || Error::invalid(name, "must be an array of sms and voice");
    let named: Vec<String> = match body.take(name) {
        None => return Err(Error::invalid(name, "Missing required property")),
        Some(Value::Array(items)) => {
            serde_json::from_value(Value::Array(items)).map_err(|_| wrong())?
        }
        Some(Value::String(list)) => list
            .split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| !one.is_empty())
            .collect(),
        Some(_) => return Err(wrong()),
    };
    let mut channels: Vec<Channel> = Vec::new();
    for named in named {
        let channel = Channel::from_str(&named).map_err(|()| wrong())?;
        if channels.contains(&channel) {
            return Err(wrong());
        }
        channels.push(channel);
    }
    Ok(channels)
}

/// Shows who sends the messages.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors/phone/selected-provider", tag = "Factors",
    operation_id = "get_phone_selected_provider", description = "Needs `read:guardian_factors`.",
    responses((status = 200, description = "As configured", body = SelectedProvider))
)]
pub async fn provider(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_FACTORS])?;
    let provider = selected(&app);
    Ok(ok(&SelectedProvider { provider }))
}

/// Accepts the provider that is configured; `[phone] provider` chooses it.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/phone/selected-provider", tag = "Factors",
    operation_id = "put_phone_selected_provider",
    description = "Needs `update:guardian_factors`. The provider is chosen by the configuration: another one is refused.",
    request_body(content((SelectedProvider = "application/json"), (SelectedProvider = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As configured", body = SelectedProvider),
        (status = 400, description = "`invalid_body`, for any other", body = ErrorBody),
    )
)]
pub async fn set_provider(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    caller.allow(&[scopes::UPDATE_FACTORS])?;
    let mut body = request.body().await?;
    let wanted = body.required_string("provider")?;
    body.finish()?;
    let provider = selected(&app);
    if wanted != provider {
        let reason = format!("is {provider} here: the configuration chooses it, [phone] provider");
        return Err(Error::invalid("provider", reason));
    }
    Ok(ok(&SelectedProvider { provider }))
}

fn selected(app: &App) -> &'static str {
    match app.phone.provider {
        "twilio" => "twilio",
        "none" => "auth0",
        _ => "phone-message-hook",
    }
}

/// Shows the texts of the messages.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors/phone/templates", tag = "Factors",
    operation_id = "get_phone_templates", description = "Needs `read:guardian_factors`.",
    responses((status = 200, description = "As they were set; else the shipped ones", body = MessageTexts))
)]
pub async fn templates(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    let stored: Option<MessageTexts> = stored(&app, &caller, PHONE_TEMPLATES).await?;
    Ok(ok(&stored.unwrap_or_default()))
}

/// Sets the texts of the messages, for all languages, in the place of the files; the shipped texts bring these back.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/phone/templates", tag = "Factors",
    operation_id = "put_phone_templates", description = "Needs `update:guardian_factors`.",
    request_body(content((MessageTexts = "application/json"), (MessageTexts = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As they are now", body = MessageTexts),
        (status = 400, description = "`invalid_body`, saying which place there is not", body = ErrorBody),
    )
)]
pub async fn set_templates(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_FACTORS])?;
    let mut body = request.body().await?;
    let texts = MessageTexts {
        enrollment_message: text(&mut body, "enrollment_message")?,
        verification_message: text(&mut body, "verification_message")?,
    };
    body.finish()?;
    let shipped = MessageTexts::default();
    let is_shipped = texts.enrollment_message == shipped.enrollment_message
        && texts.verification_message == shipped.verification_message;
    let kept = (!is_shipped).then_some(&texts);
    store(&app, &actor, PHONE_TEMPLATES, &kept, None).await?;
    Ok(ok(&texts))
}

fn text(body: &mut Fields, name: &'static str) -> Result<String> {
    let text = body.required_string(name)?;
    if text.chars().count() > LONGEST_TEXT {
        return Err(Error::invalid(name, "must have at most 1000 characters"));
    }
    let fill = Fill::parse(&text, &MESSAGE_PLACES).map_err(|why| Error::invalid(name, why))?;
    if !fill.has("code") {
        return Err(Error::invalid(name, "must have a place for {{ code }}"));
    }
    Ok(text)
}

/// Shows the account at Twilio that was set here.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/factors/phone/providers/twilio", tag = "Factors",
    operation_id = "get_phone_twilio", description = "Needs `read:guardian_factors`. The token is not told.",
    responses((status = 200, description = "As it was set; empty when it never was", body = TwilioAccount))
)]
pub async fn twilio(app: web::Data<App>, caller: ApiCaller) -> Result<HttpResponse> {
    let stored: Option<TwilioAccount> = stored(&app, &caller, PHONE_TWILIO).await?;
    Ok(ok(&stored.unwrap_or_default()))
}

/// Sets the account at Twilio that is used when `[phone] provider = "twilio"` has none of its own.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/guardian/factors/phone/providers/twilio", tag = "Factors",
    operation_id = "put_phone_twilio",
    description = "Needs `update:guardian_factors`. A token of `***` keeps the former one.",
    request_body(content((TwilioAccount = "application/json"), (TwilioAccount = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As it is now", body = TwilioAccount),
        (status = 400, description = "`invalid_body`, saying why", body = ErrorBody),
    )
)]
pub async fn set_twilio(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_FACTORS])?;
    let mut body = request.body().await?;
    let mut account = TwilioAccount {
        from: short(&mut body, "from", LONGEST_FROM)?,
        messaging_service_sid: short(&mut body, "messaging_service_sid", LONGEST_TEXT)?,
        auth_token: short(&mut body, "auth_token", LONGEST_TEXT)?,
        sid: short(&mut body, "sid", LONGEST_TEXT)?,
    };
    body.finish()?;
    let place = Place {
        table: "settings",
        row: &[PHONE_TWILIO],
        column: "value_sealed",
    };
    let sealed = match account.auth_token.take() {
        None => None,
        Some(token) if token == HIDDEN => {
            let former = app.store.begin_read().await?.setting(PHONE_TWILIO).await?;
            former.and_then(|former| former.value_sealed)
        }
        Some(token) => Some(app.sealer.seal(&place, token.as_bytes(), app.rng())),
    };
    account.auth_token = sealed.is_some().then(|| HIDDEN.to_owned());
    store(&app, &actor, PHONE_TWILIO, &account, sealed.as_deref()).await?;
    Ok(ok(&account))
}

/// One line of visible characters, or nothing.
fn short(body: &mut Fields, name: &'static str, most: usize) -> Result<Option<String>> {
    let text = body.string(name)?.filter(|text| !text.is_empty());
    match &text {
        Some(text) if text.chars().count() > most => Err(Error::invalid(
            name,
            format!("must have at most {most} characters"),
        )),
        Some(text) if text.chars().any(char::is_control) => {
            Err(Error::invalid(name, "must have no control characters"))
        }
        _ => Ok(text),
    }
}

async fn stored<T: for<'a> Deserialize<'a>>(
    app: &App,
    caller: &ApiCaller,
    name: &str,
) -> Result<Option<T>> {
    caller.allow(&[scopes::READ_FACTORS])?;
    let setting = app.store.begin_read().await?.setting(name).await?;
    Ok(setting.and_then(|setting| serde_json::from_str(&setting.value).ok()))
}

async fn store(
    app: &App,
    actor: &Actor,
    name: &str,
    value: &impl Serialize,
    sealed: Option<&[u8]>,
) -> Result<()> {
    let now = app.now();
    let text = serde_json::to_string(value).map_err(Error::internal)?;
    let mut tx = app.store.begin_write().await?;
    tx.set_setting(name, &text, sealed, now).await?;
    let event = Event::new("factor.configured", actor, now, app.rng());
    tx.record(&[event.detail("factor", "phone").detail("setting", name)])
        .await?;
    tx.commit().await
}
