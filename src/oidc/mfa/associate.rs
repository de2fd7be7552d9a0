//! `POST /mfa/associate`: begins to add a factor. What the person shows of it goes to `POST /oauth/token`, which adds it.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::bearer::Bearer;
use super::oob::OobCode;
use super::refusals::{invalid_request, over, unreachable, why_held, why_not_redeemed};
use super::{locale, ok};
use crate::access::Attempt;
use crate::access::mfa_tokens::ENROLL;
use crate::core::{Actor, Error, Result};
use crate::factors::phone::{Channel, Number};
use crate::factors::push::exchange;
use crate::factors::{Factor, otp};
use crate::logins::associate::{self, Desk};
use crate::oidc::error::OAuthError;
use crate::store::Login;
use crate::tickets::send::{Asked, CodeRequest, send_code};
use crate::tickets::start;
use crate::users::Profile;
use crate::web::{App, Body, Fields, Seen};

/// What is to be added. Other members are ignored.
#[derive(ToSchema)]
pub struct AssociateRequest {
    /// `["otp"]`, an app that shows codes, or `["oob"]`, a phone.
    pub authenticator_types: Vec<String>,
    /// With `oob`: `["sms"]`, `["voice"]`, or `["auth0"]`, a phone that approves.
    pub oob_channels: Option<Vec<String>>,
    /// With `sms` and `voice`: the number, with its plus and country code.
    pub phone_number: Option<String>,
    /// The client. It may be left out; if not, it is the one that the token was made for.
    pub client_id: Option<String>,
    /// Its secret, with `client_id`.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    pub client_assertion_type: Option<String>,
    /// What the client signed, in the place of a secret (RFC 7523).
    pub client_assertion: Option<String>,
}

/// What the person needs to go on.
#[derive(Default, Serialize, ToSchema)]
pub struct AssociateResponse {
    /// `otp` or `oob`
    authenticator_type: &'static str,
    /// Of `otp`: the key, base32.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// To be shown as a QR code: for the app, or what the phone opens to be paired.
    #[serde(skip_serializing_if = "Option::is_none")]
    barcode_uri: Option<String>,
    /// Of `oob`
    #[serde(skip_serializing_if = "Option::is_none")]
    oob_channel: Option<&'static str>,
    /// Of `oob`: for `POST /oauth/token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    oob_code: Option<String>,
    /// `prompt`: what was sent is typed here, and goes into `binding_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding_method: Option<&'static str>,
    /// With the first factor: what lets the person in without it, once. It is good when the factor is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<[String; 1]>,
}

/// Begins to add a factor.
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
#[utoipa::path(
    post, path = "/mfa/associate", tag = "MFA API", operation_id = "post_mfa_associate",
    description = "For the bearer of an `mfa_token` of a user who has no factor yet, or of an access token for `{public_url}/mfa/` with `enroll`. The factor is added by `POST /oauth/token` with what the person shows; asking again gives the same key.",
    request_body(content(
        (AssociateRequest = "application/json"),
        (AssociateRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "What the person needs to go on", body = AssociateResponse),
        (status = 400, description = "`invalid_request`: something is missing or contradicts itself; `unsupported_challenge_type`: it is switched off", body = OAuthError),
        (status = 401, description = "`expired_token`, `invalid_grant` for a token that is none, `access_denied` without one or for a wrong secret", body = OAuthError),
        (status = 403, description = "`access_denied`: `User is already enrolled.`, blocked, or no code can be sent to this number; `insufficient_scope`; `invalid_request` for what came by plain http", body = OAuthError),
        (status = 408, description = "The body did not arrive in time", body = OAuthError),
        (status = 413, description = "The body is too large", body = OAuthError),
        (status = 415, description = "Neither a form nor JSON", body = OAuthError),
        (status = 429, description = "`too_many_attempts` or `too_many_requests`: `Retry-After` says when to come back", body = OAuthError),
        (status = 503, description = "Try again shortly", body = OAuthError),
    ),
    security(("bearer" = []))
)]
pub async fn post(
    app: web::Data<App>,
    seen: Seen,
    request: HttpRequest,
    Body(mut fields): Body,
) -> Result<HttpResponse, actix_web::Error> {
    let bearer = Bearer::of(&app, &seen, &request).await?;
    bearer.require(ENROLL, true)?;
    bearer
        .check_client(&app, &seen, &request, &mut fields)
        .await?;
    let wanted = Wanted::parse(&mut fields, &app)?;
    let actor = seen.client(bearer.client_id());
    let desk = desk(&app, &actor);
    let login = bearer.adding(&desk).await?;
    let switches = app.switches.get().await?;
    let begun = associate::begin(&desk, &login, wanted.factor());
    let attempt = begun.await.map_err(over)?;
    let mut answer = match &wanted {
        Wanted::Otp => app_for(&app, &login, &attempt).await?,
        Wanted::Phone(number, channel) => {
            let words = locale(&app, &request, &login.user_id).await?;
            texted(
                &desk,
                &app,
                &seen,
                &login,
                &attempt,
                (number, *channel),
                &words,
            )
            .await?
        }
        Wanted::Push => paired(&desk, &app, &login, &attempt).await?,
    };
    let is_first = app
        .store
        .begin_read()
        .await?
        .enrollments_of(&login.user_id)
        .await?
        .is_empty();
    if is_first && switches.is_on("recovery-code") {
        let code = attempt.recovery_code.as_ref();
        answer.recovery_codes = code.map(|code| [code.expose().to_owned()]);
    }
    Ok(ok(&answer))
}

