//! What holds of ids, secrets, seals and times whatever they are made of.

use std::collections::HashSet;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::seal::Place;
use super::{
    Email, EnrollmentId, EventId, OsRng, RecoveryCode, Rng, Sealer, TicketId, TicketSecret,
    Timestamp,
};

/// Gives out the bytes it was given, over and over.
struct Given(Vec<u8>);

impl Rng for Given {
    fn fill(&self, bytes: &mut [u8]) {
        for (byte, given) in bytes.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *given;
        }
    }
}

/// Up to the year 10889, where the 48 bits of a version 7 UUID end.
fn moment() -> impl Strategy<Value = Timestamp> {
    (0..1_i64 << 48).prop_map(Timestamp::from_millis)
}

/// Parts that run into each other: the boundary between two must not vanish.
fn part() -> impl Strategy<Value = String> {
    "[ab\\x00]{0,3}"
}

fn whole_place() -> impl Strategy<Value = (String, Vec<String>, String)> {
    (part(), vec(part(), 0..4), part())
}

fn with_place<T>(
    (table, row, column): &(String, Vec<String>, String),
    use_it: impl FnOnce(&Place<'_>) -> T,
) -> T {
    let row: Vec<&str> = row.iter().map(String::as_str).collect();
    use_it(&Place {
        table,
        row: &row,
        column,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn ids_read_back_and_order_by_time(early in moment(), later in 1..1_i64 << 40, noise in vec(any::<u8>(), 1..16)) {
        let rng = Given(noise);
        let first = TicketId::new(early, &rng);
        let second = TicketId::new(Timestamp::from_millis(early.millis() + later), &rng);
        prop_assert_eq!(&first.as_str().parse::<TicketId>().unwrap(), &first);
        prop_assert_eq!(first.to_string(), first.as_str());
        if second.as_str().len() == first.as_str().len() && early.millis() + later < 1 << 48 {
            prop_assert!(first < second);
        }
        prop_assert!(first.as_str().parse::<EnrollmentId>().is_err(), "one kind is no other");
    }

    #[test]
    fn ids_differ_even_without_chance(at in moment(), count in 2_usize..50) {
        let rng = Given(vec![0]);
        let made: HashSet<EventId> = (0..count).map(|_| EventId::new(at, &rng)).collect();
        prop_assert_eq!(made.len(), count);
    }

    #[test]
    fn only_an_id_reads_as_one(text in "(gten_|gten|dev_|)[0-9a-fA-Fg-]{30,34}") {
        let right = text.strip_prefix("gten_").is_some_and(|digits| {
            digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        });
        prop_assert_eq!(text.parse::<TicketId>().is_ok(), right);
    }

    #[test]
    fn secrets_have_one_alphabet_and_length(noise in vec(any::<u8>(), 20), other in vec(any::<u8>(), 20)) {
        let secret = TicketSecret::new(&Given(noise.clone()));
        let text = secret.expose();
        prop_assert_eq!(text.len(), TicketSecret::CHARS);
        prop_assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        prop_assert!(!text.contains(['0', '1', 'l', 'o']));
        prop_assert!(TicketSecret::parse(text).is_some_and(|read| read.expose() == text));
        let another = TicketSecret::new(&Given(other.clone()));
        prop_assert_eq!(another.expose() == text, other == noise, "no bit is lost");
        let code = RecoveryCode::new(&Given(noise));
        prop_assert_eq!(code.expose().len(), 24);
        prop_assert!(code.expose().bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        prop_assert!(!code.expose().contains(['0', '1', 'I', 'O']));
        prop_assert!(RecoveryCode::parse(code.expose()).is_some_and(|read| read.expose() == code.expose()));
    }

    #[test]
    fn a_seal_opens_in_its_place_and_in_no_other(
        here in whole_place(), there in whole_place(), plain in vec(any::<u8>(), 0..64)
    ) {
        let sealer = Sealer::new(&[7; Sealer::KEY_BYTES]);
        let sealed = with_place(&here, |place| sealer.seal(place, &plain, &OsRng));
        let opened = with_place(&here, |place| sealer.open(place, &sealed)).unwrap();
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
        let elsewhere = with_place(&there, |place| sealer.open(place, &sealed));
        prop_assert_eq!(elsewhere.is_some(), here == there);
    }

    #[test]
    fn a_changed_seal_stays_shut(plain in vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), mask in 1_u8..) {
        let sealer = Sealer::new(&[7; Sealer::KEY_BYTES]);
        let place = Place { table: "t", row: &["r"], column: "c" };
        let mut sealed = sealer.seal(&place, &plain, &OsRng);
        let at = at.index(sealed.len());
        sealed[at] ^= mask;
        prop_assert!(sealer.open(&place, &sealed).is_none());
        prop_assert!(sealer.open(&place, &sealed[..at]).is_none());
    }

    #[test]
    fn spans_are_added_and_taken_off(at in any::<i64>(), millis in any::<u64>()) {
        let (at, span) = (Timestamp::from_millis(at), Duration::from_millis(millis));
        prop_assert!(at + span >= at && at - span <= at);
        let later = at + span;
        if later.millis() < i64::MAX && at.millis() >= 0 {
            prop_assert_eq!(later.since(at), span);
            prop_assert_eq!(later - span, at);
            prop_assert_eq!(at.since(later), Duration::ZERO);
        }
    }

    #[test]
    fn an_address_that_is_taken_is_taken_again(text in "[a-zA-Zäß.+'\\-]{1,12}@[a-zA-ZäßÜ.\\-]{1,12}\\.[a-z]{2,4}") {
        if let Ok(email) = text.parse::<Email>() {
            prop_assert_eq!(&email.as_str().parse::<Email>().unwrap(), &email);
            prop_assert!(text.starts_with(email.local_part()));
        }
    }
}
