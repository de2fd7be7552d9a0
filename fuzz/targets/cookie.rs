//! The sealed cookie: of all texts only the one that was sealed opens, and whatever was sealed is read without a panic.
//!
//! Input: `m` and a list of (position, mask) pairs that change the sealed bytes; `p` and what is sealed in its place;
//! anything else is the cookie's value.
#![no_main]

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;
use tessera::access::Attempt;
use tessera::core::seal::Place;
use tessera::core::{Digest, Rng, Sealer, TicketId, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const PLACE: Place<'static> = Place {
    table: "cookie",
    row: &["attempt"],
    column: "value",
};

/// The same bytes in every run, so that the corpus stays what it is.
struct Known;

impl Rng for Known {
    fn fill(&self, bytes: &mut [u8]) {
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = index as u8;
        }
    }
}

static SEALER: LazyLock<Sealer> = LazyLock::new(|| Sealer::new(&[7; Sealer::KEY_BYTES]));
static COOKIE: LazyLock<String> = LazyLock::new(|| {
    let id = "gten_0123456789abcdef0123456789abcdef";
    let id: TicketId = id.parse().unwrap();
    Attempt::new(id, &Digest::of(b"secret"), None, NOW, &Known).seal(&SEALER, &Known)
});

fuzz_target!(|input: &[u8]| match input.split_first() {
    Some((b'm', changes)) => opens_unchanged(changes),
    Some((b'p', plain)) => is_read(plain),
    _ => {
        if let Ok(value) = std::str::from_utf8(input) {
            assert!(Attempt::open(value, &SEALER).is_none() || value == *COOKIE);
        }
    }
});

fn opens_unchanged(changes: &[u8]) {
    let sealed = BASE64URL_NOPAD.decode(COOKIE.as_bytes()).unwrap();
    let mut changed = sealed.clone();
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % (sealed.len() + 8);
        match changed.get_mut(at) {
            Some(byte) => *byte ^= change[2],
            None if change[2] % 2 == 0 => changed.push(change[2]),
            None => {
                changed.pop();
            }
        }
    }
    let opened = Attempt::open(&BASE64URL_NOPAD.encode(&changed), &SEALER);
    assert_eq!(opened.is_some(), changed == sealed);
}

fn is_read(plain: &[u8]) {
    let sealed = SEALER.seal(&PLACE, plain, &Known);
    let Some(attempt) = Attempt::open(&BASE64URL_NOPAD.encode(&sealed), &SEALER) else {
        return;
    };
    let again = Attempt::open(&attempt.seal(&SEALER, &Known), &SEALER).unwrap();
    assert_eq!(again.id, attempt.id);
    assert_eq!(again.started_at, attempt.started_at);
    assert_eq!(again.csrf(), attempt.csrf());
    let mut touched = attempt.clone();
    let _ = touched.touch(NOW);
    let _ = attempt.check_form(attempt.id.as_str(), attempt.csrf());
}
