//! Sealing: XChaCha20-Poly1305 with a key that lies outside the database, bound to the place it is stored in.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::rng::Rng;

/// The version of the only key there is; written before each sealed value, so that a later key can stand beside it.
const KEY_VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Seals and opens what the tables and cookies must not show.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// The length of a key, in bytes.
    pub const KEY_BYTES: usize = 32;

    /// Seals with `key`.
    pub fn new(key: &[u8; Self::KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// Seals `plain` for `place`: the same bytes opened for another place are refused.
    ///
    /// The result is key version (1 byte), nonce (24 bytes, random), ciphertext and tag.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = rng.bytes();
        let aad = place.aad(KEY_VERSION);
        #[expect(
            clippy::expect_used,
            reason = "the cipher refuses only messages of 256 GiB and more"
        )]
        let cipher = self
            .0
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .expect("the message is short");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + cipher.len());
        sealed.push(KEY_VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&cipher);
        sealed
    }

    /// What was sealed for `place`; `None` if it was sealed for another, by another key, or changed since.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.split_first()?;
        let (nonce, cipher) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if version != KEY_VERSION {
            return None;
        }
        let aad = place.aad(version);
        self.0
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
    fn nonces_are_192_random_bits() {
        let sealer = Sealer::new(&[7; 32]);
        let nonces: std::collections::HashSet<Vec<u8>> = (0..100_000)
            .map(|_| sealer.seal(&place(&["ada"]), b"", &OsRng)[1..25].to_vec())
            .collect();
        assert_eq!(nonces.len(), 100_000);
    }
}
