//! A credential is used: what is asked of the browser, and which answers are right.
#![expect(
    clippy::semicolon_if_nothing_returned,
    reason = "a change is told in one expression"
)]

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tessera::core::seal::Place;
use tessera::core::{Actor, ChallengeId, OsRng, Urls, UserId};
use tessera::factors::Factor;
use tessera::factors::verify::{self, Answer};
use tessera::factors::webauthn::{
    self, Asserted, Assertion, Registration, RelyingParty, Verification, Wrong,
};
use tessera::logins::{self, Shown, Verified};
use tessera::store::NewChallenge;
use tessera::tickets::start;
use url::Url;
use zeroize::Zeroizing;

use super::{Ceremony, ROAMING, enrollments};
use crate::support::house::House;
use crate::support::proof;
use crate::support::token::{BACKED_UP, PRESENT, Token, VERIFIED};

const ORIGIN: &str = "https://mfa.example.com";

fn party() -> RelyingParty {
    let urls = Urls::new(&Url::parse(ORIGIN).unwrap());
    RelyingParty::new(&urls, Some("example.com"), &[], "Example Bank").unwrap()
}

fn enrolled(token: &Token) -> Zeroizing<Vec<u8>> {
    let factor = Factor::WebauthnRoaming;
    let begun = webauthn::begin(
        factor,
        &party(),
        Verification::Preferred,
        "ada",
        &[],
        &OsRng,
    );
    let begun = begun.unwrap();
    let answer = token.register(&begun.options, ORIGIN).json();
    let registration = Registration::new(factor, answer, "", "Key");
    let proved = webauthn::check(&registration, &begun.payload)
        .unwrap()
        .unwrap();
    proved.material
}

/// Asks for the key, and has its answer judged; it may be bent before and after it is signed.
fn use_it(
    token: &Token,
    material: &[u8],
    counter: u32,
    before: impl FnOnce(&mut Map<String, Value>, &mut Vec<u8>),
    after: impl FnOnce(&mut Value),
) -> Result<Asserted, Wrong> {
    let begun = webauthn::ask(&party(), Verification::Required, &[material])
        .unwrap()
        .unwrap();
    let mut answer = token.assert(&begun.options, ORIGIN, counter, before);
    after(&mut answer);
    let assertion = Assertion::new(answer.to_string());
    webauthn::verify(&assertion, material, &begun.payload).unwrap()
}

#[test]
fn a_key_is_asked_for_by_its_id_and_answers() {
    let token = Token::new();
    let material = enrolled(&token);
    let begun = webauthn::ask(&party(), Verification::Discouraged, &[&material])
        .unwrap()
        .unwrap();
    assert_eq!(begun.options["rpId"], "example.com");
    assert_eq!(begun.options["userVerification"], "discouraged");
    let id = data_encoding::BASE64URL_NOPAD.encode(&token.id);
    let allowed = json!([{ "type": "public-key", "id": id, "transports": ["usb"] }]);
    assert_eq!(begun.options["allowCredentials"], allowed);
    let answer = token.assert(&begun.options, ORIGIN, 2, |_, _| {});
    let assertion = Assertion::new(answer.to_string());
    assert_eq!(assertion.credential_id(), Some(id));
    let right = webauthn::verify(&assertion, &material, &begun.payload).unwrap();
    assert!(right.unwrap().user_verified);
    // Of another domain there is none to ask for.
    let elsewhere = party().with_id(Some("mfa.example.com"));
    let none = webauthn::ask(&elsewhere, Verification::Discouraged, &[&material]);
    assert!(none.unwrap().is_none());
}

#[test]
fn a_counter_only_grows_and_only_a_right_answer_moves_it() {
    let token = Token::new();
    let enrolled = enrolled(&token);
    let used = use_it(&token, &enrolled, 5, |_, _| {}, |_| {})
        .unwrap()
        .material;
    for counter in [5, 4, 0] {
        let again = use_it(&token, &used, counter, |_, _| {}, |_| {});
        assert_eq!(again.map(|_| ()), Err(Wrong::Copied), "{counter}");
    }
    // A wrong answer with a great counter gives nothing to store.
    let mut forger = Token::new();
    forger.id.clone_from(&token.id);
    let forged = use_it(&forger, &used, 100, |_, _| {}, |_| {});
    assert_eq!(forged.map(|_| ()), Err(Wrong::Refused));
    assert!(use_it(&token, &used, 6, |_, _| {}, |_| {}).is_ok());
}

