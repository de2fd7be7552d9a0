//! A person enrolls a phone, with a browser that knows no JavaScript.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tessera::tickets::Asked;

use crate::support::house::{House, Setup, asked};
use crate::support::visitor::Visitor;

pub const NUMBER: &str = "0151 23456789";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A person on the page that asks for a number.
pub async fn at_number(house: &House, user_id: &str) -> Visitor {
    let asked = Asked {
        factor: vec!["phone".to_owned()],
        ..asked(user_id)
    };
    let issued = house.ticket(asked).await;
    Visitor::at(&house.link(&issued)).await
}

/// Types a German number, and gets the code if one is sent.
pub async fn ask(house: &House, person: &mut Visitor, number: &str, channel: &str) {
    let fields = [("country", "DE"), ("number", number), ("channel", channel)];
    person.submit("form", &fields).await;
    house.text().await;
}

/// The code in a message.
pub fn code_in(text: &str) -> String {
    let said = match text.strip_prefix("To: ") {
        Some(_) => text.split_once("\n\n").unwrap().1,
        None => text,
    };
    if text.contains("Channel: voice") {
        let slowly = said
            .split("code is: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        return slowly.replace(". ", "").replace('.', "");
    }
    said.chars().take(6).collect()
}

fn last_code(house: &House) -> String {
    code_in(house.texts().last().unwrap())
}

fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

async fn enter(person: &mut Visitor, code: &str) {
    person.submit("form[action$=code]", &[("code", code)]).await;
}

#[tokio::test]
async fn ada_adds_her_number_by_text_message() {
    for house in House::texting_on_each().await {
        let mut ada = at_number(&house, "auth0|ada").await;
        assert_eq!(ada.url.path(), "/guardian/enroll/phone", "{}", ada.html);
        assert_eq!(
            ada.count("select option"),
            246,
            "every country, and none chosen"
        );
        ask(&house, &mut ada, NUMBER, "sms").await;
        assert_eq!(
            ada.url.path(),
            "/guardian/enroll/phone/code",
            "{}",
            ada.html
        );
        assert_eq!(ada.text(".reached"), "+49 1512 3456789");
        assert_eq!(ada.count("input[autocomplete=one-time-code]"), 1);

        let [text] = &house.texts()[..] else {
            panic!("{:?}", house.texts())
        };
        let code = code_in(text);
        assert!(
            text.starts_with("To: +4915123456789\nChannel: sms\n\n"),
            "{text}"
        );
        assert!(
            text.trim_end().ends_with(&format!("\n@localhost #{code}")),
            "{text}"
        );

        for (typed, told) in [
            ("", "Enter the 6 digits"),
            ("12345", "6 digits, nothing else"),
            (other_than(&code), "only its code works"),
        ] {
            enter(&mut ada, typed).await;
            assert_eq!(ada.status, 422);
            assert!(
                ada.text("#errors").contains(told),
                "{}",
                ada.text("#errors")
            );
        }
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        enter(&mut ada, &spaced).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/enroll/recovery-code",
            "{}",
            ada.html
        );
        ada.save_recovery_code().await;
        assert_eq!(ada.text("h1"), "You’re all set, your number is confirmed");

        let mut read = house.app.store.begin_read().await.unwrap();
        let enrolled = read
            .enrollments_of(&"auth0|ada".parse().unwrap())
            .await
            .unwrap();
        drop(read);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&enrolled[0].facts).unwrap(),
            serde_json::json!({ "last4": "6789", "country": "DE", "channel": "sms" })
        );
        let told = house.events_of("auth0|ada").await;
        for kind in ["phone.code_promised", "text.sent", "enrollment.confirmed"] {
            assert!(told.iter().any(|event| event == kind), "{kind} in {told:?}");
        }
    }
}

