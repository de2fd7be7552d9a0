//! Who has a factor proves it before another is added: a link from a mail alone adds nothing to a protected account.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tessera::tickets::Asked;

use crate::phone::{self, ask, code_in};
use crate::push;
use crate::support::authenticator;
use crate::support::house::{House, Setup, asked};
use crate::support::token::Token;
use crate::support::visitor::Visitor;

const ADA: &str = "auth0|ada";
const STEP: Duration = Duration::from_secs(30);

/// Somebody with an authenticator app and a recovery code.
struct Person {
    key: String,
    recovery_code: String,
}

impl Person {
    async fn enrolled(house: &House, user_id: &str) -> Self {
        let mut person = Visitor::at(&house.link_for(user_id).await).await;
        let key = person.key();
        person.confirm(house).await;
        let recovery_code = person.text("#recovery");
        person.save_recovery_code().await;
        assert_eq!(person.url.path(), "/guardian/enroll/done");
        Self { key, recovery_code }
    }

    /// What the app shows from the next step on.
    fn next_code(&self, house: &House) -> String {
        house.clock.advance(STEP);
        let seconds = u64::try_from(house.app.now().seconds()).unwrap();
        authenticator::code(&self.key, seconds)
    }
}

/// The link of a ticket that lets its bearer add one of these.
async fn link_for_more(house: &House, user_id: &str, factors: &[&str]) -> String {
    let asked = Asked {
        factor: factors.iter().map(|factor| (*factor).to_owned()).collect(),
        allow_multiple_enrollments: true,
        ..asked(user_id)
    };
    house.link(&house.ticket(asked).await)
}

async fn add_phone(house: &House, ada: &mut Visitor) {
    assert_eq!(ada.url.path(), "/guardian/enroll/phone", "{}", ada.html);
    ask(house, ada, phone::NUMBER, "sms").await;
    let code = code_in(house.texts().last().unwrap());
    ada.submit("form[action$=code]", &[("code", &code)]).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/done", "{}", ada.html);
}

#[tokio::test]
async fn with_a_code_of_her_app_ada_adds_her_phone_and_is_told() {
    for house in House::texting_on_each().await {
        let person = Person::enrolled(&house, ADA).await;
        house.deliver().await;
        let mut ada = Visitor::at(&link_for_more(&house, ADA, &["phone"]).await).await;
        assert_eq!(ada.url.path(), "/guardian/authenticate/otp");
        assert!(
            ada.text(".message")
                .contains("Welcome back, ada@example.com")
        );
        assert_eq!(ada.count(".stub"), 0, "the frame without a ticket");
        ada.submit("form", &[("code", "000000")]).await;
        assert_eq!(ada.status, 422);
        assert!(ada.text("#errors").contains("isn’t right"), "{}", ada.html);
        ada.submit("form", &[("code", "12 34")]).await;
        assert_eq!(ada.status, 422, "what is no code at all is not counted");
        let code = person.next_code(&house);
        ada.submit("form", &[("code", &code)]).await;
        add_phone(&house, &mut ada).await;
        assert_eq!(house.enrollments(ADA).await, 2);
        let told = house.events_of(ADA).await;
        for kind in [
            "verification.failed",
            "enrollment.used",
            "ticket.stepped_up",
        ] {
            let count = told.iter().filter(|event| *event == kind).count();
            assert_eq!(count, 1, "{kind}: {told:?}");
        }
        let codes = told.iter().filter(|kind| *kind == "recovery_code.created");
        assert_eq!(codes.count(), 1, "her recovery code stays");
        assert_eq!(house.deliver().await, 1, "she reads of the new factor");

        // The code that was shown here is spent everywhere.
        let mut again = Visitor::at(&link_for_more(&house, ADA, &["phone"]).await).await;
        again.open(&house.url("/guardian/authenticate/otp")).await;
        again.submit("form", &[("code", &code)]).await;
        assert_eq!(again.status, 422);
    }
}

/// Presses every button of the enroll pages with this page's own tokens.
async fn press_everything(house: &House, visitor: &mut Visitor) {
    let (_, tokens) = visitor.form("form");
    let form = |more: &[(&str, &str)]| {
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let kept = tokens
            .clone()
            .into_iter()
            .filter(|(name, _)| name == "csrf" || name == "attempt");
        kept.chain(more).collect::<BTreeMap<String, String>>()
    };
    let code = house
        .texts()
        .last()
        .map_or("123456".to_owned(), |text| code_in(text));
    for (page, more) in [
        ("", vec![("factor", "phone")]),
        ("/otp", vec![("code", "123456")]),
        (
            "/phone",
            vec![
                ("country", "DE"),
                ("number", phone::NUMBER),
                ("channel", "sms"),
            ],
        ),
        ("/phone/resend", vec![("channel", "sms")]),
        ("/phone/code", vec![("code", &*code)]),
        ("/push-notification", vec![("step", "begin")]),
        ("/push-notification", vec![("step", "finish")]),
        ("/webauthn-roaming/options", vec![]),
        ("/webauthn-roaming", vec![("response", "{}"), ("name", "x")]),
        ("/webauthn-platform/options", vec![]),
        (
            "/webauthn-platform",
            vec![("response", "{}"), ("name", "x")],
        ),
        ("/recovery-code", vec![("saved", "yes")]),
        ("/done", vec![]),
    ] {
        visitor
            .post(&format!("/guardian/enroll{page}"), &form(&more))
            .await;
        let status = visitor.status.as_u16();
        assert!(status < 500, "{page}: {status}");
        assert_eq!(house.text().await, 0, "{page} sent a code");
    }
    for page in [
        "",
        "/choose",
        "/otp",
        "/phone",
        "/phone/code",
        "/push-notification",
        "/webauthn-roaming",
        "/webauthn-platform",
        "/recovery-code",
        "/done",
    ] {
        visitor
            .open(&house.url(&format!("/guardian/enroll{page}")))
            .await;
        assert_eq!(visitor.url.path(), "/guardian/authenticate/otp", "{page}");
    }
}

