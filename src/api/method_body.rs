//! Bodies that describe authentication methods: what may be said of a new one, and what is told of one that is there.

use data_encoding::BASE32_NOPAD;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::core::{Error, Result, Rng, Seed, Timestamp, UserId};
use crate::factors::Factor;
use crate::factors::phone::{self, Countries, Fault, Number};
use crate::store::{Enrollment, KeptRecoveryCode};
use crate::users::methods::{NewMethod, recovery_code_id};
use crate::web::Fields;

/// Seeds of fewer bytes are refused: 80 bits.
const SHORTEST_SEED: usize = 10;
const LONGEST_SEED: usize = 64;

/// A method to add. Unknown and repeated members are refused, and so are those of another type.
#[derive(ToSchema)]
#[schema(example = json!({ "type": "totp", "name": "Old app", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" }))]
pub struct CreateMethodRequest {
    /// What can be added without its owner; the others are enrolled with a ticket.
    #[schema(rename = "type")]
    pub r#type: AddedType,
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 20)]
    pub name: Option<String>,
    /// With `totp`: the seed in base32, 10 to 64 bytes. Without one, it is made.
    #[schema(min_length = 16, max_length = 104)]
    pub totp_secret: Option<String>,
    /// With `phone`: the number, with `+` and country code.
    #[schema(min_length = 2, max_length = 30)]
    pub phone_number: Option<String>,
    /// With `phone`: how codes are sent, by `sms` if nothing is said.
    pub preferred_authentication_method: Option<SentBy>,
}

/// What to change of a method. Unknown and repeated members are refused.
#[derive(ToSchema)]
pub struct ChangeMethodRequest {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 20)]
    pub name: Option<String>,
    /// Of a `phone`: how codes are sent.
    pub preferred_authentication_method: Option<SentBy>,
}

/// The types that can be added by API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum AddedType {
    /// A number that codes are sent to.
    Phone,
    /// An authenticator app.
    Totp,
}

/// How a code is sent.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum SentBy {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

/// The methods, or with `include_totals` a page of them.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum MethodList {
    /// The methods alone.
    Alone(Vec<Method>),
    /// With their number.
    Page(MethodPage),
}

/// A page of methods.
#[derive(ToSchema)]
pub struct MethodPage {
    /// The rows before it.
    pub start: i64,
    /// How many rows were asked for.
    pub limit: i64,
    /// How many there are.
    pub total: i64,
    /// The rows.
    pub authenticators: Vec<Method>,
}

/// An authentication method. What is not known, or not told now, is left out.
#[derive(Default, Serialize, ToSchema)]
pub struct Method {
    /// The type, `|`, and `dev_…`.
    id: String,
    /// `totp`, `phone`, `push`, `webauthn-roaming`, `webauthn-platform` or `recovery-code`.
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<bool>,
    /// What its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The ways in which it can be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    authentication_methods: Vec<Way>,
    /// Of a phone: `sms` or `voice`.
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_authentication_method: Option<String>,
    /// Of a phone: its last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    /// Told to who adds it, this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    totp_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aaguid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relying_party_identifier: Option<String>,
    /// `single_device` or `multi_device`.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_device_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_backed_up: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled_at: Option<String>,
    /// When it was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_auth_at: Option<String>,
}

/// One way to use a method.
#[derive(Serialize, ToSchema)]
pub struct Way {
    /// `totp`, `push`, `sms` or `voice`.
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

/// A new method, and its seed to tell to who adds it.
pub struct Described {
    /// What is added.
    pub new: NewMethod,
    /// In base32, if it is an app's.
    pub totp_secret: Option<Zeroizing<String>>,
}

/// The method that a body describes.
///
/// # Errors
/// [`Error::Invalid`] naming the property.
pub fn described(mut body: Fields, countries: &Countries, rng: &dyn Rng) -> Result<Described> {
    let kind = body.required_string("type")?;
    let refused = match kind.as_str() {
        "totp" | "phone" => None,
        "email" => Some(
            "email is not a second factor here: a mailbox is often what the first factor is reset with",
        ),
        "passkey" => {
            Some("a passkey is made in its owner's browser, with a ticket for webauthn-platform")
        }
        "webauthn-roaming" => Some(
            "a security key is enrolled in its owner's browser, with a ticket: what a back end says of a key does not show that it works",
        ),
        _ => Some("must be phone or totp"),
    };
    if let Some(reason) = refused {
        return Err(Error::invalid("type", reason));
    }
    let name = name(&mut body)?;
    let described = match kind.as_str() {
        "phone" => phone(&mut body, name, countries)?,
        _ => app(&mut body, name, rng)?,
    };
    for foreign in [
        "phone_number",
        "preferred_authentication_method",
        "totp_secret",
        "email",
        "key_id",
        "public_key",
        "relying_party_identifier",
    ] {
        if body.take(foreign).is_some() {
            let reason = format!("does not belong to the type {kind}");
            return Err(Error::invalid(foreign, reason));
        }
    }
    body.finish()?;
    Ok(described)
}

fn app(body: &mut Fields, name: Option<String>, rng: &dyn Rng) -> Result<Described> {
    let seed = match body.string("totp_secret")?.map(Zeroizing::new) {
        Some(text) => seed(&text)?,
        None => Seed::new(rng),
    };
    Ok(Described {
        new: NewMethod::app(&seed, name),
        totp_secret: Some(seed.to_base32()),
    })
}

fn phone(body: &mut Fields, name: Option<String>, countries: &Countries) -> Result<Described> {
    let number = body.required_string("phone_number")?;
    let channel = channel(body)?.unwrap_or(phone::Channel::Sms);
    // Whatever country it is in, a number says it itself here.
    let number = Number::parse(&number, None, channel, countries)
        .map_err(|fault| Error::invalid("phone_number", refused(fault)))?;
    Ok(Described {
        new: NewMethod::phone(&number, channel, name),
        totp_secret: None,
    })
}

/// Why no code can be sent to a number.
fn refused(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing | Fault::Format => "must be + and a country code and a number, in digits",
        Fault::Country => "must begin with + and a country code, of a country that is allowed here",
        Fault::Invalid => "is no number that its country gives out",
        Fault::Kind => "is of a kind that costs extra or that nobody carries",
        Fault::Landline => "is a landline, which takes no text messages; prefer voice",
    }
}

