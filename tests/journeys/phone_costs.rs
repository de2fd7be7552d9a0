//! Who earns by each message to a number gets few of them; other people and other methods go on.

use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use tessera::core::{Actor, UserId};
use tessera::factors::phone::{Budgets, Channel, Code, Countries, Held, Number, Send, send};

use crate::phone::{NUMBER, ask, at_number, code_in};
use crate::support::house::{House, Setup};

const SECOND: Duration = Duration::from_secs(1);

/// As in `tessera config sample`: none but for the prefix.
fn budgets() -> Budgets {
    Budgets {
        daily: None,
        daily_per_user: None,
        hourly_per_number: None,
        hourly_per_address: None,
        hourly_per_prefix: NonZeroU32::new(200),
        per_ticket: None,
    }
}

/// The nth number of a prefix.
fn number(prefix: &str, n: usize) -> Number {
    let typed = format!("+{prefix}{:08}", 10_000_000 + n);
    Number::parse(&typed, None, Channel::Sms, &Countries::of(["DE"])).unwrap()
}

/// Asks for a message to a number, for a ticket of its own.
async fn send_to(house: &House, user_id: &UserId, to: &Number, n: usize) -> Result<(), Held> {
    let app = &house.app;
    let (code, series) = (Code::new(app.rng()), n.to_string());
    let send = Send {
        number: to,
        channel: Channel::Sms,
        code: &code,
        purpose: "enrollment",
        user_id,
        ticket_id: None,
        series: &series,
        address: None,
        locale: "en",
    };
    let mut tx = app.store.begin_write().await.unwrap();
    let (actor, now) = (Actor::server(), app.now());
    let budgets = budgets();
    let told = send.promise(&mut tx, &budgets, &app.sealer, &actor, now, app.rng());
    match told.await.unwrap() {
        Ok(_) => tx.commit().await.map_err(|_| Held::Paused),
        Err(held) => {
            if held == Held::Paused {
                tx.commit().await.unwrap();
            }
            Err(held)
        }
    }
}

/// Somebody with a ticket, whom messages may be for.
async fn user(house: &House) -> UserId {
    at_number(house, "mallory").await;
    "mallory".parse().unwrap()
}

#[tokio::test]
async fn of_a_thousand_messages_to_one_prefix_two_hundred_leave() {
    for house in House::texting_on_each().await {
        let mallory = user(&house).await;
        let sends = stream::iter(0..1000).map(|n| {
            let (house, mallory) = (&house, &mallory);
            async move { send_to(house, mallory, &number("49151", n), n).await }
        });
        let told: Vec<_> = sends.buffer_unordered(8).collect().await;
        let sent = told.iter().filter(|told| told.is_ok()).count();
        assert_eq!(sent, 200);
        let full = told
            .iter()
            .filter(|told| **told == Err(Held::Spent("prefix_full")));
        assert_eq!(full.count(), 800);
        assert_eq!(
            send_to(&house, &mallory, &number("49160", 1), 5000).await,
            Ok(()),
            "others go on"
        );
        house.clock.advance(Duration::from_secs(3600));
    }
}

#[tokio::test]
async fn two_hundred_messages_that_nobody_answers_pause_their_prefix() {
    if let Some(house) = House::texting_on_each().await.pop() {
        let mallory = user(&house).await;
        let mut sent = 0;
        for n in 0..200 {
            sent += usize::from(
                send_to(&house, &mallory, &number("49151", n), n)
                    .await
                    .is_ok(),
            );
            house.clock.advance(Duration::from_secs(10));
        }
        // Twenty must have had five minutes: 300 s and 19 times 10 s after the first.
        assert_eq!(sent, 49, "of 200 unanswered messages");
        let told = house.events_of("mallory").await;
        let paused = told
            .iter()
            .filter(|kind| *kind == "phone.prefix_paused")
            .count();
        assert_eq!(paused, 1, "one alert");
        assert_eq!(
            send_to(&house, &mallory, &number("49160", 0), 900).await,
            Ok(())
        );

        let mut ada = at_number(&house, "ada").await;
        ask(&house, &mut ada, NUMBER, "sms").await;
        assert_eq!(ada.status, 429);
        assert!(
            ada.text("#errors").contains("use another method"),
            "{}",
            ada.text("#errors")
        );
        let counted = house.app.metrics.gather();
        let refused = counted
            .iter()
            .find(|family| family.name() == "tessera_texts_refused_total");
        let paused = refused.unwrap().get_metric().iter().find(|metric| {
            metric
                .get_label()
                .iter()
                .any(|label| label.value() == "prefix_paused")
        });
        assert_eq!(paused.unwrap().get_counter().get_value(), 1.0);

        house.clock.advance(Duration::from_secs(3600));
        assert_eq!(
            send_to(&house, &mallory, &number("49151", 901), 901).await,
            Ok(()),
            "an hour later"
        );
    }
}

