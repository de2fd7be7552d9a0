//! What a mail says of the person it goes to.

use serde::{Deserialize, Serialize};

use crate::store::Leased;
use crate::views::Site;

/// `userData` in a mail's context, named as the pages name it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserData {
    email: String,
    user_id: String,
    friendly_user_id: String,
    tenant: String,
    tenant_friendly_name: String,
}

/// The names of a profile.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Names {
    name: String,
    nickname: String,
    username: String,
}

impl UserData {
    pub(super) fn new(message: &Leased, site: &Site, tenant: &str) -> Self {
        let user_id = &message.user_id;
        let stored = message.user_email.clone();
        Self {
            email: stored.unwrap_or_else(|| printable_name(message)),
            user_id: user_id.as_str().to_owned(),
            friendly_user_id: user_id.friendly().to_owned(),
            tenant: tenant.to_owned(),
            tenant_friendly_name: site.name().to_owned(),
        }
    }

    pub(super) fn sample(site: &Site) -> Self {
        Self {
            email: "ada@example.com".to_owned(),
            user_id: "auth0|5f7c8ec7c33c6c004bbafe82".to_owned(),
            friendly_user_id: "5f7c8ec7c33c6c004bbafe82".to_owned(),
            tenant: "mfa.example.com".to_owned(),
            tenant_friendly_name: site.name().to_owned(),
        }
    }
}

/// What a person without an address is called.
fn printable_name(message: &Leased) -> String {
    let names: Names = serde_json::from_str(&message.user_profile).unwrap_or_default();
    [names.name, names.nickname, names.username]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| message.user_id.friendly().to_owned())
}
