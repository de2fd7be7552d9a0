//! People and back ends with strange names: whatever they hold is shown as it is, and does nothing.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{Html, Selector};
use tessera::core::UserId;
use tessera::factors::Switches;
use tessera::store::User;
use tessera::tickets::{Asked, CreateTicket};
use url::Url;

use crate::support::hostile::{TEXTS, skeleton};
use crate::support::house::{House, Setup, asked};
use crate::support::visitor::Visitor;

async fn add(house: &House, user_id: &str, name: Option<&str>) {
    let now = house.app.now();
    let profile = match name {
        Some(name) => serde_json::json!({ "name": name }),
        None => serde_json::json!({}),
    };
    let user = User {
        user_id: user_id.parse().unwrap(),
        email: None,
        blocked: false,
        profile: profile.to_string(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = house.app.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&user).await.unwrap());
    tx.commit().await.unwrap();
}

/// Walks to the end of the pages; says what each page shows as the account, and how it is built.
async fn walk(house: &House, user_id: &str) -> Vec<(String, usize)> {
    let issued = house
        .ticket(Asked {
            email: None,
            ..asked(user_id)
        })
        .await;
    let link = house.link(&issued);
    let mut ada = Visitor::at(&link).await;
    assert_eq!(ada.status, 200, "{user_id}: {}", ada.html);
    let mut pages = vec![(raw_text(&ada, ".stub strong"), skeleton(&ada.html))];
    ada.submit("form", &[("code", "<b>{{ 7*7 }}</b>")]).await;
    pages.push((raw_text(&ada, ".stub strong"), skeleton(&ada.html)));
    ada.confirm(house).await;
    assert_eq!(raw_text(&ada, ".paper dd + dt + dd"), pages[0].0);
    pages.push((raw_text(&ada, ".stub strong"), skeleton(&ada.html)));
    ada.save_recovery_code().await;
    pages.push((raw_text(&ada, ".stub strong"), skeleton(&ada.html)));
    let stranger = Visitor::at(&link).await;
    pages.push((
        raw_text(&stranger, ".stub strong"),
        skeleton(&stranger.html),
    ));
    pages
}

fn raw_text(visitor: &Visitor, css: &str) -> String {
    let page = Html::parse_document(&visitor.html);
    let element = page.select(&Selector::parse(css).unwrap()).next();
    element.unwrap().text().collect()
}

#[tokio::test]
async fn a_strange_user_id_or_name_is_shown_as_it_is_on_every_page() {
    let house = House::start().await;
    add(&house, "plain", None).await;
    let plain: Vec<usize> = walk(&house, "plain")
        .await
        .into_iter()
        .map(|page| page.1)
        .collect();
    let mut people = Vec::new();
    for (nth, text) in TEXTS.iter().enumerate() {
        let id = text.parse::<UserId>();
        if let Ok(id) = &id {
            add(&house, text, None).await;
            people.push(((*text).to_owned(), id.friendly().to_owned()));
        }
        // The same place of the same pages, filled from elsewhere.
        if nth % 5 == 0 || id.is_err() {
            let named = format!("named-{nth}");
            add(&house, &named, Some(text)).await;
            people.push((named, (*text).to_owned()));
        }
    }
    for (nth, (user, name)) in people.iter().enumerate() {
        // All the way for some, the first page for all.
        if nth % 12 == 0 {
            let (shown, built): (Vec<_>, Vec<_>) = walk(&house, user).await.into_iter().unzip();
            assert!(shown.iter().all(|shown| shown == name), "{name}: {shown:?}");
            assert_eq!(built, plain, "{user}");
        } else {
            let asked = Asked {
                email: None,
                ..asked(user)
            };
            let page = Visitor::at(&house.link(&house.ticket(asked).await)).await;
            assert_eq!(raw_text(&page, ".stub strong"), *name);
            assert_eq!(skeleton(&page.html), plain[0], "{user}");
        }
    }
}

#[tokio::test]
async fn a_strange_name_is_text_in_both_parts_of_every_mail() {
    let house = House::start().await;
    for (nth, text) in TEXTS.iter().enumerate() {
        let user = format!("user-{nth}");
        add(&house, &user, Some(text)).await;
        let asked = Asked {
            send_mail: true,
            email: Some(format!("{nth}@example.com")),
            ..asked(&user)
        };
        let issued = house.ticket(asked).await;
        // The other mail, for some.
        if nth % 10 == 0 {
            let mut visitor = Visitor::at(&house.link(&issued)).await;
            visitor.confirm(&house).await;
        }
    }
    house.deliver().await;
    let foreign =
        Selector::parse("script, img, svg, form, iframe, a:not([href^='http://localhost'])")
            .unwrap();
    let mut built = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for file in std::fs::read_dir(house.dir.path().join("data/mail")).unwrap() {
        let raw = std::fs::read(file.unwrap().path()).unwrap();
        let mail = mail_parser::MessageParser::default().parse(&raw).unwrap();
        let to = mail.to().unwrap().first().unwrap().address().unwrap();
        let nth: usize = to.split_once('@').unwrap().0.parse().unwrap();
        let name = TEXTS[nth];
        let html = mail.body_html(0).unwrap();
        let page = Html::parse_document(&html);
        let words: String = page.root_element().text().collect();
        assert!(words.contains(name), "{name} in {words}");
        let text = mail.body_text(0).unwrap();
        // A soft hyphen shows nothing where no line breaks, and plain text has none.
        let plain = name.replace('\u{ad}', "");
        assert!(text.contains(&plain), "{name} in {text}");
        assert_eq!(page.select(&foreign).count(), 0, "{html}");
        let subject = mail.subject().unwrap().to_owned();
        let count = skeleton(&html);
        assert_eq!(
            *built.entry(subject).or_insert(count),
            count,
            "{name}: {html}"
        );
        seen.insert(nth);
    }
    assert_eq!(seen.len(), TEXTS.len());
    assert_eq!(built.len(), 2, "{built:?}");
}

