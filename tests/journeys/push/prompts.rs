//! Prompts to a phone that is enrolled.

use std::time::Duration;

use serde_json::json;
use tessera::core::{Actor, Error, Result};
use tessera::factors::push::prompts::{self, Request};
use tessera::factors::push::{self, Payload};
use tessera::factors::verify::Answer;
use tessera::logins::{Shown, Verification, Verified};
use tessera::store::Challenge;
use tessera::tickets::start::open_challenge;

use super::phone::Phone;
use super::{enroll, wrong};
use crate::support::house::House;
use crate::support::proof;

pub async fn ask(house: &House, phone: &Phone, login: &str) -> Result<Challenge> {
    ask_as(house, phone, login, "ada").await
}

async fn ask_as(house: &House, phone: &Phone, login: &str, user_id: &str) -> Result<Challenge> {
    let app = &house.app;
    let mut tx = app.store.begin_write().await?;
    let request = Request {
        user_id: &user_id.parse()?,
        bearer: login,
        enrollment_id: &phone.enrollment_id.parse()?,
        origin: app.urls.origin(),
    };
    let actor = Actor::server();
    let (now, rng) = (app.now(), app.rng());
    let asked = prompts::request(&mut tx, &request, &app.sealer, &actor, now, rng).await?;
    tx.commit().await?;
    Ok(asked)
}

/// What the challenge of a login keeps now.
async fn kept(house: &House, login: &str) -> Payload {
    let mut read = house.app.store.begin_read().await.unwrap();
    let ada = "ada".parse().unwrap();
    let challenge = read.challenge(&ada, login, "push-notification").await;
    let opened = open_challenge(&challenge.unwrap().unwrap(), &house.app.sealer).unwrap();
    Payload::read(&opened).unwrap()
}

/// Shows the answer of the prompt of a login as its proof.
async fn use_answer(house: &House, user_id: &str, login: &str) -> Result<Verified> {
    let asked = Verification {
        user_id: user_id.parse()?,
        shown: Shown::Factor(Answer::Push(login.to_owned())),
        actor: Actor::server(),
    };
    proof::shows(&house.app, asked).await
}

fn is_throttled(asked: &Result<Challenge>) -> bool {
    matches!(asked, Err(Error::Throttled { .. }))
}

#[tokio::test]
async fn an_enrolled_phone_approves_a_login_with_its_number() {
    for house in House::start_on_each().await {
        let phone = enroll(&house, "ada").await;
        ask(&house, &phone, "log_1").await.unwrap();
        let payload = kept(&house, "log_1").await;
        assert!(push::check(&payload).is_none());
        let number = payload.asked().unwrap().number.clone();
        assert_eq!(phone.answer(&house, "approve", wrong(&number)).await.0, 422);
        assert!(push::check(&kept(&house, "log_1").await).is_none());
        assert_eq!(phone.answer(&house, "approve", &number).await.0, 200);
        let answered = kept(&house, "log_1").await;
        let approved = push::check(&answered).unwrap();
        assert_eq!(approved.enrollment_id.as_str(), phone.enrollment_id);
        assert_eq!(approved.device.public_key, phone.public_key());
        let told = house.events_of("ada").await;
        assert!(told.contains(&"push.approved".to_owned()), "{told:?}");
        // The answer lets her in once, in that login, and nobody else.
        enroll(&house, "grace").await;
        for (user_id, login) in [("grace", "log_1"), ("ada", "log_2")] {
            let verified = use_answer(&house, user_id, login).await.unwrap();
            assert!(matches!(verified, Verified::Wrong), "{verified:?}");
        }
        let verified = use_answer(&house, "ada", "log_1").await.unwrap();
        assert!(
            matches!(&verified, Verified::Factor(id) if id.as_str() == phone.enrollment_id),
            "{verified:?}"
        );
        let verified = use_answer(&house, "ada", "log_1").await.unwrap();
        assert!(matches!(verified, Verified::Wrong), "{verified:?}");
    }
}

#[tokio::test]
async fn the_sixth_prompt_in_ten_minutes_is_refused_and_a_denial_stops_the_series() {
    for house in House::start_on_each().await {
        let phone = enroll(&house, "ada").await;
        for nth in 0..5 {
            house.clock.advance(Duration::from_secs(60));
            ask(&house, &phone, &format!("log_{nth}")).await.unwrap();
        }
        let sixth = ask(&house, &phone, "log_6").await;
        assert!(is_throttled(&sixth), "{sixth:?}");
        house.clock.advance(Duration::from_secs(6 * 60));
        ask(&house, &phone, "log_7").await.unwrap();
        assert!(is_throttled(&ask(&house, &phone, "log_8").await));

        house.clock.advance(Duration::from_secs(10 * 60 + 1));
        ask(&house, &phone, "log_9").await.unwrap();
        let denied = phone.answer(&house, "not-me", "").await;
        assert_eq!(denied, (200, json!({ "result": "denied" })));
        assert!(is_throttled(&ask(&house, &phone, "log_10").await));
        house.clock.advance(Duration::from_secs(10 * 60));
        ask(&house, &phone, "log_11").await.unwrap();
        // A success ends the series.
        let number = kept(&house, "log_11").await.asked().unwrap().number.clone();
        assert_eq!(phone.answer(&house, "approve", &number).await.0, 200);
        for nth in 0..5 {
            ask(&house, &phone, &format!("more_{nth}")).await.unwrap();
        }
        assert!(is_throttled(&ask(&house, &phone, "more_5").await));
    }
}

#[tokio::test]
async fn nobody_elses_phone_is_asked_and_a_removed_one_is_gone() {
    let house = House::start().await;
    let phone = enroll(&house, "ada").await;
    enroll(&house, "grace").await;
    let crossed = ask_as(&house, &phone, "log_1", "grace").await;
    assert!(
        matches!(crossed, Err(Error::NotFound { .. })),
        "{crossed:?}"
    );
    let mut tx = house.app.store.begin_write().await.unwrap();
    let id = phone.enrollment_id.parse().unwrap();
    tx.delete_enrollment(&id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(phone.look(&house).await["status"], "gone");
    assert!(ask(&house, &phone, "log_2").await.is_err());
}
