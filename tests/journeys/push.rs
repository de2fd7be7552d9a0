//! A phone's browser becomes the authenticator: what the person, the phone and strangers can do.

pub mod calls;
mod page;
pub mod phone;
mod prompts;
mod two_browsers;

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tessera::tickets::Asked;

use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;
use phone::Phone;

const PAGE: &str = "/guardian/enroll/push-notification";

pub async fn link(house: &House, user_id: &str) -> String {
    let asked = Asked {
        factor: vec!["push-notification".to_owned()],
        ..asked(user_id)
    };
    let issued = house.ticket(asked).await;
    house.link(&issued)
}

/// A person at a desktop whose page shows the pairing code.
pub async fn at_the_code(house: &House, user_id: &str) -> (Visitor, String) {
    let mut ada = Visitor::at(&link(house, user_id).await).await;
    assert_eq!(ada.url.path(), PAGE, "{}", ada.html);
    ada.submit("form.sheet", &[]).await;
    let code = ada.text("code.groups");
    assert_eq!(code.len(), 9, "{code}");
    (ada, code)
}

/// The number on the person's screen.
pub async fn number(house: &House, ada: &mut Visitor) -> String {
    ada.open(&house.url(PAGE)).await;
    ada.text(".number")
}

/// Another number than this.
pub fn wrong(number: &str) -> &'static str {
    if number == "11" { "12" } else { "11" }
}

async fn state(house: &House, ada: &mut Visitor) -> String {
    ada.open(&house.url(&format!("{PAGE}/state"))).await;
    let told: Value = serde_json::from_str(&ada.html).unwrap();
    told["state"].as_str().unwrap().to_owned()
}

/// Enrolls a phone for a user.
pub async fn enroll(house: &House, user_id: &str) -> Phone {
    let (mut ada, code) = at_the_code(house, user_id).await;
    let mut phone = Phone::of(house);
    assert_eq!(phone.pair(&code).await, 200);
    let number = number(house, &mut ada).await;
    assert_eq!(phone.answer(house, "approve", &number).await.0, 200);
    ada.open(&house.url(PAGE)).await;
    ada.submit("form.sheet", &[]).await;
    assert_eq!(
        ada.url.path(),
        "/guardian/enroll/recovery-code",
        "{}",
        ada.html
    );
    phone
}

#[tokio::test]
async fn ada_pairs_her_phone_and_approves_with_the_number_on_her_screen() {
    for house in House::start_on_each().await {
        let (mut ada, code) = at_the_code(&house, "auth0|ada").await;
        assert_eq!(state(&house, &mut ada).await, "waiting");
        ada.open(&house.url(PAGE)).await;
        assert_eq!(
            ada.text("code.groups"),
            code,
            "a reload shows the same code"
        );
        ada.submit("form.sheet", &[]).await;
        assert_eq!(ada.text("code.groups"), code, "to go on early is no fault");

        let mut phone = Phone::of(&house);
        let (status, told) = phone.pair_with(&code.to_lowercase(), None).await;
        assert_eq!((status, &told["account"]), (200, &json!("ada@example.com")));
        assert_eq!(state(&house, &mut ada).await, "asked");
        let number = number(&house, &mut ada).await;
        assert_eq!(number.len(), 2);
        assert!(ada.text(".lead").starts_with("Pixel is connected"));
        ada.submit("form.sheet", &[]).await;
        assert_eq!(ada.text(".number"), number);
        assert_eq!(house.enrollments("auth0|ada").await, 0);

        assert_eq!(phone.look(&house).await["status"], "pending");
        assert_eq!(
            phone.answer(&house, "approve", &number).await,
            (200, json!({ "result": "approved" }))
        );
        assert_eq!(state(&house, &mut ada).await, "approved");
        ada.open(&house.url(PAGE)).await;
        ada.submit("form.sheet", &[]).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/enroll/recovery-code",
            "{}",
            ada.html
        );
        ada.save_recovery_code().await;
        assert_eq!(ada.text("h1"), "You’re all set, your phone is connected");

        let mut read = house.app.store.begin_read().await.unwrap();
        let made = read
            .enrollments_of(&"auth0|ada".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(made[0].enrollment_id.as_str(), phone.enrollment_id);
        assert_eq!(made[0].name.as_deref(), Some("Pixel"));
        assert_eq!(made[0].facts, "{\"user_agent\":\"\"}");
        assert_eq!(phone.look(&house).await["status"], "confirmed");
        let told = house.events_of("auth0|ada").await;
        for kind in ["push.paired", "enrollment.confirmed", "ticket.redeemed"] {
            assert!(told.iter().any(|event| event == kind), "{kind} in {told:?}");
        }
    }
}

