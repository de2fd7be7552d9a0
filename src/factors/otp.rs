//! `otp`: six digits of an authenticator app, by RFC 6238 with SHA-1 and steps of 30 seconds.

use serde_json::{Map, Value};
use totp_rs::{Algorithm, Builder, Totp};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::{Pending, Proved, Wrong};
use crate::core::{Refusal, Result, Seed, Timestamp};

/// The length of a step, in seconds.
pub const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
/// How far a phone's clock may be off to be noticed, in steps: half an hour each way.
const CLOCK_SEARCH_STEPS: i64 = 30 * 60 / STEP_SECONDS;
/// How far apart time zones are, in steps, …
const ZONE_STEPS: i64 = 30 * 60 / STEP_SECONDS;
/// … how many of them a phone may be off, each way: 12 hours, …
const ZONES: i64 = 24;
/// … and how far its clock is off then, in steps: two minutes each way.
const ZONE_SEARCH_STEPS: i64 = 2 * 60 / STEP_SECONDS;

/// A code in its one canonical form: six ASCII digits.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// The code in what a person typed: blanks between and around the digits are theirs, all else is refused.
    pub fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}'))
            .collect();
        (digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| Self(Zeroizing::new(digits)))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The newest step whose code is taken at this time: T+1.
pub fn newest_step(now: Timestamp) -> i64 {
    now.seconds() / STEP_SECONDS + 1
}

/// The step of a code of this seed at this time: T−1, T or T+1, and later than `last_step` (RFC 6238 §5.2).
pub fn check(seed: &Seed, code: &Code, last_step: Option<i64>, now: Timestamp) -> Option<i64> {
    let newest = newest_step(now);
    let totp = totp(seed, Algorithm::SHA1);
    (newest - 2..=newest)
        .filter(|step| last_step.is_none_or(|last| *step > last))
        .find(|step| is_code_of(&totp, *step, code.as_str()))
}

/// Checks the first code of an app against the seed that it was shown.
pub(super) fn prove(
    pending: &Pending<'_>,
    code: &Code,
    now: Timestamp,
) -> Result<Result<Proved, Wrong>> {
    let seed = pending.seed.ok_or(Refusal::SessionEnded)?;
    Ok(match check(seed, code, None, now) {
        Some(step) => Ok(Proved {
            amr: "otp",
            material: Zeroizing::new(seed.expose().to_vec()),
            last_step: Some(step),
            credential_id: None,
            name: None,
            facts: Value::Object(Map::new()),
        }),
        None => Err(Wrong::Otp),
    })
}

/// Why a code is wrong, as far as it can be told to the person who is just enrolling and sees the seed anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnosis {
    /// The phone's clock is off by about so many minutes; negative when it is behind.
    Clock {
        /// Minutes.
        minutes: i64,
    },
    /// The app computes with another hash than SHA-1.
    Algorithm,
    /// It is a code of an older QR code.
    OlderQr,
    /// It is simply wrong.
    Wrong,
}

/// Finds out why `code` is not accepted. It computes some five hundred codes, a tenth of a millisecond's work.
pub fn diagnose(seed: &Seed, older: Option<&Seed>, code: &Code, now: Timestamp) -> Diagnosis {
    let present = now.seconds() / STEP_SECONDS;
    let near =
        |totp: &Totp| (present - 1..=present + 1).any(|step| is_code_of(totp, step, code.as_str()));
    if older.is_some_and(|older| near(&totp(older, Algorithm::SHA1))) {
        return Diagnosis::OlderQr;
    }
    if [Algorithm::SHA256, Algorithm::SHA512]
        .into_iter()
        .any(|algorithm| near(&totp(seed, algorithm)))
    {
        return Diagnosis::Algorithm;
    }
    let totp = totp(seed, Algorithm::SHA1);
    // The nearest step first, so that a chance match far away loses against the likely one.
    let drifted = 2..=CLOCK_SEARCH_STEPS;
    let in_another_zone = (2..=ZONES).flat_map(|zone| {
        let steps = zone * ZONE_STEPS;
        steps - ZONE_SEARCH_STEPS..=steps + ZONE_SEARCH_STEPS
    });
    let off = drifted
        .chain(in_another_zone)
        .flat_map(|distance| [-distance, distance])
        .find(|offset| is_code_of(&totp, present + offset, code.as_str()));
    match off {
        Some(steps) => Diagnosis::Clock {
            minutes: minutes_of(steps),
        },
        None => Diagnosis::Wrong,
    }
}

fn minutes_of(steps: i64) -> i64 {
    let minutes = (steps.abs() * STEP_SECONDS + 30) / 60;
    minutes.max(1) * steps.signum()
}

fn totp(seed: &Seed, algorithm: Algorithm) -> Totp {
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(DIGITS as u8)
        .with_skew(0)
        .with_step_duration(STEP_SECONDS as u64)
        .with_secret(seed.expose().to_vec())
        .build_noncompliant()
}

fn is_code_of(totp: &Totp, step: i64, code: &str) -> bool {
    u64::try_from(step * STEP_SECONDS).is_ok_and(|time| totp.check(code, time).is_some())
}

