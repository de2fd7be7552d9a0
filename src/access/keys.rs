//! The signing keys: sealed in the database, published before they sign, kept until what they signed is over.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use data_encoding::{BASE64_MIME, BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::{DecodingKey, EncodingKey};
use zeroize::Zeroizing;

use super::tokens::LIFETIME;
use crate::core::seal::Place;
use crate::core::{Actor, Clock, Digest, Error, Result, Rng, Sealer, Timestamp};
use crate::store::{Event, SigningKey, Store};

/// How long a new key is published before it signs: twice as long as anybody may keep the key set (five minutes).
const PUBLISHED: Duration = Duration::from_secs(10 * 60);
/// How old the list of signing keys may be.
const FRESH: Duration = Duration::from_secs(30);
/// How long a key is kept once its successor was made: what it signed before the successor took over is expired then.
const SUCCEEDED: Duration = Duration::from_secs(2 * PUBLISHED.as_secs() + LIFETIME.as_secs());

/// A signing key, ready to use. The private half is gone from memory when it is dropped.
pub struct Signer {
    /// Its name in the header of a token.
    pub kid: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Signs.
    pub encoding: EncodingKey,
    /// Verifies.
    pub decoding: DecodingKey,
    /// The modulus, base64url (RFC 7518 §6.3.1.1).
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

/// What a signing key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// It is published, and signs from then on.
    SignsFrom(Timestamp),
    /// It signs.
    Signs,
    /// Another signs; what this one signed is believed until then.
    VerifiesUntil(Timestamp),
}

/// What each key does at `now`, given when each was made, the newest first.
///
/// The newest that has been published for long enough signs; while there is none, the oldest does.
pub fn duties(made: &[Timestamp], now: Timestamp) -> Vec<Duty> {
    let signing = made
        .iter()
        .position(|made| now >= *made + PUBLISHED)
        .unwrap_or(made.len().saturating_sub(1));
    let duty = |(index, made_at): (usize, &Timestamp)| match index {
        _ if index < signing => Duty::SignsFrom(*made_at + PUBLISHED),
        _ if index == signing => Duty::Signs,
        _ => Duty::VerifiesUntil(made[index - 1] + SUCCEEDED),
    };
    made.iter().enumerate().map(duty).collect()
}

/// Removes the keys that nothing valid is signed with any more; says which they were.
///
/// # Errors
/// Of the database.
pub async fn sweep(store: &Store, now: Timestamp, rng: &dyn Rng) -> Result<Vec<String>> {
    let mut tx = store.begin_write().await?;
    let kids = tx.delete_succeeded_signing_keys(now - SUCCEEDED).await?;
    if !kids.is_empty() {
        let events: Vec<Event> = kids
            .iter()
            .map(|kid| event("signing_key.expired", kid, &Actor::server(), now, rng))
            .collect();
        tx.record(&events).await?;
        tx.commit().await?;
    }
    Ok(kids)
}

