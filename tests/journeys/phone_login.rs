//! Whoever comes back proves an enrolled phone by a code that is sent to it: to that one, for that login, once.

mod sending;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use tessera::core::seal::Place;
use tessera::core::{Actor, EnrollmentId, Error, OsRng, Result, UserId};
use tessera::factors::phone::{Channel, Code, Countries, Number, Policy, Sent};
use tessera::factors::verify::{Answer, Typed};
use tessera::logins::{Asked, CodeRequest, Shown, Verification, Verified, send_code};
use tessera::store::{Enrollment, NewEnrollment, User};
use tessera::tickets::start::open_challenge;
use tessera::users::methods::{Hand, NewMethod};
use tessera::users::reset;

use crate::phone::code_in;
use crate::support::house::{House, Setup};
use crate::support::proof;

const NUMBER: &str = "+4915123456789";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Somebody with a phone.
struct Person<'a> {
    house: &'a House,
    id: UserId,
    phone: Enrollment,
}

impl<'a> Person<'a> {
    async fn at(house: &'a House, name: &str, number: &str, channel: Channel) -> Self {
        let (app, id) = (&house.app, name.parse::<UserId>().unwrap());
        let user = User {
            user_id: id.clone(),
            email: Some("ada@example.com".to_owned()),
            blocked: false,
            profile: "{}".to_owned(),
            created_at: app.now(),
            updated_at: app.now(),
        };
        let mut tx = app.store.begin_write().await.unwrap();
        assert!(tx.insert_user(&user).await.unwrap());
        tx.commit().await.unwrap();
        let number = Number::parse(number, None, channel, &Countries::all()).unwrap();
        let method = NewMethod::phone(&number, channel, None);
        let hand = Hand {
            store: &app.store,
            sealer: &app.sealer,
            actor: &Actor::server(),
            now: app.now(),
            rng: &OsRng,
        };
        let phone = hand.add(&id, &method).await.unwrap();
        Self { house, id, phone }
    }

    async fn asks(&self, login: &str) -> Asked {
        self.asks_by(login, None, &self.house.app.phone)
            .await
            .unwrap()
    }

    async fn asks_by(
        &self,
        login: &str,
        channel: Option<Channel>,
        policy: &Policy,
    ) -> Result<Asked> {
        let app = &self.house.app;
        let asked = CodeRequest {
            user_id: &self.id,
            login,
            enrollment_id: &self.phone.enrollment_id,
            channel,
            address: None,
            locale: "en",
        };
        let (actor, now) = (Actor::server(), app.now());
        send_code(&app.store, &asked, policy, &app.sealer, &actor, now, &OsRng).await
    }

    /// Asks, gets the message, and reads the code in it.
    async fn gets(&self, login: &str) -> String {
        let asked = self.asks(login).await;
        assert!(matches!(asked, Asked::Sent(_)), "{asked:?}");
        assert_eq!(self.house.text().await, 1);
        code_in(self.house.texts().last().unwrap())
    }

    async fn types(&self, login: &str, code: &str) -> Verified {
        loop {
            let typed = Typed {
                code: Code::parse(code).unwrap(),
                login: login.to_owned(),
            };
            let asked = Verification {
                user_id: self.id.clone(),
                shown: Shown::Factor(Answer::Phone(typed)),
                actor: Actor::server(),
            };
            match proof::shows(&self.house.app, asked).await {
                // Too many at once for a busy machine: it comes back.
                Err(Error::Unavailable(_)) => {}
                told => return told.unwrap(),
            }
        }
    }

    async fn is_let_in(&self, login: &str, code: &str) {
        let verified = self.types(login, code).await;
        let own = &self.phone.enrollment_id;
        assert!(
            matches!(&verified, Verified::Factor(id) if id == own),
            "{verified:?}"
        );
    }

    async fn is_wrong(&self, login: &str, code: &str) {
        let verified = self.types(login, code).await;
        assert!(matches!(verified, Verified::Wrong), "{verified:?}");
    }