#[tokio::test]
async fn no_order_of_requests_gets_round_it() {
    let house = Setup::new().texting().start().await;
    let person = Person::enrolled(&house, ADA).await;
    let all = [
        "otp",
        "phone",
        "push-notification",
        "webauthn-roaming",
        "webauthn-platform",
    ];
    let link = link_for_more(&house, ADA, &all).await;
    let mut thief = Visitor::at(&link).await;
    press_everything(&house, &mut thief).await;
    // That Ada proves it in her browser helps nobody in another.
    let mut ada = Visitor::at(&link).await;
    let code = person.next_code(&house);
    ada.submit("form", &[("code", &code)]).await;
    assert_eq!(ada.url.path(), "/guardian/enroll", "{}", ada.html);
    assert_eq!(ada.count(".choice"), 5);
    press_everything(&house, &mut thief).await;
    // Somebody else's app and recovery code are none of hers, and a proof is old after a quarter of an hour.
    let grace = Person::enrolled(&house, "auth0|grace").await;
    let code = grace.next_code(&house);
    thief.submit("form", &[("code", &code)]).await;
    assert_eq!(thief.status, 422);
    thief
        .open(&house.url("/guardian/authenticate/recovery-code"))
        .await;
    thief
        .submit("form", &[("code", &grace.recovery_code)])
        .await;
    assert_eq!(thief.status, 422);
    for _ in 0..2 {
        house.clock.advance(Duration::from_secs(8 * 60));
        ada.open(&house.url("/guardian/enroll/choose")).await;
    }
    assert_eq!(ada.url.path(), "/guardian/authenticate/otp");
    press_everything(&house, &mut ada).await;
    assert_eq!(house.enrollments(ADA).await, 1);
}

#[tokio::test]
async fn guesses_here_are_guesses_at_her_account() {
    let house = Setup::new().texting().start().await;
    let person = Person::enrolled(&house, ADA).await;
    // Another link and another browser count on.
    for _ in 0..5 {
        let mut thief = Visitor::at(&link_for_more(&house, ADA, &["phone"]).await).await;
        thief.submit("form", &[("code", "000000")]).await;
        assert_eq!(thief.status, 422);
    }
    let mut ada = Visitor::at(&link_for_more(&house, ADA, &["phone"]).await).await;
    let code = person.next_code(&house);
    ada.submit("form", &[("code", "000000")]).await;
    ada.submit("form", &[("code", &code)]).await;
    assert_eq!(ada.status, 429, "{}", ada.html);
    assert!(ada.headers.contains_key("retry-after"));
    assert!(ada.text("#errors").contains("Please wait"), "{}", ada.html);
}

#[tokio::test]
async fn the_recovery_code_lets_her_in_and_a_fresh_one_takes_its_place() {
    for house in House::texting_on_each().await {
        let person = Person::enrolled(&house, ADA).await;
        let mut ada = Visitor::at(&link_for_more(&house, ADA, &["phone"]).await).await;
        ada.open(&house.url("/guardian/authenticate/choose")).await;
        assert_eq!(ada.count("a.choice"), 2, "her app, and the code");
        ada.open(&house.url("/guardian/authenticate/recovery-code"))
            .await;
        ada.submit("form", &[("code", "ABCD")]).await;
        assert!(ada.text("#errors").contains("24 letters"), "{}", ada.html);
        let typed = person.recovery_code.to_lowercase().replace(' ', "-");
        ada.submit("form", &[("code", &typed)]).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/enroll/recovery-code",
            "{}",
            ada.html
        );
        let fresh = ada.text("#recovery");
        assert_ne!(fresh, person.recovery_code);
        ada.open(&house.url("/guardian/enroll")).await;
        assert_eq!(ada.text("#recovery"), fresh, "until it is saved");
        ada.save_recovery_code().await;
        add_phone(&house, &mut ada).await;

        let mut again = Visitor::at(&link_for_more(&house, ADA, &["otp"]).await).await;
        for (code, path) in [
            (
                &person.recovery_code,
                "/guardian/authenticate/recovery-code",
            ),
            (&fresh, "/guardian/enroll/recovery-code"),
        ] {
            again
                .open(&house.url("/guardian/authenticate/recovery-code"))
                .await;
            again.submit("form", &[("code", code)]).await;
            assert_eq!(again.url.path(), path, "{}", again.html);
        }
    }
}