#[tokio::test]
async fn three_wrong_numbers_end_it_and_count_on_the_ticket() {
    let house = House::start().await;
    let (mut ada, code) = at_the_code(&house, "ada").await;
    let mut phone = Phone::of(&house);
    phone.pair(&code).await;
    let right = number(&house, &mut ada).await;
    let wrong = wrong(&right);
    for left in [2, 1] {
        let told = json!({ "result": "wrong-number", "left": left });
        assert_eq!(phone.answer(&house, "approve", wrong).await, (422, told));
    }
    let prompt = phone.prompt(&house).await;
    assert_eq!(
        phone.answer(&house, "approve", wrong).await.1["result"],
        "denied"
    );
    let late = phone.answering(&prompt, "approve", &right);
    assert_eq!(phone.post("answer", &late).await.0, 410);
    ada.open(&house.url(PAGE)).await;
    assert_eq!(ada.text("h1"), "The number didn’t match");
    let failed = house.events_of("ada").await;
    assert_eq!(
        failed
            .iter()
            .filter(|kind| *kind == "enrollment.failed")
            .count(),
        3
    );
    // Five in all, and the ticket takes a pause.
    ada.submit("form.sheet", &[]).await;
    let code = ada.text("code.groups");
    phone.pair(&code).await;
    let wrong = self::wrong(&number(&house, &mut ada).await);
    for _ in 0..2 {
        phone.answer(&house, "approve", wrong).await;
    }
    let mut form = ada.form("form.sheet");
    form.1.insert("step".to_owned(), "begin".to_owned());
    ada.post(PAGE, &form.1).await;
    assert_eq!(ada.status, 429);
    assert!(ada.text("#errors").contains("Too many wrong codes"));
    house.clock.advance(Duration::from_secs(31));
    ada.post(PAGE, &form.1).await;
    assert_eq!(ada.status, 200, "{}", ada.html);
    assert_eq!(house.enrollments("ada").await, 0);
}

#[tokio::test]
async fn a_denial_ends_it_and_she_may_begin_again() {
    for decision in ["deny", "not-me"] {
        let house = House::start().await;
        let (mut ada, code) = at_the_code(&house, "ada").await;
        let mut phone = Phone::of(&house);
        phone.pair(&code).await;
        let right = number(&house, &mut ada).await;
        let prompt = phone.prompt(&house).await;
        let denied = phone.answer(&house, decision, "").await;
        assert_eq!(denied, (200, json!({ "result": "denied" })));
        let late = phone.answering(&prompt, "approve", &right);
        assert_eq!(phone.post("answer", &late).await.0, 410);
        assert_eq!(phone.look(&house).await["status"], "gone");
        ada.submit("form.sheet", &[]).await;
        assert_eq!(ada.text("h1"), "It was denied on the phone");
        let told = house.events_of("ada").await;
        assert!(told.contains(&"enrollment.denied".to_owned()), "{told:?}");
        assert!(
            !told.contains(&"push.denied".to_owned()),
            "no login is held up"
        );
        ada.submit("form.sheet", &[]).await;
        assert_eq!(ada.count("code.groups"), 1);
    }
}

#[tokio::test]
async fn one_phone_is_paired_and_a_code_is_good_for_five_minutes() {
    let house = House::start().await;
    let (_, code) = at_the_code(&house, "ada").await;
    let (mut first, mut second) = (Phone::of(&house), Phone::of(&house));
    assert_eq!(first.pair(&code).await, 200);
    let (status, told) = second.pair_with(&code, None).await;
    assert_eq!(
        (status, &told["errorCode"]),
        (409, &json!("paired_already"))
    );
    assert_eq!(first.pair(&code).await, 200, "a lost answer is given again");

    let (mut grace, late) = at_the_code(&house, "grace").await;
    house.clock.advance(Duration::from_secs(5 * 60 + 1));
    assert_eq!(second.pair(&late).await, 404);
    assert_eq!(state(&house, &mut grace).await, "over");
    grace.open(&house.url(PAGE)).await;
    grace.submit("form.sheet", &[]).await;
    let fresh = grace.text("code.groups");
    assert_ne!(fresh, late);
    assert_eq!(
        second.pair(&late).await,
        404,
        "a new code kills the former one"
    );
    let pairs = join_all((0..8).map(|_| async {
        let mut phone = Phone::of(&house);
        phone.pair(&fresh).await
    }));
    let won = pairs
        .await
        .into_iter()
        .filter(|status| *status == 200)
        .count();
    assert_eq!(won, 1, "of many at once one is paired");
}

