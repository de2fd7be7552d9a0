//! The same in a real browser, with an authenticator that it simulates.

use std::time::Duration;

use serde_json::{Value, json};

use super::{PLATFORM, ROAMING, asked_for, enrollments};
use crate::browser::assert_sound;
use crate::support::browser::{Browser, Options};
use crate::support::house::House;

/// A browser with an authenticator.
struct Desk {
    browser: Browser,
    house: House,
}

impl Desk {
    async fn new(options: Options) -> Option<Self> {
        let browser = Browser::start(options).await?;
        browser
            .devtools("WebAuthn.enable", json!({ "enableUI": false }))
            .await;
        Some(Self {
            browser,
            house: House::start().await,
        })
    }

    /// Plugs in a key, or makes the device one; says its name.
    async fn plug(&self, transport: &str, verifies: bool) -> Value {
        let options = json!({
            "protocol": "ctap2", "transport": transport, "hasResidentKey": true,
            "hasUserVerification": verifies, "isUserVerified": verifies,
            "automaticPresenceSimulation": true,
        });
        let command = "WebAuthn.addVirtualAuthenticator";
        let added = self
            .browser
            .devtools(command, json!({ "options": options }))
            .await;
        added["authenticatorId"].clone()
    }

    async fn unplug(&self, id: &Value) {
        let command = "WebAuthn.removeVirtualAuthenticator";
        self.browser
            .devtools(command, json!({ "authenticatorId": id }))
            .await;
    }

    async fn open(&self, user: &str, factors: &[&str]) {
        let issued = self.house.ticket(asked_for(user, factors)).await;
        self.browser.goto(&self.house.link(&issued)).await;
    }

    async fn go(&self, factor: &str) {
        let page = self.house.url(&format!("/guardian/enroll/{factor}"));
        self.browser.goto(&page).await;
    }

