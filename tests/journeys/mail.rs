//! Mails, end to end: from a ticket to what lies in a mailbox.

use std::time::Duration;

use mail_parser::{HeaderValue, MessageParser};
use scraper::{Html, Selector};
use tessera::core::Actor;
use tessera::tickets::{Asked, manage};

use crate::support::house::{House, Setup, asked};
use crate::support::smtp::{self, Message, SmtpServer, Tls};
use crate::support::visitor::Visitor;

const DEADLINE: Duration = Duration::from_secs(20);

async fn house_with_post_office() -> Option<(House, SmtpServer)> {
    let tls = Tls::Upgrade;
    let server = SmtpServer::start(smtp::Options {
        tls,
        ..smtp::Options::default()
    })?;
    let setup = Setup::new()
        .set("TESSERA_SITE__NAME", "Example Bank")
        .set("TESSERA_SITE__SUPPORT_EMAIL", "help@example.com")
        .set("TESSERA_MAIL__FROM", "Example Bank <no-reply@example.com>");
    let house = setup.mailing_through(&server).start().await;
    Some((house, server))
}

fn mailed(user_id: &str, locale: &str) -> Asked {
    Asked {
        send_mail: true,
        email_locale: Some(locale.to_owned()),
        ..asked(user_id)
    }
}

/// The names of a mail's headers.
fn headers(raw: &[u8]) -> Vec<String> {
    let mail = MessageParser::default().parse(raw).unwrap();
    let headers = mail.headers().iter();
    headers.map(|header| header.name().to_owned()).collect()
}

