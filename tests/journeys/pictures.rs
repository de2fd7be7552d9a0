//! Pictures of each screen as somebody meets it, on a phone, on a dark desktop and in narrow German: in
//! `target/pictures`, for eyes to judge. `tessera templates preview` has every state in every language.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::json;
use tessera::tickets::Asked;

use crate::browser::{assert_sound, code};
use crate::elsewhere::Elsewhere;
use crate::support::browser::{Browser, Options};
use crate::support::house::{House, Setup, asked};
use crate::support::visitor::Visitor;

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn light_on_a_phone() {
    walk("light-phone", Options::PHONE).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn dark_on_a_desktop() {
    walk("dark-desktop", Options::DESKTOP.dark()).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn german_with_long_names_on_a_narrow_phone() {
    let narrow = Options {
        width: 320,
        ..Options::PHONE
    };
    walk("de-narrow", narrow).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn mails_as_webmail_shows_them() {
    let setup = Setup::new()
        .set("TESSERA_SITE__NAME", "Example Bank")
        .set("TESSERA_SITE__SUPPORT_EMAIL", "help@example.com");
    let (house, webmail) = (setup.start().await, Elsewhere::start().await);
    let mailed = Asked {
        send_mail: true,
        ..asked("ada")
    };
    let issued = house.ticket(mailed).await;
    house.deliver().await;
    Visitor::at(&house.link(&issued))
        .await
        .confirm(&house)
        .await;
    house.clock.advance(Duration::from_secs(1));
    house.deliver().await;
    let folder = fs::read_dir(house.dir.path().join("data/mail")).unwrap();
    let mut mails: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    mails.sort();
    assert_eq!(mails.len(), 2);
    for (suffix, options) in [
        ("light-desktop", Options::DESKTOP),
        ("dark-phone", Options::PHONE.dark()),
    ] {
        let Some(browser) = Browser::start(options).await else {
            return;
        };
        let camera = Camera {
            browser: &browser,
            house: &house,
            suffix,
        };
        for (mail, name) in mails.iter().zip(["mail-enrollment", "mail-factor-added"]) {
            let raw = fs::read(mail).unwrap();
            let mail = MessageParser::default().parse(&raw).unwrap();
            webmail.show("/mail", &mail.body_html(0).unwrap());
            browser.goto(&webmail.url("/mail")).await;
            camera.snap(name).await;
        }
    }
    let fetched = webmail.asked();
    let own = |head: &String| head.starts_with("get /mail ") || head.starts_with("get /favicon");
    assert!(fetched.iter().all(own), "{fetched:?}");
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn the_screens_of_a_phone_number() {
    let narrow = Options {
        width: 320,
        ..Options::PHONE
    };
    for (suffix, options, locale) in [
        ("light-phone", Options::PHONE, "en"),
        ("dark-desktop", Options::DESKTOP.dark(), "en"),
        ("de-narrow", narrow, "de"),
    ] {
        let Some(browser) = Browser::start(options).await else {
            return;
        };
        let setup = Setup::new().texting();
        let house = setup
            .set("TESSERA_PHONE__COUNTRIES", "[\"DE\"]")
            .start()
            .await;
        let camera = Camera {
            browser: &browser,
            house: &house,
            suffix,
        };
        let ask = Asked {
            factor: vec!["phone".to_owned(), "otp".to_owned()],
            email_locale: Some(locale.to_owned()),
            ..asked("ada")
        };
        browser.goto(&house.link(&house.ticket(ask).await)).await;
        browser.goto(&house.url("/guardian/enroll/phone")).await;
        camera.take("phone").await;
        browser.type_into("#number", "030 123456").await;
        browser.press(".go").await;
        camera.take("phone-landline").await;
        browser.type_into("#number", "0151 23456789").await;
        browser.press(".go").await;
        camera.take("phone-code").await;
        browser.type_into("#code", "000000").await;
        browser.press(".go").await;
        camera.take("phone-code-wrong").await;
    }
}

struct Camera<'a> {
    browser: &'a Browser,
    house: &'a House,
    suffix: &'static str,
}

impl Camera<'_> {
    /// Takes a picture of a page that is sound.
    async fn take(&self, screen: &str) {
        self.snap(screen).await;
        assert_sound(self.browser, self.house).await;
    }

    async fn snap(&self, screen: &str) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let picture = format!("pictures/{screen}-{}.png", self.suffix);
        self.browser.screenshot(target.join(picture)).await;
    }
}

async fn walk(suffix: &'static str, options: Options) {
    let Some(browser) = Browser::start(options).await else {
        return;
    };
    let german = suffix.starts_with("de");
    let mut setup = Setup::new().set("TESSERA_TICKETS__RESULT_ORIGINS", "https://app.example.com");
    if german {
        setup = setup
            .set("TESSERA_SITE__NAME", "Donaudampfschifffahrtsgesellschaft")
            .set("TESSERA_SITE__SUPPORT_EMAIL", "hilfe@example.com");
    }
    let house = setup.start().await;
    let camera = Camera {
        browser: &browser,
        house: &house,
        suffix,
    };
    let address = "ada.augusta.king.countess.of.lovelace@analytical-engines.example.com";
    let ask = |user: &str| Asked {
        email: Some(if german { address } else { "ada@example.com" }.to_owned()),
        email_locale: german.then(|| "de".to_owned()),
        result_url: Some("https://app.example.com/welcome".to_owned()),
        ..asked(user)
    };
    let link = house.link(&house.ticket(ask("ada")).await);
    browser.goto(&link).await;
    camera.take("otp").await;
    browser.click("summary").await;
    camera.take("languages").await;
    browser.goto(&house.url("/guardian/enroll/choose")).await;
    camera.take("choose").await;
    browser.press(".choice").await;
    browser.type_into("#code", "000000").await;
    browser.press(".go").await;
    camera.take("otp-wrong").await;
    let right = code(&browser, &house).await;
    browser.type_into("#code", &right).await;
    browser.press(".go").await;
    camera.take("recovery-code").await;
    browser.click("input[name=saved]").await;
    browser.press(".go").await;
    camera.take("done").await;

    browser
        .devtools("Network.clearBrowserCookies", json!({}))
        .await;
    browser.goto(&link).await;
    camera.take("used").await;
    let late = house.link(&house.ticket(ask("grace")).await);
    house.clock.advance(Duration::from_secs(5 * 24 * 60 * 60));
    browser.goto(&late).await;
    camera.take("expired").await;
    browser.goto(&house.url("/guardian/enroll?ticket=x")).await;
    camera.take("invalid").await;
    let mut keys = ask("lin");
    keys.factor = ["webauthn-roaming", "webauthn-platform"]
        .map(String::from)
        .into();
    browser.goto(&house.link(&house.ticket(keys).await)).await;
    browser.devtools("WebAuthn.enable", json!({})).await;
    for page in ["webauthn-platform", "webauthn-roaming"] {
        let url = house.url(&format!("/guardian/enroll/{page}"));
        browser.goto(&url).await;
        browser.until("return document.querySelector('[data-alert]:not([hidden])') || document.querySelector('form:not([hidden])') ? 'it stands' : ''").await;
        camera.take(page).await;
    }
    let dismiss = "navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError'))";
    browser.execute(dismiss).await;
    browser.click(".go").await;
    browser.text("[data-alert]:not([hidden])").await;
    camera.take("webauthn-dismissed").await;
}
