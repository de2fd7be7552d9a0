//! How an enrollment is named: `dev_…`, or with the type of the method before it, as Auth0 does: `totp|dev_…`.

use std::str::FromStr;

use utoipa::ToSchema;

use crate::core::{EnrollmentId, Error, Result};
use crate::factors::Factor;

/// An enrollment's id, with the type of its method before it or not.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = r"^((totp|phone|sms|voice|push|email|recovery-code|webauthn-roaming|webauthn-platform)\|)?dev_[0-9a-f]{32}$")]
pub struct MethodIdText(pub String);

const KINDS: [&str; 9] = [
    "totp",
    "phone",
    "sms",
    "voice",
    "push",
    "email",
    "recovery-code",
    "webauthn-roaming",
    "webauthn-platform",
];

/// The name of an enrollment, as a caller wrote it.
pub struct MethodId {
    kind: Option<String>,
    /// The enrollment's own name.
    pub id: EnrollmentId,
}

impl FromStr for MethodId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let Some((kind, id)) = text.split_once('|') else {
            let id = text.parse()?;
            return Ok(Self { kind: None, id });
        };
        if !KINDS.contains(&kind) {
            let reason = format!(
                "begins with dev_, or with one of {} and |",
                KINDS.join(", ")
            );
            return Err(Error::invalid_path("id", reason));
        }
        Ok(Self {
            kind: Some(kind.to_owned()),
            id: id.parse()?,
        })
    }
}

impl MethodId {
    /// Whether the type before it, if there is one, is that of a factor.
    pub fn fits(&self, factor: &str) -> bool {
        let known = kind_of(factor);
        let is_phone = |kind: &str| matches!(kind, "sms" | "voice" | "phone");
        self.kind
            .as_deref()
            .is_none_or(|asked| asked == known || (is_phone(asked) && is_phone(known)))
    }
}

/// The type of a factor's method, as the ids of enrollments have it.
pub fn kind_of(factor: &str) -> &str {
    Factor::from_str(factor).map_or(factor, |factor| factor.method_type())
}
