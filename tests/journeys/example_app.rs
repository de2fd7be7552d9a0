//! The example application as its README starts it: its own passwords, its own library, unmodified, and the second factor
//! of a server beside it.

mod shop;

use std::time::Duration;

use serde_json::{Value, json};
use tessera::core::Algorithm;

use crate::phone::{self, code_in};
use crate::push;
use crate::support::authenticator;
use crate::support::browser::{Browser, Options};
use crate::support::house::{House, Setup};
use crate::support::token::Token;
use crate::support::visitor::Visitor;
use shop::{PASSWORD, Shop};

/// As the application calls them.
const ADA: &str = "shop|ada";
const STEP: Duration = Duration::from_secs(30);

/// Somebody's app, as the shop's user.
async fn enroll_app(house: &House, user_id: &str) -> App {
    let mut person = Visitor::at(&house.link_for(user_id).await).await;
    let key = person.key();
    person.confirm(house).await;
    let recovery_code = person.text("#recovery");
    App { key, recovery_code }
}

struct App {
    key: String,
    recovery_code: String,
}

impl App {
    /// What it shows from the next step on.
    fn next_code(&self, house: &House) -> String {
        house.clock.advance(STEP);
        let seconds = u64::try_from(house.app.now().seconds()).unwrap();
        authenticator::code(&self.key, seconds)
    }
}

/// A house of the present time: the application looks at the clock too.
async fn house() -> House {
    let house = Setup::new().texting().start().await;
    house.clock.catch_up();
    house
}

#[tokio::test]
#[ignore = "needs the example's Python and Chromium: bash tests/run.sh"]
async fn ada_and_grace_log_in_to_the_shop() {
    let house = house().await;
    let Some(shop) = Shop::beside(&house, Algorithm::Rs256).await else {
        return;
    };
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let app = enroll_app(&house, ADA).await;
    log_in(&browser, &shop, "ada").await;
    let page = house.url("/guardian/authenticate/otp");
    assert_eq!(browser.url().await, page);
    browser.type_into("#code", &app.next_code(&house)).await;
    browser.press(".go").await;
    assert_in(&browser, &shop, "ada", "mfa otp").await;

    // She changes her mind, and then not.
    browser.press("button").await;
    assert_eq!(browser.count("[name=password]").await, 1, "logged out");
    log_in(&browser, &shop, "ada").await;
    browser
        .press("[formaction$=cancel], [action$=cancel] button, a[href$=cancel]")
        .await;
    assert_eq!(
        browser.text("#reason").await,
        "You cancelled the second step."
    );
    browser.press("button").await;
    assert_eq!(browser.url().await, page);
    browser.type_into("#code", &app.next_code(&house)).await;
    browser.press(".go").await;
    assert_in(&browser, &shop, "ada", "mfa otp").await;
    browser.press("button").await;

    // Grace has nothing yet, and makes her device one on the way.
    browser
        .devtools("WebAuthn.enable", json!({ "enableUI": false }))
        .await;
    let device = json!({
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
        "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
    });
    browser
        .devtools(
            "WebAuthn.addVirtualAuthenticator",
            json!({ "options": device }),
        )
        .await;
    log_in(&browser, &shop, "grace").await;
    let said = browser.text("#reason").await;
    assert_eq!(said, "Your account has no second factor yet.");
    browser.press("[name=enroll]").await;
    browser
        .press("form:has([value=webauthn-platform]) button")
        .await;
    browser.press(".go").await;
    browser.click("input[name=saved]").await;
    browser.press(".go").await;
    browser.press("a.go").await;
    assert_in(&browser, &shop, "grace", "mfa hwk").await;
    browser.press("button").await;
    log_in(&browser, &shop, "grace").await;
    browser.press(".go").await;
    assert_in(&browser, &shop, "grace", "mfa hwk").await;
}

async fn log_in(browser: &Browser, shop: &Shop, name: &str) {
    browser.goto(&shop.url("/")).await;
    browser.type_into("[name=name]", name).await;
    browser.type_into("[name=password]", PASSWORD).await;
    browser.press("button").await;
}

async fn assert_in(browser: &Browser, shop: &Shop, name: &str, amr: &str) {
    assert_eq!(
        browser.url().await,
        shop.url("/"),
        "{}",
        browser.source().await
    );
    assert_eq!(browser.text("h1").await, format!("Hello, {name}"));
    assert_eq!(browser.text("#amr").await, amr);
}

/// Ada has shown her password, and is at the page of this factor.
async fn at(house: &House, shop: &Shop, factor: &str) -> Visitor {
    let mut ada = Visitor::at(&shop.url("/")).await;
    ada.submit("form", &[("name", "ada"), ("password", PASSWORD)])
        .await;
    go_on(&mut ada).await;
    let page = house.url(&format!("/guardian/authenticate/{factor}"));
    if factor == "recovery-code" {
        ada.open(&page).await;
    }
    assert_eq!(ada.url.as_str(), page, "{} {}", ada.status, ada.html);
    ada
}

