//! The journey in a real browser: from a delivered mail to an enrolled app.

use std::time::Duration;

use serde_json::{Value, json};
use tessera::tickets::Asked;

use crate::elsewhere::Elsewhere;
use crate::support::authenticator;
use crate::support::browser::{Browser, Options};
use crate::support::house::{House, Setup, asked};
use crate::support::smtp::{self, SmtpServer, Tls};

/// What Ada's app shows for the key on the page.
pub async fn code(browser: &Browser, house: &House) -> String {
    let now = u64::try_from(house.app.now().seconds()).unwrap();
    authenticator::code(&browser.text("code#key").await, now)
}

/// The page wants nothing from other servers, breaks no rule of its own, and fits the screen.
pub async fn assert_sound(browser: &Browser, house: &House) {
    let complaints: Vec<String> = browser.console().await;
    let complaints: Vec<&String> = complaints
        .iter()
        // Chromium tells the status of a page that says "410" as if it were a fault.
        .filter(|line| !line.contains("the server responded with a status of 4"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    let fetched = browser
        .execute("return performance.getEntriesByType('resource').map(e => e.name)")
        .await;
    let home = house.url("/");
    for name in fetched.as_array().unwrap() {
        assert!(name.as_str().unwrap().starts_with(&home), "{name}");
    }
    let too_wide =
        "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(
        browser.execute(too_wide).await,
        Value::Bool(false),
        "sideways"
    );
}

/// Every address in the tab's history.
async fn history(browser: &Browser) -> Vec<String> {
    let told = browser
        .devtools("Page.getNavigationHistory", json!({}))
        .await;
    let entries = told["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["url"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn ada_goes_from_her_mail_to_an_enrolled_app() {
    from_mail_to_done(Options::DESKTOP).await;
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn grace_does_it_on_a_phone_without_javascript() {
    from_mail_to_done(Options::PHONE.without_javascript()).await;
}

async fn from_mail_to_done(options: Options) {
    let login = Some(("mailer", "hunter2"));
    let tls = Tls::Upgrade;
    let Some(post_office) = SmtpServer::start(smtp::Options {
        tls,
        login,
        ..smtp::Options::default()
    }) else {
        return;
    };
    let Some(browser) = Browser::start(options).await else {
        return;
    };
    let house = Setup::new().mailing_through(&post_office).start().await;
    let send_mail = true;
    house
        .ticket(Asked {
            send_mail,
            ..asked("auth0|ada")
        })
        .await;
    assert_eq!(house.deliver().await, 1);
    let mail = post_office.wait_for(1, Duration::from_secs(20)).await;
    assert!(mail[0].tls, "no mail without TLS");
    let text = mail[0].text();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("?ticket="));
    let link = link.expect("the mail's text has the link").to_owned();
    let secret = link.rsplit_once('.').unwrap().1;

    // Webmail is another site: a cookie that is Strict would not come along.
    let webmail = Elsewhere::start().await;
    webmail.show(
        "/inbox",
        &format!("<a id=link href='{link}'>Protect my account</a>"),
    );
    browser.goto(&webmail.url("/inbox")).await;
    browser.press("#link").await;
    assert_eq!(browser.url().await, house.url("/guardian/enroll/otp"));
    assert_eq!(browser.text(".stub strong").await, "ada@example.com");
    let scripted = browser.count("[data-copy]:not([hidden])").await;
    assert_eq!(scripted, u64::from(options.javascript), "the copy button");
    assert_sound(&browser, &house).await;
    assert!(!browser.source().await.contains(secret));

    browser.type_into("#code", "000000").await;
    browser.press(".go").await;
    assert!(browser.text("#errors").await.contains("isn’t right"));
    assert_sound(&browser, &house).await;

    let right = code(&browser, &house).await;
    browser.type_into("#code", &right).await;
    browser.press(".go").await;
    assert_eq!(
        browser.url().await,
        house.url("/guardian/enroll/recovery-code")
    );
    let recovery = browser.text("#recovery").await;
    assert_eq!(recovery.split_whitespace().collect::<String>().len(), 24);
    assert_sound(&browser, &house).await;

    browser.click("input[name=saved]").await;
    browser.press(".go").await;
    assert_eq!(browser.url().await, house.url("/guardian/enroll/done"));
    assert_sound(&browser, &house).await;

    let visited = history(&browser).await;
    assert!(
        visited.iter().all(|url| !url.contains(secret)),
        "{visited:?}"
    );
    for _ in 1..visited.len() {
        browser.back().await;
        let page = browser.source().await;
        assert!(!page.contains("otpauth:"), "the key is gone for good");
        assert!(!page.contains(recovery.split(' ').next().unwrap()));
    }
    browser.goto(&link).await;
    assert_eq!(
        browser.url().await,
        house.url("/guardian/enroll/done"),
        "who enrolled may look again"
    );
    browser
        .devtools("Network.clearBrowserCookies", json!({}))
        .await;
    browser.goto(&link).await;
    assert_eq!(browser.text("h1").await, "This link has been used");
    assert_sound(&browser, &house).await;

    assert_eq!(house.deliver().await, 1, "Ada is told of her new app");
    let mails = post_office.wait_for(2, Duration::from_secs(20)).await;
    assert!(mails[1].subject().contains("sign-in method was added"));
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_scanner_that_presses_every_button_spends_nothing() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let house = House::start().await;
    let issued = house.ticket(asked("ada")).await;
    let link = house.link(&issued);
    let row = async || {
        let mut read = house.app.store.begin_read().await.unwrap();
        let ticket = read.ticket(&issued.ticket_id).await.unwrap();
        format!("{ticket:?}")
    };
    let before = row().await;
    for page in ["/guardian/enroll/otp", "/guardian/enroll/choose"] {
        browser.goto(&link).await;
        browser.goto(&house.url(page)).await;
        let buttons = browser.count("button, summary, form").await;
        assert!(buttons > 0, "{page}");
        for nth in 0..buttons {
            for even_if_empty in ["", "f && (f.noValidate = true);"] {
                browser.goto(&house.url(page)).await;
                let press = format!(
                    "const b = document.querySelectorAll('button, summary, form')[{nth}];
                     const f = b.form ?? (b.tagName == 'FORM' ? b : null); {even_if_empty}
                     b.tagName == 'FORM' ? b.submit() : b.click()"
                );
                browser.execute(&press).await;
                // The next command waits for the page that this led to.
                browser.title().await;
            }
        }
    }
    assert_eq!(row().await, before, "the ticket's row is the same");
    browser.goto(&link).await;
    let right = code(&browser, &house).await;
    browser.type_into("#code", &right).await;
    browser.press(".go").await;
    assert_eq!(
        browser.url().await,
        house.url("/guardian/enroll/recovery-code")
    );
}

/// Presses and lets go of one key.
async fn press(browser: &Browser, key: &str, number: u32, text: &str) {
    for kind in ["keyDown", "keyUp"] {
        let told = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number, "text": text });
        browser.devtools("Input.dispatchKeyEvent", told).await;
    }
}

