//! Management tokens: JWTs (contract §4.2), verified once and remembered for at most 30 seconds.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::Validation;
use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::scopes::{self, Scope};
use crate::core::{Algorithm, ClientId, Clock, Digest, Error, Result, Rng, Timestamp, Urls};
use crate::store::{Client, Store};

/// How long a token lives, unless somebody asks for less (contract §4.1).
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a verified token is believed without looking: a removed client is out within this.
const REMEMBERED: Duration = Duration::from_secs(30);
const MOST_REMEMBERED: usize = 10_000;
/// Clocks of two instances may differ by this much.
pub(super) const LEEWAY_SECONDS: i64 = 5;
/// The same, whatever is wrong.
pub(super) const WRONG_CLIENT: Error = Error::Unauthenticated("Unauthorized");

/// All claims are required, and of exactly these types: a claim of another type is a failure (RFC 8725 §3.8).
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    azp: ClientId,
    gty: String,
    scope: String,
}

/// An API client that proved itself.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Which.
    pub client_id: ClientId,
    scopes: Arc<[Scope]>,
}

impl Caller {
    /// Lets through who has any of these scopes.
    ///
    /// # Errors
    /// [`Error::InsufficientScope`].
    pub fn require(&self, any_of: &'static [Scope]) -> Result<()> {
        if any_of.iter().any(|scope| self.scopes.contains(scope)) {
            Ok(())
        } else {
            Err(Error::InsufficientScope(any_of))
        }
    }

    /// Lets through who may do all that this client may: whoever changes its keys can take its place.
    ///
    /// # Errors
    /// [`Error::InsufficientScope`] naming one that is missing.
    pub fn require_all_of(&self, client: &Client) -> Result<()> {
        let mut needed = scopes::ALL.iter().filter(|scope| client.may(scope));
        match needed.find(|scope| !self.scopes.contains(scope)) {
            None => Ok(()),
            Some(missing) => Err(Error::InsufficientScope(std::slice::from_ref(missing))),
        }
    }
}

/// A token as it is handed out.
#[derive(Serialize)]
pub struct Issued {
    /// The token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Its life in seconds.
    pub expires_in: u64,
    /// What it lets its bearer do, separated by spaces.
    pub scope: String,
}

/// Issues and verifies management tokens.
pub struct Tokens {
    pub(super) store: Store,
    /// The signing keys; the key set publishes them.
    pub keys: Keys,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) urls: Urls,
    remembered: RwLock<HashMap<[u8; 32], (Timestamp, Timestamp, Caller)>>,
}

const EXPIRED: Error =
    Error::Unauthenticated("Expired token received for JSON Web Token validation");
const INVALID: Error = Error::Unauthenticated("Invalid token");
const BAD_SIGNATURE: Error =
    Error::Unauthenticated("Invalid signature received for JSON Web Token validation");

impl Tokens {
    /// Tokens of this installation.
    pub fn new(store: Store, keys: Keys, clock: Arc<dyn Clock>, urls: Urls) -> Self {
        Self {
            store,
            keys,
            clock,
            urls,
            remembered: RwLock::default(),
        }
    }

    /// The client of this id and secret, compared in constant time. One that signs has no secret.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], the same for a wrong id and a wrong secret.
    pub async fn authenticate(&self, client_id: &str, secret: &str) -> Result<Client> {
        let id: ClientId = client_id.parse().map_err(|_| WRONG_CLIENT)?;
        let client = self.store.begin_lookup().await?.client(&id).await?;
        let right = |client: &Client| Digest::of(secret.as_bytes()).matches(&client.secret_hash);
        client
            .filter(|client| !client.signs() && right(client))
            .ok_or(WRONG_CLIENT)
    }

