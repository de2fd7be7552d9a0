//! People are spoken to in their language: on pages, in mails, in messages to phones.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mail_parser::{MessageParser, MimeHeaders as _};
use scraper::{Html, Selector};
use tessera::core::{Actor, UserId};
use tessera::store::User;
use tessera::tickets::Asked;
use tessera::users::recovery;
use tessera::views::{Locale, Polled};

use crate::phone::{ask, code_in};
use crate::samples::shipped;
use crate::support::house::{House, Setup, asked};
use crate::support::visitor::Visitor;

/// Every shipped language, and what it calls itself.
const LANGUAGES: [(&str, &str); 6] = [
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ja", "日本語"),
];

/// A user whose metadata says a language.
async fn speaker(house: &House, user_id: &str, metadata: &str) {
    let now = house.app.now();
    let user = User {
        user_id: user_id.parse::<UserId>().unwrap(),
        email: Some("ada@example.com".to_owned()),
        blocked: false,
        profile: format!(r#"{{"user_metadata":{metadata}}}"#),
        created_at: now,
        updated_at: now,
    };
    let mut tx = house.app.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&user).await.unwrap());
    tx.commit().await.unwrap();
}

/// The language that the page says it is in.
fn language(visitor: &Visitor) -> String {
    let page = Html::parse_document(&visitor.html);
    let root = page.root_element().value();
    let (lang, dir) = (root.attr("lang").unwrap(), root.attr("dir").unwrap());
    assert_eq!(dir == "rtl", lang == "ar", "{lang} {dir}");
    lang.to_owned()
}

/// The languages that the page's switch offers: where it leads, and the name.
fn switch(visitor: &Visitor) -> Vec<(String, String, String)> {
    let page = Html::parse_document(&visitor.html);
    let links = Selector::parse(".languages a").unwrap();
    let told = page.select(&links).map(|link| {
        let value = link.value();
        assert_eq!(value.attr("lang"), value.attr("hreflang"));
        (
            value.attr("lang").unwrap().to_owned(),
            link.text().collect(),
            value.attr("href").unwrap().to_owned(),
        )
    });
    told.collect()
}