/// Walks with the Tab key to the first element that matches; every stop on the way is one that can be seen.
async fn tab_to(browser: &Browser, css: &str) {
    let mut stops = Vec::new();
    for _ in 0..20 {
        press(browser, "Tab", 9, "").await;
        let stop = browser
            .execute(&format!(
                "const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
                 return {{ there: e.matches('{css}'), ring: s.outlineStyle != 'none', area: r.width * r.height, name: e.outerHTML.slice(0, 60) }}"
            ))
            .await;
        assert_eq!(stop["ring"], true, "focus can't be seen on {stop}");
        assert!(stop["area"].as_f64().unwrap() > 100.0, "{stop}");
        if stop["there"] == true {
            return;
        }
        stops.push(stop["name"].clone());
    }
    panic!("Tab never came to {css}: {stops:?}");
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn the_keyboard_alone_is_enough() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let house = House::start().await;
    browser.goto(&house.link_for("ada").await).await;
    browser.goto(&house.url("/guardian/enroll/choose")).await;
    tab_to(&browser, ".choice").await;
    let choosing = press(&browser, "Enter", 13, "\r");
    browser.leads_on(choosing).await;
    let right = code(&browser, &house).await;
    tab_to(&browser, "#code").await;
    browser
        .devtools("Input.insertText", json!({ "text": right }))
        .await;
    tab_to(&browser, ".go").await;
    press(&browser, "Enter", 13, "\r").await;
    assert!(!browser.text("#recovery").await.is_empty());
    tab_to(&browser, "input[name=saved]").await;
    press(&browser, " ", 32, " ").await;
    // Enter in a form's own field sends it.
    press(&browser, "Enter", 13, "\r").await;
    let done = browser.text(".seal.good + div h1").await;
    assert!(done.contains("your app is connected"));
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn enter_in_the_code_field_confirms() {
    let Some(browser) = Browser::start(Options::PHONE).await else {
        return;
    };
    let house = House::start().await;
    browser.goto(&house.link_for("ada").await).await;
    let field =
        "const c = document.querySelector('#code'); return [c.autocomplete, c.inputMode, c.type]";
    let expected = json!(["one-time-code", "numeric", "text"]);
    assert_eq!(browser.execute(field).await, expected);
    let code = code(&browser, &house).await;
    let pasted = format!(" {} {} ", &code[..3], &code[3..]);
    browser.click("#code").await;
    browser
        .devtools("Input.insertText", json!({ "text": pasted }))
        .await;
    press(&browser, "Enter", 13, "\r").await;
    assert!(
        !browser.text("#recovery").await.is_empty(),
        "spaces are no fault"
    );
}
