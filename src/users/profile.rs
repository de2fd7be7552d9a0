//! What the API keeps of a user beside id and address (contract §2.5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::core::{Email, language};

/// The profile, as the `profile` column holds it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The connection that the user was created in.
    pub connection: String,
    /// Whether the back end vouches for the address.
    pub email_verified: bool,
    /// The full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Whether the back end vouches for the number.
    pub phone_verified: bool,
    /// A picture's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// What the user may see and change.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub user_metadata: Map<String, Value>,
    /// What only the back end may.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub app_metadata: Map<String, Value>,
}

/// The connection of users that a ticket created on the fly.
pub const DEFAULT_CONNECTION: &str = "Username-Password-Authentication";

impl Profile {
    /// Reads the `profile` column.
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// What the `profile` column holds.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// The language that the person is spoken to in, if the metadata says one.
    pub fn language(&self) -> Option<&str> {
        language::in_metadata(&self.user_metadata)
    }

    /// What a page calls the person, when there is no address to show.
    pub fn printable_name(&self) -> Option<&str> {
        [&self.name, &self.nickname, &self.username]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|name| !name.is_empty())
    }
}

/// The profile of a user who is created with a ticket, as JSON: Auth0's defaults (contract §2.5).
pub fn profile_of_new(email: &Email) -> String {
    let profile = Profile {
        connection: DEFAULT_CONNECTION.to_owned(),
        name: Some(email.as_str().to_owned()),
        nickname: Some(email.local_part().to_owned()),
        ..Profile::default()
    };
    profile.to_json()
}