#[tokio::test]
async fn a_page_speaks_the_language_that_is_wished_for_most() {
    let house = House::start().await;
    speaker(&house, "auth0|ada", r#"{"lang":"es"}"#).await;
    speaker(&house, "auth0|grace", r#"{"locale":"es-419"}"#).await;
    speaker(&house, "auth0|joan", "{}").await;
    let all = "&ui_locales=tlh+ja-JP+fr";
    for (user, link, ticket, browser, spoken) in [
        ("auth0|ada", all, Some("fr-CA"), "ar", "ja"),
        ("auth0|ada", "", Some("fr-CA"), "ar", "fr"),
        ("auth0|ada", "", Some("zh-TW"), "ar", "es"),
        ("auth0|ada", "", None, "ar", "es"),
        ("auth0|grace", "", None, "ar", "es"),
        ("auth0|joan", "", None, "zh-TW, ar-EG;q=0.8, fr;q=0.5", "ar"),
        ("auth0|joan", "", None, "zh-TW", "en"),
        ("auth0|joan", "", None, "", "en"),
        ("auth0|joan", "&ui_locales=%00+..%2F+x", None, "de-AT", "de"),
        (
            "auth0|joan",
            "&ui_locales=fr&ui_locales=ja",
            None,
            "de",
            "de",
        ),
    ] {
        let asked = Asked {
            email_locale: ticket.map(str::to_owned),
            ..asked(user)
        };
        let issued = house.ticket(asked).await;
        let mut visitor = Visitor::speaking(browser);
        visitor.open(&(house.link(&issued) + link)).await;
        assert_eq!(visitor.status, 200, "{}", visitor.html);
        let told = format!("{user} {link} {ticket:?} {browser}");
        assert_eq!(language(&visitor), spoken, "{told}");
        // It stays so from page to page, and is no choice of the person.
        visitor.submit("form", &[("code", "000000")]).await;
        assert_eq!(language(&visitor), spoken, "{told}");
        assert!(
            !visitor.cookie().contains("language"),
            "{}",
            visitor.cookie()
        );
    }
    // A link that opens nothing speaks the language that it asks for, too.
    let nothing = house.url("/guardian/enroll?ticket=gten_0.x&ui_locales=fr");
    let visitor = Visitor::at(&nothing).await;
    assert_eq!((visitor.status.as_u16(), &*language(&visitor)), (404, "fr"));
}

#[tokio::test]
async fn whoever_chooses_a_language_on_the_page_keeps_it() {
    let house = House::start().await;
    let mut ada = Visitor::at(&(house.link_for("auth0|ada").await + "&ui_locales=fr")).await;
    let key = ada.key();
    let offered = switch(&ada);
    let named: Vec<(&str, &str)> = offered
        .iter()
        .map(|(code, name, _)| (code.as_str(), name.as_str()))
        .collect();
    assert_eq!(named, LANGUAGES);
    for (code, _, href) in &offered {
        let here = ada.url.join(href).unwrap();
        ada.open(here.as_str()).await;
        assert_eq!((&language(&ada), ada.key()), (code, key.clone()));
        let current = format!(".languages a[lang={code}][aria-current=true]");
        assert_eq!(ada.count(&current), 1);
        assert_eq!(ada.count(".languages a[aria-current]"), 1);
    }
    // The last choice is kept; a form that was not taken can be read in another language as well.
    ada.submit("form", &[("code", "000000")]).await;
    assert_eq!((ada.status.as_u16(), &*language(&ada)), (422, "ja"));
    let arabic = &switch(&ada)[0].2;
    ada.open(ada.url.clone().join(arabic).unwrap().as_str())
        .await;
    assert_eq!((ada.status.as_u16(), &*language(&ada)), (200, "ar"));
    assert_eq!(ada.key(), key);
    // Another link of the same browser speaks it too, whatever it asks for.
    ada.open(&(house.link_for("auth0|grace").await + "&ui_locales=fr"))
        .await;
    assert_eq!(language(&ada), "ar");
}

#[tokio::test]
async fn a_page_that_no_address_shows_again_leads_to_one_that_does() {
    let house = Setup::new().texting().start().await;
    let asked = Asked {
        factor: vec!["phone".to_owned()],
        ..asked("auth0|ada")
    };
    let issued = house.ticket(asked).await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    ask(&house, &mut ada, "0151 23456789", "sms").await;
    house.clock.advance(Duration::from_secs(20));
    ada.submit("form[action$=resend]", &[("channel", "voice")])
        .await;
    assert_eq!(ada.status, 429);
    assert_eq!(ada.url.path(), "/guardian/enroll/phone/resend");
    let (_, _, french) = switch(&ada)
        .into_iter()
        .find(|(code, ..)| code == "fr")
        .unwrap();
    ada.open(ada.url.clone().join(&french).unwrap().as_str())
        .await;
    assert_eq!(ada.url.path(), "/guardian/enroll/phone/code");
    assert_eq!((ada.status.as_u16(), &*language(&ada)), (200, "fr"));
}

#[tokio::test]
async fn an_admin_adds_a_language_by_adding_a_folder() {
    let house = House::start().await;
    let link = house.link_for("auth0|ada").await;
    let italian = link.clone() + "&ui_locales=it-CH";
    let mut ada = Visitor::at(&italian).await;
    assert_eq!(language(&ada), "en");
    let folder = house.templates().join("locales/it");
    fs::create_dir_all(&folder).unwrap();
    let words = "language-name = Italiano\notp-title = Collega la tua app di autenticazione\n";
    fs::write(folder.join("pages.ftl"), words).unwrap();
    while house.app.views.poll_once().await != Polled::Swapped {}
    ada.open(&italian).await;
    assert_eq!(language(&ada), "it");
    assert_eq!(ada.text("h1"), "Collega la tua app di autenticazione");
    assert_eq!(
        ada.text(".go"),
        "Confirm",
        "what it does not say is said in the default language"
    );
    let names: Vec<String> = switch(&ada).into_iter().map(|(_, name, _)| name).collect();
    assert!(names.contains(&"Italiano".to_owned()), "{names:?}");
    // One more word, saved while the server runs.
    fs::write(folder.join("more.ftl"), "confirm = Conferma\n").unwrap();
    while house.app.views.poll_once().await != Polled::Swapped {}
    ada.open(ada.url.clone().as_str()).await;
    assert_eq!(ada.text(".go"), "Conferma");
}

/// The mails that lie in a folder, the newest last.
fn mails(house: &House) -> Vec<Vec<u8>> {
    let folder = house.dir.path().join("data/mail");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort_by_key(|file: &PathBuf| Path::metadata(file).unwrap().modified().unwrap());
    files
        .into_iter()
        .map(|file| fs::read(file).unwrap())
        .collect()
}

fn subject_of(raw: &[u8]) -> String {
    let mail = MessageParser::default().parse(raw).unwrap();
    mail.subject().unwrap().to_owned()
}

#[tokio::test]
async fn mails_and_messages_speak_the_language_of_the_ticket_or_the_user() {
    let house = Setup::new()
        .texting()
        .set("TESSERA_SITE__NAME", "Example Bank")
        .start()
        .await;
    for (user, metadata, ticket, subject, dir, text, sms, added, replaced) in [
        (
            "auth0|ada",
            "{}",
            Some("ar-EG"),
            "حماية حسابك لدى Example Bank",
            "rtl",
            "حتى 27 نوفمبر 2026",
            "رمز سري لإضافة هاتف في Example Bank",
            "أُضيفت طريقة تسجيل دخول إلى حسابك لدى Example Bank",
            "Example Bank: you have a new recovery code",
        ),
        (
            "auth0|grace",
            r#"{"lang":"ja"}"#,
            None,
            "Example Bank：アカウントを保護してください",
            "ltr",
            "2026年11月27日",
            "はExample Bankの電話登録コードです。誰にも教えないでください。",
            "Example Bank：アカウントにログイン方法が追加されました",
            "Example Bank：新しいリカバリーコードが発行されました",
        ),
    ] {
        speaker(&house, user, metadata).await;
        let issued = house
            .ticket(Asked {
                send_mail: true,
                email_locale: ticket.map(str::to_owned),
                factor: vec!["phone".to_owned()],
                ..asked(user)
            })
            .await;
        house.deliver().await;
        let raw = mails(&house).pop().unwrap();
        assert!(raw.is_ascii(), "headers and bodies are encoded");
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(mail.subject().unwrap(), subject);
        for part in mail.text_bodies().chain(mail.html_bodies()) {
            let charset = part.content_type().unwrap().attribute("charset");
            assert_eq!(charset, Some("utf-8"));
        }
        let html = mail.body_html(0).unwrap();
        assert!(html.contains(&format!("dir=\"{dir}\"")), "{html}");
        let body = mail
            .body_text(0)
            .unwrap()
            .replace(['\u{2068}', '\u{2069}'], "");
        assert!(body.contains(text), "{body}");

        let mut person = Visitor::at(&house.link(&issued)).await;
        ask(&house, &mut person, "0151 23456789", "sms").await;
        let texts = house.texts();
        let sent = texts.last().unwrap();
        assert!(sent.contains(sms), "{sent}");
        assert!(!sent.contains('\u{2068}'), "{sent}");

        let code = code_in(sent);
        person
            .submit("form[action$=code]", &[("code", &code)])
            .await;
        house.deliver().await;
        assert_eq!(subject_of(&mails(&house).pop().unwrap()), added);
        // A mail about no ticket speaks the user's language.
        let (app, actor) = (&house.app, Actor::command_line());
        recovery::regenerate(
            &app.store,
            &user.parse().unwrap(),
            &actor,
            app.now(),
            app.rng(),
        )
        .await
        .unwrap();
        house.deliver().await;
        assert_eq!(subject_of(&mails(&house).pop().unwrap()), replaced);
    }
}

fn tag(tag: &str) -> Locale {
    Locale::parse(tag).unwrap()
}

#[test]
fn countries_stand_where_a_dictionary_of_the_language_has_them() {
    let views = shipped();
    for (language, in_order) in [
        (
            "ar",
            ["آيسلندا", "إسبانيا", "ألمانيا", "اليابان", "بيرو"].as_slice(),
        ),
        (
            "de",
            &["Ägypten", "Dänemark", "Österreich", "Polen", "Zypern"],
        ),
        ("en", &["Åland Islands", "Austria", "Türkiye", "Zambia"]),
        ("es", &["Alemania", "Ecuador", "España", "Perú", "Zambia"]),
        ("fr", &["Égypte", "Espagne", "États-Unis", "Zambie"]),
        (
            "ja",
            &[
                "アイスランド",
                "イタリア",
                "ドイツ",
                "パナマ",
                "台湾",
                "日本",
            ],
        ),
    ] {
        let list = views.list(&tag(language), "country-");
        let place = |name: &str| list.iter().position(|(_, said)| said == name);
        let places: Vec<Option<usize>> = in_order.iter().map(|name| place(name)).collect();
        assert!(places.iter().all(Option::is_some), "{language}: {places:?}");
        assert!(places.is_sorted(), "{language}: {places:?}");
    }
}

#[test]
fn what_is_invisible_stays_on_pages() {
    let views = shipped();
    let site = serde_json::json!({ "site": { "name": "Example Bank" } });
    let arabic = tag("ar");
    let subject = views.render("mail/enrollment/subject.txt", &arabic, &site);
    assert_eq!(subject.unwrap().trim(), "حماية حسابك لدى Example Bank");
    let told = views.translate(&arabic, "support-contact", &[("site", "Example Bank")]);
    assert_eq!(told, "التواصل مع \u{2068}Example Bank\u{2069}");
    let told = views.translate(&tag("fr"), "support-contact", &[("site", "Example Bank")]);
    assert_eq!(told, "Contacter Example Bank");
}

#[test]
fn dates_have_the_words_of_the_language_and_the_digits_of_codes() {
    let views = shipped();
    for (language, told) in [
        ("ar", "22 نوفمبر 2026 في 5:20 م UTC"),
        ("de", "22. November 2026 um 17:20 UTC"),
        ("en", "November 22, 2026 at 5:20 PM UTC"),
        ("es", "22 de noviembre de 2026 a las 17:20 UTC"),
        ("fr", "22 novembre 2026 à 17:20 UTC"),
        ("ja", "2026年11月22日 17:20 UTC"),
    ] {
        let written = views.format_date_time(&tag(language), 1_795_368_000_000);
        let plain = written.replace(['\u{202f}', '\u{a0}'], " ");
        assert_eq!(plain, told);
    }
}