/// From one site to the other, as browsers go.
async fn go_on(visitor: &mut Visitor) {
    while visitor.status.is_redirection() {
        let next = visitor.url.clone();
        visitor.open(next.as_str()).await;
    }
}

/// Back in the shop, which looks at the ID token.
async fn assert_let_in(ada: &mut Visitor, shop: &Shop, amr: &str) {
    go_on(ada).await;
    assert_eq!(ada.url.as_str(), shop.url("/"), "{}", ada.html);
    assert_eq!(ada.text("h1"), "Hello, ada");
    assert_eq!(ada.text("#amr"), amr);
}

#[tokio::test]
#[ignore = "needs the example's Python: bash tests/run.sh"]
async fn the_library_takes_every_factor() {
    let house = house().await;
    let Some(shop) = Shop::beside(&house, Algorithm::Es256).await else {
        return;
    };
    let app = enroll_app(&house, ADA).await;
    let mut ada = at(&house, &shop, "otp").await;
    ada.submit("form", &[("code", "000000")]).await;
    assert_eq!(ada.status, 422);
    ada.submit("form", &[("code", &app.next_code(&house))])
        .await;
    assert_let_in(&mut ada, &shop, "mfa otp").await;

    let mut ada = at(&house, &shop, "recovery-code").await;
    ada.submit("form", &[("code", &app.recovery_code)]).await;
    assert_ne!(ada.text("#recovery"), app.recovery_code);
    ada.save_recovery_code().await;
    assert_let_in(&mut ada, &shop, "mfa").await;

    shop.start_over(&house, ADA).await;
    let mut ada = phone::at_number(&house, ADA).await;
    phone::ask(&house, &mut ada, phone::NUMBER, "sms").await;
    let code = code_in(house.texts().last().unwrap());
    ada.submit("form[action$=code]", &[("code", &code)]).await;
    house.clock.advance(STEP * 2);
    let mut ada = at(&house, &shop, "phone").await;
    ada.submit("form:has([value=sms])", &[]).await;
    assert_eq!(house.text().await, 1);
    let code = code_in(house.texts().last().unwrap());
    ada.submit("form[action$=phone]", &[("code", &code)]).await;
    assert_let_in(&mut ada, &shop, "mfa sms").await;

    shop.start_over(&house, ADA).await;
    let phone = push::enroll(&house, ADA).await;
    let mut ada = at(&house, &shop, "push-notification").await;
    ada.submit("form.sheet", &[]).await;
    let number = ada.text(".number");
    assert_eq!(phone.answer(&house, "approve", &number).await.0, 200);
    ada.submit("form.sheet", &[]).await;
    assert_let_in(&mut ada, &shop, "mfa swk").await;

    shop.start_over(&house, ADA).await;
    let token = Token::new();
    crate::webauthn::enroll(&house, ADA, &token).await;
    let mut ada = at(&house, &shop, "webauthn-roaming").await;
    let path = ada.url.path().to_owned();
    let (_, mut form) = ada.form("form[data-ceremony]");
    let origin = ada.url.origin().ascii_serialization();
    ada.post(&format!("{path}/options"), &form).await;
    let options: Value = serde_json::from_str(&ada.html).unwrap();
    let answer = token.assert(&options, &origin, 2, |_, _| {});
    form.insert("response".to_owned(), answer.to_string());
    ada.post(&path, &form).await;
    assert_let_in(&mut ada, &shop, "mfa hwk").await;

    // What was pushed, answered and exchanged leaves a trail.
    let told = house.events_of(ADA).await;
    for kind in [
        "login.requested",
        "login.created",
        "login.verified",
        "login.answered",
        "login.spent",
    ] {
        let count = told.iter().filter(|event| *event == kind).count();
        assert_eq!(count, 5, "{kind}: {told:?}");
    }
}

#[tokio::test]
#[ignore = "needs the example's Python: bash tests/run.sh"]
async fn a_password_alone_is_not_enough_for_the_shop() {
    let house = house().await;
    let Some(shop) = Shop::beside(&house, Algorithm::Rs256).await else {
        return;
    };
    enroll_app(&house, ADA).await;
    let mut thief = Visitor::at(&shop.url("/")).await;
    thief
        .submit("form", &[("name", "ada"), ("password", "guess")])
        .await;
    assert_eq!(thief.status, 401);
    thief
        .submit("form", &[("name", "ada"), ("password", PASSWORD)])
        .await;
    go_on(&mut thief).await;
    assert_eq!(thief.url.path(), "/guardian/authenticate/otp");
    thief.open(&shop.url("/")).await;
    assert_eq!(thief.count("[name=password]"), 1);
    // Somebody else's answer, and one of another server.
    let issuer = house.app.urls.issuer();
    for query in [
        "",
        "?code=x&state=y",
        &format!("?code=x&state=y&iss={issuer}"),
        "?error=access_denied",
    ] {
        thief.open(&shop.url(&format!("/callback{query}"))).await;
        assert_eq!(
            thief.text("#reason"),
            "The second step did not work.",
            "{query}"
        );
        thief.open(&shop.url("/")).await;
        assert_eq!(thief.count("[name=password]"), 1, "{query}");
    }
}
