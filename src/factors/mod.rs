//! The kinds of second factor: one file each, found by its name.

pub mod otp;
#[cfg(test)]
mod properties;

use std::fmt;
use std::str::FromStr;

use crate::core::Error;

/// A kind of second factor that a ticket can ask for (design §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Factor {
    /// A code of an authenticator app (RFC 6238).
    Otp,
    /// A code sent to a phone.
    Phone,
    /// A prompt on a phone.
    PushNotification,
    /// A security key.
    WebauthnRoaming,
    /// The device's own biometrics.
    WebauthnPlatform,
}

impl Factor {
    /// All factors, the strongest and most convenient first: the order of the choose page.
    pub const ALL: [Self; 5] = [
        Self::WebauthnPlatform,
        Self::WebauthnRoaming,
        Self::Otp,
        Self::PushNotification,
        Self::Phone,
    ];

    /// The factor's name in tickets, tables, templates and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Phone => "phone",
            Self::PushNotification => "push-notification",
            Self::WebauthnRoaming => "webauthn-roaming",
            Self::WebauthnPlatform => "webauthn-platform",
        }
    }

    /// The factor's name at `/guardian/factors` (contract §1.3).
    pub fn setting(self) -> &'static str {
        match self {
            Self::Phone => "sms",
            other => other.name(),
        }
    }

    /// The type of the authentication method, which prefixes its id (contract §1.3).
    pub fn method_type(self) -> &'static str {
        match self {
            Self::Otp => "totp",
            Self::Phone => "sms",
            Self::PushNotification => "push",
            other => other.name(),
        }
    }

    /// Whether this version of the pages can enroll it.
    pub fn has_screens(self) -> bool {
        matches!(self, Self::Otp)
    }
}

impl FromStr for Factor {
    type Err = Error;
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|factor| factor.name() == name).ok_or_else(|| {
            Error::invalid("factor", format!("{name:?} is not one of otp, phone, push-notification, webauthn-roaming, webauthn-platform"))
        })
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A list of factors as a ticket's row keeps it.
pub fn parse_list(list: &str) -> Vec<Factor> {
    list.split(',')
        .filter_map(|name| name.parse().ok())
        .collect()
}

/// A list of factors for a ticket's row.
pub fn format_list(factors: &[Factor]) -> String {
    factors
        .iter()
        .map(|factor| factor.name())
        .collect::<Vec<_>>()
        .join(",")
}

/// The names at `/guardian/factors`, in their order (contract §3).
pub const SETTINGS: [&str; 8] = [
    "sms",
    "push-notification",
    "otp",
    "email",
    "duo",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
];

/// Names whose switch can't be turned on, and why.
pub fn unsupported(setting: &str) -> Option<&'static str> {
    match setting {
        "email" => Some(
            "email is not a second factor here: a mailbox is often what the first factor is reset with",
        ),
        "duo" => Some("duo is not supported"),
        "sms" => Some("sms needs a phone provider, and none is configured"),
        _ => None,
    }
}

/// Which factors are switched on: what an admin set, else the defaults of a new database (design §4).
#[derive(Debug, Clone, Default)]
pub struct Switches {
    on: Vec<String>,
    off: Vec<String>,
}

impl Switches {
    /// From what an admin switched on and off.
    pub fn new(
        on: impl IntoIterator<Item = String>,
        off: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            on: on.into_iter().collect(),
            off: off.into_iter().collect(),
        }
    }

    /// Whether the factor of this setting's name may be used.
    pub fn is_on(&self, setting: &str) -> bool {
        if unsupported(setting).is_some() || self.off.iter().any(|name| name == setting) {
            return false;
        }
        self.on.iter().any(|name| name == setting) || SETTINGS.contains(&setting)
    }

    /// Whether this factor may be enrolled.
    pub fn allows(&self, factor: Factor) -> bool {
        self.is_on(factor.setting())
    }
}