/// A seed as apps and servers write it: in either case, padded or not.
fn seed(text: &str) -> Result<Seed> {
    let upper = Zeroizing::new(text.trim_end_matches('=').to_ascii_uppercase());
    let bytes = BASE32_NOPAD
        .decode(upper.as_bytes())
        .map_err(|_| Error::invalid("totp_secret", "must be base32"))?;
    let seed = Seed::from_bytes(bytes);
    if (SHORTEST_SEED..=LONGEST_SEED).contains(&seed.expose().len()) {
        return Ok(seed);
    }
    let reason = format!("must have {SHORTEST_SEED} to {LONGEST_SEED} bytes");
    Err(Error::invalid("totp_secret", reason))
}

/// What to change of a method: its name, and how codes are sent.
///
/// # Errors
/// [`Error::Invalid`] naming the property.
pub fn changed(mut body: Fields) -> Result<(Option<String>, Option<phone::Channel>)> {
    let name = name(&mut body)?;
    let channel = channel(&mut body)?;
    body.finish()?;
    Ok((name, channel))
}

fn name(body: &mut Fields) -> Result<Option<String>> {
    let name = body.string("name")?;
    if let Some(name) = &name {
        if !(1..=20).contains(&name.chars().count()) {
            return Err(Error::invalid("name", "must have 1 to 20 characters"));
        }
        if name.chars().any(char::is_control) {
            let reason = "must not contain control characters";
            return Err(Error::invalid("name", reason));
        }
    }
    Ok(name)
}

fn channel(body: &mut Fields) -> Result<Option<phone::Channel>> {
    const NAME: &str = "preferred_authentication_method";
    let named = body.string(NAME)?.map(|channel| channel.parse());
    let channel = named.transpose();
    channel.map_err(|()| Error::invalid(NAME, "must be sms or voice"))
}

impl Method {
    /// An enrollment, as it is.
    pub fn of(found: &Enrollment) -> Self {
        let iso = |millis: Option<i64>| millis.map(|at| Timestamp::from_millis(at).to_iso());
        let facts: Value = serde_json::from_str(&found.facts).unwrap_or_default();
        let fact = |name: &str| facts[name].as_str().map(str::to_owned);
        let factor: Option<Factor> = found.factor.parse().ok();
        let kind = match factor {
            Some(Factor::Phone) => "phone",
            Some(factor) => factor.method_type(),
            None => &found.factor,
        };
        let ways: &[&'static str] = match factor {
            Some(Factor::Otp) => &["totp"],
            Some(Factor::Phone) => &["sms", "voice"],
            Some(Factor::PushNotification) => &["push"],
            _ => &[],
        };
        let id = &found.enrollment_id;
        let way = |kind: &&'static str| Way {
            id: format!("{kind}|{id}"),
            kind,
        };
        Self {
            id: format!("{kind}|{id}"),
            kind: kind.to_owned(),
            confirmed: Some(found.status == "confirmed"),
            name: found.name.clone(),
            authentication_methods: ways.iter().map(way).collect(),
            preferred_authentication_method: fact("channel"),
            phone_number: phone::masked(&facts),
            key_id: fact("key_id"),
            public_key: fact("public_key"),
            aaguid: fact("aaguid"),
            relying_party_identifier: fact("relying_party"),
            credential_device_type: fact("device_type"),
            credential_backed_up: facts["backed_up"].as_bool(),
            user_agent: fact("user_agent"),
            created_at: found.created_at.to_iso(),
            enrolled_at: iso(found.enrolled_at),
            last_auth_at: iso(found.last_auth_at),
            totp_secret: None,
        }
    }

    /// A user's recovery code.
    pub fn recovery_code(user_id: &UserId, kept: &KeptRecoveryCode) -> Self {
        Self {
            id: format!("recovery-code|{}", recovery_code_id(user_id)),
            kind: "recovery-code".to_owned(),
            confirmed: Some(true),
            created_at: kept.created_at.to_iso(),
            enrolled_at: Some(kept.created_at.to_iso()),
            ..Self::default()
        }
    }

    /// What is answered to a change of it: without when it was used.
    pub fn changed(found: &Enrollment) -> Self {
        Self {
            enrolled_at: None,
            last_auth_at: None,
            ..Self::of(found)
        }
    }

    /// What is answered to who added it, this once with its seed.
    pub fn added(found: &Enrollment, secret: Option<&Zeroizing<String>>) -> Self {
        Self {
            confirmed: None,
            totp_secret: secret.map(|secret| secret.to_string()),
            ..Self::changed(found)
        }
    }
}
