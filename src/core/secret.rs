//! Secrets as types that cannot leak: no `Display`, a redacted `Debug`, gone from memory when dropped.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, Encoding, Specification};
use std::sync::LazyLock;
use zeroize::Zeroizing;

use super::rng::Rng;

/// Lower-case letters and digits without look-alikes (`0`, `1`, `l`, `o`): nothing that a mail client cuts off.
const LINK_SYMBOLS: &str = "abcdefghijkmnpqrstuvwxyz23456789";
/// Upper-case letters and digits without look-alikes: what a person writes down and types again.
const PAPER_SYMBOLS: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static LINK: LazyLock<Encoding> = LazyLock::new(|| base32(LINK_SYMBOLS));
static PAPER: LazyLock<Encoding> = LazyLock::new(|| base32(PAPER_SYMBOLS));

#[expect(
    clippy::expect_used,
    reason = "the two alphabets above are constants of 32 distinct symbols"
)]
fn base32(symbols: &str) -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str(symbols);
    specification.encoding().expect("32 distinct symbols")
}

/// A SHA-256 digest. All that is hashed here has at least 112 random bits, so a plain hash is enough (ASVS 6.5.2).
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(out)
    }

    /// The digest of what can be guessed, such as a number: of no use to who has not the key (HMAC-SHA-256).
    pub fn keyed(key: &[u8], bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        out.copy_from_slice(hmac::sign(&key, bytes).as_ref());
        Self(out)
    }

    /// The bytes that a table stores.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether `stored` is this digest, in constant time.
    pub fn matches(&self, stored: &[u8]) -> bool {
        same(&self.0, stored)
    }
}

impl From<Digest> for [u8; 32] {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// Whether two secrets are the same, in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

macro_rules! redacted {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

/// The secret half of a ticket, which only the link carries: 160 random bits (design §3).
#[derive(Clone)]
pub struct TicketSecret(Zeroizing<String>);
redacted!(TicketSecret);

impl TicketSecret {
    /// The length of the text form, in characters.
    pub const CHARS: usize = 32;

    /// A fresh secret.
    pub fn new(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(LINK.encode(&rng.bytes::<20>())))
    }

    /// The secret in `text`, if it has exactly the right alphabet and length.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == Self::CHARS && text.bytes().all(|b| LINK_SYMBOLS.as_bytes().contains(&b)))
            .then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// What the table stores.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The text, for the link and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What lets whoever bears it go on with a login: 256 random bits.
#[derive(Clone)]
pub struct BearerSecret(Zeroizing<String>);
redacted!(BearerSecret);

impl BearerSecret {
    /// A fresh secret.
    pub fn new(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(&rng.bytes::<32>())))
    }

    /// The secret in `text`, if it has exactly the right alphabet and length.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()
            .map(Zeroizing::new)?;
        (bytes.len() == 32).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// What the table stores.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The text, for its bearer and nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A recovery code: 24 characters, 120 random bits (contract §8.1).
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);
redacted!(RecoveryCode);

impl RecoveryCode {
    /// A fresh code.
    pub fn new(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(PAPER.encode(&rng.bytes::<15>())))
    }

    /// The code in `text`, if it has exactly the right alphabet and length.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 24 && text.bytes().all(|b| PAPER_SYMBOLS.as_bytes().contains(&b)))
            .then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The code in what a person typed: case, blanks and dashes are their own.
    pub fn typed(text: &str) -> Option<Self> {
        Self::parse(&written(text))
    }

    /// What the table stores.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The text, for the one screen that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What a person typed as it stands on paper: without blanks and dashes, in capitals.
fn written(typed: &str) -> Zeroizing<String> {
    let kept = |c: &char| !matches!(c, ' ' | '\u{a0}' | '-' | '\u{2013}');
    let code = typed.chars().filter(kept);
    Zeroizing::new(code.map(|c| c.to_ascii_uppercase()).collect())
}

/// What a phone says to be paired: 8 characters, 40 random bits. Good for minutes only, behind a limit on guesses, and
/// found by a digest that needs the sealing key.
#[derive(Clone)]
pub struct PairingCode(Zeroizing<String>);
redacted!(PairingCode);

impl PairingCode {
    /// The length, in characters.
    pub const CHARS: usize = 8;