/// What an authenticator app reads from the QR code (Key URI format): every part is percent-encoded.
pub fn otpauth_url(seed: &Seed, issuer: &str, account: &str) -> Zeroizing<String> {
    // A colon separates issuer and account in the label; of its own it may have none.
    let issuer = encode(&issuer.replace(':', " "));
    let account = encode(&account.replace(':', " "));
    let secret = seed.to_base32();
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
        secret.as_str()
    ))
}

fn encode(text: &str) -> String {
    // Form encoding writes a blank as a plus, which apps show as a plus.
    byte_serialize(text.trim().as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 Appendix B and RFC 4226 Appendix D share this seed, in the length of each hash.
    const ASCII_SEED: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

    fn seed() -> Seed {
        Seed::from_bytes(ASCII_SEED[..20].to_vec())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn code_at(seed: &Seed, seconds: i64) -> Code {
        Code::parse(
            &totp(seed, Algorithm::SHA1)
                .generate(seconds as u64)
                .to_string(),
        )
        .unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        let vectors: [(u64, [&str; 3]); 6] = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        let kinds = [
            (Algorithm::SHA1, 20),
            (Algorithm::SHA256, 32),
            (Algorithm::SHA512, 64),
        ];
        for (time, codes) in vectors {
            for ((algorithm, length), code) in kinds.into_iter().zip(codes) {
                let totp = Builder::new()
                    .with_algorithm(algorithm)
                    .with_digits(8)
                    .with_skew(0)
                    .with_secret(ASCII_SEED[..length].to_vec())
                    .build_noncompliant();
                assert_eq!(
                    totp.generate(time).to_string(),
                    code,
                    "{algorithm:?} at {time}"
                );
            }
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in codes.into_iter().enumerate() {
            let now = at(counter as i64 * STEP_SECONDS);
            assert_eq!(
                check(&seed(), &Code::parse(code).unwrap(), None, now),
                Some(counter as i64)
            );
        }
    }

    #[test]
    fn three_steps_are_accepted_and_no_other() {
        let now = at(1_700_000_010);
        let present = now.seconds() / STEP_SECONDS;
        for offset in -4..=4 {
            let code = code_at(&seed(), (present + offset) * STEP_SECONDS);
            let expected = (-1..=1).contains(&offset).then_some(present + offset);
            assert_eq!(
                check(&seed(), &code, None, now),
                expected,
                "offset {offset}"
            );
        }
    }

    #[test]
    fn a_step_is_accepted_once_and_none_before_it() {
        let now = at(1_700_000_010);
        let present = now.seconds() / STEP_SECONDS;
        let code = |step| code_at(&seed(), step * STEP_SECONDS);
        assert_eq!(check(&seed(), &code(present), Some(present), now), None);
        assert_eq!(check(&seed(), &code(present - 1), Some(present), now), None);
        assert_eq!(
            check(&seed(), &code(present + 1), Some(present), now),
            Some(present + 1)
        );
        // The clock goes back two minutes: what was used stays used.
        assert_eq!(
            check(
                &seed(),
                &code(present - 4),
                Some(present),
                at(now.seconds() - 120)
            ),
            None
        );
    }

    #[test]
    fn a_code_has_one_canonical_form() {
        for typed in ["123456", " 123456", "123 456", "123456 ", "123\u{a0}456"] {
            assert_eq!(Code::parse(typed).unwrap().as_str(), "123456", "{typed:?}");
        }
        for typed in [
            "",
            "12345",
            "1234567",
            "+123456",
            "-12345",
            "１２３４５６",
            "12345a",
            "123456\n",
            "0x1234",
            "12.345",
        ] {
            assert!(Code::parse(typed).is_none(), "{typed:?}");
        }
    }

    #[test]
    fn a_wrong_code_is_diagnosed() {
        let now = at(1_700_000_010);
        let older = Seed::from_bytes(vec![9; 20]);
        let told = |code: Code| diagnose(&seed(), Some(&older), &code, now);
        assert_eq!(
            told(code_at(&seed(), now.seconds() - 300)),
            Diagnosis::Clock { minutes: -5 }
        );
        for minutes in [29, 120, -90, 12 * 60 + 2, -(5 * 60 + 28)] {
            assert_eq!(
                told(code_at(&seed(), now.seconds() + minutes * 60)),
                Diagnosis::Clock { minutes }
            );
        }
        assert_eq!(told(code_at(&older, now.seconds())), Diagnosis::OlderQr);
        let sha256 = totp(&seed(), Algorithm::SHA256).generate(now.seconds() as u64);
        assert_eq!(
            told(Code::parse(&sha256.to_string()).unwrap()),
            Diagnosis::Algorithm
        );
        assert_eq!(told(Code::parse("000000").unwrap()), Diagnosis::Wrong);
    }

    #[test]
    fn the_uri_has_one_secret_whatever_the_names_are() {
        let uri = otpauth_url(&seed(), "A & B: Bank?", "a:b&secret=x#y@z");
        let url = url::Url::parse(&uri).unwrap();
        assert_eq!(
            url.query_pairs()
                .filter(|(name, _)| name == "secret")
                .count(),
            1
        );
        assert_eq!(
            url.query_pairs()
                .find(|(name, _)| name == "issuer")
                .unwrap()
                .1,
            "A & B  Bank?"
        );
        assert!(url.fragment().is_none());
    }
}