    /// What the page says of a ceremony that came to nothing.
    async fn told(&self) -> String {
        let alert = "const a = document.querySelector('[data-alert]:not([hidden])'); return a ? a.textContent : ''";
        self.browser.until(alert).await
    }
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn keys_and_passkeys_with_and_without_verification() {
    let Some(desk) = Desk::new(Options::DESKTOP).await else {
        return;
    };
    for (user, factor, transport, verifies, device) in [
        ("ada", ROAMING, "usb", false, "single_device"),
        ("bob", ROAMING, "usb", true, "single_device"),
        ("cyd", PLATFORM, "internal", true, "single_device"),
    ] {
        let key = desk.plug(transport, verifies).await;
        desk.open(user, &[factor]).await;
        desk.browser.type_into("#name", "Blue one").await;
        desk.browser.press(".go").await;
        let url = desk.browser.url().await;
        assert_eq!(
            url,
            desk.house.url("/guardian/enroll/recovery-code"),
            "{user}"
        );
        assert_sound(&desk.browser, &desk.house).await;
        let stored = enrollments(&desk.house, user).await.remove(0);
        assert_eq!(stored.name.as_deref(), Some("Blue one"));
        let facts: Value = serde_json::from_str(&stored.facts).unwrap();
        assert_eq!(facts["device_type"], device, "{facts}");
        assert_eq!(facts["relying_party"], "localhost");
        if factor == PLATFORM {
            assert_eq!(facts["user_verified"], true);
            assert_eq!(facts["attachment"], "platform");
        } else {
            assert_eq!(facts["attachment"], "cross-platform");
        }
        desk.unplug(&key).await;
    }
    // A device that verifies nobody is not offered at all.
    let weak = desk.plug("internal", false).await;
    desk.open("dan", &[PLATFORM]).await;
    assert!(desk.told().await.contains("offers no face, fingerprint"));
    assert_eq!(desk.browser.count("form[data-ceremony][hidden]").await, 1);
    desk.unplug(&weak).await;
    assert_eq!(desk.house.enrollments("dan").await, 0);
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn the_same_device_twice_too_late_and_refused() {
    let Some(desk) = Desk::new(Options::PHONE).await else {
        return;
    };
    let browser = &desk.browser;
    let key = desk.plug("usb", true).await;
    desk.open("ada", &[ROAMING, PLATFORM]).await;
    desk.go(ROAMING).await;
    browser.press(".go").await;
    browser.click("input[name=saved]").await;
    browser.press(".go").await;
    // The key's credential moves into the device, as if it had been this one.
    let held = json!({ "authenticatorId": key });
    let held = browser.devtools("WebAuthn.getCredentials", held).await;
    desk.unplug(&key).await;
    let device = desk.plug("internal", true).await;
    let credential = json!({ "authenticatorId": device, "credential": held["credentials"][0] });
    browser.devtools("WebAuthn.addCredential", credential).await;
    desk.go(PLATFORM).await;
    browser.click(".go").await;
    assert!(
        desk.told()
            .await
            .contains("This device is set up for your account already")
    );
    assert_eq!(desk.house.enrollments("ada").await, 1);

    // The finger does not fit: the browser says no more than that it was not allowed.
    let unverified = json!({ "authenticatorId": device, "isUserVerified": false });
    browser
        .devtools("WebAuthn.setUserVerified", unverified)
        .await;
    desk.open("bob", &[PLATFORM]).await;
    browser.click(".go").await;
    assert!(desk.told().await.contains("dismissed, or it took too long"));
    let verified = json!({ "authenticatorId": device, "isUserVerified": true });
    browser.devtools("WebAuthn.setUserVerified", verified).await;

    // Nobody touches it for six minutes.
    let hesitate = "const create = navigator.credentials.create.bind(navigator.credentials);
        navigator.credentials.create = async (asked) => {
            await new Promise((touch) => { window.touch = touch });
            return create(asked);
        }";
    browser.execute(hesitate).await;
    browser.click(".go").await;
    browser.until("return window.touch ? 'it waits' : ''").await;
    desk.house.clock.advance(Duration::from_secs(6 * 60));
    let touch = async { drop(browser.execute("touch()").await) };
    browser.leads_on(touch).await;
    assert!(browser.text("#errors").await.contains("took too long"));
    assert_eq!(desk.house.enrollments("bob").await, 0);
    browser.press(".go").await;
    assert_eq!(desk.house.enrollments("bob").await, 1, "and then it works");
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn each_complaint_of_the_browser_has_a_sentence_and_none_is_repeated() {
    let Some(desk) = Desk::new(Options::DESKTOP).await else {
        return;
    };
    let browser = &desk.browser;
    desk.plug("usb", true).await;
    desk.open("ada", &[ROAMING]).await;
    for (name, words) in [
        (
            "InvalidStateError",
            "This security key is set up for your account already",
        ),
        ("NotAllowedError", "dismissed, or it took too long"),
        ("AbortError", "interrupted your browser"),
        ("NotSupportedError", "cannot be used here"),
        ("SecurityError", "does not fit its settings"),
        ("ConstraintError", "no PIN, fingerprint or face"),
        ("<b>\\u001b[31mError\\r\\n", "That did not work"),
    ] {
        let complain = format!(
            "navigator.credentials.create = () => Promise.reject(new DOMException('<i>secret</i>', '{name}'))"
        );
        browser.execute(&complain).await;
        browser.click(".go").await;
        let told = desk.told().await;
        assert!(told.contains(words), "{name}: {told}");
        assert!(!browser.source().await.contains("<i>secret"), "{name}");
        assert_eq!(browser.count(".go:disabled").await, 0, "{name}");
    }
    // The link was spent elsewhere meanwhile: the page says so.
    let mut tx = desk.house.app.store.begin_write().await.unwrap();
    tx.delete_user(&"ada".parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    browser.press(".go").await;
    assert_eq!(browser.text("h1").await, "This link isn’t valid");
}
