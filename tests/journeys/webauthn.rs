//! People set up security keys and passkeys; the key is software, the server is not.

mod assertions;
mod browser;
mod mutations;

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tessera::store::Enrollment;
use tessera::tickets::Asked;

use crate::support::house::{House, asked};
use crate::support::token::{Answer, BACKED_UP, ELIGIBLE, Token, VERIFIED};
use crate::support::visitor::Visitor;

const ROAMING: &str = "webauthn-roaming";
const PLATFORM: &str = "webauthn-platform";

/// A ticket for these factors.
fn asked_for(user_id: &str, factors: &[&str]) -> Asked {
    Asked {
        factor: factors.iter().map(|factor| (*factor).to_owned()).collect(),
        allow_multiple_enrollments: factors.len() > 1,
        ..asked(user_id)
    }
}

/// Somebody on the page of one of the two factors, who has pressed its button.
struct Ceremony {
    visitor: Visitor,
    factor: &'static str,
    form: BTreeMap<String, String>,
    options: Value,
}

impl Ceremony {
    /// With a ticket of their own.
    async fn begin(house: &House, user_id: &str, factor: &'static str) -> Self {
        let issued = house.ticket(asked_for(user_id, &[factor])).await;
        Self::on(Visitor::at(&house.link(&issued)).await, factor).await
    }

    /// On the page that the visitor is on.
    async fn on(mut visitor: Visitor, factor: &'static str) -> Self {
        let path = format!("/guardian/enroll/{factor}");
        assert_eq!(visitor.url.path(), path, "{}", visitor.html);
        let (action, form) = visitor.form("form[data-ceremony]");
        assert_eq!(action, path);
        visitor.post(&format!("{path}/options"), &form).await;
        assert_eq!(visitor.status, 200, "{}", visitor.html);
        let options = serde_json::from_str(&visitor.html).unwrap();
        Self {
            visitor,
            factor,
            form,
            options,
        }
    }

    fn origin(&self) -> String {
        self.visitor.url.origin().ascii_serialization()
    }

    /// The right answer of this key.
    fn answer(&self, token: &Token) -> Answer {
        token.register(&self.options, &self.origin())
    }

    /// Sends what the script would send.
    async fn send(&mut self, response: &str) {
        self.form.insert("response".to_owned(), response.to_owned());
        let path = format!("/guardian/enroll/{}", self.factor);
        self.visitor.post(&path, &self.form).await;
    }

    fn is_enrolled(&self) -> bool {
        self.visitor.url.path() == "/guardian/enroll/recovery-code"
    }

    /// The page says so, beside its form.
    fn assert_refused(&self, words: &str) {
        let path = format!("/guardian/enroll/{}", self.factor);
        assert_eq!(
            (self.visitor.status.as_u16(), self.visitor.url.path()),
            (422, &*path)
        );
        let said = self.visitor.text("#errors");
        assert!(said.contains(words), "{said}");
    }
}

/// Enrolls a key for a user.
pub async fn enroll(house: &House, user_id: &str, token: &Token) {
    let mut page = Ceremony::begin(house, user_id, ROAMING).await;
    let answer = page.answer(token);
    page.send(&answer.json()).await;
    assert!(page.is_enrolled(), "{}", page.visitor.html);
}

