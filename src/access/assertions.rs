//! Clients that prove themselves by signing (RFC 7523 §3): the assertion names us, lives for minutes, and is taken once.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::Validation;
use serde::Deserialize;

use super::client_keys::{ALGORITHMS, ClientKeys};
use super::tokens::{LEEWAY_SECONDS, Tokens, WRONG_CLIENT};
use crate::core::{ClientId, Digest, Error, Result, Timestamp};
use crate::store::Client;

/// An assertion may be good for this long at most.
const LONGEST_LIFE: Duration = Duration::from_secs(5 * 60);
/// The longest name of an assertion, in bytes.
const LONGEST_JTI: usize = 255;
const USED: &str = "client_assertion: its jti was used before";
/// What a header may call an assertion, besides nothing.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    /// Seconds, as in all that follows; they may have a fraction (RFC 7519 §2).
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The client that an assertion says it is of. Nothing of it is proved.
pub fn claimed_client(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claimed {
        sub: String,
    }
    let claims = assertion.split('.').nth(1)?;
    let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?;
    let claimed: Claimed = serde_json::from_slice(&claims).ok()?;
    Some(claimed.sub)
}

impl Tokens {
    /// The client that signed this for one of `audiences`, now, and for the first time.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`]: the same for who has none of the client's keys; who has one is told what is wrong.
    pub async fn authenticate_signed(
        &self,
        assertion: &str,
        audiences: &[String],
    ) -> Result<Client> {
        let id = claimed_client(assertion).and_then(|id| id.parse::<ClientId>().ok());
        let id = id.ok_or(WRONG_CLIENT)?;
        let client = self.store.begin_lookup().await?.client(&id).await?;
        let client = client.filter(Client::signs).ok_or(WRONG_CLIENT)?;
        let now = self.clock.now();
        let claims = signed(assertion, &client)?.ok_or(WRONG_CLIENT)?;
        let wrong = claims.wrong(&id, audiences, now);
        wrong.map_or(Ok(()), |told| Err(Error::Unauthenticated(told)))?;
        // By then it is refused for its age alone.
        let until = now + LONGEST_LIFE + 4 * Duration::from_secs(LEEWAY_SECONDS.unsigned_abs());
        let mut tx = self.store.begin_write().await?;
        let jti = Digest::of(claims.jti.as_bytes());
        if !tx.take_client_assertion(&id, &jti, until).await? {
            return Err(Error::Unauthenticated(USED));
        }
        tx.commit().await?;
        Ok(client)
    }
}

/// What an assertion says that one of the client's keys signed.
fn signed(assertion: &str, client: &Client) -> Result<Option<Claims>> {
    let set = client.jwks.as_deref().unwrap_or_default();
    let set = serde_json::from_str(set).map_err(Error::internal)?;
    let keys = ClientKeys::parse(&set)
        .map_err(|why| Error::internal(anyhow::anyhow!("keys of {}: {why}", client.client_id)))?;
    let Ok(header) = jsonwebtoken::decode_header(assertion) else {
        return Ok(None);
    };
    let algorithm = header.alg;
    let known = ALGORITHMS.iter().any(|(_, known)| *known == algorithm);
    let typed = header.typ.as_deref().is_none_or(|typ| TYPES.contains(&typ));
    if !known || !typed || header.crit.is_some() {
        return Ok(None);
    }
    // Times and audience are checked by us: the library would ask the machine's clock, and let other audiences pass
    // beside ours.
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let fitting = keys.fitting(algorithm, header.kid.as_deref());
    let claims = fitting.iter().find_map(|key| {
        jsonwebtoken::decode::<Claims>(assertion, key, &validation)
            .ok()
            .map(|decoded| decoded.claims)
    });
    Ok(claims)
}

impl Claims {
    /// What is wrong with them, if anything is.
    fn wrong(
        &self,
        client: &ClientId,
        audiences: &[String],
        now: Timestamp,
    ) -> Option<&'static str> {
        let ours = |audience: &String| audiences.contains(audience);
        let for_us = match &self.aud {
            Audience::One(one) => ours(one),
            // One that names another server too could be replayed by it.
            Audience::Many(many) => !many.is_empty() && many.iter().all(ours),
        };
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact")]
        let (now, leeway) = (now.seconds() as f64, LEEWAY_SECONDS as f64);
        let ahead = |moment: Option<f64>| moment.is_some_and(|moment| moment > now + leeway);
        let rules = [
            (
                self.iss != client.as_str() || self.sub != client.as_str(),
                "client_assertion: iss and sub must be the client_id",
            ),
            (
                !for_us,
                "client_assertion: aud must be the issuer or this endpoint, and nobody else",
            ),
            (self.exp <= now - leeway, "client_assertion: exp is over"),
            (
                self.exp > now + LONGEST_LIFE.as_secs_f64() + leeway,
                "client_assertion: exp must be five minutes ahead at most",
            ),
            (
                ahead(self.nbf) || ahead(self.iat),
                "client_assertion: iat or nbf is in the future",
            ),
            (
                !(1..=LONGEST_JTI).contains(&self.jti.len()),
                "client_assertion: jti must have 1 to 255 bytes",
            ),
        ];
        rules
            .into_iter()
            .find_map(|(broken, told)| broken.then_some(told))
    }
}
