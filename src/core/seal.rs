//! Sealing: XChaCha20-Poly1305 with a key that lies outside the database, bound to the place it is stored in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::rng::Rng;
use super::secret::Digest;

const NONCE_BYTES: usize = 24;

/// The keys that there are, by version; gone from memory when dropped.
pub type KeyRing = BTreeMap<u8, Zeroizing<[u8; Sealer::KEY_BYTES]>>;

/// The version of the key that something was sealed with: the byte before it.
pub fn version_of(sealed: &[u8]) -> Option<u8> {
    sealed.first().copied()
}

/// Seals with one key and opens with all: what the tables and cookies must not show. Clones share their keys, so that
/// a new one reaches the whole server.
#[derive(Clone)]
pub struct Sealer(Arc<Shared>);

struct Shared {
    ring: ArcSwap<Ring>,
    is_behind: AtomicBool,
}

struct Ring {
    seals: u8,
    sealing: XChaCha20Poly1305,
    opening: BTreeMap<u8, XChaCha20Poly1305>,
}

impl Ring {
    fn new(keys: &KeyRing, seals: u8) -> Option<Self> {
        let cipher = |key: &[u8; Sealer::KEY_BYTES]| XChaCha20Poly1305::new(&Key::from(*key));
        let opening = keys.iter().map(|(version, key)| (*version, cipher(key)));
        Some(Self {
            seals,
            sealing: cipher(keys.get(&seals)?),
            opening: opening.collect(),
        })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// The length of a key, in bytes.
    pub const KEY_BYTES: usize = 32;
    /// The version of the first key of an installation.
    pub const FIRST_VERSION: u8 = 1;

    /// Seals and opens with one key, the first.
    pub fn new(key: &[u8; Self::KEY_BYTES]) -> Self {
        let cipher = XChaCha20Poly1305::new(&Key::from(*key));
        Self::sharing(Ring {
            seals: Self::FIRST_VERSION,
            sealing: cipher.clone(),
            opening: BTreeMap::from([(Self::FIRST_VERSION, cipher)]),
        })
    }

    /// Seals with the key of version `seals`; `None` when it is not among `keys`.
    pub fn of(keys: &KeyRing, seals: u8) -> Option<Self> {
        Ring::new(keys, seals).map(Self::sharing)
    }

    fn sharing(ring: Ring) -> Self {
        Self(Arc::new(Shared {
            ring: ArcSwap::from_pointee(ring),
            is_behind: AtomicBool::new(false),
        }))
    }

    /// Takes the keys of `other`, for all clones at once.
    pub fn take(&self, other: &Self) {
        self.0.ring.store(other.0.ring.load_full());
        self.0.is_behind.store(false, Ordering::Release);
    }

    /// The version that seals.
    pub fn version(&self) -> u8 {
        self.0.ring.load().seals
    }

    /// The versions that open.
    pub fn versions(&self) -> Vec<u8> {
        self.0.ring.load().opening.keys().copied().collect()
    }

    /// Whether others seal with a version that is not here: then nothing may be promised or shown (see [`Self::fall_behind`]).
    pub fn is_behind(&self) -> bool {
        self.0.is_behind.load(Ordering::Acquire)
    }

    /// Notes that the installation went on to a version that is not here. [`Self::take`] ends it.
    pub fn fall_behind(&self) {
        self.0.is_behind.store(true, Ordering::Release);
    }

    /// Seals `plain` for `place`: the same bytes opened for another place are refused.
    ///
    /// The result is key version (1 byte), nonce (24 bytes, random), ciphertext and tag.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = rng.bytes();
        let ring = self.0.ring.load();
        let aad = place.aad(ring.seals);
        #[expect(
            clippy::expect_used,
            reason = "the cipher refuses only messages of 256 GiB and more"
        )]
        let cipher = ring
            .sealing
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .expect("the message is short");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + cipher.len());
        sealed.push(ring.seals);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&cipher);
        sealed
    }

    /// A digest that only who has the key can compute: what a short text is found by, so that a copy of the tables
    /// cannot be searched for it. Another key gives another digest.
    pub fn digest(&self, purpose: &str, text: &str) -> Digest {
        let named = Digest::of(format!("{purpose}\0{text}").as_bytes());
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&named.as_bytes()[..NONCE_BYTES]);
        // The key stream is a pseudo-random function of the nonce.
        let stream = self
            .0
            .ring
            .load()
            .sealing
            .encrypt(&XNonce::from(nonce), &[0; 32][..]);
        Digest::of(&stream.unwrap_or_default())
    }

    /// What was sealed for `place`; `None` if it was sealed for another, by another key, or changed since.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.split_first()?;
        let (nonce, cipher) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let aad = place.aad(version);
        let ring = self.0.ring.load();
        ring.opening
            .get(&version)?
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: cipher,
                    aad: &aad,
                },
            )
            .ok()
            .map(Zeroizing::new)
    }
}

