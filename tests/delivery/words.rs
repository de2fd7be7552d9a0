//! What a person reads.

use mail_parser::{Message, MessageParser};
use tessera::core::{MessageId, OsRng, UserId};
use tessera::delivery;
use tessera::store::NewMessage;
use tessera::views::overlay;

use crate::house::{ADA, House, Person, options};
use crate::recorder::Recorder;

async fn one_mail(house: &House) -> Vec<u8> {
    let server = Recorder::start().await;
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    let mut mails = server.mails();
    assert_eq!(mails.len(), 1);
    mails.remove(0).data.into_bytes()
}

fn parse(mail: &[u8]) -> Message<'_> {
    MessageParser::default().parse(mail).unwrap()
}

fn header<'a>(mail: &'a Message<'_>, name: &'a str) -> Option<&'a str> {
    mail.header_raw(name).map(str::trim)
}

#[tokio::test]
async fn the_envelope_tells_programs_what_this_is() {
    let house = House::new().await;
    let asked = house.ask(&ADA).await;
    let raw = one_mail(&house).await;
    let mail = parse(&raw);
    assert_eq!(
        header(&mail, "From"),
        Some("\"Example Bank\" <no-reply@example.com>")
    );
    assert_eq!(header(&mail, "To"), Some("ada@example.com"));
    assert_eq!(
        header(&mail, "Subject"),
        Some("Example Bank: protect your account")
    );
    assert_eq!(
        header(&mail, "Date"),
        Some("Sun, 22 Nov 2026 12:00:00 +0000")
    );
    assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-generated"));
    let id = format!("<{}@mfa.example.com>", asked.message_id);
    assert_eq!(header(&mail, "Message-ID"), Some(id.as_str()));
    for unwanted in ["List-Unsubscribe", "Bcc", "Cc", "Reply-To", "User-Agent"] {
        assert_eq!(header(&mail, unwanted), None, "{unwanted}");
    }
    assert!(
        header(&mail, "Content-Type")
            .unwrap()
            .starts_with("multipart/alternative")
    );
    assert_eq!((mail.text_body_count(), mail.html_body_count()), (1, 1));
}

#[tokio::test]
async fn the_mail_says_who_what_until_when_and_what_if_it_was_not_you() {
    let house = House::new().await;
    let asked = house.ask(&ADA).await;
    let raw = one_mail(&house).await;
    let mail = parse(&raw);
    let text = mail
        .body_text(0)
        .unwrap()
        .replace(asked.secret.expose(), "SECRET");
    let text = text
        .replace(asked.ticket_id.as_str(), "TICKET")
        .replace("\r\n", "\n");
    insta::assert_snapshot!(text);
    let html = mail.body_html(0).unwrap();
    assert!(
        html.contains("November 27, 2026") && html.contains("UTC"),
        "{html}"
    );
    assert!(html.contains("style=\"") && html.contains("prefers-color-scheme: dark"));
    for foreign in ["<img", "<script", "<link", "@import", "url("] {
        assert!(!html.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn the_ticket_chooses_the_language() {
    let house = House::new().await;
    house
        .ask(&Person {
            locale: Some("de-CH"),
            ..ADA
        })
        .await;
    let raw = one_mail(&house).await;
    let mail = parse(&raw);
    assert_eq!(mail.subject(), Some("Example Bank: Schützen Sie Ihr Konto"));
    assert!(mail.body_html(0).unwrap().contains("lang=\"de\""));
    let text = mail.body_text(0).unwrap();
    assert!(
        text.contains("27. November 2026") && text.contains("UTC"),
        "{text}"
    );
}

#[tokio::test]
async fn a_language_without_words_falls_back() {
    let house = House::new().await;
    house
        .ask(&Person {
            locale: Some("tlh"),
            ..ADA
        })
        .await;
    let raw = one_mail(&house).await;
    assert_eq!(
        parse(&raw).subject(),
        Some("Example Bank: protect your account")
    );
}

#[tokio::test]
async fn what_a_back_end_calls_a_person_is_text_and_nothing_else() {
    let house = House::new().await;
    let hostile = "x|<a href=https://evil.example>{{ 7*7 }}{% include 'mfa.html' %}</a>";
    let person = Person {
        user_id: hostile,
        email: None,
        ticket_email: Some("ada@example.com"),
        locale: None,
    };
    house.ask(&person).await;
    let raw = one_mail(&house).await;
    let mail = parse(&raw);
    let html = mail.body_html(0).unwrap();
    assert!(
        html.contains("&lt;a href=https://evil.example&gt;{{ 7*7 }}"),
        "{html}"
    );
    assert!(!html.contains("<a href=https://evil.example"));
    assert!(
        mail.body_text(0)
            .unwrap()
            .contains("<a href=https://evil.example>{{ 7*7 }}")
    );
}

#[tokio::test]
async fn a_new_factor_is_told() {
    let house = House::new().await;
    house.add_user(&ADA).await;
    let now = tessera::core::Clock::now(&house.clock);
    let notice = NewMessage {
        message_id: MessageId::new(now, &OsRng),
        kind: "factor-added",
        payload_sealed: None,
        detail: format!("{{\"factor\":\"otp\",\"added_at\":{}}}", now.millis()),
        expires_at: now + crate::house::LIFETIME,
    };
    let user_id: UserId = ADA.user_id.parse().unwrap();
    let mut tx = house.store.begin_write().await.unwrap();
    tx.insert_message(&notice, &user_id, None, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let raw = one_mail(&house).await;
    let mail = parse(&raw);
    assert_eq!(
        mail.subject(),
        Some("Example Bank: a sign-in method was added to your account")
    );
    let text = mail.body_text(0).unwrap();
    assert!(
        text.contains("November 22, 2026") && text.contains("ada@example.com"),
        "{text}"
    );
}

#[test]
fn the_shipped_mails_pass_the_check_in_every_language() {
    let folder = tempfile::TempDir::new().unwrap();
    let report = overlay::check(&options(folder.path()), &delivery::samples());
    let about_mails: Vec<_> = report
        .errors
        .iter()
        .filter(|error| error.to_string().contains("mail"))
        .collect();
    assert!(about_mails.is_empty(), "{about_mails:?}");
}
