//! The signing keys: sealed in the database, published before they sign, kept until what they signed is over.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::signer::{self, Signer};
use super::tokens::LIFETIME;
use crate::core::seal::Place;
use crate::core::{Actor, Algorithm, Clock, Error, Result, Rng, Sealer, Timestamp};
use crate::store::{Event, SigningKey, Store};

/// How long a new key is published before it signs: twice as long as anybody may keep the key set (five minutes).
const PUBLISHED: Duration = Duration::from_secs(10 * 60);
/// How old the list of signing keys may be.
const FRESH: Duration = Duration::from_secs(30);
/// How long a key is kept once its successor was made: what it signed before the successor took over is expired then.
const SUCCEEDED: Duration = Duration::from_secs(2 * PUBLISHED.as_secs() + LIFETIME.as_secs());

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

/// What each key does at `now`, given how each signs and when it was made: algorithm by algorithm, the newest first.
///
/// Of each algorithm, the newest that has been published for long enough signs; while there is none, the oldest does.
pub fn duties(made: &[(Algorithm, Timestamp)], now: Timestamp) -> Vec<Duty> {
    let of_one = |made: &[(Algorithm, Timestamp)]| {
        let signing = made
            .iter()
            .position(|(_, made_at)| now >= *made_at + PUBLISHED)
            .unwrap_or(made.len().saturating_sub(1));
        let duty = |index: usize| match index {
            _ if index < signing => Duty::SignsFrom(made[index].1 + PUBLISHED),
            _ if index == signing => Duty::Signs,
            _ => Duty::VerifiesUntil(made[index - 1].1 + SUCCEEDED),
        };
        (0..made.len()).map(duty).collect::<Vec<_>>()
    };
    made.chunk_by(|(one, _), (next, _)| one == next)
        .flat_map(of_one)
        .collect()
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
/// key, or no other of its algorithm.
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

/// The signing keys: one of each algorithm signs, all verify, so that a rotation refuses no token.
pub struct Keys {
    store: Store,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    loaded: ArcSwap<Loaded>,
}

/// The keys as the database had them: algorithm by algorithm, the newest first.
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

    /// The key that signs by this algorithm at `now`.
    pub fn signing(&self, alg: Algorithm, now: Timestamp) -> Option<&Signer> {
        let made: Vec<_> = self
            .signers
            .iter()
            .map(|key| (key.alg, key.created_at))
            .collect();
        let mut keys = self.signers.iter().zip(duties(&made, now));
        let signs = |(key, duty): &(&Arc<Signer>, Duty)| key.alg == alg && *duty == Duty::Signs;
        keys.find(signs).map(|(key, _)| &**key)
    }
}

impl Keys {
    /// Loads the signing keys, and makes one of each algorithm that has none: at the very first start, and at the first
    /// of a version that knows another algorithm.
    ///
    /// # Errors
    /// Of the database, or when a key does not open.
    pub async fn open(
        store: Store,
        sealer: Sealer,
        clock: Arc<dyn Clock>,
        rng: &dyn Rng,
    ) -> Result<Self> {
        let keys = Self::existing(store, sealer, clock).await?;
        let mut missing = Algorithm::ALL.to_vec();
        let loaded = keys.loaded.load_full();
        missing.retain(|alg| loaded.signers.iter().all(|key| key.alg != *alg));
        if !missing.is_empty() {
            keys.make(&missing, &Actor::server(), rng).await?;
        }
        Ok(keys)
    }

    /// Loads the signing keys that there are.
    ///
    /// # Errors
    /// Of the database, or when a key does not open.
    pub async fn existing(store: Store, sealer: Sealer, clock: Arc<dyn Clock>) -> Result<Self> {
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
        Ok(keys)
    }

    /// Makes a new signing key of each algorithm and gives their names: they are published at once, and sign when
    /// everybody knows them.
    ///
    /// # Errors
    /// Of the database.
    pub async fn rotate(&self, actor: &Actor, rng: &dyn Rng) -> Result<Vec<String>> {
        self.make(&Algorithm::ALL, actor, rng).await
    }

