//! Numbers that people type, and sixty that somebody types who earns by each message.

use super::*;

fn all() -> &'static Countries {
    static ALL: std::sync::LazyLock<Countries> = std::sync::LazyLock::new(Countries::all);
    &ALL
}

fn parse(typed: &str, country: &str, channel: Channel) -> Result<String, Fault> {
    Number::parse(typed, Some(country), channel, all()).map(|number| number.e164().to_owned())
}

#[test]
fn what_people_type_becomes_one_form() {
    for typed in [
        "0151 23456789",
        "+4915123456789",
        "+49 (151) 234-56789",
        "0049 151 23456789",
        "0151/23456789",
        "  151 2345 6789 ",
        "+49 (0) 151 23456789",
    ] {
        let number = parse(typed, "DE", Channel::Sms);
        assert_eq!(number.as_deref(), Ok("+4915123456789"), "{typed}");
    }
    let number = Number::parse("(202) 555-0123", Some("US"), Channel::Sms, all());
    assert_eq!(number.unwrap().e164(), "+12025550123");
    let number = Number::parse("+4915123456789", Some("US"), Channel::Sms, all()).unwrap();
    assert_eq!(
        (number.country().as_str(), number.prefix().as_str()),
        ("DE", "49151")
    );
    assert_eq!(number.pretty(), "+49 1512 3456789");
    assert_eq!(format!("{number:?}"), "Number(…)");
}

#[test]
fn a_landline_takes_calls_and_no_messages() {
    assert_eq!(
        parse("030 123456", "DE", Channel::Sms),
        Err(Fault::Landline)
    );
    assert_eq!(
        parse("030 123456", "DE", Channel::Voice).as_deref(),
        Ok("+4930123456")
    );
}

#[test]
fn only_allowed_countries_are_reached_whatever_was_chosen() {
    let german = Countries::of(["DE", "XX", "de-at"]);
    assert_eq!(german.only(), Some("DE"));
    let parse = |typed, country| {
        Number::parse(typed, country, Channel::Sms, &german).map(|number| number.country())
    };
    assert_eq!(parse("0151 23456789", Some("DE")).as_deref(), Ok("DE"));
    assert_eq!(parse("+4915123456789", None).as_deref(), Ok("DE"));
    for (typed, country) in [
        ("+12025550123", Some("DE")),
        ("+12025550123", Some("US")),
        ("202 555 0123", Some("US")),
        ("0151 23456789", None),
        ("0151 23456789", Some("")),
        // A prefix that other countries share.
        ("+18765550123", Some("DE")),
    ] {
        assert_eq!(
            parse(typed, country),
            Err(Fault::Country),
            "{typed} {country:?}"
        );
    }
}

/// Premium, shared cost, toll-free, satellite, pagers, universal numbers, extensions, other scripts, other kinds of input.
#[rustfmt::skip]
const HOSTILE: [(&str, &str); 60] = [
    // Premium.
    ("+49 900 1234567", "DE"), ("0900 5 123456", "DE"), ("+1 900 555 0123", "US"), ("+44 909 879 0000", "GB"),
    ("+44 871 000 0000", "GB"), ("+33 899 12 34 56", "FR"), ("+39 899 123 456", "IT"), ("+43 900 123456", "AT"),
    ("+41 900 123 456", "CH"), ("+34 803 123 456", "ES"), ("+31 906 123 4567", "NL"), ("+61 190 012 3456", "AU"),
    ("+48 70 123 4567", "PL"), ("+358 600 12345", "FI"), ("+46 900 123 4567", "SE"), ("+47 829 12 345", "NO"),
    // Shared cost, toll-free, universal, personal, voice over IP.
    ("+49 180 1 234567", "DE"), ("+49 800 1234567", "DE"), ("+1 800 234 5678", "US"), ("+1 888 234 5678", "US"),
    ("+44 800 123 4567", "GB"), ("+44 843 123 4567", "GB"), ("+33 810 12 34 56", "FR"), ("+33 805 12 34 56", "FR"),
    ("+49 700 12345678", "DE"), ("+44 70 1234 5678", "GB"), ("+1 500 234 5678", "US"), ("+44 56 1234 5678", "GB"),
    ("+44 55 1234 5678", "GB"), ("+44 76 4012 3456", "GB"), ("+32 70 12 34 56", "BE"), ("+351 707 123 456", "PT"),
    // Satellite and international networks.
    ("+870 773 111 632", "DE"), ("+881 612 345 678", "DE"), ("+881 8 1234 5678", "US"), ("+882 16 1234 5678", "DE"),
    ("+882 99 123 4567", "DE"), ("+883 510 012 345", "DE"), ("+883 5100 0123 4567", "US"), ("+979 123 456 789", "DE"),
    ("+808 1234 5678", "DE"), ("+800 1234 5678", "DE"), ("+878 10 1234 567890", "DE"), ("+888 123 456 78901", "DE"),
    // Extensions and what follows a number.
    ("+4915123456789;ext=1", "DE"), ("0151 23456789 x55", "DE"), ("+4915123456789#1", "DE"), ("+4915123456789,,900", "DE"),
    ("tel:+4915123456789", "DE"), ("+4915123456789*21*", "DE"),
    // Digits of other scripts, letters, and what is no number.
    ("＋４９１５１２３４５６７８９", "DE"), ("٠١٥١٢٣٤٥٦٧٨٩", "DE"), ("1-800-FLOWERS", "US"), ("0151 2345678９", "DE"),
    ("+4915123456789\r\nBcc: x", "DE"), ("+49 151 23456789 +1 900 555 0123", "DE"), ("++4915123456789", "DE"),
    ("110", "DE"), ("+1 911", "US"), ("00000000000", "DE"),
];

#[test]
fn sixty_hostile_numbers_reach_nobody() {
    let countries = all();
    for (typed, country) in HOSTILE {
        for channel in [Channel::Sms, Channel::Voice] {
            for country in [Some(country), None] {
                let number = Number::parse(typed, country, channel, countries);
                let got = number.map(|number| number.e164().to_owned());
                assert!(got.is_err(), "{typed:?} {country:?} became {got:?}");
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_is_typed_a_number_that_is_taken_is_its_own_canonical_form(typed in "[+]?[0-9 ()/.-]{0,20}|\\PC{0,20}") {
        if let Ok(number) = Number::parse(&typed, Some("DE"), Channel::Sms, all()) {
            let again = Number::parse(number.e164(), None, Channel::Sms, all()).unwrap();
            proptest::prop_assert_eq!(again.e164(), number.e164());
            proptest::prop_assert!(number.e164()[1..].bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
