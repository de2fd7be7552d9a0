//! What holds of authenticator codes and key URIs whatever the seed, the time and the names are.

use proptest::collection::vec;
use proptest::prelude::*;
use totp_lite::{Sha1, totp_custom};
use url::Url;

use super::otp::{Code, STEP_SECONDS, check, otpauth_url};
use crate::core::{Seed, Timestamp};

fn seed() -> impl Strategy<Value = Seed> {
    vec(any::<u8>(), 20).prop_map(Seed::from_bytes)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// What another implementation says is the code of a step.
fn code_of(seed: &Seed, step: i64) -> Code {
    let time = u64::try_from(step * STEP_SECONDS).unwrap();
    Code::parse(&totp_custom::<Sha1>(30, 6, seed.expose(), time)).unwrap()
}

/// Six digits are few: the code of a far step may by chance be that of a near one.
fn is_chance(seed: &Seed, code: &Code, accepted: i64) -> bool {
    code_of(seed, accepted).as_str() == code.as_str()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn three_codes_live_and_no_other(seed in seed(), now in 300_i64..1 << 38, offset in -5_i64..=5) {
        let present = now / STEP_SECONDS;
        let code = code_of(&seed, present + offset);
        match check(&seed, &code, None, at(now)) {
            Some(step) => {
                prop_assert!((present - 1..=present + 1).contains(&step));
                prop_assert!(step == present + offset || is_chance(&seed, &code, step));
            }
            None => prop_assert!(offset.abs() > 1, "T-1, T and T+1 are accepted"),
        }
    }

    #[test]
    fn accepted_steps_only_grow_whatever_the_clock_does(
        seed in seed(),
        start in 100_000_i64..1 << 38,
        tries in vec((-100_i64..100, -3_i64..=3), 1..12),
    ) {
        let (mut now, mut last) = (start, None);
        for (passed, offset) in tries {
            now += passed;
            let present = now / STEP_SECONDS;
            let code = code_of(&seed, present + offset);
            let Some(step) = check(&seed, &code, last, at(now)) else {
                let is_new = last.is_none_or(|last| present + offset > last);
                prop_assert!(offset.abs() > 1 || !is_new, "a fresh code of this minute is accepted");
                continue;
            };
            prop_assert!(last.is_none_or(|last| step > last), "used is used, also when the clock goes back");
            prop_assert!((present - 1..=present + 1).contains(&step));
            prop_assert!(check(&seed, &code, Some(step), at(now)).is_none_or(|again| again > step));
            last = Some(step);
        }
    }

    #[test]
    fn what_is_typed_is_six_digits_or_nothing(typed in "[0-9 \\u{a0}]{0,10}|[0-9]{5,7}|\\PC{0,8}") {
        let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | '\u{a0}')).collect();
        let right = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        prop_assert_eq!(Code::parse(&typed).map(|code| code.as_str().to_owned()), right.then_some(digits));
    }

    #[test]
    fn a_key_uri_reads_back(seed in seed(), issuer in "\\PC{0,20}", account in any::<String>()) {
        let uri = otpauth_url(&seed, &issuer, &account);
        let url = Url::parse(&uri).unwrap();
        prop_assert_eq!((url.scheme(), url.host_str()), ("otpauth", Some("totp")));
        prop_assert!(url.fragment().is_none());
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(names, ["secret", "issuer", "algorithm", "digits", "period"]);
        let kept = |name: &str| name.replace(':', " ").trim().to_owned();
        let key = seed.to_base32();
        prop_assert_eq!(pairs[0].1.as_str(), key.as_str());
        prop_assert_eq!(&pairs[1].1, &kept(&issuer));
        let label = uri.strip_prefix("otpauth://totp/").unwrap().split('?').next().unwrap();
        let (by, whom) = label.split_once(':').unwrap();
        let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8().unwrap().into_owned();
        prop_assert_eq!(decode(by), kept(&issuer));
        prop_assert_eq!(decode(whom), kept(&account));
    }
}
