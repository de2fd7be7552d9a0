//! What may be asked of a ticket, and what is refused by name.

use proptest::prelude::*;

use super::*;
use crate::core::OsRng;
use crate::factors::Available;

fn policy() -> Policy {
    let origin = Url::parse("https://app.example").unwrap().origin();
    Policy {
        lifetime: LONGEST_LIFETIME,
        result_origins: vec![origin],
        auto_create: true,
        limits: UserLimits::default(),
    }
}

fn asked() -> Asked {
    Asked {
        user_id: "auth0|ada".into(),
        email: Some("ada@example.com".into()),
        ..Asked::default()
    }
}

fn refused(asked: &Asked) -> String {
    match CreateTicket::parse(asked, &policy(), &Switches::default()) {
        Err(Error::Invalid { property, .. }) => property.into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    assert_eq!(
        refused(&Asked {
            user_id: String::new(),
            ..asked()
        }),
        "user_id"
    );
    assert_eq!(
        refused(&Asked {
            email: Some("no address".into()),
            ..asked()
        }),
        "email"
    );
    for factor in ["email", "duo", "OTP", "", "phone", "voice"] {
        assert_eq!(
            refused(&Asked {
                factor: vec![factor.into()],
                ..asked()
            }),
            "factor",
            "{factor}"
        );
    }
    for ttl in [0, -1, i64::MIN, 5 * 86_400 + 1, i64::MAX] {
        assert_eq!(
            refused(&Asked {
                ttl_sec: Some(ttl),
                ..asked()
            }),
            "ttl_sec",
            "{ttl}"
        );
    }
    for locale in ["", "e n", "en;q=1", "{{ 7*7 }}", "../../etc"] {
        assert_eq!(
            refused(&Asked {
                email_locale: Some(locale.into()),
                ..asked()
            }),
            "email_locale",
            "{locale}"
        );
    }
}

#[test]
fn a_result_url_leads_to_an_allowed_origin_only() {
    for url in [
        "https://app.example/done",
        "https://app.example",
        "https://app.example:443/?a=b#c",
    ] {
        assert!(
            CreateTicket::parse(
                &Asked {
                    result_url: Some(url.into()),
                    ..asked()
                },
                &policy(),
                &Switches::default()
            )
            .is_ok(),
            "{url}"
        );
    }
    let hostile = [
        "//app.example",
        "/done",
        "http://app.example/",
        "https://app.example.evil/",
        "https://evil/app.example",
        "https://app.example:444/",
        "https://app.example@evil/",
        "https://user:pw@app.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:\\\\evil",
        "",
        "https://app.example%2f@evil/",
        "https://аpp.example/",
        "\thttps://evil/",
        "https://app.example.",
        "ftp://app.example/",
    ];
    for url in hostile {
        assert_eq!(
            refused(&Asked {
                result_url: Some(url.into()),
                ..asked()
            }),
            "result_url",
            "{url}"
        );
    }
}

#[test]
fn oob_means_what_goes_out_of_band_and_is_switched_on() {
    let create = CreateTicket::parse(
        &Asked {
            factor: vec!["oob".into()],
            ..asked()
        },
        &policy(),
        &Switches::default(),
    )
    .unwrap();
    assert_eq!(create.factors, [Factor::PushNotification]);
    let off = Switches::new([], ["push-notification".to_owned()], Available::default());
    assert!(
        CreateTicket::parse(
            &Asked {
                factor: vec!["oob".into()],
                ..asked()
            },
            &policy(),
            &off
        )
        .is_err()
    );
}

#[test]
fn the_rows_hold_no_secret() {
    let create = CreateTicket::parse(
        &Asked {
            send_mail: true,
            ..asked()
        },
        &policy(),
        &Switches::default(),
    )
    .unwrap();
    let sealer = Sealer::new(&[3; 32]);
    let (row, issued) = create.issue(
        &Actor::command_line(),
        &sealer,
        Timestamp::from_millis(1_000),
        &OsRng,
    );
    assert!(!format!("{row:?}").contains(issued.secret.expose()));
    assert_eq!(
        row.expires_at,
        Timestamp::from_millis(1_000) + LONGEST_LIFETIME
    );
    assert!(row.secret_hash.matches(issued.secret.digest().as_bytes()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_life_is_shortened_and_never_lengthened(
        asked in prop_oneof![Just(None), (-5..700_000_i64).prop_map(Some), any::<i64>().prop_map(Some)],
        limit in prop_oneof![1..700_000_u64, any::<u64>()],
    ) {
        let limit = Duration::from_secs(limit);
        let most = limit.min(LONGEST_LIFETIME);
        match (parse_lifetime(asked, limit), asked) {
            (Ok(life), None) => prop_assert_eq!(life, most),
            (Ok(life), Some(asked)) => {
                prop_assert_eq!(i64::try_from(life.as_secs()).unwrap(), asked, "what was asked for");
                prop_assert!(asked > 0 && life <= most);
            }
            (Err(Error::Invalid { property, reason, .. }), Some(asked)) => {
                prop_assert_eq!(property, "ttl_sec");
                let too_long = u64::try_from(asked).is_ok_and(|asked| asked > most.as_secs());
                prop_assert!(asked <= 0 || too_long);
                prop_assert!(!too_long || reason.contains(&most.as_secs().to_string()), "the limit is named");
            }
            (other, _) => prop_assert!(false, "{:?}", other),
        }
    }
}