/// Removes a key before its time: what it signed is refused everywhere within 30 seconds. `false` when there is no such
/// key, or no other.
///
/// # Errors
/// Of the database.
pub async fn remove(
    store: &Store,
    kid: &str,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<bool> {
    let mut tx = store.begin_write().await?;
    let removed = tx.delete_signing_key(kid).await?;
    if removed {
        tx.record(&[event("signing_key.removed", kid, actor, now, rng)])
            .await?;
        tx.commit().await?;
    }
    Ok(removed)
}

fn event(kind: &'static str, kid: &str, actor: &Actor, now: Timestamp, rng: &dyn Rng) -> Event {
    Event::new(kind, actor, now, rng).detail("kid", kid)
}

/// The signing keys: one signs, all verify, so that a rotation refuses no token.
pub struct Keys {
    store: Store,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    loaded: ArcSwap<Loaded>,
}

/// The keys as the database had them, the newest first.
pub struct Loaded {
    /// When they were asked for.
    pub at: Timestamp,
    /// All that verify.
    pub signers: Vec<Arc<Signer>>,
}

impl Loaded {
    /// The key of this name.
    pub fn named(&self, kid: &str) -> Option<&Signer> {
        let found = self.signers.iter().find(|signer| signer.kid == kid)?;
        Some(found)
    }

    /// The key that signs at `now`.
    pub fn signing(&self, now: Timestamp) -> Option<&Signer> {
        let made: Vec<Timestamp> = self.signers.iter().map(|key| key.created_at).collect();
        let at = duties(&made, now)
            .iter()
            .position(|duty| *duty == Duty::Signs)?;
        Some(&self.signers[at])
    }
}

impl Keys {
    /// Loads the signing keys; on the very first start, makes one.
    ///
    /// # Errors
    /// Of the database, or when a key does not open.
    pub async fn open(
        store: Store,
        sealer: Sealer,
        clock: Arc<dyn Clock>,
        rng: &dyn Rng,
    ) -> Result<Self> {
        let keys = Self {
            store,
            sealer,
            clock,
            loaded: ArcSwap::from_pointee(Loaded {
                at: 0.into(),
                signers: Vec::new(),
            }),
        };
        keys.load().await?;
        if keys.loaded.load().signers.is_empty() {
            keys.rotate(&Actor::server(), rng).await?;
        }
        Ok(keys)
    }

    /// Makes a new signing key and gives its name: it is published at once, and signs when everybody knows it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn rotate(&self, actor: &Actor, rng: &dyn Rng) -> Result<String> {
        let pair = tokio::task::spawn_blocking(|| KeyPair::generate(KeySize::Rsa2048))
            .await
            .map_err(|error| Error::of_task(&error))?
            .map_err(|_| Error::internal(anyhow::anyhow!("no RSA key could be made")))?;
        let private = pair
            .as_der()
            .map_err(|_| Error::internal(anyhow::anyhow!("the RSA key has no DER form")))?;
        let kid = HEXLOWER.encode(&Digest::of(pair.public_key().as_ref()).as_bytes()[..10]);
        let private_sealed = self.sealer.seal(&place(&[&kid]), private.as_ref(), rng);
        let now = self.clock.now();
        let mut tx = self.store.begin_write().await?;
        tx.record(&[event("signing_key.made", &kid, actor, now, rng)])
            .await?;
        tx.insert_signing_key(&SigningKey {
            kid: kid.clone(),
            private_sealed,
            created_at: now,
        })
        .await?;
        tx.commit().await?;
        self.load().await?;
        Ok(kid)
    }

    /// The keys, loaded again when `kid` is none of them or they are old.
    ///
    /// # Errors
    /// Of the database, or when a key does not open.
    pub async fn current(&self, kid: Option<&str>) -> Result<Arc<Loaded>> {
        let loaded = self.loaded.load();
        let age = self.clock.now().since(loaded.at);
        let unknown = kid.is_some_and(|kid| loaded.named(kid).is_none());
        // An unknown name can be a forgery: it costs a query once a second, not once a request.
        if age >= FRESH || (unknown && age.as_secs() >= 1) {
            self.load().await?;
        }
        Ok(self.loaded.load_full())
    }

    async fn load(&self) -> Result<()> {
        // Before the question: what changes meanwhile is found out in time.
        let at = self.clock.now();
        let rows = self.store.begin_read().await?.signing_keys().await?;
        let known = self.loaded.load();
        let signers = rows
            .iter()
            .map(|row| {
                // A key's name is its digest: one that is open already needs no opening again.
                let open = known.signers.iter().find(|signer| signer.kid == row.kid);
                open.map_or_else(
                    || self.open_row(row).map(Arc::new),
                    |open| Ok(Arc::clone(open)),
                )
            })
            .collect::<Result<Vec<_>>>()?;
        self.loaded.store(Arc::new(Loaded { at, signers }));
        Ok(())
    }

    fn open_row(&self, row: &SigningKey) -> Result<Signer> {
        let broken =
            |what: &str| Error::internal(anyhow::anyhow!("signing key {}: {what}", row.kid));
        let private = self
            .sealer
            .open(&place(&[&row.kid]), &row.private_sealed)
            .ok_or_else(|| broken("does not open"))?;
        let pair = KeyPair::from_pkcs8(&private).map_err(|_| broken("is no RSA key"))?;
        let base64 = Zeroizing::new(BASE64_MIME.encode(&private));
        let pem = Zeroizing::new(format!(
            "-----BEGIN PRIVATE KEY-----\r\n{}-----END PRIVATE KEY-----\r\n",
            *base64
        ));
        let n = BASE64URL_NOPAD.encode(
            pair.public_key()
                .modulus()
                .big_endian_without_leading_zero(),
        );
        let e = BASE64URL_NOPAD.encode(
            pair.public_key()
                .exponent()
                .big_endian_without_leading_zero(),
        );
        Ok(Signer {
            kid: row.kid.clone(),
            created_at: row.created_at,
            encoding: EncodingKey::from_rsa_pem(pem.as_bytes())
                .map_err(|_| broken("does not sign"))?,
            decoding: DecodingKey::from_rsa_components(&n, &e)
                .map_err(|_| broken("does not verify"))?,
            n,
            e,
        })
    }
}

fn place<'a>(row: &'a [&'a str]) -> Place<'a> {
    Place {
        table: "signing_keys",
        row,
        column: "private_sealed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_signs_once_everybody_can_know_it() {
        let minute = |n: i64| Timestamp::from_millis(n * 60_000);
        let day = 24 * 60;
        // The first key of an installation signs at once.
        assert_eq!(duties(&[minute(0)], minute(0)), [Duty::Signs]);
        let both = [minute(100), minute(0)];
        let published = [Duty::SignsFrom(minute(110)), Duty::Signs];
        assert_eq!(duties(&both, minute(100)), published);
        assert_eq!(duties(&both, minute(109)), published);
        let over = [Duty::Signs, Duty::VerifiesUntil(minute(100 + 20 + day))];
        assert_eq!(duties(&both, minute(110)), over);
        // Two rotations in a row: nobody signs before its time, and the first key goes on.
        let young = [minute(2), minute(1), minute(0)];
        let waiting = [
            Duty::SignsFrom(minute(12)),
            Duty::SignsFrom(minute(11)),
            Duty::Signs,
        ];
        assert_eq!(duties(&young, minute(3)), waiting);
        assert!(duties(&[], minute(0)).is_empty());
    }
}
