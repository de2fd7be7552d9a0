//! A person connects an authenticator app.

use std::time::Duration;

use crate::support::authenticator;
use crate::support::house::House;
use crate::support::visitor::Visitor;

#[tokio::test]
async fn ada_connects_her_app_and_the_link_is_dead_from_then_on() {
    for house in House::start_on_each().await {
        let link = house.link_for("auth0|ada").await;
        let mut ada = Visitor::at(&link).await;
        assert_eq!(ada.status, 200);
        assert_eq!(ada.url.path(), "/guardian/enroll/otp");
        assert!(ada.url.query().is_none(), "the secret has left the address");
        assert_eq!(ada.text(".stub strong"), "ada@example.com");

        ada.confirm(&house).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/enroll/recovery-code",
            "{}",
            ada.html
        );
        let code = ada.text("#recovery");
        assert_eq!(code.replace(' ', "").len(), 24);

        ada.submit("form", &[]).await;
        assert_eq!(ada.status, 422);
        assert_eq!(
            ada.text("#recovery"),
            code,
            "the same code until it is saved"
        );

        ada.save_recovery_code().await;
        assert_eq!(ada.url.path(), "/guardian/enroll/done");
        assert_eq!(ada.status, 200);
        assert_eq!(ada.text("h1"), "You’re all set, your app is connected");

        let stranger = Visitor::at(&link).await;
        assert_eq!(stranger.status, 410);
        assert_eq!(stranger.text("h1"), "This link has been used");

        house.clock.advance(Duration::from_secs(16 * 60));
        ada.open(&house.url("/guardian/enroll/done")).await;
        assert_eq!(ada.status, 410);
        let expected = [
            "user.created",
            "ticket.created",
            "enrollment.confirmed",
            "ticket.redeemed",
            "recovery_code.created",
            "recovery_code.saved",
        ];
        let told = house.events_of("auth0|ada").await;
        for kind in expected {
            assert!(told.iter().any(|event| event == kind), "{kind} in {told:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_code_is_told_and_the_qr_code_stays() {
    let house = House::start().await;
    let mut ada = Visitor::at(&house.link_for("auth0|ada").await).await;
    let key = ada.key();
    for (typed, told) in [
        ("", "Enter the 6 digits"),
        ("12ab56", "6 digits, nothing else"),
        ("12345678", "another number of digits"),
        ("000000", ""),
    ] {
        ada.submit("form", &[("code", typed)]).await;
        assert_eq!(ada.status, 422, "{typed}");
        assert!(
            ada.text("#errors").contains(told),
            "{typed}: {}",
            ada.text("#errors")
        );
        assert_eq!(ada.key(), key);
    }
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn a_clock_that_is_off_is_told() {
    for house in House::start_on_each().await {
        let mut ada = Visitor::at(&house.link_for("auth0|ada").await).await;
        let past = u64::try_from(house.app.now().seconds()).unwrap() - 5 * 60;
        let late = authenticator::code(&ada.key(), past);
        ada.submit("form", &[("code", &late)]).await;
        assert_eq!(ada.status, 422);
        let told = ada.text("#errors");
        let clock = "Your phone’s clock seems to be off by about 5 minutes.";
        assert!(told.contains(clock), "{told}");
    }
}

#[tokio::test]
async fn a_ticket_for_a_method_that_was_switched_off_says_so_plainly() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let mut tx = house.app.store.begin_write().await.unwrap();
    tx.set_factor("otp", false, house.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    let visitor = Visitor::at(&link).await;
    assert_eq!(visitor.status, 409);
    assert_eq!(visitor.text("h1"), "Nothing can be set up yet");
}

#[tokio::test]
async fn without_a_database_the_page_asks_for_patience_and_nobody_is_enrolled() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let mut ada = Visitor::at(&link).await;
    house.app.store.close().await;
    ada.confirm(&house).await;
    for page in [ada, Visitor::at(&link).await] {
        assert_eq!(page.status, 503);
        assert_eq!(page.text("h1"), "We’ll be right back");
        assert_eq!(page.headers["retry-after"], "5");
    }
}