#[tokio::test]
async fn who_guesses_codes_is_turned_away() {
    let house = House::start().await;
    let (_, code) = at_the_code(&house, "ada").await;
    let mut phone = Phone::of(&house);
    for typed in ["", "ABC", "ABCDEFG0", "ABCD EFGH JKLM", "<script>"] {
        let (status, _) = phone.pair_with(typed, None).await;
        assert_eq!(status, 404, "{typed}");
    }
    for _ in 0..30 {
        assert_eq!(phone.pair("AAAA AAAA").await, 404);
    }
    assert_eq!(phone.pair("AAAA AAAA").await, 429);
    assert_eq!(phone.pair(&code).await, 429, "the right one comes too late");
    house.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(phone.pair("AAAA AAAA").await, 404);
}

#[tokio::test]
async fn nothing_but_the_phones_own_answer_to_this_prompt_approves() {
    let house = House::start().await;
    let (mut ada, code) = at_the_code(&house, "ada").await;
    let (mut grace, other_code) = at_the_code(&house, "grace").await;
    let (mut phone, mut other) = (Phone::of(&house), Phone::of(&house));
    phone.pair(&code).await;
    other.pair(&other_code).await;
    let right = number(&house, &mut ada).await;
    let prompt = phone.prompt(&house).await;
    let graces = other.answering(
        &other.prompt(&house).await,
        "approve",
        &number(&house, &mut grace).await,
    );

    let mut tries = Vec::new();
    let mut with = |name: &str, value: &str| {
        let mut answer = phone.answering(&prompt, "approve", &right);
        answer[name] = json!(value);
        tries.push((answer, 403));
    };
    with("signature", "");
    with("signature", "AAAA");
    with("number", wrong(&right));
    with("number", "");
    with("decision", "deny");
    with("signature", graces["signature"].as_str().unwrap());
    with("signature", &phone.sign(&["tessera-push-list-v1"]));
    let mut foreign = other.answering(&prompt, "approve", &right);
    foreign["enrollment_id"] = json!(phone.enrollment_id);
    tries.push((foreign, 403));
    // An answer to another's prompt in one's own name, and one's own in another's.
    let mut crossed = phone.answering(graces["challenge_id"].as_str().unwrap(), "approve", &right);
    tries.push((crossed.clone(), 410));
    crossed["enrollment_id"] = graces["enrollment_id"].clone();
    tries.push((crossed, 403));
    let mut unknown = phone.answering(&prompt, "approve", &right);
    unknown["challenge_id"] = json!("chl_x");
    tries.push((unknown, 410));
    for (answer, status) in tries {
        assert_eq!(phone.post("answer", &answer).await.0, status, "{answer}");
    }
    let strange = phone.answering(&prompt, "allow", &right);
    assert_eq!(phone.post("answer", &strange).await.0, 400);
    assert_eq!(state(&house, &mut ada).await, "asked");
    assert_eq!(state(&house, &mut grace).await, "asked");
    let failed = house.events_of("ada").await;
    assert!(
        !failed.contains(&"enrollment.failed".to_owned()),
        "a stranger can't use up her tries"
    );

    let answer = phone.answering(&prompt, "approve", &right);
    assert_eq!(phone.post("answer", &answer).await.0, 200);
    assert_eq!(phone.post("answer", &answer).await.0, 410, "a replay");
}

#[tokio::test]
async fn of_many_answers_at_once_three_are_looked_at() {
    for house in House::start_on_each().await {
        let (mut ada, code) = at_the_code(&house, "ada").await;
        let mut phone = Phone::of(&house);
        phone.pair(&code).await;
        let right = number(&house, &mut ada).await;
        let prompt = phone.prompt(&house).await;
        let answer = phone.answering(&prompt, "approve", wrong(&right));
        let told = join_all((0..20).map(|_| phone.post("answer", &answer))).await;
        let looked_at = told.iter().filter(|(status, _)| *status != 410).count();
        assert_eq!(looked_at, 3, "{told:?}");
        assert_eq!(state(&house, &mut ada).await, "wrong-number");
    }
}

#[tokio::test]
async fn a_ticket_for_another_factor_pairs_no_phone() {
    let house = House::start().await;
    let mut ada = Visitor::at(&house.link_for("ada").await).await;
    ada.open(&house.url(PAGE)).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/otp");
    let (_, mut fields) = ada.form("form");
    for step in ["begin", "finish"] {
        fields.insert("step".to_owned(), step.to_owned());
        ada.post(PAGE, &fields).await;
        assert_eq!(ada.url.path(), "/guardian/enroll/otp", "{step}");
    }
    let mut read = house.app.store.begin_read().await.unwrap();
    let events = read.events_of_user(&"ada".parse().unwrap()).await.unwrap();
    assert!(events.iter().all(|event| !event.kind.starts_with("push.")));
}
