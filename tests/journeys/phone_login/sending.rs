//! When a code is sent to an enrolled phone, when not, and what it says.

use std::num::NonZeroU32;

use serde_json::json;
use tessera::factors::phone::{Channel, Countries, Fault, Held, Policy};
use tessera::logins::{Asked, Verified};

use super::{MINUTE, NUMBER, Person, SECOND, other_than};
use crate::support::house::{House, Setup};

#[tokio::test]
async fn another_code_comes_later_each_time_kills_the_former_and_keeps_its_failures() {
    for house in House::texting_on_each().await {
        let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
        let first = ada.gets("log_1").await;
        for _ in 0..3 {
            ada.is_wrong("log_1", &other_than(&[&first])).await;
        }
        let soon = ada.asks("log_1").await;
        assert!(matches!(soon, Asked::Held(Held::TooSoon(wait)) if wait == 30 * SECOND));
        house.clock.advance(30 * SECOND);
        let second = ada.gets("log_1").await;
        house.clock.advance(30 * SECOND);
        let soon = ada.asks("log_1").await;
        assert!(matches!(soon, Asked::Held(Held::TooSoon(wait)) if wait == 30 * SECOND));
        if first != second {
            ada.is_wrong("log_1", &first).await;
        } else {
            ada.is_wrong("log_1", &other_than(&[&second])).await;
        }
        ada.is_wrong("log_1", &other_than(&[&second])).await;
        // The fifth wrong one: nothing is looked at, and nothing is sent.
        let right = ada.types("log_1", &second).await;
        assert!(matches!(right, Verified::TooSoon(_)), "{right:?}");
        let asked = ada.asks("log_2").await;
        assert!(
            matches!(asked, Asked::Refused(Verified::TooSoon(_))),
            "{asked:?}"
        );
        // That login is over, for its code and for further ones.
        house.clock.advance(MINUTE);
        ada.is_wrong("log_1", &second).await;
        house.clock.advance(2 * MINUTE);
        assert!(matches!(ada.asks("log_1").await, Asked::Ended));
        let third = ada.gets("log_2").await;
        ada.is_let_in("log_2", &third).await;
    }
}

#[tokio::test]
async fn a_code_that_waits_is_dropped_for_its_successor_and_a_code_is_good_for_ten_minutes() {
    let house = Setup::new().texting().start().await;
    let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
    assert!(matches!(ada.asks("log_1").await, Asked::Sent(_)));
    house.clock.advance(30 * SECOND);
    let code = ada.gets("log_1").await;
    assert_eq!(house.texts().len(), 1, "only the newer leaves");
    house.clock.advance(10 * MINUTE - SECOND / 1000);
    ada.is_wrong("log_1", &other_than(&[&code])).await;
    house.clock.advance(SECOND / 1000);
    ada.is_wrong("log_1", &code).await;
}

#[tokio::test]
async fn who_may_prove_nothing_is_sent_nothing() {
    let house = Setup::new().texting().start().await;
    let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
    ada.is_blocked(true).await;
    let asked = ada.asks("log_1").await;
    assert!(
        matches!(asked, Asked::Refused(Verified::Blocked)),
        "{asked:?}"
    );
    ada.is_blocked(false).await;
    loop {
        match ada.types("log_1", "000000").await {
            Verified::Wrong => {}
            Verified::TooSoon(wait) => house.clock.advance(wait),
            stopped => {
                assert!(matches!(stopped, Verified::Stopped(_)), "{stopped:?}");
                break;
            }
        }
    }
    let asked = ada.asks("log_1").await;
    assert!(
        matches!(asked, Asked::Refused(Verified::Stopped(_))),
        "{asked:?}"
    );
    assert_eq!(house.text().await, 0);
}

#[tokio::test]
async fn a_login_is_held_to_what_a_message_may_cost() {
    let house = Setup::new().texting().start().await;
    let ada = Person::at(&house, "ada", NUMBER, Channel::Sms).await;
    let usual = &house.app.phone;
    let elsewhere = Policy {
        countries: Countries::of(["AT"]),
        ..usual.clone()
    };
    let asked = ada.asks_by("log_1", None, &elsewhere).await.unwrap();
    assert!(matches!(asked, Asked::Number(Fault::Country)), "{asked:?}");
    let mut few = usual.clone();
    few.budgets.daily_per_user = NonZeroU32::new(2);
    for (login, sent) in [("log_1", true), ("log_2", true), ("log_3", false)] {
        let asked = ada.asks_by(login, None, &few).await.unwrap();
        match asked {
            Asked::Sent(_) => assert!(sent),
            Asked::Held(Held::Often(_)) => assert!(!sent),
            other => panic!("{other:?}"),
        }
    }
    let app = &house.app;
    let mut tx = app.store.begin_write().await.unwrap();
    tx.count_send("pause:49151", 1, 60 * MINUTE, app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let asked = ada.asks("log_4").await;
    assert!(matches!(asked, Asked::Held(Held::Paused)), "{asked:?}");
}

#[tokio::test]
async fn a_code_comes_the_way_that_was_chosen_or_the_usual_one_in_words_of_their_own() {
    let house = Setup::new().texting().start().await;
    let ada = Person::at(&house, "ada", "+4930123456", Channel::Voice).await;
    let usual = &house.app.phone;
    let code = ada.gets("log_1").await;
    let said = house.texts().pop().unwrap();
    assert!(
        said.contains("Channel: voice") && said.contains("with your code to sign in"),
        "{said}"
    );
    ada.is_let_in("log_1", &code).await;
    let asked = ada
        .asks_by("log_2", Some(Channel::Sms), usual)
        .await
        .unwrap();
    assert!(matches!(asked, Asked::Number(Fault::Landline)), "{asked:?}");

    // An admin turns calls off, and writes another text.
    let bob = Person::at(&house, "bob", NUMBER, Channel::Voice).await;
    let token = house.admin_token().await;
    let put = async |of: &str, body: serde_json::Value| {
        let url = house.url(&format!("/api/v2/guardian/factors/phone/{of}"));
        let sent = reqwest::Client::new()
            .put(url)
            .bearer_auth(&token)
            .json(&body)
            .send()
            .await;
        assert_eq!(sent.unwrap().status(), 200, "{of}");
    };
    put("message-types", json!({ "message_types": ["sms"] })).await;
    let texts = json!({
        "enrollment_message": "{{code}} adds your phone",
        "verification_message": "{{code}} lets you in at {{tenant.friendly_name}}",
    });
    put("templates", texts).await;
    let asked = bob
        .asks_by("log_1", Some(Channel::Voice), usual)
        .await
        .unwrap();
    assert!(matches!(asked, Asked::NoChannel), "{asked:?}");
    house.clock.advance(SECOND);
    let code = bob.gets("log_1").await;
    let text = house.texts().pop().unwrap();
    assert!(text.contains("Channel: sms"), "{text}");
    assert!(
        text.trim_end()
            .ends_with(&format!("{code} lets you in at Tessera")),
        "{text}"
    );
    bob.is_let_in("log_1", &code).await;
}
