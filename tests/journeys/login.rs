//! An application sends its user here for a second factor, and gets them back with a code, or with why there is none.

mod browser;
mod remembered;
mod shop;

use std::time::Duration;

use tessera::tickets::Asked;

use self::shop::{ADA, Shop, brought, enrolled, next_code};
use crate::phone::{ask, code_in};
use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;

#[tokio::test]
async fn ada_shows_a_code_and_is_back_with_another() {
    for house in House::start_on_each().await {
        let (key, _) = enrolled(&house, ADA).await;
        let shop = Shop::new(&house).await;
        let link = shop.link(ADA, |_| {}).await;
        let mut ada = Visitor::at(&link).await;
        assert_eq!(ada.url.path(), "/guardian/authenticate/otp");
        assert!(
            ada.text(".message")
                .contains("Welcome back, ada@example.com")
        );
        assert!(ada.text(".lead").contains("Shop asks for a second proof"));
        assert_eq!(ada.count(".stub"), 0, "the frame without a ticket");
        let policy = ada.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("form-action 'self' http://localhost:1;"),
            "{policy}"
        );
        ada.open(&link).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/authenticate/otp",
            "a reload goes on"
        );
        ada.submit("form", &[("code", "000000")]).await;
        assert_eq!(ada.status, 422);
        ada.open(&house.url("/guardian/authenticate/finish")).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/authenticate/otp",
            "nothing is proved yet"
        );
        ada.submit("form", &[("code", &next_code(&house, &key))])
            .await;
        assert_eq!(ada.headers["referrer-policy"], "no-referrer");
        let code = brought(&ada)["code"].clone();
        let spent = shop.spend(&code).await;
        assert_eq!(spent, Some(("otp".to_owned(), "mfa otp".to_owned())));
        assert_eq!(shop.spend(&code).await, None, "a code is spent once");
        for page in [
            "/guardian/authenticate/finish",
            "/guardian/authenticate/otp",
        ] {
            ada.open(&house.url(page)).await;
            assert_ne!(ada.status, 200, "{page}");
        }
        let told = house.events_of(ADA).await;
        let told: Vec<&str> = told
            .iter()
            .map(String::as_str)
            .filter(|kind| kind.starts_with("login."))
            .collect();
        let whole = [
            "login.requested",
            "login.created",
            "login.verified",
            "login.answered",
        ];
        assert_eq!(told, whole);
    }
}

#[tokio::test]
async fn a_reference_is_taken_once_in_time_and_by_its_own_client() {
    let house = House::start().await;
    enrolled(&house, ADA).await;
    let (shop, other) = (Shop::new(&house).await, Shop::new(&house).await);
    let link = shop.link(ADA, |_| {}).await;
    let foreign = link.replace(shop.client_id.as_str(), other.client_id.as_str());
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    assert_eq!(client.head(&link).send().await.unwrap().status(), 204);
    let guessed = client
        .get(&link)
        .header("sec-purpose", "prefetch;prerender");
    assert_eq!(guessed.send().await.unwrap().status(), 204);
    assert_eq!(Visitor::at(&foreign).await.status, 410);
    assert_eq!(
        Visitor::at(&link).await.url.path(),
        "/guardian/authenticate/otp"
    );
    let stranger = Visitor::at(&link).await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.text("h1").as_str()),
        (410, "This sign-in is over")
    );
    let late = shop.link(ADA, |_| {}).await;
    house.clock.advance(Duration::from_secs(60));
    assert_eq!(Visitor::at(&late).await.status, 410);
    let id = &shop.client_id;
    for (query, status) in [
        ("", 400),
        ("client_id=nobody&request_uri=x", 400),
        (&*format!("client_id={id}"), 400),
        (
            &*format!("client_id={id}&request_uri=https://evil.example/"),
            410,
        ),
        (
            &*format!("client_id={id}&client_id={id}&request_uri=x"),
            400,
        ),
        (
            &*format!("client_id={id}&redirect_uri=https://evil.example/&response_type=code"),
            400,
        ),
    ] {
        let page = Visitor::at(&house.url(&format!("/authorize?{query}"))).await;
        assert_eq!(page.status, status, "{query}");
        assert_eq!(page.url.path(), "/authorize", "nobody is led anywhere");
    }
}