    async fn make(
        &self,
        algorithms: &[Algorithm],
        actor: &Actor,
        rng: &dyn Rng,
    ) -> Result<Vec<String>> {
        let mut made = Vec::new();
        for alg in algorithms.iter().copied() {
            let pair = tokio::task::spawn_blocking(move || signer::generate(alg)).await;
            let (kid, private) = pair.map_err(|error| Error::of_task(&error))??;
            made.push((alg, kid, private));
        }
        let now = self.clock.now();
        let mut tx = self.store.begin_write().await?;
        for (alg, kid, private) in &made {
            tx.record(&[event("signing_key.made", kid, actor, now, rng)])
                .await?;
            tx.insert_signing_key(&SigningKey {
                kid: kid.clone(),
                alg: *alg,
                private_sealed: self.sealer.seal(&place(*alg, &[kid]), private, rng),
                created_at: now,
            })
            .await?;
        }
        tx.commit().await?;
        self.load().await?;
        Ok(made.into_iter().map(|(_, kid, _)| kid).collect())
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
            .open(&place(row.alg, &[&row.kid]), &row.private_sealed)
            .ok_or_else(|| broken("does not open"))?;
        Signer::open(&row.kid, row.alg, &private, row.created_at)
            .ok_or_else(|| broken("is none of its algorithm"))
    }
}

/// Where a key lies: those of each algorithm in a table of their own.
fn place<'a>(alg: Algorithm, row: &'a [&'a str]) -> Place<'a> {
    Place {
        table: match alg {
            Algorithm::Rs256 => "signing_keys",
            Algorithm::Es256 => "ec_signing_keys",
        },
        row,
        column: "private_sealed",
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm::{Es256, Rs256};
    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_millis(n * 60_000)
    }

    #[test]
    fn a_new_key_signs_once_everybody_can_know_it() {
        let duties = |made: &[i64], now: i64| {
            let made: Vec<_> = made.iter().map(|made| (Rs256, minute(*made))).collect();
            duties(&made, minute(now))
        };
        let day = 24 * 60;
        // The first key of an installation signs at once.
        assert_eq!(duties(&[0], 0), [Duty::Signs]);
        let published = [Duty::SignsFrom(minute(110)), Duty::Signs];
        assert_eq!(duties(&[100, 0], 100), published);
        assert_eq!(duties(&[100, 0], 109), published);
        let over = [Duty::Signs, Duty::VerifiesUntil(minute(100 + 20 + day))];
        assert_eq!(duties(&[100, 0], 110), over);
        // Two rotations in a row: nobody signs before its time, and the first key goes on.
        let waiting = [
            Duty::SignsFrom(minute(12)),
            Duty::SignsFrom(minute(11)),
            Duty::Signs,
        ];
        assert_eq!(duties(&[2, 1, 0], 3), waiting);
        assert!(duties(&[], 0).is_empty());
    }

    #[test]
    fn keys_of_one_algorithm_do_not_wait_for_those_of_another() {
        // One of them was rotated, and the other is the first of its kind.
        let made = [
            (Rs256, minute(100)),
            (Rs256, minute(0)),
            (Es256, minute(105)),
        ];
        let from = Duty::SignsFrom(minute(110));
        let told = [from, Duty::Signs, Duty::Signs];
        assert_eq!(duties(&made, minute(106)), told);
        let until = Duty::VerifiesUntil(minute(100 + 20 + 24 * 60));
        let told = [Duty::Signs, until, Duty::Signs];
        assert_eq!(duties(&made, minute(110)), told);
        // The last of one stays however old the keys of the other are.
        let made = [(Rs256, minute(0)), (Es256, minute(100)), (Es256, minute(0))];
        let told = [Duty::Signs, Duty::Signs, until];
        assert_eq!(duties(&made, minute(200)), told);
    }
}
