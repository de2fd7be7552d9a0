//! The whole way in a real browser, from another site and back, and what it looks like.

use std::path::Path;

use super::shop::{ADA, Shop, enrolled, next_code};
use crate::browser::assert_sound;
use crate::elsewhere::Elsewhere;
use crate::support::browser::{Browser, Options};
use crate::support::house::{House, Setup};

/// Types what the app shows, and presses return.
async fn type_code(browser: &Browser, code: &str) {
    browser.type_into("#code", code).await;
    browser.press(".go").await;
}

async fn walk(suffix: &str, options: Options) {
    let Some(browser) = Browser::start(options).await else {
        return;
    };
    let (house, elsewhere) = (house().await, Elsewhere::start().await);
    elsewhere.show("/back", "<h1>Back at the shop</h1>");
    let (key, recovery_code) = enrolled(&house, ADA).await;
    let shop = Shop::new(&house).await;
    let back = elsewhere.url("/back");
    let locale = (suffix == "de-narrow").then(|| "de".to_owned());
    let link = async || {
        let request = shop.link(ADA, |request| {
            request.redirect_uri.clone_from(&back);
            request.ui_locales.clone_from(&locale);
        });
        request.await
    };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let snap = async |name: &str| {
        assert_sound(&browser, &house).await;
        let file = format!("pictures/login-{name}-{suffix}.png");
        browser.screenshot(target.join(file)).await;
    };
    browser.goto(&link().await).await;
    snap("otp").await;
    type_code(&browser, "000000").await;
    snap("otp-wrong").await;
    type_code(&browser, &next_code(&house, &key)).await;
    assert!(
        browser.url().await.starts_with(&back),
        "a form's answer may lead there"
    );
    assert_eq!(browser.text("h1").await, "Back at the shop");
    browser.goto(&link().await).await;
    browser.press("a[href$=choose]").await;
    snap("choose").await;
    browser.press("a[href$=recovery-code]").await;
    snap("recovery-code").await;
    type_code(&browser, &recovery_code).await;
    snap("fresh-code").await;
    browser.click("input[name=saved]").await;
    browser.press(".go").await;
    assert!(browser.url().await.starts_with(&back));
    browser.goto(&link().await).await;
    browser.press("form[action$=cancel] button").await;
    let url = browser.url().await;
    assert!(url.contains("error=access_denied"), "{url}");
    browser.goto(&house.url("/guardian/authenticate/otp")).await;
    snap("over").await;
    stop(&house, &browser, &link().await).await;
    snap("stopped").await;
}

async fn house() -> House {
    let setup = Setup::new().set("TESSERA_SITE__NAME", "Example Bank");
    setup
        .set("TESSERA_SITE__SUPPORT_EMAIL", "help@example.com")
        .start()
        .await
}

/// Somebody guessed until nothing is taken any more.
async fn stop(house: &House, browser: &Browser, link: &str) {
    browser.goto(link).await;
    let user = ADA.parse().unwrap();
    let until = house.app.now() + std::time::Duration::from_secs(86_400);
    let mut tx = house.app.store.begin_write().await.unwrap();
    for _ in 0..20 {
        tx.count_failure_of(&user).await.unwrap();
    }
    tx.delay_user(&user, until).await.unwrap();
    tx.commit().await.unwrap();
    type_code(browser, "000000").await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn light_on_a_phone() {
    walk("light-phone", Options::PHONE).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn dark_on_a_desktop_without_scripts() {
    let options = Options {
        javascript: false,
        ..Options::DESKTOP.dark()
    };
    walk("dark-desktop", options).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn german_on_a_narrow_phone() {
    let narrow = Options {
        width: 320,
        ..Options::PHONE
    };
    walk("de-narrow", narrow).await;
}
