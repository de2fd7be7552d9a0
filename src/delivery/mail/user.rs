//! What a mail says of the person it goes to.

use serde::Serialize;

use super::site::Site;
use crate::core::UserId;

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

impl UserData {
    /// Without a stored address, the name is what remains of the id.
    pub(super) fn new(
        user_id: &UserId,
        stored_email: Option<&str>,
        site: &Site,
        tenant: &str,
    ) -> Self {
        Self {
            email: stored_email
                .unwrap_or_else(|| user_id.friendly())
                .to_owned(),
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
