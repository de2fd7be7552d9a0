//! The mail that tells a person that a factor was added to their account.

use serde::{Deserialize, Serialize};

use super::user::UserData;
use super::{Mail, Mails};
use crate::core::Timestamp;
use crate::store::Leased;
use crate::views::Site;

/// The context of `mail/factor-added/…`.
#[derive(Serialize)]
pub(super) struct FactorAdded<'a> {
    site: &'a Site,
    #[serde(rename = "userData")]
    user_data: UserData,
    factor: String,
    added_at: Timestamp,
}

/// What whoever promised this mail wrote down for it.
#[derive(Deserialize)]
struct Detail {
    factor: String,
    added_at: Option<Timestamp>,
}

impl Mail for FactorAdded<'_> {
    const KIND: &'static str = "factor-added";
}

impl<'a> FactorAdded<'a> {
    /// `None` when the message does not say which factor.
    pub(super) fn new(mails: &'a Mails, message: &Leased) -> Option<Self> {
        let detail: Detail = serde_json::from_str(&message.detail).ok()?;
        Some(Self {
            site: &mails.site,
            user_data: mails.user_data(message),
            factor: detail.factor,
            added_at: detail.added_at.unwrap_or(message.created_at),
        })
    }

    pub(super) fn sample(site: &'a Site) -> Self {
        Self {
            site,
            user_data: UserData::sample(site),
            factor: "otp".to_owned(),
            added_at: Timestamp::from_millis(1_795_368_000_000),
        }
    }
}