#[tokio::test]
async fn who_takes_too_long_begins_again() {
    let house = House::start().await;
    let (key, _) = enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    house.clock.advance(Duration::from_secs(5 * 60));
    ada.submit("form", &[("code", &next_code(&house, &key))])
        .await;
    assert_eq!(
        (ada.status.as_u16(), ada.text("h1").as_str()),
        (410, "This sign-in is over")
    );
    house
        .app
        .store
        .sweep(house.app.now(), Duration::ZERO)
        .await
        .unwrap();
    assert!(
        house
            .events_of(ADA)
            .await
            .contains(&"login.expired".to_owned())
    );
}

#[tokio::test]
async fn whoever_cancels_or_is_somebody_else_is_led_back() {
    let house = House::start().await;
    let (key, _) = enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    for (why, told) in [("", "cancelled"), ("not-you", "somebody else")] {
        let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
        let page = ada.clone();
        ada.submit("form[action$=cancel]", &[("why", why)]).await;
        let back = brought(&ada);
        assert_eq!(back["error"], "access_denied");
        assert!(back["error_description"].contains(told), "{back:?}");
        let mut back_again = page;
        back_again
            .submit("form", &[("code", &next_code(&house, &key))])
            .await;
        assert!(!back_again.status.is_success(), "{}", back_again.url);
    }
    // A form of another's page, or of none, ends nothing.
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    let (_, mut fields) = ada.form("form[action$=cancel]");
    fields.insert("csrf".to_owned(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    ada.post("/guardian/authenticate/cancel", &fields).await;
    assert_eq!(ada.status, 403);
}

#[tokio::test]
async fn without_a_factor_the_shop_is_told_or_one_is_set_up_on_the_way() {
    for house in House::start_on_each().await {
        let grace = "auth0|grace";
        house.link_for(grace).await;
        let shop = Shop::new(&house).await;
        let visitor = Visitor::at(&shop.link(grace, |_| {}).await).await;
        let back = brought(&visitor);
        assert_eq!(back["error"], "unmet_authentication_requirements");

        // Whoever begins again and again has one ticket that is open.
        for _ in 0..6 {
            let link = shop.link(grace, |request| request.allow_enrollment = true);
            let visitor = Visitor::at(&link.await).await;
            assert_eq!(visitor.url.path(), "/guardian/enroll", "{}", visitor.html);
        }
        let told = house.events_of(grace).await;
        let revoked = told.iter().filter(|kind| *kind == "ticket.revoked");
        assert_eq!(revoked.count(), 5);
        let link = shop
            .link(grace, |request| request.allow_enrollment = true)
            .await;
        let mut grace = Visitor::at(&link).await;
        assert_eq!(grace.url.path(), "/guardian/enroll", "{}", grace.html);
        grace.submit("form", &[("factor", "otp")]).await;
        grace
            .open(&house.url("/guardian/authenticate/finish"))
            .await;
        assert_eq!(
            grace.url.path(),
            "/guardian/enroll",
            "nothing is proved yet"
        );
        grace.open(&house.url("/guardian/enroll/otp")).await;
        grace.confirm(&house).await;
        grace.save_recovery_code().await;
        assert_eq!(grace.text("a.go"), "Continue");
        let next = grace.url.clone();
        let page = scraper::Html::parse_document(&grace.html);
        let href = page
            .select(&scraper::Selector::parse("a.go").unwrap())
            .next()
            .unwrap()
            .attr("href")
            .unwrap()
            .to_owned();
        grace.open(next.join(&href).unwrap().as_str()).await;
        let spent = shop.spend(&brought(&grace)["code"]).await;
        assert_eq!(spent, Some(("otp".to_owned(), "mfa otp".to_owned())));
    }
}

#[tokio::test]
async fn the_recovery_code_is_replaced_before_she_goes_back() {
    let house = House::start().await;
    let (_, recovery_code) = enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    ada.open(&house.url("/guardian/authenticate/recovery-code"))
        .await;
    ada.submit("form", &[("code", &recovery_code)]).await;
    assert_eq!(ada.url.path(), "/guardian/authenticate/recovery-code/fresh");
    let fresh = ada.text("#recovery");
    assert_ne!(fresh, recovery_code);
    let mut paper = ada.clone();
    paper
        .open(&house.url("/guardian/authenticate/recovery-code/fresh/download"))
        .await;
    assert!(paper.html.contains(&fresh), "{}", paper.html);
    ada.submit("form", &[]).await;
    assert_eq!(ada.status, 422, "she has to say that she has it");
    // Writing it down may take longer than a login.
    house.clock.advance(Duration::from_secs(10 * 60));
    ada.submit("form", &[("saved", "yes")]).await;
    let spent = shop.spend(&brought(&ada)["code"]).await;
    assert_eq!(spent, Some(("recovery-code".to_owned(), "mfa".to_owned())));
    let mut again = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    again
        .open(&house.url("/guardian/authenticate/recovery-code"))
        .await;
    again.submit("form", &[("code", &recovery_code)]).await;
    assert_eq!(again.status, 422, "it works once");
    again.submit("form", &[("code", &fresh)]).await;
    assert_eq!(
        again.url.path(),
        "/guardian/authenticate/recovery-code/fresh"
    );
}

#[tokio::test]
async fn a_text_is_asked_for_and_noted() {
    let house = House::texting_on_each().await.remove(0);
    let asked = Asked {
        factor: vec!["phone".to_owned()],
        ..asked(ADA)
    };
    let link = house.link(&house.ticket(asked).await);
    let mut person = Visitor::at(&link).await;
    ask(&house, &mut person, crate::phone::NUMBER, "sms").await;
    let code = code_in(house.texts().last().unwrap());
    person
        .submit("form[action$=code]", &[("code", &code)])
        .await;
    house.clock.advance(Duration::from_secs(3600));
    let shop = Shop::new(&house).await;
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    assert_eq!(ada.url.path(), "/guardian/authenticate/phone");
    ada.submit("form[action$=send]", &[("channel", "sms")])
        .await;
    assert_eq!(ada.status, 200, "{}", ada.html);
    house.text().await;
    let code = code_in(house.texts().last().unwrap());
    ada.submit("form[action$=phone]", &[("code", &code)]).await;
    let spent = shop.spend(&brought(&ada)["code"]).await;
    assert_eq!(spent, Some(("phone".to_owned(), "mfa sms".to_owned())));
    assert!(
        house
            .events_of(ADA)
            .await
            .contains(&"login.challenged".to_owned())
    );
}

#[tokio::test]
async fn after_twenty_wrong_codes_a_page_says_until_when() {
    let house = House::start().await;
    enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    let mut wrong = 0;
    while wrong < 20 {
        let mut mallory = Visitor::at(&shop.link(ADA, |_| {}).await).await;
        mallory.submit("form", &[("code", "000000")]).await;
        match mallory.status.as_u16() {
            422 => wrong += 1,
            _ => house.clock.advance(Duration::from_secs(60)),
        }
    }
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    ada.submit("form", &[("code", "000000")]).await;
    assert_eq!(
        (ada.status.as_u16(), ada.text("h1").as_str()),
        (429, "Sign-in is locked for now")
    );
    assert!(
        ada.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 80_000
    );
    ada.submit("form[action$=cancel]", &[]).await;
    assert_eq!(brought(&ada)["error"], "access_denied");
}

#[tokio::test]
async fn what_the_shop_may_not_have_it_is_told() {
    let house = House::start().await;
    enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    let silent = shop
        .link(ADA, |request| request.prompt = Some("none".to_owned()))
        .await;
    assert_eq!(
        brought(&Visitor::at(&silent).await)["error"],
        "login_required"
    );
    let german = shop
        .link(ADA, |request| {
            request.ui_locales = Some("tlh de fr".to_owned());
        })
        .await;
    let ada = Visitor::at(&german).await;
    assert!(ada.text("h1").contains("Code"), "{}", ada.text("h1"));
    assert!(ada.html.contains("lang=\"de\""));
    // A stranger without the login's cookie is nobody, with or without its tokens.
    let mut stranger = Visitor::at(&house.url("/guardian/authenticate/otp")).await;
    assert_eq!(stranger.status, 410);
    let (_, mut fields) = ada.form("form");
    fields.insert("code".to_owned(), "123456".to_owned());
    stranger.post("/guardian/authenticate/otp", &fields).await;
    assert_eq!(stranger.status, 410);
}