#[tokio::test]
async fn a_call_reads_the_digits_slowly_and_twice() {
    let house = Setup::new().texting().start().await;
    let mut ada = at_number(&house, "ada").await;
    ask(&house, &mut ada, "030 123456", "sms").await;
    assert_eq!(ada.status, 422);
    assert!(ada.text("#errors").contains("Choose a phone call"));
    ask(&house, &mut ada, "030 123456", "voice").await;
    assert_eq!(ada.url.path(), "/guardian/enroll/phone/code");
    let text = house.texts().pop().unwrap();
    let code = code_in(&text);
    let slowly: Vec<String> = code.chars().map(|digit| format!("{digit}.")).collect();
    assert_eq!(text.matches(&slowly.join(" ")).count(), 2, "{text}");
    assert!(!text.contains('@'));
    enter(&mut ada, &code).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn each_number_that_no_code_is_sent_to_has_words_of_its_own() {
    let house = Setup::new()
        .texting()
        .set("TESSERA_PHONE__COUNTRIES", "[\"DE\",\"AT\"]");
    let house = house.start().await;
    let mut ada = at_number(&house, "ada").await;
    assert_eq!(ada.count("select option"), 3);
    let mut told = std::collections::BTreeSet::new();
    for (country, number) in [
        ("DE", ""),
        ("DE", "0151 23456789 x5"),
        ("", "0151 23456789"),
        ("DE", "0151 2"),
        ("DE", "0900 5123456"),
        ("DE", "030 123456"),
    ] {
        let fields = [("country", country), ("number", number), ("channel", "sms")];
        ada.submit("form", &fields).await;
        assert_eq!(ada.status, 422, "{number}");
        assert!(told.insert(ada.text("#errors")), "{}", ada.text("#errors"));
        assert_eq!(ada.form("form").1["number"], number, "what was typed stays");
    }
    ask(&house, &mut ada, "+1 202 555 0123", "sms").await;
    assert!(ada.text("#errors").contains("other countries"));
    assert_eq!(house.texts(), [""; 0]);
}

#[tokio::test]
async fn a_number_is_typed_once_whatever_is_changed_around_it() {
    let house = Setup::new().texting().start().await;
    let mut ada = at_number(&house, "ada").await;
    let at = |ada: &Visitor| {
        let number = ada.form("form").1["number"].clone();
        let chosen = "option[value=DE][selected]";
        let voice = "input[value=voice][checked]";
        (number, ada.count(chosen), ada.count(voice))
    };
    let page = house.url("/guardian/enroll/phone");
    ada.open(&format!("{page}?lang=ar")).await;
    assert_eq!(ada.count("option[selected]"), 0, "not Argentina");
    assert_eq!(at(&ada), (String::new(), 0, 0));
    let fields = [
        ("country", "DE"),
        ("number", "0151 2"),
        ("channel", "voice"),
    ];
    ada.submit("form", &fields).await;
    assert_eq!(ada.status, 422);
    ada.open(&format!("{page}?lang=fr")).await;
    assert!(ada.html.contains("<html lang=\"fr\""), "{}", ada.html);
    assert_eq!(at(&ada), ("0151 2".to_owned(), 1, 1));
    ask(&house, &mut ada, NUMBER, "voice").await;
    assert_eq!(ada.url.path(), "/guardian/enroll/phone/code");
    ada.open(&page).await;
    assert_eq!(at(&ada), (NUMBER.to_owned(), 1, 1), "to be mended");
    // A cookie has no room for a novel.
    let novel = "1".repeat(5_000);
    ada.submit("form", &[("country", "DE"), ("number", &novel)])
        .await;
    assert_eq!(ada.status, 422);
    ada.open(&page).await;
    assert_eq!(at(&ada), (String::new(), 0, 0));
    // Another link is another person's.
    let mut bob = ada;
    let asked = Asked {
        factor: vec!["phone".to_owned()],
        ..asked("bob")
    };
    bob.open(&page).await;
    bob.submit("form", &fields).await;
    bob.open(&house.link(&house.ticket(asked).await)).await;
    assert_eq!(at(&bob).0, "");
}

#[tokio::test]
async fn another_code_kills_the_former_and_keeps_its_failures() {
    let house = Setup::new().texting().start().await;
    let mut ada = at_number(&house, "ada").await;
    ask(&house, &mut ada, NUMBER, "sms").await;
    let first = last_code(&house);
    for _ in 0..3 {
        enter(&mut ada, other_than(&first)).await;
        assert_eq!(ada.status, 422);
    }
    house.clock.advance(31 * SECOND);
    ada.submit("form[action$=resend]", &[("channel", "sms")])
        .await;
    house.text().await;
    let second = last_code(&house);
    assert_eq!((house.texts().len(), ada.status.as_u16()), (2, 200));
    if first != second {
        enter(&mut ada, &first).await;
        assert!(
            ada.text("#errors").contains("only its code works"),
            "the former is dead"
        );
    } else {
        enter(&mut ada, other_than(&second)).await;
    }
    enter(&mut ada, other_than(&second)).await;
    assert_eq!(ada.status, 422, "the fifth");
    enter(&mut ada, &second).await;
    assert_eq!(
        ada.status, 429,
        "no code is looked at now, not even the right one"
    );
    house.clock.advance(31 * SECOND);
    enter(&mut ada, &second).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn a_code_that_waits_to_be_sent_is_dropped_for_its_successor() {
    let house = Setup::new().texting().start().await;
    let mut ada = at_number(&house, "ada").await;
    let fields = [("country", "DE"), ("number", NUMBER), ("channel", "sms")];
    ada.submit("form", &fields).await;
    house.clock.advance(31 * SECOND);
    ada.submit("form[action$=resend]", &[("channel", "sms")])
        .await;
    assert_eq!(house.text().await, 1, "only the newer leaves");
    let code = last_code(&house);
    enter(&mut ada, &code).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_for_its_own_browser() {
    let house = Setup::new().texting().start().await;
    let (mut ada, mut mallory) = (
        at_number(&house, "ada").await,
        at_number(&house, "mallory").await,
    );
    ask(&house, &mut ada, NUMBER, "sms").await;
    let code = last_code(&house);
    house.clock.advance(SECOND);
    ask(&house, &mut mallory, "0151 23456780", "sms").await;
    if last_code(&house) != code {
        enter(&mut mallory, &code).await;
        assert_eq!(mallory.status, 422, "another's code");
    }
    house.clock.advance(10 * MINUTE - SECOND);
    enter(&mut ada, &code).await;
    assert_eq!(ada.status, 422);
    assert!(
        ada.text("#errors").contains("too old"),
        "{}",
        ada.text("#errors")
    );
    assert_eq!(
        ada.count("input[name=number]"),
        1,
        "the number is asked for again"
    );
    assert_eq!(house.enrollments("ada").await, 0);
}

#[tokio::test]
async fn of_five_hundred_wrong_codes_at_once_five_are_looked_at() {
    if let Some(house) = House::texting_on_each().await.pop() {
        let mut ada = at_number(&house, "ada").await;
        ask(&house, &mut ada, NUMBER, "sms").await;
        let code = last_code(&house);
        let wrong: Vec<String> = (0..501)
            .map(|n| format!("{n:06}"))
            .filter(|n| *n != code)
            .collect();
        let (mut looked_at, mut late, mut at_once) = (0, 0, 500);
        loop {
            let tries = wrong.iter().take(500).map(|wrong| {
                let mut tab = ada.clone();
                async move {
                    enter(&mut tab, wrong).await;
                    tab.status.as_u16()
                }
            });
            let tries = stream::iter(tries).buffer_unordered(at_once);
            let statuses: Vec<u16> = tries.collect().await;
            let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
            looked_at += count(422);
            late += count(503);
            if count(503) < statuses.len() {
                break;
            }
            // Nobody was answered in time: too many at once for a busy machine.
            at_once /= 2;
            assert!(at_once > 0, "not even one is answered");
        }
        assert!(looked_at <= 5 && looked_at + late > 0, "{looked_at}");
        let told = house.events_of("ada").await;
        let failed = told
            .iter()
            .filter(|kind| *kind == "enrollment.failed")
            .count();
        assert!(failed <= 5, "{failed}");
        assert_eq!(house.enrollments("ada").await, 0);
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_phone() {
    let house = House::start().await;
    let mut ada = Visitor::at(&house.link_for("ada").await).await;
    for page in ["phone", "phone/code"] {
        ada.open(&house.url(&format!("/guardian/enroll/{page}")))
            .await;
        assert_eq!(ada.url.path(), "/guardian/enroll/otp");
    }
}

#[tokio::test]
async fn a_person_may_rather_take_another_method_and_sees_the_weaker_one_last() {
    let house = Setup::new().texting().start().await;
    let asked = Asked {
        factor: vec!["phone".to_owned(), "otp".to_owned()],
        ..asked("ada")
    };
    let issued = house.ticket(asked).await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    let page = ada.html.clone();
    assert!(page.find("value=\"otp\"").unwrap() < page.find("value=\"phone\"").unwrap());
    ada.open(&house.url("/guardian/enroll/phone")).await;
    assert_eq!(ada.count("a[href='/guardian/enroll/choose']"), 1);
    ask(&house, &mut ada, NUMBER, "sms").await;
    assert_eq!(ada.count("a[href='/guardian/enroll/choose']"), 1);
    ada.open(&house.url("/guardian/enroll/otp")).await;
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}