#[tokio::test]
async fn a_text_lets_her_in() {
    let house = Setup::new().texting().start().await;
    let mut ada = phone::at_number(&house, ADA).await;
    ask(&house, &mut ada, phone::NUMBER, "sms").await;
    let first = code_in(house.texts().last().unwrap());
    ada.submit("form[action$=code]", &[("code", &first)]).await;
    ada.save_recovery_code().await;
    house.clock.advance(Duration::from_secs(60));

    let mut ada = Visitor::at(&link_for_more(&house, ADA, &["otp"]).await).await;
    assert_eq!(ada.url.path(), "/guardian/authenticate/phone");
    assert!(ada.text(".lead").contains("6789"), "{}", ada.html);
    assert!(!ada.html.contains("23456789"), "the number is not told");
    ada.submit("form:has([value=sms])", &[]).await;
    assert_eq!(house.text().await, 1);
    let code = code_in(house.texts().last().unwrap());
    let wrong = if code == "000000" { "000001" } else { "000000" };
    ada.submit("form[action$=phone]", &[("code", wrong)]).await;
    assert_eq!(ada.status, 422);
    ada.submit("form[action$=phone]", &[("code", &code)]).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/otp", "{}", ada.html);
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/done");
    assert_eq!(house.enrollments(ADA).await, 2);
}

#[tokio::test]
async fn her_phone_approves_with_the_number_on_her_screen() {
    let house = Setup::new().texting().start().await;
    let phone = push::enroll(&house, ADA).await;
    let page = house.url("/guardian/authenticate/push-notification");
    let mut ada = Visitor::at(&link_for_more(&house, ADA, &["otp"]).await).await;
    assert_eq!(ada.url.as_str(), page);
    ada.submit("form.sheet", &[]).await;
    let number = ada.text(".number");
    ada.submit("form.sheet", &[]).await;
    assert_eq!(ada.text(".number"), number, "to go on early is no fault");
    assert_eq!(phone.answer(&house, "approve", &number).await.0, 200);
    ada.open(&format!("{page}/state")).await;
    let told: Value = serde_json::from_str(&ada.html).unwrap();
    assert_eq!(told["state"], "approved");
    ada.open(&page).await;
    ada.submit("form.sheet", &[]).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/otp", "{}", ada.html);
    ada.confirm(&house).await;
    assert_eq!(house.enrollments(ADA).await, 2);
}

#[tokio::test]
async fn her_phone_is_not_asked_while_somebody_guesses() {
    let house = Setup::new().texting().start().await;
    push::enroll(&house, ADA).await;
    let mut thief = Visitor::at(&link_for_more(&house, ADA, &["otp"]).await).await;
    let page = thief.url.clone();
    let guess = "ABCD-EFGH-JKLM-NPQR-STUV-WXYZ";
    for _ in 0..6 {
        thief
            .open(&house.url("/guardian/authenticate/recovery-code"))
            .await;
        thief.submit("form", &[("code", guess)]).await;
    }
    thief.open(page.as_str()).await;
    thief.submit("form.sheet", &[]).await;
    assert_eq!(thief.status, 429, "{}", thief.html);
    let told = house.events_of(ADA).await;
    assert!(
        !told.iter().any(|kind| kind == "push.requested"),
        "{told:?}"
    );
}

#[tokio::test]
async fn her_key_lets_her_in_once() {
    let house = Setup::new().texting().start().await;
    let token = Token::new();
    crate::webauthn::enroll(&house, ADA, &token).await;
    let path = "/guardian/authenticate/webauthn-roaming";
    let mut ada = Visitor::at(&link_for_more(&house, ADA, &["otp", "phone"]).await).await;
    assert_eq!(ada.url.path(), path);
    let (action, mut form) = ada.form("form[data-ceremony]");
    assert_eq!(action, path);
    let origin = ada.url.origin().ascii_serialization();
    let mut answers = Vec::new();
    for (counter, signer) in [(2, Token::new()), (3, token)] {
        ada.post(&format!("{path}/options"), &form).await;
        assert_eq!(ada.status, 200, "{}", ada.html);
        let options: Value = serde_json::from_str(&ada.html).unwrap();
        let answer = signer.assert(&options, &origin, counter, |_, _| {});
        form.insert("response".to_owned(), answer.to_string());
        answers.push(answer.to_string());
        ada.post(path, &form).await;
    }
    assert_eq!(ada.url.path(), "/guardian/enroll", "{}", ada.html);
    let mut again = Visitor::at(&link_for_more(&house, ADA, &["otp"]).await).await;
    for answer in &answers {
        again
            .submit("form[data-ceremony]", &[("response", answer)])
            .await;
        assert_eq!(again.status, 422, "an answer is good once");
    }
}
