//! A browser that is remembered asks for nothing, for a while.

use std::time::Duration;

use tessera::logins::Request;

use super::shop::{ADA, Shop, brought, enrolled, next_code};
use crate::support::house::House;
use crate::support::visitor::Visitor;

#[tokio::test]
async fn a_browser_is_remembered_until_somebody_wants_to_know() {
    let house = House::start().await;
    let (key, _) = enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    let code = next_code(&house, &key);
    ada.submit("form", &[("code", &code), ("remember", "yes")])
        .await;
    assert!(brought(&ada).contains_key("code"));
    let day = Duration::from_secs(24 * 60 * 60);
    house.clock.advance(day);
    let none = |request: &mut Request| request.prompt = Some("none".to_owned());
    for change in [|_: &mut Request| {}, none] {
        let mut again = ada.clone();
        again.open(&shop.link(ADA, change).await).await;
        let spent = shop.spend(&brought(&again)["code"]).await;
        let remembered = ("remembered-browser".to_owned(), "mfa otp".to_owned());
        assert_eq!(spent, Some(remembered), "without a word");
    }
    // The application may want it proved now, or lately; another browser or person is not this one.
    let login = |request: &mut Request| request.prompt = Some("login".to_owned());
    let lately = |request: &mut Request| request.max_age = Some(3600);
    for change in [login, lately] {
        let mut again = ada.clone();
        again.open(&shop.link(ADA, change).await).await;
        assert_eq!(again.url.path(), "/guardian/authenticate/otp");
    }
    enrolled(&house, "auth0|grace").await;
    let mut grace = ada.clone();
    grace.open(&shop.link("auth0|grace", |_| {}).await).await;
    assert_eq!(grace.url.path(), "/guardian/authenticate/otp");
    // A back end ends it, and so do thirty days.
    let token = house.admin_token().await;
    let forget = "/api/v2/users/auth0%7Cada/multifactor/actions/invalidate-remember-browser";
    let remembered = ada.clone();
    let asks = async |link: &str| {
        let mut again = remembered.clone();
        again.open(link).await;
        again.url.path() == "/guardian/authenticate/otp"
    };
    assert!(!asks(&shop.link(ADA, |_| {}).await).await);
    let request = reqwest::Client::new().post(house.url(forget));
    let answer = request.bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert!(asks(&shop.link(ADA, |_| {}).await).await);
    let code = next_code(&house, &key);
    let mut ada = Visitor::at(&shop.link(ADA, |_| {}).await).await;
    ada.submit("form", &[("code", &code), ("remember", "yes")])
        .await;
    assert!(brought(&ada).contains_key("code"));
    house.clock.advance(day * 30);
    ada.open(&shop.link(ADA, |_| {}).await).await;
    assert_eq!(ada.url.path(), "/guardian/authenticate/otp");
}