#[tokio::test]
async fn a_prefix_whose_codes_are_entered_stays_open() {
    let house = Setup::new().texting().start().await;
    let mallory = user(&house).await;
    let app = &house.app;
    for n in 0..200 {
        let to = number("49151", n);
        assert_eq!(send_to(&house, &mallory, &to, n).await, Ok(()), "{n}");
        if n % 5 == 0 {
            let mut tx = app.store.begin_write().await.unwrap();
            let confirmed = send::confirm(
                &mut tx,
                &mallory,
                to.e164(),
                &app.sealer,
                app.now(),
                app.rng(),
            );
            confirmed.await.unwrap();
            tx.commit().await.unwrap();
        }
        house.clock.advance(Duration::from_secs(17));
    }
}

#[tokio::test]
async fn what_is_answered_on_the_page_counts_as_answered() {
    let house = Setup::new().texting().start().await;
    let mut ada = at_number(&house, "ada").await;
    ask(&house, &mut ada, NUMBER, "sms").await;
    let code = code_in(&house.texts()[0]);
    ada.submit("form[action$=code]", &[("code", &code)]).await;
    let mut read = house.app.store.begin_read().await.unwrap();
    let now = house.app.now();
    let answered = read.answered_sends("49151", now - Duration::from_secs(60), now);
    let answered = answered.await.unwrap();
    assert_eq!((answered.sends, answered.confirmed), (1, 1));
}

#[tokio::test]
async fn number_user_address_and_budget_have_their_limits_on_the_page() {
    for (setting, told) in [
        ("TESSERA_PHONE__HOURLY_PER_NUMBER", "too many codes"),
        ("TESSERA_PHONE__HOURLY_PER_ADDRESS", "too many codes"),
        ("TESSERA_PHONE__DAILY_PER_USER", "too many codes"),
        ("TESSERA_PHONE__PER_TICKET", "too many codes"),
        ("TESSERA_PHONE__HOURLY_PER_PREFIX", "right now"),
        ("TESSERA_PHONE__DAILY_BUDGET", "right now"),
    ] {
        let house = Setup::new().texting().set(setting, "2").start().await;
        let mut ada = at_number(&house, "ada").await;
        for n in 0..3 {
            ada.open(&house.url("/guardian/enroll/phone")).await;
            ask(&house, &mut ada, NUMBER, "sms").await;
            assert_eq!(
                ada.status.as_u16(),
                if n < 2 { 200 } else { 429 },
                "{setting} {n}"
            );
            house.clock.advance(Duration::from_secs(61));
        }
        assert!(
            ada.text("#errors").contains(told),
            "{setting}: {}",
            ada.text("#errors")
        );
        assert_eq!(house.texts().len(), 2, "{setting}");
        let spent = house
            .events_of("ada")
            .await
            .contains(&"phone.budget_spent".to_owned());
        assert!(!spent, "it is nobody's own");
    }
}

#[tokio::test]
async fn the_wait_for_another_code_grows_and_survives_a_new_number_and_a_new_browser() {
    let house = Setup::new()
        .texting()
        .set("TESSERA_PHONE__HOURLY_PER_NUMBER", "0");
    let house = house.start().await;
    let mut ada = at_number(&house, "ada").await;
    ask(&house, &mut ada, NUMBER, "sms").await;
    assert!(
        ada.text("#wait").contains("30 seconds"),
        "{}",
        ada.text("#wait")
    );
    house.clock.advance(20 * SECOND);
    ada.submit("form[action$=resend]", &[("channel", "voice")])
        .await;
    assert_eq!(
        (ada.status.as_u16(), &ada.headers["retry-after"]),
        (429, &"10".parse().unwrap())
    );
    ada.open(&house.url("/guardian/enroll/phone")).await;
    ask(&house, &mut ada, "0151 23456780", "sms").await;
    assert_eq!(ada.status, 429, "another number waits as well");
    for wait in [30, 60, 120, 240, 480] {
        house.clock.advance(wait * SECOND - SECOND);
        ada.open(&house.url("/guardian/enroll/phone")).await;
        let sent = house.texts().len();
        if wait > 30 {
            ask(&house, &mut ada, NUMBER, "voice").await;
            assert_eq!(
                (ada.status.as_u16(), house.texts().len()),
                (429, sent),
                "{wait}"
            );
        }
        house.clock.advance(SECOND);
        ask(&house, &mut ada, NUMBER, "voice").await;
        assert_eq!(
            (ada.status.as_u16(), house.texts().len()),
            (200, sent + 1),
            "{wait}"
        );
    }
}

#[tokio::test]
async fn a_double_tap_is_one_message() {
    let house = Setup::new().texting().start().await;
    let ada = at_number(&house, "ada").await;
    let taps = (0..2).map(|_| async {
        let mut tab = ada.clone();
        let fields = [("country", "DE"), ("number", NUMBER), ("channel", "sms")];
        tab.submit("form", &fields).await;
        tab.url.path().to_owned()
    });
    let shown = join_all(taps).await;
    assert_eq!(shown, ["/guardian/enroll/phone/code"; 2]);
    assert_eq!((house.text().await, house.texts().len()), (1, 1));
}
