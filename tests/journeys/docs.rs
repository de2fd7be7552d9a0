//! A developer reads the API in a browser.

use std::path::Path;

use crate::browser::assert_sound;
use crate::support::browser::{Browser, Options};
use crate::support::house::House;

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn the_api_is_read_on_a_desktop() {
    read("docs-light-desktop", Options::DESKTOP).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn the_api_is_read_on_a_phone() {
    read("docs-light-phone", Options::PHONE).await;
}

async fn read(picture: &str, options: Options) {
    let Some(browser) = Browser::start(options).await else {
        return;
    };
    let house = House::start().await;
    browser.goto(&house.url("/docs")).await;
    browser.click(".opblock-summary").await;
    let told = browser.text(".opblock-description").await;
    assert!(!told.is_empty());
    assert!(browser.count(".opblock").await >= 20);
    assert_eq!(browser.count(".authorize, .try-out").await, 0);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    browser
        .screenshot(target.join(format!("pictures/{picture}.png")))
        .await;
    assert_sound(&browser, &house).await;
}