    async fn failures(&self) -> i64 {
        let mut read = self.house.app.store.begin_read().await.unwrap();
        read.failures_of(&self.id).await.unwrap().unwrap().failures
    }

    async fn is_blocked(&self, blocked: bool) {
        let mut tx = self.house.app.store.begin_write().await.unwrap();
        let mut user = tx.user(&self.id).await.unwrap().unwrap();
        user.blocked = blocked;
        tx.update_user(&user).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A code that is none of these.
fn other_than(codes: &[&str]) -> String {
    let code = (0..).map(|n| format!("{n:06}"));
    code.into_iter()
        .find(|code| !codes.contains(&code.as_str()))
        .unwrap()
}

#[tokio::test]
async fn a_code_proves_the_phone_that_it_was_sent_to_once() {
    for house in House::texting_on_each().await {
        let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
        let code = ada.gets("log_1").await;
        let text = house.texts().pop().unwrap();
        assert!(
            text.contains("is your code to sign in at Tessera"),
            "{text}"
        );
        for _ in 0..2 {
            ada.is_wrong("log_1", &other_than(&[&code])).await;
        }
        assert_eq!(ada.failures().await, 2);
        let spaced = format!(" {}-{} ", &code[..3], &code[3..]);
        ada.is_let_in("log_1", &spaced).await;
        assert_eq!(ada.failures().await, 0, "what is right begins anew");
        ada.is_wrong("log_1", &code).await;

        let mut read = house.app.store.begin_read().await.unwrap();
        let used = read.enrollment(&ada.phone.enrollment_id).await.unwrap();
        assert_eq!(used.unwrap().last_auth_at, Some(house.app.now().millis()));
        let (from, to) = (house.app.now() - MINUTE, house.app.now());
        let answered = read.answered_sends("49151", from, to).await.unwrap();
        assert_eq!(
            (answered.sends, answered.confirmed),
            (1, 1),
            "it counts for its prefix"
        );
        drop(read);
        let told = house.events_of("ada").await;
        for kind in ["phone.code_promised", "text.sent", "enrollment.used"] {
            assert!(told.iter().any(|event| event == kind), "{kind} in {told:?}");
        }
    }
}

#[tokio::test]
async fn of_many_codes_at_once_one_right_one_is_taken_and_five_wrong_ones_are_looked_at() {
    for house in House::texting_on_each().await {
        let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
        let code = ada.gets("log_1").await;
        let answers = told(&join_all((0..200).map(|_| ada.types("log_1", &code))).await);
        assert_eq!((answers["factor"], answers["wrong"]), (1, 5));

        let bob = Person::at(&house, "bob", "+4915123456780", Channel::Sms).await;
        house.clock.advance(SECOND);
        let code = bob.gets("log_2").await;
        let wrong: Vec<String> = (0..501).map(|n| format!("{n:06}")).collect();
        let wrong = wrong.iter().filter(|wrong| **wrong != code).take(500);
        let tries = wrong.map(|wrong| bob.types("log_2", wrong));
        let answers = told(&join_all(tries).await);
        assert_eq!((answers["wrong"], answers["too soon"]), (5, 495));
        let right = bob.types("log_2", &code).await;
        assert!(matches!(right, Verified::TooSoon(_)), "{right:?}");
    }
}

/// How often each answer was given.
fn told(answers: &[Verified]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        let name = match answer {
            Verified::Factor(_) => "factor",
            Verified::Wrong => "wrong",
            Verified::TooSoon(_) => "too soon",
            other => panic!("{other:?}"),
        };
        *counts.entry(name).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn a_code_is_of_one_person_one_login_and_one_phone() {
    for house in House::texting_on_each().await {
        // They share a phone, and each has asked for a code.
        let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
        let bob = Person::at(&house, "bob", NUMBER, Channel::Sms).await;
        let (one, two) = loop {
            let one = ada.gets("log_1").await;
            house.clock.advance(SECOND);
            let two = bob.gets("log_1").await;
            if one != two {
                break (one, two);
            }
            house.clock.advance(9 * MINUTE);
        };
        bob.is_wrong("log_1", &one).await;
        ada.is_wrong("log_1", &two).await;
        ada.is_wrong("log_2", &one).await;
        assert_eq!((ada.failures().await, bob.failures().await), (2, 1));
        let mallory = Person {
            house: &house,
            id: bob.id.clone(),
            phone: ada.phone.clone(),
        };
        let asked = mallory.asks_by("log_3", None, &house.app.phone).await;
        assert!(matches!(asked, Err(Error::NotFound { .. })), "{asked:?}");

        // The same number, enrolled once more: the code was for the other.
        let again = copy_of(&ada).await;
        let (store, id) = (&house.app.store, &ada.phone.enrollment_id);
        let (actor, now) = (Actor::server(), house.app.now());
        let removed = reset::remove_enrollment(store, id, &actor, now, &OsRng);
        removed.await.unwrap();
        ada.is_wrong("log_1", &one).await;
        let asked = ada.asks_by("log_4", None, &house.app.phone).await;
        assert!(matches!(asked, Err(Error::NotFound { .. })), "{asked:?}");
        house.clock.advance(MINUTE);
        let code = again.gets("log_4").await;
        again.is_let_in("log_4", &code).await;
    }
}

/// The same phone as another enrollment of its owner.
async fn copy_of<'a>(person: &Person<'a>) -> Person<'a> {
    let (app, enrollment_id) = (
        &person.house.app,
        EnrollmentId::new(person.house.app.now(), &OsRng),
    );
    let number = Number::parse(NUMBER, None, Channel::Sms, &Countries::all()).unwrap();
    let method = NewMethod::phone(&number, Channel::Sms, None);
    let place = Place {
        table: "enrollments",
        row: &[person.id.as_str(), enrollment_id.as_str()],
        column: "material_sealed",
    };
    let new = NewEnrollment {
        user_id: &person.id,
        enrollment_id: &enrollment_id,
        factor: "phone",
        is_first: false,
        ticket_id: None,
        material_sealed: &app.sealer.seal(&place, &method.material, &OsRng),
        last_step: None,
        name: None,
        credential_id: None,
        facts: &method.facts.to_string(),
    };
    let mut tx = app.store.begin_write().await.unwrap();
    assert!(tx.insert_enrollment(&new, app.now()).await.unwrap());
    let phone = tx.enrollment(&enrollment_id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    Person {
        house: person.house,
        id: person.id.clone(),
        phone,
    }
}

#[tokio::test]
async fn what_enrolls_verifies_nothing_whoever_put_it_there() {
    let house = Setup::new().texting().start().await;
    let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
    let Asked::Sent(begun) = ada.asks("log_1").await else {
        panic!("it is sent");
    };
    let app = &house.app;
    let opened = open_challenge(&begun, &app.sealer).unwrap();
    let sent = Sent::from_bytes(&opened).unwrap();
    assert_eq!(sent.number, NUMBER);
    let mut kept: serde_json::Value = serde_json::from_slice(&opened).unwrap();
    let code = kept["code"].as_str().unwrap().to_owned();
    kept["verifies"] = serde_json::Value::Null;
    let row = [ada.id.as_str(), begun.challenge_id.as_str()];
    let place = tessera::tickets::start::place(&row);
    let sealed = app.sealer.seal(&place, kept.to_string().as_bytes(), &OsRng);
    let mut tx = app.store.begin_write().await.unwrap();
    let moved = tx.move_challenge(&begun.challenge_id, "sent", "sent", &sealed, app.now());
    assert!(moved.await.unwrap());
    tx.commit().await.unwrap();
    ada.is_wrong("log_1", &code).await;
}