    /// A fresh token for a client that was authenticated, or that the admin vouches for.
    ///
    /// # Errors
    /// Of the database.
    pub async fn issue(&self, client: &Client, lifetime: Duration) -> Result<Issued> {
        let now = self.clock.now().seconds();
        let expires_in = lifetime.as_secs();
        let claims = Claims {
            iss: self.urls.issuer(),
            sub: format!("{}@clients", client.client_id),
            aud: self.urls.management_audience(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(i64::try_from(expires_in).unwrap_or(i64::MAX)),
            azp: client.client_id.clone(),
            gty: "client-credentials".to_owned(),
            scope: client.scopes.clone(),
        };
        Ok(Issued {
            access_token: self.sign(client.signing_alg, "JWT", &claims).await?,
            token_type: "Bearer",
            expires_in,
            scope: claims.scope,
        })
    }

    /// The claims as a token of this type, signed by this algorithm.
    pub(super) async fn sign(
        &self,
        alg: Algorithm,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<String> {
        let keys = self.keys.current(None).await?;
        let signer = keys
            .signing(alg, self.clock.now())
            .ok_or_else(|| Error::internal(anyhow::anyhow!("there is no {} key", alg.name())))?;
        signer.token(typ, claims)
    }

    /// Who bears this token.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], in Auth0's words (contract §0.1).
    pub async fn verify(&self, token: &str) -> Result<Caller> {
        let now = self.clock.now();
        let digest: [u8; 32] = Digest::of(token.as_bytes()).into();
        if let Some(caller) = self.recall(&digest, now) {
            return Ok(caller);
        }
        // Boxed, as it is rare and large: every future around it is moved for each request.
        Box::pin(self.verify_anew(token, digest, now)).await
    }

    async fn verify_anew(&self, token: &str, digest: [u8; 32], now: Timestamp) -> Result<Caller> {
        let (claims, believed) = self.check(token, now).await?;
        let client = self
            .store
            .begin_read()
            .await?
            .client(&claims.azp)
            .await?
            .ok_or(INVALID)?;
        // What the admin took from the client since the token was made is gone from the token too.
        let granted: Vec<Scope> = claims
            .scope
            .split(' ')
            .filter(|name| client.may(name))
            .filter_map(scopes::known)
            .collect();
        let caller = Caller {
            client_id: client.client_id,
            scopes: granted.into(),
        };
        self.remember(
            digest,
            // Not longer than the list of keys it was checked with: a removed key is out in time, too.
            believed,
            Timestamp::from_millis(claims.exp.saturating_mul(1000)),
            caller.clone(),
        );
        Ok(caller)
    }

    /// What the token says, and when the keys were asked for that it was checked with.
    async fn check(&self, token: &str, now: Timestamp) -> Result<(Claims, Timestamp)> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| INVALID)?;
        let (Some(kid), Some("JWT")) = (header.kid.as_deref(), header.typ.as_deref()) else {
            return Err(INVALID);
        };
        let keys = self.keys.current(Some(kid)).await?;
        let signer = keys.named(kid).ok_or(INVALID)?;
        // By the algorithm of the key alone, whatever the header says (RFC 8725 §3.1). Times are checked below by our own
        // clock; the library would ask the machine's.
        let mut validation = Validation::new(signer.alg.into());
        validation.set_audience(&[self.urls.management_audience()]);
        validation.set_issuer(&[self.urls.issuer()]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode::<Claims>(token, &signer.decoding, &validation);
        let claims = decoded.map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => BAD_SIGNATURE,
            _ => INVALID,
        })?;
        let seconds = now.seconds();
        match claims.claims {
            claims if claims.exp <= seconds => Err(EXPIRED),
            claims if claims.claims_the_future(seconds) => Err(INVALID),
            claims => Ok((claims, keys.at)),
        }
    }

    fn recall(&self, digest: &[u8; 32], now: Timestamp) -> Option<Caller> {
        let remembered = self
            .remembered
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let (at, expires_at, caller) = remembered.get(digest)?;
        (now >= *at && now.since(*at) < REMEMBERED && now < *expires_at).then(|| caller.clone())
    }

    fn remember(&self, digest: [u8; 32], now: Timestamp, expires_at: Timestamp, caller: Caller) {
        let mut remembered = self
            .remembered
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MOST_REMEMBERED {
            remembered.retain(|_, (at, ..)| now.since(*at) < REMEMBERED);
        }
        if remembered.len() < MOST_REMEMBERED {
            remembered.insert(digest, (now, expires_at, caller));
        }
    }
}

impl Claims {
    fn claims_the_future(&self, now: i64) -> bool {
        self.nbf > now + LEEWAY_SECONDS || self.iat > now + LEEWAY_SECONDS
    }
}

/// A client's secret: 256 random bits, with a prefix that secret scanners can find.
pub fn new_client_secret(rng: &dyn Rng) -> zeroize::Zeroizing<String> {
    zeroize::Zeroizing::new(format!(
        "tss_{}",
        data_encoding::BASE64URL_NOPAD.encode(&rng.bytes::<32>())
    ))
}