/// Where a sealed value is stored: table (or cookie), row and column. It is the associated data of the seal.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table, or `cookie`.
    pub table: &'a str,
    /// The row's key; parts that could contain each other are given apart.
    pub row: &'a [&'a str],
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    fn aad(&self, version: u8) -> Vec<u8> {
        let mut aad = vec![version];
        for part in [self.table, self.column].iter().chain(self.row) {
            aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
            aad.extend_from_slice(part.as_bytes());
        }
        aad
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::OsRng;

    fn place<'a>(row: &'a [&'a str]) -> Place<'a> {
        Place {
            table: "enrollments",
            row,
            column: "material_sealed",
        }
    }

    #[test]
    fn a_value_opens_only_where_it_was_sealed() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal(&place(&["ada", "dev_1"]), b"seed", &OsRng);
        assert_eq!(
            sealer
                .open(&place(&["ada", "dev_1"]), &sealed)
                .unwrap()
                .as_slice(),
            b"seed"
        );
        assert!(sealer.open(&place(&["ada", "dev_2"]), &sealed).is_none());
        assert!(sealer.open(&place(&["adad", "ev_1"]), &sealed).is_none());
        assert!(
            Sealer::new(&[8; 32])
                .open(&place(&["ada", "dev_1"]), &sealed)
                .is_none()
        );
    }

    #[test]
    fn a_changed_value_does_not_open() {
        let sealer = Sealer::new(&[7; 32]);
        let sealed = sealer.seal(&place(&["ada"]), b"seed", &OsRng);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(
                sealer.open(&place(&["ada"]), &changed).is_none(),
                "byte {index}"
            );
        }
        assert!(sealer.open(&place(&["ada"]), &[]).is_none());
        assert!(sealer.open(&place(&["ada"]), &sealed[..20]).is_none());
    }

    #[test]
    fn a_new_key_seals_for_all_clones_and_the_old_one_opens_still() {
        let first: KeyRing = [(1, Zeroizing::new([7; 32]))].into();
        let sealer = Sealer::of(&first, 1).unwrap();
        let old = sealer.seal(&place(&["ada"]), b"seed", &OsRng);
        let both: KeyRing = [(1, Zeroizing::new([7; 32])), (2, Zeroizing::new([8; 32]))].into();
        assert!(Sealer::of(&first, 2).is_none());

        let clone = sealer.clone();
        sealer.fall_behind();
        assert!(clone.is_behind());
        sealer.take(&Sealer::of(&both, 2).unwrap());
        assert!(!clone.is_behind());
        let new = clone.seal(&place(&["ada"]), b"seed", &OsRng);
        assert_eq!((version_of(&old), version_of(&new)), (Some(1), Some(2)));
        for sealed in [&old, &new] {
            assert!(sealer.open(&place(&["ada"]), sealed).is_some());
        }
        // A version is part of what is sealed.
        let mut claimed = old;
        claimed[0] = 2;
        assert!(sealer.open(&place(&["ada"]), &claimed).is_none());
    }

    #[test]
    fn nonces_are_192_random_bits() {
        let sealer = Sealer::new(&[7; 32]);
        let nonces: std::collections::HashSet<Vec<u8>> = (0..100_000)
            .map(|_| sealer.seal(&place(&["ada"]), b"", &OsRng)[1..25].to_vec())
            .collect();
        assert_eq!(nonces.len(), 100_000);
    }
}
