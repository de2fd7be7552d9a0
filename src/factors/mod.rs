//! The kinds of second factor: one file each, found by its name. This is the one list of them: what a proof is, what it
//! is checked against, and why it is not taken.

pub mod otp;
pub mod patience;
pub mod phone;
#[cfg(test)]
mod properties;
pub mod push;
pub mod qr;
mod switches;
pub mod verify;
pub mod webauthn;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use zeroize::Zeroizing;

pub use switches::{Available, SETTINGS, Switches};

use crate::core::{Error, Result, Seed, Timestamp};

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
        matches!(
            self,
            Self::Otp
                | Self::Phone
                | Self::PushNotification
                | Self::WebauthnRoaming
                | Self::WebauthnPlatform
        )
    }

    /// Whether its proof answers a challenge, which is a row; the seed of an app is pinned by the attempt instead.
    pub fn is_challenged(self) -> bool {
        self != Self::Otp
    }

    /// Whether one answer ends its challenge, right or wrong: a ceremony. Codes may be mistyped.
    pub fn is_one_try(self) -> bool {
        matches!(self, Self::WebauthnRoaming | Self::WebauthnPlatform)
    }
}

/// What a person shows to prove that a factor works.
#[derive(Clone)]
pub enum Proof {
    /// A code of the authenticator app.
    Otp(otp::Code),
    /// A browser made a credential.
    Webauthn(webauthn::Registration),
    /// The answer of a paired phone, which its challenge keeps.
    Push,
    /// The code that was sent to a phone.
    Phone(phone::Code),
}

impl Proof {
    /// The factor that it proves.
    pub fn factor(&self) -> Factor {
        match self {
            Self::Otp(_) => Factor::Otp,
            Self::Webauthn(registration) => registration.factor(),
            Self::Push => Factor::PushNotification,
            Self::Phone(_) => Factor::Phone,
        }
    }
}

/// What a proof is checked against while enrolling: what the attempt pinned, or the challenge that it began.
pub struct Pending<'a> {
    /// The seed that the attempt shows.
    pub seed: Option<&'a Seed>,
    /// What the challenge keeps, opened.
    pub challenge: Option<&'a [u8]>,
}

/// A proof that was found right: what is written of it.
pub struct Proved {
    /// How it was proved, by the names of RFC 8176.
    pub amr: &'static str,
    /// What later proofs are checked against.
    pub material: Zeroizing<Vec<u8>>,
    /// The time step of its code (RFC 6238 §5.2).
    pub last_step: Option<i64>,
    /// The browser's name for a credential.
    pub credential_id: Option<String>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What may be told of it, as a JSON object.
    pub facts: Value,
}

/// Why a proof is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The code of the app is wrong; [`otp::diagnose`] may know why.
    Otp,
    /// The answer of a browser is not taken.
    Webauthn(webauthn::Wrong),
    /// The paired phone did not approve.
    Push,
    /// That is not the code that was sent.
    Phone,
    /// No challenge waits for it, or no longer.
    Ended,
}

/// The one check of a proof while enrolling; an enrolled factor is checked by `verify` alone.
///
/// # Errors
/// [`Refusal::SessionEnded`](crate::core::Refusal::SessionEnded) when the attempt pinned nothing.
pub fn check(
    proof: &Proof,
    pending: &Pending<'_>,
    now: Timestamp,
) -> Result<Result<Proved, Wrong>> {
    match proof {
        Proof::Otp(code) => otp::prove(pending, code, now),
        Proof::Webauthn(registration) => webauthn::prove(pending, registration),
        Proof::Push => push::prove(pending),
        Proof::Phone(code) => Ok(phone::prove(pending, code)),
    }
}

impl FromStr for Factor {
    type Err = Error;
    fn from_str(name: &str) -> Result<Self> {
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
