//! What an admin sets by the API for one of the two factors (contract §3).

use serde::{Deserialize, Serialize};

use super::{RelyingParty, Verification};
use crate::core::{Error, Result};
use crate::factors::Factor;

/// The settings of a factor, as the table `settings` keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Whether the person shows more than presence.
    pub user_verification: Verification,
    /// Whether credentials belong to another domain than the configuration says.
    pub override_relying_party: bool,
    /// That domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relying_party_identifier: Option<String>,
}

impl Settings {
    /// Of a factor that nobody set anything for.
    pub fn of_new(factor: Factor) -> Self {
        Self {
            user_verification: if factor == Factor::WebauthnPlatform {
                Verification::Required
            } else {
                Verification::Discouraged
            },
            override_relying_party: false,
            relying_party_identifier: None,
        }
    }

    /// Of the text in the table, if there is one.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn read(factor: Factor, value: Option<&str>) -> Result<Self> {
        match value {
            None => Ok(Self::of_new(factor)),
            Some(value) => serde_json::from_str(value).map_err(Error::internal),
        }
    }

    /// What they make of the configured relying party.
    pub fn party(&self, configured: &RelyingParty) -> RelyingParty {
        let id = self.relying_party_identifier.as_deref();
        configured.with_id(id.filter(|_| self.override_relying_party))
    }
}