async fn enrollments(house: &House, user_id: &str) -> Vec<Enrollment> {
    let mut read = house.app.store.begin_read().await.unwrap();
    read.enrollments_of(&user_id.parse().unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn ada_sets_up_a_key_and_grace_a_passkey() {
    for house in House::start_on_each().await {
        for (user, factor) in [("auth0|ada", ROAMING), ("auth0|grace", PLATFORM)] {
            let (token, mut page) = (Token::new(), Ceremony::begin(&house, user, factor).await);
            let mut answer = page.answer(&token);
            answer.flags |= ELIGIBLE | BACKED_UP;
            page.form.insert(
                "name".to_owned(),
                " Blue\u{7} key of many letters ".to_owned(),
            );
            page.send(&answer.json()).await;
            assert!(page.is_enrolled(), "{}", page.visitor.html);

            let stored = enrollments(&house, user).await.remove(0);
            let id = BASE64URL_NOPAD.encode(&token.id);
            assert_eq!(stored.factor, factor);
            assert_eq!(stored.name.as_deref(), Some("Blue key of many let"));
            assert_eq!(stored.credential_id.as_deref(), Some(&*id));
            let facts: Value = serde_json::from_str(&stored.facts).unwrap();
            let cose = data_encoding::BASE64.encode(&token.cose());
            let attachment = if factor == ROAMING {
                "cross-platform"
            } else {
                "platform"
            };
            let expected = json!({
                "key_id": id, "public_key": cose, "aaguid": "07070707-0707-0707-0707-070707070707",
                "backed_up": true, "device_type": "multi_device", "attachment": attachment,
                "user_verified": true, "relying_party": "localhost",
            });
            assert_eq!(facts, expected);

            page.visitor.save_recovery_code().await;
            assert_eq!(page.visitor.url.path(), "/guardian/enroll/done");
            let told = house.events_of(user).await;
            assert!(
                told.iter().any(|kind| kind == "enrollment.confirmed"),
                "{told:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_name_that_is_left_out_is_in_the_page_s_language() {
    let house = House::start().await;
    let german = Asked {
        email_locale: Some("de".to_owned()),
        ..asked_for("ada", &[ROAMING])
    };
    let issued = house.ticket(german).await;
    let mut page = Ceremony::on(Visitor::at(&house.link(&issued)).await, ROAMING).await;
    page.form.insert("name".to_owned(), "  ".to_owned());
    let answer = page.answer(&Token::new()).json();
    page.send(&answer).await;
    let stored = enrollments(&house, "ada").await.remove(0);
    assert_eq!(stored.name.as_deref(), Some("Sicherheitsschlüssel"));
}

#[tokio::test]
async fn what_is_asked_says_nothing_about_the_person_and_follows_the_settings() {
    let house = House::start().await;
    let page = Ceremony::begin(&house, "auth0|ada", ROAMING).await;
    let other = Ceremony::begin(&house, "auth0|ada", PLATFORM).await;
    let handle = |page: &Ceremony| page.options["user"]["id"].as_str().unwrap().to_owned();
    let bytes = BASE64URL_NOPAD.decode(handle(&page).as_bytes()).unwrap();
    assert_eq!(bytes.len(), 32);
    assert_ne!(handle(&page), handle(&other), "random, of no one's name");
    let challenge = page.options["challenge"].as_str().unwrap();
    assert!(BASE64URL_NOPAD.decode(challenge.as_bytes()).unwrap().len() >= 16);
    assert_eq!(
        page.options["rp"],
        json!({ "id": "localhost", "name": "Tessera" })
    );
    assert_eq!(page.options["attestation"], "none");
    assert!(page.options["timeout"].as_u64().unwrap() <= 5 * 60_000);
    let chosen = |page: &Ceremony| page.options["authenticatorSelection"].clone();
    let roaming = json!({
        "authenticatorAttachment": "cross-platform", "residentKey": "discouraged",
        "requireResidentKey": false, "userVerification": "discouraged",
    });
    let platform = json!({
        "authenticatorAttachment": "platform", "residentKey": "preferred",
        "requireResidentKey": false, "userVerification": "required",
    });
    assert_eq!((chosen(&page), chosen(&other)), (roaming, platform));

    // Without a PIN it is good enough, until an admin asks for one.
    let mut page = page;
    let mut answer = page.answer(&Token::new());
    answer.flags &= !VERIFIED;
    page.send(&answer.json()).await;
    assert!(page.is_enrolled());
    let value = json!({ "userVerification": "required", "overrideRelyingParty": false });
    let mut tx = house.app.store.begin_write().await.unwrap();
    let now = house.app.now();
    tx.set_setting(ROAMING, &value.to_string(), None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut page = Ceremony::begin(&house, "auth0|bob", ROAMING).await;
    assert_eq!(chosen(&page)["userVerification"], "required");
    let mut answer = page.answer(&Token::new());
    answer.flags &= !VERIFIED;
    page.send(&answer.json()).await;
    page.assert_refused("Set up a PIN");
}

#[tokio::test]
async fn a_challenge_is_answered_once_by_its_own_page_in_time() {
    let house = House::start().await;
    let token = Token::new();
    // Once: the answer that was refused has used it up.
    let mut page = Ceremony::begin(&house, "ada", ROAMING).await;
    let right = page.answer(&token).json();
    page.form.insert("name".to_owned(), "Blue <one>".to_owned());
    page.send("{}").await;
    page.assert_refused("could not be used");
    let form = page.visitor.form("form[data-ceremony]").1;
    assert_eq!(form["name"], "Blue <one>", "typed once is enough");
    page.send(&right).await;
    page.assert_refused("took too long, or it was sent before");
    // By its own page.
    let mut bob = Ceremony::begin(&house, "bob", ROAMING).await;
    let mut eve = Ceremony::begin(&house, "eve", ROAMING).await;
    let (for_bob, for_eve) = (bob.answer(&token).json(), eve.answer(&token).json());
    eve.send(&for_bob).await;
    eve.assert_refused("could not be used");
    eve.send(&for_eve).await;
    eve.assert_refused("sent before");
    // In time.
    house.clock.advance(Duration::from_secs(5 * 60));
    bob.send(&for_bob).await;
    bob.assert_refused("took too long");
    for user in ["ada", "bob", "eve"] {
        assert_eq!(house.enrollments(user).await, 0, "{user}");
    }
    // A new question, and the winner may repeat the answer.
    let (_, form) = bob.visitor.form("form[data-ceremony]");
    let path = format!("/guardian/enroll/{ROAMING}/options");
    bob.visitor.post(&path, &form).await;
    bob.options = serde_json::from_str(&bob.visitor.html).unwrap();
    let right = bob.answer(&token).json();
    for _ in 0..2 {
        bob.send(&right).await;
        assert!(bob.is_enrolled());
    }
    assert_eq!(house.enrollments("bob").await, 1);
}

#[tokio::test]
async fn a_ticket_is_spent_for_its_own_factor_alone() {
    let house = House::start().await;
    let issued = house.ticket(asked_for("ada", &["otp"])).await;
    let ada = Visitor::at(&house.link(&issued)).await;
    let (_, mut form) = ada.form("form");
    form.insert("response".to_owned(), "{}".to_owned());
    for factor in [ROAMING, PLATFORM] {
        for path in ["", "/options"] {
            let mut visitor = ada.clone();
            visitor
                .post(&format!("/guardian/enroll/{factor}{path}"), &form)
                .await;
            assert_eq!(visitor.status, 409, "{factor}{path}: {}", visitor.html);
        }
    }
    // A key's page for a ticket of the device itself, with a form that is right in all else.
    let mut page = Ceremony::begin(&house, "bob", PLATFORM).await;
    let answer = page.answer(&Token::new()).json();
    page.factor = ROAMING;
    page.send(&answer).await;
    assert_eq!(page.visitor.status, 409);
    assert_eq!(
        house.enrollments("ada").await + house.enrollments("bob").await,
        0
    );
}

#[tokio::test]
async fn of_two_people_with_one_credential_one_gets_it() {
    for house in House::start_on_each().await {
        for round in 0..2 {
            let token = Token::new();
            let mut pages = Vec::new();
            for user in ["ada", "bob", "cyd"] {
                let user = format!("{user}{round}");
                pages.push((Ceremony::begin(&house, &user, ROAMING).await, user));
            }
            let racing = pages.into_iter().map(|(mut page, user)| {
                let answer = page.answer(&token).json();
                async move {
                    page.send(&answer).await;
                    (page, user)
                }
            });
            let mut winners = 0;
            for (page, user) in futures_util::future::join_all(racing).await {
                let count = house.enrollments(&user).await;
                assert_eq!(count, usize::from(page.is_enrolled()), "{user}");
                winners += count;
                if count == 0 {
                    page.assert_refused("set up for an account already");
                }
            }
            assert_eq!(winners, 1);
        }
    }
}

#[tokio::test]
async fn a_second_factor_of_the_same_ticket_excludes_the_first_key() {
    let house = House::start().await;
    let issued = house.ticket(asked_for("ada", &[ROAMING, PLATFORM])).await;
    let mut visitor = Visitor::at(&house.link(&issued)).await;
    visitor
        .open(&house.url("/guardian/enroll/webauthn-roaming"))
        .await;
    let mut page = Ceremony::on(visitor, ROAMING).await;
    assert_eq!(page.options["excludeCredentials"], json!([]));
    let token = Token::new();
    let answer = page.answer(&token).json();
    page.send(&answer).await;
    page.visitor.save_recovery_code().await;
    page.visitor
        .open(&house.url("/guardian/enroll/webauthn-platform"))
        .await;
    let mut page = Ceremony::on(page.visitor, PLATFORM).await;
    let id = BASE64URL_NOPAD.encode(&token.id);
    let excluded = json!([{ "type": "public-key", "id": id }]);
    assert_eq!(page.options["excludeCredentials"], excluded);
    // A browser that does not care.
    let answer = page.answer(&token).json();
    page.send(&answer).await;
    page.assert_refused("set up for an account already");
    assert_eq!(house.enrollments("ada").await, 1);
}

#[tokio::test]
async fn wrong_answers_hold_the_link_back_also_from_asking() {
    let house = House::start().await;
    let mut page = Ceremony::begin(&house, "ada", ROAMING).await;
    let path = format!("/guardian/enroll/{ROAMING}/options");
    for _ in 0..5 {
        page.send("{}").await;
        page.assert_refused("could not be used");
        page.visitor.post(&path, &page.form).await;
    }
    assert_eq!(page.visitor.status, 429);
    assert_eq!(page.visitor.headers["retry-after"], "30");
    let told: Value = serde_json::from_str(&page.visitor.html).unwrap();
    assert_eq!(told["error"]["code"], "too-many-failures");
    page.send("{}").await;
    assert_eq!(page.visitor.status, 429);
}

#[tokio::test]
async fn the_page_stands_without_scripts_and_knows_apps_with_a_browser_inside() {
    let house = House::start().await;
    let issued = house.ticket(asked_for("ada", &[PLATFORM, "otp"])).await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    ada.open(&house.url("/guardian/enroll/webauthn-platform"))
        .await;
    assert!(ada.text("noscript").contains("need JavaScript"));
    assert_eq!(ada.count("form[data-ceremony][hidden]"), 1);
    assert_eq!(ada.count("a[href='/guardian/enroll/choose']"), 1);
    let page = |agent: &'static str| {
        let url = house.url("/guardian/enroll/webauthn-platform");
        let request = reqwest::Client::new().get(url).header("user-agent", agent);
        request.header("cookie", ada.cookie()).send()
    };
    let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
    let instagram = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 350.0";
    let hint = "Open the link from your mail in your browser";
    let plain = page(safari).await.unwrap().text().await.unwrap();
    let inside = page(instagram).await.unwrap().text().await.unwrap();
    assert_eq!((plain.contains(hint), inside.contains(hint)), (false, true));
}