#[test]
fn an_answer_that_is_wrong_in_one_thing_is_refused() {
    let token = Token::new();
    let material = enrolled(&token);
    type Before = fn(&mut Map<String, Value>, &mut Vec<u8>);
    let signed: [(&str, Before); 11] = [
        ("type", |client, _| {
            drop(client.insert("type".into(), json!("webauthn.create")))
        }),
        ("challenge", |client, _| {
            drop(client.insert("challenge".into(), json!("AAAAAAAAAAAAAAAAAAAAAA")))
        }),
        ("origin", |client, _| {
            drop(client.insert("origin".into(), json!("https://example.com")))
        }),
        ("dot", |client, _| {
            drop(client.insert("origin".into(), json!("https://mfa.example.com.")))
        }),
        ("frame", |client, _| {
            drop(client.insert("crossOrigin".into(), json!(true)))
        }),
        ("top", |client, _| {
            drop(client.insert("topOrigin".into(), json!("https://a.example")))
        }),
        ("party", |_, data| data[0] ^= 1),
        ("absent", |_, data| data[32] &= !PRESENT),
        ("unverified", |_, data| data[32] &= !VERIFIED),
        ("backup", |_, data| data[32] |= BACKED_UP),
        ("short", |_, data| data.truncate(30)),
    ];
    for (what, before) in signed {
        assert!(
            use_it(&token, &material, 2, before, |_| {}).is_err(),
            "{what}"
        );
    }
    type After = fn(&mut Value);
    let sent: [(&str, After); 8] = [
        ("id", |answer| answer["id"] = json!("AAAA")),
        ("both ids", |answer| {
            answer["id"] = json!("AAAA");
            answer["rawId"] = json!("AAAA");
        }),
        ("kind", |answer| answer["type"] = json!("password")),
        ("another user", |answer| {
            answer["response"]["userHandle"] = json!("AAAA")
        }),
        ("no signature", |answer| {
            answer["response"]["signature"] = json!("")
        }),
        ("a signature of something else", |answer| {
            answer["response"]["signature"] = json!(
                "MEUCIQCTnI38LTZ01mLzFwMeBUe6-ZGaIpHzOFd8i1TuPJBeVAIgP1aCHUv7HxCXPrMlGzRaAwE4BqQn5DOJkSN3mCs9Yx0"
            );
        }),
        ("no client data", |answer| {
            answer["response"]["clientDataJSON"] = json!("")
        }),
        ("no response", |answer| answer["response"] = Value::Null),
    ];
    for (what, after) in sent {
        assert!(
            use_it(&token, &material, 2, |_, _| {}, after).is_err(),
            "{what}"
        );
    }
    let other = enrolled(&Token::new());
    assert!(
        use_it(&token, &other, 2, |_, _| {}, |_| {}).is_err(),
        "of another key"
    );
}

#[test]
fn noise_in_an_answer_never_stops_the_server() {
    let (token, factor) = (Token::new(), Factor::WebauthnPlatform);
    let begun = webauthn::begin(factor, &party(), Verification::Required, "ada", &[], &OsRng);
    let begun = begun.unwrap();
    let answer = token.register(&begun.options, ORIGIN);
    let (client, data) = (
        Value::Object(answer.client.clone()).to_string(),
        answer.data(),
    );
    let mut taken = 0;
    // Each byte of both parts, one bit at a time turned round; the public key and the counter are the key's own affair.
    for nth in 0..client.len() + data.len() {
        let mut bent = answer.clone();
        let bit = 1 << (nth % 8);
        if nth < client.len() {
            let mut bytes = client.clone().into_bytes();
            bytes[nth] ^= bit;
            bent.client_bytes = Some(bytes);
        } else {
            let mut bytes = data.clone();
            bytes[nth - client.len()] ^= bit;
            bent.attestation = Some(
                [
                    &[0xa3][..],
                    &crate::support::token::text("fmt"),
                    &crate::support::token::text("none"),
                    &crate::support::token::text("attStmt"),
                    &[0xa0],
                    &crate::support::token::text("authData"),
                    &crate::support::token::bytes(&bytes),
                ]
                .concat(),
            );
        }
        let registration = Registration::new(factor, bent.json(), "", "Key");
        taken += usize::from(
            webauthn::check(&registration, &begun.payload)
                .unwrap()
                .is_ok(),
        );
    }
    // Counter (4), model (16), reserved and eligible flags.
    assert!(taken < 40, "{taken}");
}

/// Somebody with a key, enrolled with a ticket, who comes back.
struct Owner {
    house: House,
    token: Token,
    user_id: UserId,
}

