//! What an application gets for a login that was proved: an ID token (OpenID Connect Core §2) and an access token.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::tokens::{Issued, Tokens};
use crate::core::{ClientId, LoginId, Result, Rng, Timestamp, UserId};
use crate::logins::methods;
use crate::store::Client;

/// How long an ID token is to be believed: it tells of this very login.
pub const ID_TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long an access token for the MFA API lives (contract §5).
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Of whom an ID token tells, and what.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// To whom.
    pub client: &'a Client,
    /// Of whom.
    pub user: &'a UserId,
    /// The stored address, if the client may know it.
    pub email: Option<&'a str>,
    /// What the client sent, to find its own request in the token.
    pub nonce: Option<&'a str>,
    /// By which factor it was proved.
    pub factor: &'a str,
    /// How it was proved (RFC 8176), separated by spaces.
    pub amr: &'a str,
    /// When.
    pub auth_time: Timestamp,
    /// In which login.
    pub login_id: &'a LoginId,
}

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: String,
    sub: &'a UserId,
    aud: &'a ClientId,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    amr: Vec<&'a str>,
    acr: &'static str,
    sid: &'a LoginId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// As RFC 9068 has it.
#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: String,
    sub: &'a UserId,
    aud: String,
    client_id: &'a ClientId,
    iat: i64,
    exp: i64,
    jti: String,
    scope: &'a str,
}

impl Tokens {
    /// An ID token.
    ///
    /// # Errors
    /// Of the database.
    pub async fn id_token(&self, subject: &Subject<'_>) -> Result<String> {
        let now = self.clock.now();
        let claims = IdClaims {
            iss: self.urls.issuer(),
            sub: subject.user,
            aud: &subject.client.client_id,
            iat: now.seconds(),
            exp: (now + ID_TOKEN_LIFETIME).seconds(),
            auth_time: subject.auth_time.seconds(),
            nonce: subject.nonce,
            amr: subject.amr.split(' ').collect(),
            acr: methods::acr(subject.factor),
            sid: subject.login_id,
            email: subject.email,
        };
        let alg = subject.client.signing_alg;
        self.sign(alg, "JWT", &claims).await
    }

    /// An access token of a user, which a client has, for the MFA API.
    ///
    /// # Errors
    /// Of the database.
    pub async fn access_token(
        &self,
        user: &UserId,
        client: &Client,
        scope: &str,
        rng: &dyn Rng,
    ) -> Result<Issued> {
        let now = self.clock.now();
        let claims = AccessClaims {
            iss: self.urls.issuer(),
            sub: user,
            aud: self.urls.mfa_audience(),
            client_id: &client.client_id,
            iat: now.seconds(),
            exp: (now + ACCESS_TOKEN_LIFETIME).seconds(),
            jti: BASE64URL_NOPAD.encode(&rng.bytes::<16>()),
            scope,
        };
        Ok(Issued {
            access_token: self.sign(client.signing_alg, "at+jwt", &claims).await?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFETIME.as_secs(),
            scope: scope.to_owned(),
        })
    }
}
