//! Answers that a browser would not give, one for each thing that is checked: all are refused, in words.
#![expect(
    clippy::semicolon_if_nothing_returned,
    reason = "a change is told in one expression"
)]

use serde_json::{Value, json};

use super::{Ceremony, PLATFORM};
use crate::support::house::House;
use crate::support::token::{
    ATTESTED, Answer, BACKED_UP, EXTENDED, PRESENT, Token, VERIFIED, bytes, hash, text,
};

type Mutation = (&'static str, fn(&mut Answer));

fn origin(answer: &mut Answer, change: impl FnOnce(&str) -> String) {
    let origin = answer.client["origin"].as_str().unwrap().to_owned();
    answer.client["origin"] = change(&origin).into();
}

fn set(answer: &mut Answer, name: &str, value: Value) {
    answer.client.insert(name.to_owned(), value);
}

/// The page asked for the device itself, and for the person to be verified.
const MUTATIONS: [Mutation; 40] = [
    ("type of an assertion", |a| {
        set(a, "type", json!("webauthn.get"))
    }),
    ("no type", |a| drop(a.client.remove("type"))),
    ("another challenge", |a| {
        set(
            a,
            "challenge",
            json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        )
    }),
    ("half a challenge", |a| {
        let challenge = a.client["challenge"].as_str().unwrap()[..20].to_owned();
        set(a, "challenge", challenge.into());
    }),
    ("an empty challenge", |a| set(a, "challenge", json!(""))),
    ("no challenge", |a| drop(a.client.remove("challenge"))),
    ("another site", |a| {
        set(a, "origin", json!("https://evil.example"))
    }),
    ("a host below", |a| {
        origin(a, |o| o.replace("localhost", "evil.localhost"))
    }),
    ("a host that begins alike", |a| {
        origin(a, |o| o.replace("localhost", "localhost.evil.example"))
    }),
    ("another port", |a| origin(a, |o| format!("{o}1"))),
    ("no port", |a| set(a, "origin", json!("http://localhost"))),
    ("another scheme", |a| {
        origin(a, |o| o.replace("http:", "https:"))
    }),
    ("a dot at the end", |a| {
        origin(a, |o| o.replace("localhost", "localhost."))
    }),
    ("capitals", |a| {
        origin(a, |o| o.replace("localhost", "LOCALHOST"))
    }),
    ("a path", |a| origin(a, |o| format!("{o}/"))),
    ("a user", |a| {
        origin(a, |o| o.replace("localhost", "me@localhost"))
    }),
    ("no origin", |a| drop(a.client.remove("origin"))),
    ("in a foreign frame", |a| set(a, "crossOrigin", json!(true))),
    ("below another page", |a| {
        set(a, "topOrigin", json!("https://evil.example"))
    }),
    ("client data that is no JSON", |a| {
        a.client_bytes = Some(b"{\"type\":".to_vec())
    }),
    ("client data twice the type", |a| {
        let text = Value::Object(a.client.clone()).to_string();
        a.client_bytes = Some(
            text.replacen('{', "{\"type\":\"webauthn.get\",", 1)
                .into_bytes(),
        );
    }),
    ("another relying party", |a| {
        a.rp_hash = hash(b"example.com")
    }),
    ("nobody was there", |a| a.flags &= !PRESENT),
    ("nobody was verified", |a| a.flags &= !VERIFIED),
    ("backed up, but it could not be", |a| a.flags |= BACKED_UP),
    ("no credential", |a| a.flags &= !ATTESTED),
    ("extensions that are not there", |a| a.flags |= EXTENDED),
    ("an id that is too long", |a| {
        a.attested_id = vec![7; 1024];
        a.id_length = 1024;
        a.raw_id.clone_from(&a.attested_id);
        a.id = data_encoding::BASE64URL_NOPAD.encode(&a.raw_id);
    }),
    ("an id longer than the data", |a| a.id_length = 1000),
    ("an algorithm that was not offered", |a| a.cose[4] = 0x27),
    ("a key of no known kind", |a| a.cose[2] = 0x05),
    ("a point off the curve", |a| a.cose[20] ^= 1),
    ("half a key", |a| a.cose.truncate(40)),
    ("attested in an unknown way", |a| {
        a.fmt = "homemade".to_owned()
    }),
    ("attested with a signature that is none", |a| {
        a.fmt = "packed".to_owned();
        a.statement = [
            &[0xa2][..],
            &text("alg"),
            &[0x26],
            &text("sig"),
            &bytes(&[1; 70]),
        ]
        .concat();
    }),
    ("an attestation that is a heap of brackets", |a| {
        a.attestation = Some(vec![0x81; 3_000])
    }),
    ("id and rawId differ", |a| a.id = "AAAA".to_owned()),
    ("the id of another credential", |a| {
        a.raw_id[0] ^= 1;
        a.id = data_encoding::BASE64URL_NOPAD.encode(&a.raw_id);
    }),
    ("no public key", |a| a.kind = "password".to_owned()),
    ("a key where the device was asked for", |a| {
        a.attachment = json!("cross-platform")
    }),
];

#[tokio::test]
async fn forty_answers_that_are_wrong_in_one_thing_each_are_refused() {
    let house = House::start().await;
    for (what, mutate) in MUTATIONS {
        let mut page = Ceremony::begin(&house, what, PLATFORM).await;
        let mut answer = page.answer(&Token::new());
        mutate(&mut answer);
        page.send(&answer.json()).await;
        assert_eq!(page.visitor.status, 422, "{what}: {}", page.visitor.html);
        assert_eq!(page.visitor.count("#errors p"), 1, "{what}");
        assert_eq!(house.enrollments(what).await, 0, "{what}");
    }
    // What is refused is the change: unchanged, and with what browsers may add, it is taken.
    for (what, change) in [
        ("unchanged", (|_| {}) as fn(&mut Answer)),
        ("with more to say", |a| {
            set(a, "other_keys_can_be_added_here", json!("do not compare"))
        }),
        ("of a browser that tells no attachment", |a| {
            a.attachment = Value::Null
        }),
        ("without a word of frames", |a| {
            drop(a.client.remove("crossOrigin"))
        }),
    ] {
        let mut page = Ceremony::begin(&house, what, PLATFORM).await;
        let mut answer = page.answer(&Token::new());
        change(&mut answer);
        page.send(&answer.json()).await;
        assert!(page.is_enrolled(), "{what}: {}", page.visitor.html);
    }
}

#[tokio::test]
async fn what_is_no_answer_at_all_is_refused() {
    let house = House::start().await;
    let deep = format!("{}{}", "[".repeat(1_500), "]".repeat(1_500));
    let long = "x".repeat(20_000);
    for (nth, (response, status)) in [
        ("", 422),
        ("null", 422),
        ("[]", 422),
        ("{\"id\": \"a\"}", 422),
        (&*deep, 422),
        (&*long, 413),
    ]
    .into_iter()
    .enumerate()
    {
        let mut page = Ceremony::begin(&house, &format!("ada{nth}"), PLATFORM).await;
        page.send(response).await;
        assert_eq!(page.visitor.status.as_u16(), status, "{nth}");
    }
}