impl Owner {
    async fn new(house: House) -> Self {
        let token = Token::new();
        let mut page = Ceremony::begin(&house, "auth0|ada", ROAMING).await;
        let answer = page.answer(&token).json();
        page.send(&answer).await;
        assert!(page.is_enrolled());
        Self {
            house,
            token,
            user_id: "auth0|ada".parse().unwrap(),
        }
    }

    async fn material(&self) -> Zeroizing<Vec<u8>> {
        let stored = enrollments(&self.house, "auth0|ada").await.remove(0);
        let place = Place {
            table: "enrollments",
            row: &[stored.user_id.as_str(), stored.enrollment_id.as_str()],
            column: "material_sealed",
        };
        self.house
            .app
            .sealer
            .open(&place, &stored.material_sealed)
            .unwrap()
    }

    /// Is asked, and answers with this counter.
    async fn answers(&self, counter: u32) -> String {
        let (app, now) = (&self.house.app, self.house.app.now());
        let party = app.relying_party.clone().unwrap();
        let material = self.material().await;
        let asked = webauthn::ask(&party, Verification::Discouraged, &[&material]);
        let asked = asked.unwrap().unwrap();
        let challenge_id = ChallengeId::new(now, &OsRng);
        let row = [self.user_id.as_str(), challenge_id.as_str()];
        let place = start::place(&row);
        let new = NewChallenge {
            user_id: &self.user_id,
            bearer: "login",
            factor: ROAMING,
            challenge_id: &challenge_id,
            ticket_id: None,
            enrollment_id: &enrollments(&self.house, "auth0|ada").await[0].enrollment_id,
            state: "asked",
            payload_sealed: &app.sealer.seal(&place, &asked.payload, &OsRng),
            lookup: None,
            expires_at: now + webauthn::LIFETIME,
        };
        let mut tx = app.store.begin_write().await.unwrap();
        tx.put_challenge(&new, now).await.unwrap();
        tx.commit().await.unwrap();
        let answer = self
            .token
            .assert(&asked.options, app.urls.origin(), counter, |_, _| {});
        answer.to_string()
    }

    async fn shows(&self, answer: &str) -> Verified {
        let ceremony = verify::Ceremony {
            factor: Factor::WebauthnRoaming,
            assertion: Assertion::new(answer.to_owned()),
            login: "login".to_owned(),
        };
        let asked = logins::Verification {
            user_id: self.user_id.clone(),
            shown: Shown::Factor(Answer::Webauthn(ceremony)),
            actor: Actor::server(),
        };
        proof::shows(&self.house.app, asked).await.unwrap()
    }

    /// What is told of one answer, shown once or twice.
    async fn comes_back(&self, counter: u32, twice: bool) -> Vec<Verified> {
        let answer = self.answers(counter).await;
        let mut told = vec![self.shows(&answer).await];
        if twice {
            told.push(self.shows(&answer).await);
        }
        told
    }
}

#[tokio::test]
async fn a_key_that_comes_back_is_known_once_a_challenge_and_its_copy_is_noticed() {
    for house in House::start_on_each().await {
        let ada = Owner::new(house).await;
        let told = ada.comes_back(7, true).await;
        assert!(
            matches!(told[..], [Verified::Factor(_), Verified::Wrong]),
            "{told:?}"
        );
        let kept = ada.material().await;
        // A copy that was made earlier counts from there.
        let told = ada.comes_back(6, false).await;
        assert!(matches!(told[..], [Verified::Wrong]), "{told:?}");
        assert_eq!(*ada.material().await, *kept, "nothing of it is kept");
        let told = ada.comes_back(8, false).await;
        assert!(matches!(told[..], [Verified::Factor(_)]), "{told:?}");
        let events = ada.house.events_of("auth0|ada").await;
        let count = |kind: &str| events.iter().filter(|event| *event == kind).count();
        assert_eq!(count("enrollment.used"), 2);
        assert_eq!(count("enrollment.counter_regressed"), 1);
        assert_eq!(count("verification.failed"), 2);
    }
}

#[tokio::test]
async fn of_two_hundred_uses_of_one_answer_one_is_taken() {
    for house in House::start_on_each().await {
        let ada = Owner::new(house).await;
        let answer = ada.answers(7).await;
        let told = join_all((0..200).map(|_| ada.shows(&answer))).await;
        let taken = told
            .iter()
            .filter(|told| matches!(told, Verified::Factor(_)));
        assert_eq!(taken.count(), 1);
        let events = ada.house.events_of("auth0|ada").await;
        let used = events.iter().filter(|event| *event == "enrollment.used");
        assert_eq!(used.count(), 1);
    }
}
