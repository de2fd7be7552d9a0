//! What a mail says of the person it goes to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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

/// `user` in a mail's context, as templates of Auth0's name it; what is not known is empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct User {
    #[serde(skip_deserializing)]
    user_id: String,
    #[serde(skip_deserializing)]
    email: String,
    email_verified: bool,
    name: String,
    nickname: String,
    given_name: String,
    family_name: String,
    picture: String,
    user_metadata: Map<String, Value>,
}

impl User {
    pub(super) fn new(message: &Leased) -> Self {
        let known: Self = serde_json::from_str(&message.user_profile).unwrap_or_default();
        Self {
            user_id: message.user_id.as_str().to_owned(),
            email: message.user_email.clone().unwrap_or_default(),
            ..known
        }
    }

    pub(super) fn sample() -> Self {
        Self {
            user_id: "auth0|5f7c8ec7c33c6c004bbafe82".to_owned(),
            email: "ada@example.com".to_owned(),
            name: "Ada Lovelace".to_owned(),
            nickname: "ada".to_owned(),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            picture: "https://img.example.com/ada.png".to_owned(),
            ..Self::default()
        }
    }
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
