//! Two real browsers: one at the desk, one in the hand.

use std::path::Path;

use serde_json::json;

use super::{link, wrong};
use crate::browser::assert_sound;
use crate::support::browser::{Browser, Options};
use crate::support::house::House;

async fn say(phone: &Browser) -> String {
    let said = "const line = document.querySelector('[data-say]'); return line.hidden ? '' : line.textContent";
    phone.until(said).await
}

async fn wait_for(browser: &Browser, css: &str) -> String {
    let script = format!(
        "const found = document.querySelector({}); return found && found.offsetParent ? found.textContent.trim() : ''",
        json!(css)
    );
    browser.until(&script).await
}

async fn picture(browser: &Browser, name: &str) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    browser
        .screenshot(target.join(format!("pictures/push-{name}.png")))
        .await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn ada_pairs_denies_mistypes_and_approves() {
    let (desk, hand) = tokio::join!(
        Browser::start(Options::DESKTOP),
        Browser::start(Options::PHONE)
    );
    let (Some(desk), Some(hand)) = (desk, hand) else {
        return;
    };
    let house = House::start().await;
    desk.goto(&link(&house, "ada").await).await;
    picture(&desk, "start").await;
    desk.press(".go").await;
    picture(&desk, "waiting").await;
    assert_sound(&desk, &house).await;
    let code = desk.text("code.groups").await.replace(' ', "");

    // The phone's camera opens the link; the code leaves the address.
    hand.goto(&house.url(&format!("/authenticator#{code}")))
        .await;
    hand.until("return location.hash ? '' : 'gone'").await;
    picture(&hand, "pair").await;
    assert_eq!(hand.url().await, house.url("/authenticator"));
    hand.click("[data-show=pair] .go").await;
    assert!(say(&hand).await.starts_with("Connected."));
    wait_for(&hand, "[data-show=prompt]").await;
    picture(&hand, "prompt").await;
    assert_sound(&hand, &house).await;

    // She denies, and begins anew.
    wait_for(&desk, ".number").await;
    hand.click("[data-decision=deny]").await;
    desk.until(
        "const form = document.querySelector('input[value=begin]'); return form ? 'denied' : ''",
    )
    .await;
    assert_eq!(desk.text("h1").await, "It was denied on the phone");
    picture(&desk, "denied").await;
    desk.press(".go").await;
    let code = desk.text("code.groups").await.replace(' ', "");
    // A pairing that came to nothing leaves nothing behind.
    wait_for(&hand, "[data-show=pair]").await;
    hand.type_into("#pairing", &code.to_lowercase()).await;
    hand.click("[data-show=pair] .go").await;
    wait_for(&hand, "[data-show=prompt]").await;

    // Reloads in the middle lose nothing; a wrong number is told.
    let number = wait_for(&desk, ".number").await;
    picture(&desk, "asked").await;
    desk.reload().await;
    assert_eq!(wait_for(&desk, ".number").await, number);
    hand.reload().await;
    wait_for(&hand, "[data-show=prompt]").await;
    hand.type_into("#number", wrong(&number)).await;
    hand.click("[data-show=prompt] .go").await;
    assert!(say(&hand).await.starts_with("That isn’t the number"));

    hand.type_into("#number", &number).await;
    hand.click("[data-show=prompt] .go").await;
    // The desk goes on by itself.
    wait_for(&desk, "#recovery").await;
    assert_eq!(house.enrollments("ada").await, 1);
    wait_for(&hand, "[data-show=accounts]").await;
    picture(&hand, "connected").await;
    assert_sound(&desk, &house).await;

    // The key cannot be taken out of the phone.
    let extractable = "const done = arguments[arguments.length - 1]; return new Promise((told) => { \
        const opening = indexedDB.open('authenticator', 1); \
        opening.onsuccess = () => { const all = opening.result.transaction('accounts').objectStore('accounts').getAll(); \
        all.onsuccess = () => told(all.result.map((a) => a.key.extractable)); }; })";
    assert_eq!(hand.execute(extractable).await, json!([false]));
}
