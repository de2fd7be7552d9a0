//! What fails for now is tried again; what fails for good is left for a person to look at.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tessera::config::{Login, MailTls, Transport};
use tokio::net::TcpListener;

use crate::house::{ADA, House, LIFETIME, smtp};
use crate::recorder::Recorder;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_greylisted_mail_arrives_later_and_once() {
    let house = House::new().await;
    let server = Recorder::start()
        .await
        .answering_recipients(&["451 4.7.1 {to} greylisted"]);
    let asked = house.ask(&ADA).await;
    let worker = house.worker(&server.plaintext());
    worker.drain_once().await.unwrap();
    let message = house.message(&asked).await;
    assert_eq!(message.state, "due");
    assert_eq!(
        message.last_error.as_deref(),
        Some("451 4.7.1 the mail server refused the recipient")
    );
    assert_eq!(worker.drain_once().await.unwrap(), 0, "not before its time");

    house.wait(MINUTE);
    worker.drain_once().await.unwrap();
    house.wait(MINUTE);
    assert_eq!(worker.drain_once().await.unwrap(), 0);
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let id = format!("Message-ID: <{}@mfa.example.com>", asked.message_id);
    assert!(mails[0].data.contains(&id));
    assert_eq!(
        house.mail_event_kinds(&asked).await,
        ["mail.deferred", "mail.sent"]
    );
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_comes_again_as_the_same_mail() {
    let house = House::new().await;
    let server = Recorder::start().await;
    house.ask(&ADA).await;
    // A worker that dies after the server took the mail settles nothing.
    let now = tessera::core::Clock::now(&house.clock);
    let lost = house
        .store
        .lease_messages("lost", now, now + 2 * MINUTE, 64)
        .await
        .unwrap();
    assert_eq!(lost.len(), 1);
    let worker = house.worker(&server.plaintext());
    assert_eq!(worker.drain_once().await.unwrap(), 0, "the lease holds");
    house.wait(2 * MINUTE);
    assert_eq!(worker.drain_once().await.unwrap(), 1);
    assert!(server.mails()[0].data.contains(lost[0].message_id.as_str()));
}

#[tokio::test]
async fn an_unknown_mailbox_is_not_tried_again_and_its_address_stays_out_of_the_records() {
    let house = House::new().await;
    let server = Recorder::start()
        .await
        .answering_recipients(&["550 5.1.1 {to} unknown"]);
    let asked = house.ask(&ADA).await;
    let worker = house.worker(&server.plaintext());
    worker.drain_once().await.unwrap();
    house.wait(LIFETIME / 2);
    assert_eq!(worker.drain_once().await.unwrap(), 0);
    assert!(server.mails().is_empty());
    let message = house.message(&asked).await;
    assert_eq!(message.state, "dead");
    assert_eq!(
        message.last_error.as_deref(),
        Some("550 5.1.1 the mail server refused the recipient")
    );
    let events = house.mail_events(&asked).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, "mail.failed");
    assert!(events[0].detail.contains("550 5.1.1") && !events[0].detail.contains("ada@"));
}

#[tokio::test]
async fn one_refused_recipient_does_not_hold_up_the_others() {
    let house = House::new().await;
    let server = Recorder::start()
        .await
        .answering_recipients(&["550 no", "250 ok", "550 no"]);
    house.add_user(&ADA).await;
    let tickets: Vec<_> = (0..5).map(|_| house.promise(&ADA).1).collect();
    house.store.create_tickets(&tickets).await.unwrap();
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.mails().len(), 3);
}

#[tokio::test]
async fn a_mail_is_tried_for_the_life_of_its_ticket_and_then_visible_as_undelivered() {
    let house = House::new().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let asked = house.ask(&ADA).await;
    let worker = house.worker(&smtp("127.0.0.1", port, MailTls::None));
    let mut tries = 0;
    while house.message(&asked).await.state == "due" {
        tries += worker.drain_once().await.unwrap();
        house.wait(30 * MINUTE);
        assert!(tries < 1000);
    }
    // Every half hour to an hour for five days.
    assert!(tries > 100, "{tries}");
    let message = house.message(&asked).await;
    assert_eq!(
        (message.state.as_str(), message.last_error.as_deref()),
        ("dead", Some("not delivered in time"))
    );
    let events = house.mail_event_kinds(&asked).await;
    assert_eq!(events.last().unwrap(), "mail.failed");
    assert!(events.len() < 20, "{} lines in its timeline", events.len());
}

#[tokio::test]
async fn a_refused_login_is_our_own_fault_and_no_mail_is_given_up_for_it() {
    let house = House::new().await;
    let server = Recorder::start()
        .await
        .offering(&["AUTH PLAIN LOGIN"])
        .answering_logins(&["535 5.7.8 wrong password"]);
    let mut mail = server.plaintext();
    let Transport::Smtp(smtp) = &mut mail.transport else {
        unreachable!()
    };
    smtp.login = Some(Login {
        user: "mailer".into(),
        password: "hunter2".into(),
    });
    let asked = house.ask(&ADA).await;
    let worker = house.worker(&mail);
    worker.drain_once().await.unwrap();
    let message = house.message(&asked).await;
    assert_eq!(message.state, "due");
    assert_eq!(
        message.last_error.as_deref(),
        Some("535 5.7.8 the mail server refused the login of mail.url")
    );
    house.wait(MINUTE);
    assert_eq!(
        worker.drain_once().await.unwrap(),
        0,
        "an admin needs longer"
    );
    house.wait(5 * MINUTE);
    worker.drain_once().await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn the_log_has_a_line_for_each_try_and_no_address_secret_or_password() {
    let log = Log::default();
    let lines = log.clone();
    let listening = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || lines.clone())
        .finish();
    // For all threads: a listener of one thread misses call sites that another reaches first.
    tracing::subscriber::set_global_default(listening).unwrap();
    let house = House::new().await;
    let server = Recorder::start()
        .await
        .offering(&["AUTH PLAIN LOGIN"])
        .answering_logins(&["535 5.7.8 mailer, hunter2 is wrong"])
        .answering_recipients(&["451 {to} later", "550 {to} never"]);
    let mut mail = server.plaintext();
    let Transport::Smtp(smtp) = &mut mail.transport else {
        unreachable!()
    };
    smtp.login = Some(Login {
        user: "mailer".into(),
        password: "hunter2".into(),
    });
    let asked = house.ask(&ADA).await;
    let worker = house.worker(&mail);
    for _ in 0..3 {
        worker.drain_once().await.unwrap();
        house.wait(60 * MINUTE);
    }
    let log = log.text();
    for outcome in ["deferred", "failed"] {
        assert!(log.contains(outcome), "{log}");
    }
    assert!(log.contains(asked.message_id.as_str()) && log.contains(asked.ticket_id.as_str()));
    for secret in ["ada@", "hunter2", "aHVudGVyMg", asked.secret.expose()] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