/// What associating is done with in a request.
pub fn desk<'a>(app: &'a App, actor: &'a Actor) -> Desk<'a> {
    Desk {
        store: &app.store,
        gatherer: &app.gatherer,
        limits: app.policy.limits,
        available: app.available,
        sealer: &app.sealer,
        actor,
        now: app.now(),
        rng: &app.rng,
    }
}

/// What is to be added.
enum Wanted {
    Otp,
    Phone(Number, Channel),
    Push,
}

impl Wanted {
    fn parse(fields: &mut Fields, app: &App) -> Result<Self, actix_web::Error> {
        let types = fields.strings("authenticator_types")?;
        let channels = fields.strings("oob_channels")?;
        let number = fields.string("phone_number")?;
        let channel = match (&*types, &*channels) {
            ([kind], _) if kind == "otp" => return Ok(Self::Otp),
            ([kind], [channel]) if kind == "oob" && channel == "auth0" => return Ok(Self::Push),
            ([kind], [channel]) if kind == "oob" => channel.parse().map_err(|()| oob_channels())?,
            ([kind], _) if kind == "oob" => return Err(oob_channels().into()),
            _ => {
                let reason = "authenticator_types must be ['otp'] or ['oob']";
                return Err(invalid_request(reason).into());
            }
        };
        let number =
            number.ok_or_else(|| invalid_request("Missing required parameter: phone_number"))?;
        Number::parse(&number, None, channel, &app.phone.countries)
            .map(|number| Self::Phone(number, channel))
            .map_err(|_| {
                let reason = "phone_number must be + and a country code and a number that can be reached this way, of a country that is allowed here";
                invalid_request(reason).into()
            })
    }

    fn factor(&self) -> Factor {
        match self {
            Self::Otp => Factor::Otp,
            Self::Phone(..) => Factor::Phone,
            Self::Push => Factor::PushNotification,
        }
    }
}

fn oob_channels() -> OAuthError {
    invalid_request("oob_channels must be one of sms, voice, auth0")
}

/// The key for an app.
async fn app_for(app: &App, login: &Login, attempt: &Attempt) -> Result<AssociateResponse> {
    let user = app.store.begin_read().await?.user(&login.user_id).await?;
    let user = user.ok_or_else(Error::no_user)?;
    let profile = Profile::parse(&user.profile);
    let name = profile
        .printable_name()
        .unwrap_or_else(|| login.user_id.friendly());
    let account = user.email.as_deref().unwrap_or(name);
    let seed = attempt
        .seed
        .as_ref()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("an association has no seed")))?;
    Ok(AssociateResponse {
        authenticator_type: "otp",
        secret: Some(seed.to_base32().to_string()),
        barcode_uri: Some(otp::otpauth_url(seed, app.site.name(), account).to_string()),
        ..AssociateResponse::default()
    })
}

/// A code to a number.
async fn texted(
    desk: &Desk<'_>,
    app: &App,
    seen: &Seen,
    login: &Login,
    attempt: &Attempt,
    (number, channel): (&Number, Channel),
    locale: &str,
) -> Result<AssociateResponse, actix_web::Error> {
    let channels = app
        .phone
        .channels(&mut app.store.begin_read().await?)
        .await?;
    if !channels.contains(&channel) {
        return Err(unreachable().into());
    }
    let asked = CodeRequest {
        attempt,
        available: desk.available,
        number,
        channel,
        address: seen.ip,
        locale,
    };
    let (now, rng) = (desk.now, desk.rng);
    let asked = send_code(
        desk.store,
        &asked,
        &app.phone,
        desk.sealer,
        desk.actor,
        now,
        rng,
    );
    let challenge = match asked.await.map_err(over)? {
        Asked::Sent(challenge) => challenge,
        Asked::Held(held) => return Err(why_held(app, held).into()),
        Asked::HeldBack(redeemed) => return Err(why_not_redeemed(&redeemed, login, now).into()),
    };
    app.text_bell.notify_one();
    Ok(AssociateResponse {
        authenticator_type: "oob",
        oob_channel: Some(channel.name()),
        oob_code: Some(OobCode::seal(
            &login.login_id,
            &challenge,
            true,
            desk.sealer,
            rng,
        )),
        binding_method: Some("prompt"),
        ..AssociateResponse::default()
    })
}

/// A phone to be paired.
async fn paired(
    desk: &Desk<'_>,
    app: &App,
    login: &Login,
    attempt: &Attempt,
) -> Result<AssociateResponse, actix_web::Error> {
    let (now, rng) = (desk.now, desk.rng);
    let factor = Factor::PushNotification;
    let starting = start::start(desk.store, attempt, factor, desk.available, now);
    let starting = match starting.await.map_err(over)? {
        Ok(starting) => starting,
        Err(redeemed) => return Err(why_not_redeemed(&redeemed, login, now).into()),
    };
    let (code, challenge) = exchange::begin(starting, desk.sealer, now, rng).await?;
    Ok(AssociateResponse {
        authenticator_type: "oob",
        barcode_uri: Some(app.urls.pairing_link(&code)),
        oob_channel: Some("auth0"),
        oob_code: Some(OobCode::seal(
            &login.login_id,
            &challenge,
            true,
            desk.sealer,
            rng,
        )),
        ..AssociateResponse::default()
    })
}
