//! What the token endpoint gives tokens for, one file per grant.

use actix_web::{HttpRequest, web};

use super::client_auth;
use crate::store::Client;
use crate::web::{App, Fields, Seen};

pub mod authorization_code;
pub mod client_credentials;
pub mod mfa;

/// What is asked for with a grant.
pub struct GrantRequest {
    /// The server.
    pub app: web::Data<App>,
    /// What is known of the request.
    pub seen: Seen,
    /// What was sent, but for the name of the grant.
    pub fields: Fields,
    pub(super) request: HttpRequest,
}

impl GrantRequest {
    /// The client that asks, once it proved itself; who does not is told so in Auth0's word (contract §4.1).
    ///
    /// # Errors
    /// As of [`client_auth::authenticate`].
    pub async fn authenticate(&mut self) -> Result<Client, actix_web::Error> {
        let (app, fields) = (&self.app, &mut self.fields);
        client_auth::authenticate(app, &self.seen, &self.request, fields, "access_denied").await
    }
}