/// A header's text.
fn header(raw: &[u8], name: &str) -> String {
    let mail = MessageParser::default().parse(raw).unwrap();
    match mail.header(name) {
        Some(HeaderValue::Text(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}

/// Where the links of a mail lead, and what it would fetch.
fn reach(message: &Message) -> Vec<String> {
    let page = Html::parse_document(&message.html());
    let anything = Selector::parse("[href], [src], [background], [srcset]").unwrap();
    let found = page.select(&anything).flat_map(|element| {
        let value = element.value();
        ["href", "src", "background", "srcset"]
            .into_iter()
            .filter_map(|name| value.attr(name).map(str::to_owned))
            .collect::<Vec<_>>()
    });
    found.collect()
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn a_mail_says_who_asks_what_for_until_when_and_what_to_do_if_it_was_not_you() {
    let Some((house, post_office)) = house_with_post_office().await else {
        return;
    };
    let english = house.ticket(mailed("auth0|ada", "en")).await;
    assert_eq!(house.deliver().await, 1);
    let german = house.ticket(mailed("auth0|grace", "de_CH")).await;
    assert_eq!(house.deliver().await, 1);
    let messages = post_office.wait_for(2, DEADLINE).await;
    let told = [
        (
            &english,
            "Example Bank: protect your account",
            [
                "Example Bank asks you to protect your account",
                "ada@example.com",
                "November 27, 2026",
                "UTC",
                "works once",
                "don’t forward",
                "Not expecting this?",
                "help@example.com",
            ],
        ),
        (
            &german,
            "Example Bank: ",
            [
                "Example Bank",
                "ada@example.com",
                "27. November 2026",
                "UTC",
                "gilt einmal",
                "leiten Sie",
                "nicht erwartet",
                "help@example.com",
            ],
        ),
    ];
    for (message, (issued, subject, words)) in messages.iter().zip(told) {
        let (raw, link) = (message.raw(), house.link(issued));
        assert!(message.tls);
        assert_eq!(message.from, "no-reply@example.com");
        assert_eq!(message.to, ["ada@example.com"]);
        assert!(
            message.subject().starts_with(subject),
            "{}",
            message.subject()
        );
        let html = Html::parse_document(&message.html());
        let html: String = html.root_element().text().collect();
        for word in words {
            assert!(message.text().contains(word), "{word}: {}", message.text());
            assert!(html.contains(word), "{word}: {html}");
        }
        assert!(
            message.text().lines().any(|line| line == link),
            "a line of its own"
        );
        assert_eq!(reach(message), [link.as_str(), "mailto:help@example.com"]);

        let names = headers(&raw);
        for one in [
            "From",
            "To",
            "Date",
            "Subject",
            "Message-ID",
            "Auto-Submitted",
        ] {
            let times = names.iter().filter(|name| name.eq_ignore_ascii_case(one));
            assert_eq!(times.count(), 1, "{one} in {names:?}");
        }
        let tells =
            |name: &String| name.to_lowercase().starts_with("list-") || name.starts_with("X-");
        assert!(!names.iter().any(tells), "{names:?}");
        assert_eq!(header(&raw, "Auto-Submitted"), "auto-generated");
        let id = header(&raw, "Message-ID");
        let named = id.starts_with("msg_") && id.ends_with("@localhost");
        assert!(named, "{id}");
        let mail = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(
            mail.date().unwrap().to_timestamp(),
            house.app.now().seconds()
        );
    }
    let id = |nth: usize| header(&messages[nth].raw(), "Message-ID");
    assert_ne!(id(0), id(1));
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn who_enrolled_is_told_by_mail_and_the_mail_can_do_nothing() {
    let Some((house, post_office)) = house_with_post_office().await else {
        return;
    };
    let issued = house.ticket(mailed("auth0|ada", "de")).await;
    house.deliver().await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    let (key, code) = (ada.key(), ada.code(&house));
    ada.confirm(&house).await;
    let recovery = ada.text("#recovery");
    assert_eq!(house.deliver().await, 1);
    let notice = &post_office.wait_for(2, DEADLINE).await[1];
    assert_eq!(notice.to, ["ada@example.com"]);
    assert!(
        notice.text().contains("Authenticator-App"),
        "{}",
        notice.text()
    );
    assert!(
        notice.text().contains("22. November 2026"),
        "{}",
        notice.text()
    );
    assert_eq!(
        reach(notice),
        ["mailto:help@example.com"],
        "no link that does anything"
    );
    let raw = String::from_utf8(notice.raw()).unwrap();
    for secret in [key, code, recovery, issued.secret.expose().to_owned()] {
        for part in [notice.text(), notice.html(), raw.clone()] {
            assert!(!part.contains(&secret));
        }
    }
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn a_ticket_that_nobody_may_use_any_more_is_not_mailed() {
    let Some((house, post_office)) = house_with_post_office().await else {
        return;
    };
    let app = &house.app;
    let revoked = house.ticket(mailed("revoked", "en")).await;
    manage::revoke(
        &app.store,
        &revoked.ticket_id,
        &Actor::command_line(),
        app.now(),
        app.rng(),
    )
    .await
    .unwrap();
    house.ticket(asked("no-mail-wanted")).await;
    house.ticket(mailed("expired", "en")).await;
    house.clock.advance(Duration::from_secs(5 * 24 * 60 * 60));
    house.deliver().await;
    let last = house.ticket(mailed("last", "en")).await;
    house.deliver().await;
    let messages = post_office.wait_for(1, DEADLINE).await;
    assert_eq!(messages.len(), 1, "only the last");
    assert!(messages[0].text().contains(last.secret.expose()));
    let dropped = house.events_of("expired").await;
    assert!(dropped.contains(&"mail.dropped".to_owned()), "{dropped:?}");
}

#[tokio::test]
async fn without_a_server_mails_are_files_that_only_the_owner_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::start().await;
    let issued = house.ticket(mailed("auth0|ada", "en")).await;
    assert_eq!(house.deliver().await, 1);
    let folder = house.dir.path().join("data/mail");
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].extension().unwrap(), "eml");
    let mode = files[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let raw = std::fs::read(&files[0]).unwrap();
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert!(mail.body_text(0).unwrap().contains(&house.link(&issued)));
    assert_eq!(Visitor::at(&house.link(&issued)).await.status, 200);
}
