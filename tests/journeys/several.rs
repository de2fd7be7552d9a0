//! A ticket for several factors: the example that back-end developers copy first.

use std::time::Duration;

use tessera::tickets::Asked;

use crate::phone::{NUMBER, ask, code_in};
use crate::push::{number, phone::Phone};
use crate::support::house::{House, Setup};
use crate::support::visitor::Visitor;

const CHOOSE: &str = "/guardian/enroll/choose";
const DONE: &str = "/guardian/enroll/done";

/// What the documented curl asks for.
fn oob() -> Asked {
    Asked {
        user_id: "auth0|5c5ee2eacf4b4a30d4a1b2c3".into(),
        email: Some("ada@example.com".into()),
        factor: vec!["oob".into()],
        allow_multiple_enrollments: true,
        ..Asked::default()
    }
}

async fn add_phone(house: &House, ada: &mut Visitor) {
    ask(house, ada, NUMBER, "sms").await;
    let code = code_in(house.texts().last().unwrap());
    ada.submit("form[action$=code]", &[("code", &code)]).await;
}

async fn add_push(house: &House, ada: &mut Visitor) {
    ada.submit("form.sheet", &[]).await;
    let code = ada.text("code.groups");
    let mut phone = Phone::of(house);
    assert_eq!(phone.pair(&code).await, 200);
    let number = number(house, ada).await;
    assert_eq!(phone.answer(house, "approve", &number).await.0, 200);
    ada.open(&house.url("/guardian/enroll/push-notification"))
        .await;
    ada.submit("form.sheet", &[]).await;
}

/// Presses the button of a method.
async fn choose(ada: &mut Visitor, factor: &str) {
    let css = format!("form:has([value={factor}])");
    ada.submit(&css, &[]).await;
}

#[tokio::test]
async fn the_documented_ticket_adds_phone_and_push_and_is_over_then() {
    for house in House::texting_on_each().await {
        let issued = house.ticket(oob()).await;
        let mut ada = Visitor::at(&house.link(&issued)).await;
        assert_eq!(ada.count(".choice"), 2, "{}", ada.html);
        assert_eq!(
            ada.text("h1"),
            "Welcome, choose how to protect your account"
        );

        choose(&mut ada, "phone").await;
        add_phone(&house, &mut ada).await;
        ada.save_recovery_code().await;
        assert_eq!(ada.text("h1"), "You’re all set, your number is confirmed");
        assert_eq!(ada.text(".factors .open"), "Approve on my phone");

        let stranger = Visitor::at(&house.link(&issued)).await;
        assert_eq!(stranger.status, 410, "from now on it is hers alone");

        ada.open(&house.url(CHOOSE)).await;
        assert_eq!(ada.text("h1"), "Add another method");
        assert_eq!(ada.count(".choice"), 1);
        assert!(ada.text(".factors").contains("Text message or call"));
        choose(&mut ada, "push-notification").await;
        add_push(&house, &mut ada).await;
        assert_eq!(
            ada.url.path(),
            DONE,
            "one recovery code is enough: {}",
            ada.html
        );
        assert_eq!(ada.text("h1"), "You’re all set, your phone is connected");
        assert_eq!(ada.count("form"), 0, "nothing is left");

        assert_eq!(house.enrollments("auth0|5c5ee2eacf4b4a30d4a1b2c3").await, 2);
        let told = house.events_of("auth0|5c5ee2eacf4b4a30d4a1b2c3").await;
        let count = |kind: &str| told.iter().filter(|event| *event == kind).count();
        assert_eq!(count("enrollment.confirmed"), 2);
        assert_eq!(count("recovery_code.created"), 1);
    }
}

#[tokio::test]
async fn who_has_enough_finishes_and_nothing_can_be_added_any_more() {
    let house = Setup::new().texting().start().await;
    let issued = house.ticket(oob()).await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    choose(&mut ada, "phone").await;
    add_phone(&house, &mut ada).await;
    ada.save_recovery_code().await;
    ada.submit("form", &[]).await;
    assert_eq!(
        (ada.url.path(), ada.count("form")),
        (DONE, 0),
        "{}",
        ada.html
    );
    for page in [CHOOSE, "/guardian/enroll/push-notification"] {
        ada.open(&house.url(page)).await;
        assert_eq!(ada.url.path(), DONE);
    }
    let told = house.events_of("auth0|5c5ee2eacf4b4a30d4a1b2c3").await;
    assert!(
        told.iter().any(|event| event == "ticket.finished"),
        "{told:?}"
    );
}

#[tokio::test]
async fn after_half_an_hour_the_rest_is_nobodys() {
    let house = Setup::new().texting().start().await;
    let issued = house.ticket(oob()).await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    choose(&mut ada, "phone").await;
    add_phone(&house, &mut ada).await;
    ada.save_recovery_code().await;
    for _ in 0..3 {
        house.clock.advance(Duration::from_secs(10 * 60));
        ada.open(&house.url(CHOOSE)).await;
        assert_eq!(ada.status, 200);
    }
    house.clock.advance(Duration::from_secs(2));
    ada.open(&house.url(CHOOSE)).await;
    assert_eq!(ada.status, 410);
}
