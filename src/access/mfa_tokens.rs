//! Access tokens of users for the MFA API, which whoever proved a factor there gets for ten minutes (contract §5).

use jsonwebtoken::Validation;
use serde::Deserialize;

use super::tokens::{LEEWAY_SECONDS, Tokens};
use crate::core::{ClientId, Result, UserId};

/// Adds a factor.
pub const ENROLL: &str = "enroll";
/// Lists factors.
pub const READ: &str = "read:authenticators";
/// Takes a factor away.
pub const REMOVE: &str = "remove:authenticators";
/// All of them, as a token carries them.
pub const ALL: &str = "enroll read:authenticators remove:authenticators";

/// As [`Tokens::access_token`] writes them. All are required.
#[derive(Deserialize)]
struct Claims {
    sub: UserId,
    client_id: ClientId,
    iat: i64,
    exp: i64,
    scope: String,
}

/// Whose factors a token is about, and what it is good for.
#[derive(Debug, Clone)]
pub struct MfaCaller {
    /// The user.
    pub user_id: UserId,
    /// The client that has it.
    pub client_id: ClientId,
    scope: String,
}

impl MfaCaller {
    /// Whether the token has this scope.
    pub fn may(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// What became of an access token.
pub enum Found {
    /// It is good.
    Good(MfaCaller),
    /// It was.
    Expired,
    /// It is none of ours, or not for the MFA API.
    None,
}

impl Tokens {
    /// Who bears this access token for the MFA API.
    ///
    /// # Errors
    /// Of the database.
    pub async fn verify_mfa(&self, token: &str) -> Result<Found> {
        let Ok(header) = jsonwebtoken::decode_header(token) else {
            return Ok(Found::None);
        };
        let (Some(kid), Some("at+jwt")) = (header.kid.as_deref(), header.typ.as_deref()) else {
            return Ok(Found::None);
        };
        let keys = self.keys.current(Some(kid)).await?;
        let Some(signer) = keys.named(kid) else {
            return Ok(Found::None);
        };
        // By the algorithm of the key alone, whatever the header says (RFC 8725 §3.1). Times are checked below by our own
        // clock; the library would ask the machine's.
        let mut validation = Validation::new(signer.alg.into());
        validation.set_audience(&[self.urls.mfa_audience()]);
        validation.set_issuer(&[self.urls.issuer()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode::<Claims>(token, &signer.decoding, &validation);
        let Ok(claims) = decoded.map(|decoded| decoded.claims) else {
            return Ok(Found::None);
        };
        let now = self.clock.now().seconds();
        if claims.exp <= now {
            return Ok(Found::Expired);
        }
        let mut read = self.store.begin_read().await?;
        let client = read.client(&claims.client_id).await?;
        if claims.iat > now + LEEWAY_SECONDS || client.is_none() {
            return Ok(Found::None);
        }
        Ok(Found::Good(MfaCaller {
            user_id: claims.sub,
            client_id: claims.client_id,
            scope: claims.scope,
        }))
    }
}
