//! Which factors may be used: what the installation can do, and what an admin switched on or off.

use super::Factor;

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

/// What this installation can do at all, by its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Whether codes can be sent to phones: there is a provider.
    pub phone: bool,
    /// Whether browsers take credentials for us: we are reached by a name, not an IP address.
    pub webauthn: bool,
}

impl Default for Available {
    fn default() -> Self {
        Self {
            phone: false,
            webauthn: true,
        }
    }
}

impl Available {
    /// Why the factor of this setting's name can't be turned on, if it can't.
    pub fn refusal(self, setting: &str) -> Option<&'static str> {
        match setting {
            "email" => Some(
                "email is not a second factor here: a mailbox is often what the first factor is reset with",
            ),
            "duo" => Some("duo is not supported"),
            "sms" if !self.phone => Some("sms needs a phone provider, and none is configured"),
            "webauthn-roaming" | "webauthn-platform" if !self.webauthn => Some(
                "browsers take no security key or passkey for a site whose public_url is an IP address",
            ),
            _ => None,
        }
    }
}

/// Which factors are switched on: what an admin set, else the defaults of a new database (design §4).
#[derive(Debug, Clone, Default)]
pub struct Switches {
    on: Vec<String>,
    off: Vec<String>,
    available: Available,
}

impl Switches {
    /// From what an admin switched on and off, and what the installation can do at all.
    pub fn new(
        on: impl IntoIterator<Item = String>,
        off: impl IntoIterator<Item = String>,
        available: Available,
    ) -> Self {
        Self {
            on: on.into_iter().collect(),
            off: off.into_iter().collect(),
            available,
        }
    }

    /// Whether the factor of this setting's name may be used.
    pub fn is_on(&self, setting: &str) -> bool {
        if self.available.refusal(setting).is_some() || self.off.iter().any(|name| name == setting)
        {
            return false;
        }
        self.on.iter().any(|name| name == setting) || SETTINGS.contains(&setting)
    }

    /// Whether this factor may be enrolled.
    pub fn allows(&self, factor: Factor) -> bool {
        self.is_on(factor.setting())
    }
}