    /// A fresh code.
    pub fn new(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(PAPER.encode(&rng.bytes::<5>())))
    }

    /// The code in what was scanned or typed: case, blanks and dashes are the person's own.
    pub fn parse(typed: &str) -> Option<Self> {
        let code = written(typed);
        (code.len() == Self::CHARS && code.bytes().all(|b| PAPER_SYMBOLS.as_bytes().contains(&b)))
            .then_some(Self(code))
    }

    /// The text, for the one screen that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A TOTP seed: 160 random bits (RFC 4226 §4 R6).
#[derive(Clone)]
pub struct Seed(Zeroizing<Vec<u8>>);
redacted!(Seed);

impl Seed {
    /// A fresh seed.
    pub fn new(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(rng.bytes::<20>().to_vec()))
    }

    /// A seed from its bytes, as unsealed.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for sealing and for the check.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Base32 without padding, as authenticator apps take it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::core::OsRng;

    #[test]
    fn ticket_secrets_are_distinct_and_have_one_shape() {
        let made: HashSet<String> = (0..100_000)
            .map(|_| TicketSecret::new(&OsRng).expose().to_owned())
            .collect();
        assert_eq!(made.len(), 100_000);
        for text in &made {
            assert!(TicketSecret::parse(text).is_some(), "{text}");
        }
        for position in 0..TicketSecret::CHARS {
            let symbols: HashSet<u8> = made.iter().map(|text| text.as_bytes()[position]).collect();
            assert_eq!(symbols.len(), 32, "all symbols appear at {position}");
        }
    }

    #[test]
    fn seeds_have_160_bits_and_are_distinct() {
        let made: HashSet<Vec<u8>> = (0..10_000)
            .map(|_| Seed::new(&OsRng).expose().to_vec())
            .collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|seed| seed.len() == 20));
    }

    #[test]
    fn recovery_codes_are_24_characters() {
        let code = RecoveryCode::new(&OsRng);
        assert_eq!(code.expose().len(), 24);
        assert!(RecoveryCode::parse(code.expose()).is_some());
        assert!(RecoveryCode::parse(&code.expose().to_lowercase()).is_none());
    }

    #[test]
    fn a_pairing_code_is_read_as_people_type_it() {
        let code = PairingCode::new(&OsRng).expose().to_owned();
        let (front, back) = code.split_at(4);
        let typed = format!(" {}-{} ", front.to_lowercase(), back);
        assert_eq!(PairingCode::parse(&typed).unwrap().expose(), code);
        for text in [
            "",
            &code[1..],
            "ABCD EFG0",
            "ABCDEFGHI",
            "ABCD\nFGH",
            "ÄBCDEFG",
        ] {
            assert!(PairingCode::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn variants_of_a_secret_are_refused() {
        let secret = TicketSecret::new(&OsRng).expose().to_owned();
        for text in [
            format!(" {secret}"),
            format!("{secret}\n"),
            secret.to_uppercase(),
            format!("{secret}."),
            secret[1..].to_owned(),
        ] {
            assert!(TicketSecret::parse(&text).is_none(), "{text:?}");
        }
    }

    /// Does not compile when the type has the trait: then there would be two candidates.
    macro_rules! lacks {
        ($trait:path: $($type:ty),+) => {$({
            trait Candidate<Which> {
                fn found() {}
            }
            struct Lacking;
            impl<T: ?Sized> Candidate<Lacking> for T {}
            struct Having;
            impl<T: ?Sized + $trait> Candidate<Having> for T {}
            <$type as Candidate<_>>::found();
        })+};
    }

    #[test]
    fn no_secret_can_be_written_by_accident() {
        use crate::access::{Attempt, Signer};
        use crate::core::Sealer;
        lacks!(serde::Serialize: TicketSecret, RecoveryCode, Seed, Digest, Sealer, Attempt, Signer);
        lacks!(fmt::Display: TicketSecret, RecoveryCode, Seed, Digest, Sealer, Attempt, Signer);
        lacks!(AsRef<[u8]>: TicketSecret, RecoveryCode, Seed, Digest, Sealer, Attempt, Signer);
        lacks!(fmt::Debug: Signer);
    }

    #[test]
    fn debug_tells_nothing() {
        let seed = Seed::new(&OsRng);
        assert_eq!(format!("{seed:?}"), "Seed(…)");
        assert_eq!(
            format!("{:?}", TicketSecret::new(&OsRng)),
            "TicketSecret(…)"
        );
        assert_eq!(format!("{:?}", Digest::of(b"x")), "Digest(…)");
    }
}