#[tokio::test]
async fn an_address_that_looks_like_a_template_stays_an_address() {
    let house = House::start().await;
    for address in [
        "{{7*7}}@example.com",
        "o'neil&x@example.com",
        "a+{#@example.com",
    ] {
        let issued = house
            .ticket(Asked {
                email: Some(address.to_owned()),
                ..asked(address)
            })
            .await;
        let page = Visitor::at(&house.link(&issued)).await;
        assert_eq!(raw_text(&page, ".stub strong"), address);
        let link = page.html.split("otpauth://").nth(1).unwrap();
        let link = link.split('"').next().unwrap().replace("&amp;", "&");
        let link = Url::parse(&format!("otpauth://{link}")).unwrap();
        let secrets = link.query_pairs().filter(|(name, _)| name == "secret");
        assert_eq!(secrets.count(), 1, "{link}");
    }
    for locale in ["{{ 7*7 }}", "en\r\nBcc: x", "../../etc", "<b>", ""] {
        let asked = Asked {
            email_locale: Some(locale.to_owned()),
            ..asked("locale")
        };
        let parsed = CreateTicket::parse(&asked, &house.app.policy, &Switches::default());
        assert!(parsed.is_err(), "{locale:?}");
    }
}

/// Ways to leave `https://app.example.com`.
fn ways_out() -> Vec<String> {
    let fixed = [
        "",
        "/",
        "//",
        "///",
        "\\",
        "/\\",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "%2f%2fevil.example",
        ".evil.example",
        "@evil.example",
        ":80@evil.example",
        "evil.example",
        "?next=//evil.example",
        "#@evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        " javascript:alert(1)",
        "javascript://app.example.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://app.example.com/x",
        "filesystem:https://app.example.com/x",
        "about:blank",
        "ftp://app.example.com/",
        "ws://app.example.com/",
        "wss://app.example.com/",
        "mailto:x@app.example.com",
        "otpauth://totp/x",
        "view-source:https://app.example.com",
        "intent://app.example.com#Intent;end",
        "http://app.example.com/",
        "http://app.example.com:443/",
    ];
    let hosts = [
        "https://evil.example",
        "https://evil.example/https://app.example.com",
        "https://evil.example?https://app.example.com",
        "https://evil.example#https://app.example.com",
        "https://evil.example\\@app.example.com",
        "https://evil.example%00.app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com@evil.example",
        "https://app.example.com:x@evil.example",
        "https://app.example.com%40evil.example",
        "https://app.example.com%2eevil.example",
        "https://app.example.comevil.example",
        "https://app.example.com:444",
        "https://app.example.com:8443/",
        "https://app.example.com.",
        "https://evil-app.example.com",
        "https://x.app.example.com",
        "https://example.com",
        "https://app\u{3002}example.com.evil.example",
        "https://аpp.example.com",
        "https://app.example.com\u{2024}evil.example",
        "https:app.evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "https:\\\\evil.example",
        "https:/\\evil.example",
        "ht\ttps://evil.example",
        "https://ev\til.example",
        "\thttps://evil.example",
        "https://[::1]",
        "https://127.0.0.1",
        "https://0x7f.1",
        "https://2130706433",
        "https://user@app.example.com",
        "https://user:pw@app.example.com",
        "https://@app.example.com:444",
        "https://app.example.com\\.evil.example",
        "https://app.example.com\u{0}.evil.example",
        "//app.example.com",
        "app.example.com",
        "https://",
        "https://app.example.com/\\evil.example",
        "https://app.example.com//evil.example",
        "https://app.example.com/..//evil.example",
        "https://app.example.com/%0d%0aLocation:%20https://evil.example",
        "https://app.example.com/\"><script>alert(1)</script>",
        "https://app.example.com/?x={{7*7}}#<b>",
    ];
    fixed.into_iter().chain(hosts).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_way_back_never_leaves_the_allowed_origin() {
    let setup = Setup::new().set("TESSERA_TICKETS__RESULT_ORIGINS", "https://app.example.com");
    let house = setup.start().await;
    let (mut taken, mut refused) = (0, 0);
    let mut built = None;
    assert!(ways_out().len() >= 80);
    for (nth, way) in ways_out().into_iter().enumerate() {
        let wanted = Asked {
            result_url: Some(way.clone()),
            ..asked(&format!("user-{nth}"))
        };
        if CreateTicket::parse(&wanted, &house.app.policy, &Switches::default()).is_err() {
            refused += 1;
            continue;
        }
        taken += 1;
        let mut ada = Visitor::at(&house.link(&house.ticket(wanted).await)).await;
        ada.confirm(&house).await;
        ada.save_recovery_code().await;
        let page = Html::parse_document(&ada.html);
        let link = page
            .select(&Selector::parse("a.go").unwrap())
            .next()
            .unwrap();
        let leads = Url::parse(link.attr("href").unwrap()).unwrap();
        assert_eq!(
            leads.origin().ascii_serialization(),
            "https://app.example.com",
            "{way}"
        );
        assert!(leads.username().is_empty());
        assert!(
            leads.query().unwrap().ends_with("result=enrolled"),
            "{leads}"
        );
        assert_eq!(
            *built.get_or_insert(skeleton(&ada.html)),
            skeleton(&ada.html)
        );
    }
    assert!(
        taken >= 3 && refused >= 75,
        "{taken} taken, {refused} refused"
    );
}
