//! The mails that tell a person that their recovery code was used, or replaced.

use serde::{Deserialize, Serialize};

use super::user::UserData;
use super::{Mail, Mails};
use crate::core::Timestamp;
use crate::store::Leased;
use crate::views::Site;

/// The context of `mail/recovery-code-used/…`.
#[derive(Serialize)]
pub(super) struct Used<'a> {
    site: &'a Site,
    #[serde(rename = "userData")]
    user_data: UserData,
    used_at: Timestamp,
}

/// The context of `mail/recovery-code-replaced/…`.
#[derive(Serialize)]
pub(super) struct Replaced<'a> {
    site: &'a Site,
    #[serde(rename = "userData")]
    user_data: UserData,
    replaced_at: Timestamp,
}

/// What whoever promised these mails wrote down for them.
#[derive(Deserialize)]
struct Detail {
    at: Timestamp,
}

/// When it happened; `None` when the message does not say.
fn at(message: &Leased) -> Option<Timestamp> {
    let detail: Detail = serde_json::from_str(&message.detail).ok()?;
    Some(detail.at)
}

impl Mail for Used<'_> {
    const KIND: &'static str = "recovery-code-used";
}

impl Mail for Replaced<'_> {
    const KIND: &'static str = "recovery-code-replaced";
}

impl<'a> Used<'a> {
    pub(super) fn new(mails: &'a Mails, message: &Leased) -> Option<Self> {
        Some(Self {
            site: &mails.site,
            user_data: mails.user_data(message),
            used_at: at(message)?,
        })
    }

    pub(super) fn sample(site: &'a Site) -> Self {
        Self {
            site,
            user_data: UserData::sample(site),
            used_at: Timestamp::from_millis(1_795_368_000_000),
        }
    }
}

impl<'a> Replaced<'a> {
    pub(super) fn new(mails: &'a Mails, message: &Leased) -> Option<Self> {
        Some(Self {
            site: &mails.site,
            user_data: mails.user_data(message),
            replaced_at: at(message)?,
        })
    }

    pub(super) fn sample(site: &'a Site) -> Self {
        Self {
            site,
            user_data: UserData::sample(site),
            replaced_at: Timestamp::from_millis(1_795_368_000_000),
        }
    }
}
