//! A mail goes to one mailbox, over a connection that is private, and leaves nothing behind.

use std::path::Path;
use std::time::Duration;

use tessera::config::{Login, MailTls, Transport};
use tessera::delivery::Mailer;

use crate::house::{ADA, House, smtp, urls};
use crate::recorder::Recorder;
use crate::support::smtp::{Options, SmtpServer, Tls};

const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn without_starttls_nothing_is_said_in_the_clear() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    house
        .worker(&server.with_starttls())
        .drain_once()
        .await
        .unwrap();
    let commands = server.commands();
    assert!(
        commands
            .iter()
            .all(|said| said.starts_with("EHLO") || said == "QUIT"),
        "{commands:?}"
    );
    let message = house.message(&asked).await;
    assert_eq!(message.state, "due");
    assert_eq!(
        message.last_error.as_deref(),
        Some("the mail server offers no TLS that can be trusted")
    );
    assert_eq!(house.mail_event_kinds(&asked).await, ["mail.deferred"]);
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn a_certificate_that_nobody_vouches_for_gets_no_mail() {
    let unknown = Options::default();
    refused_for(unknown, false, "UnknownIssuer").await;
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn a_certificate_that_has_ended_gets_no_mail() {
    let expired = Options {
        expired: true,
        ..Options::default()
    };
    refused_for(expired, true, "certificate expired").await;
}

/// Nothing is sent, whichever way TLS begins; `trusted` says whether the authority is known.
async fn refused_for(options: Options, trusted: bool, why: &str) {
    for tls in [Tls::Upgrade, Tls::Implicit] {
        let Some(server) = SmtpServer::start(Options { tls, ..options }) else {
            return;
        };
        let house = House::new().await;
        let asked = house.ask(&ADA).await;
        let mut mail = at(&server, tls);
        mail.ca_file = trusted.then(|| server.ca_file());
        house.worker(&mail).drain_once().await.unwrap();
        let message = house.message(&asked).await;
        assert_eq!(message.state, "due");
        let error = message.last_error.unwrap();
        assert!(
            error.contains("certificate") && error.contains(why),
            "{error}"
        );
        assert!(server.messages().is_empty());
    }
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn mails_reach_a_real_server_over_tls_with_a_login() {
    for tls in [Tls::Upgrade, Tls::Implicit] {
        let login = Some(("mailer", "hunter2"));
        let Some(server) = SmtpServer::start(Options {
            tls,
            login,
            ..Options::default()
        }) else {
            return;
        };
        let house = House::new().await;
        let asked = house.ask(&ADA).await;
        let mut mail = at(&server, tls);
        mail.ca_file = Some(server.ca_file());
        if let Transport::Smtp(smtp) = &mut mail.transport {
            smtp.login = Some(Login {
                user: "mailer".into(),
                password: "hunter2".into(),
            });
        }
        let worker = house.worker(&mail);
        worker.drain_once().await.unwrap();
        let messages = server.wait_for(1, DEADLINE).await;
        assert_eq!(messages.len(), 1);
        assert!(messages[0].tls);
        assert_eq!(messages[0].to, ["ada@example.com"]);
        assert!(messages[0].text().contains(asked.secret.expose()));
        assert!(messages[0].html().contains(asked.secret.expose()));
        Mailer::new(&mail, &urls()).unwrap().verify().await.unwrap();
    }
}

fn at(server: &SmtpServer, tls: Tls) -> tessera::config::Mail {
    let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
    let tls = match tls {
        Tls::Upgrade => MailTls::Required,
        Tls::Implicit => MailTls::Implicit,
        Tls::None => MailTls::None,
    };
    smtp("localhost", port, tls)
}

#[tokio::test]
async fn a_text_that_ends_the_mail_early_stays_text() {
    let hostile = "{{ ticket_url }}\n.\nMAIL FROM:<evil@example.com>\nRCPT TO:<victim@example.com>\nDATA\nevil\n.\n";
    let house = House::new()
        .await
        .with_template("mail/enrollment/body.txt", hostile);
    let server = Recorder::start().await;
    house.ask(&ADA).await;
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["<ada@example.com>"]);
    assert!(
        mails[0]
            .data
            .contains("\r\n.\r\nMAIL FROM:<evil@example.com>\r\n")
    );
    assert!(!server.commands().iter().any(|said| said.contains("evil")));
}

#[tokio::test]
async fn the_database_never_shows_a_link_and_forgets_even_its_seal() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    let folder = house.folder.path();
    assert_eq!(count_in(folder, asked.secret.expose().as_bytes()), 0);
    assert!(
        count_in(folder, &asked.sealed) > 0,
        "the search would find it"
    );
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.mails().len(), 1);
    assert_eq!(count_in(folder, asked.secret.expose().as_bytes()), 0);
    house.store.close().await;
    assert_eq!(count_in(folder, asked.secret.expose().as_bytes()), 0);
    assert_eq!(count_in(folder, &asked.sealed), 0);
}

/// How often these bytes lie in the files of a folder.
fn count_in(folder: &Path, wanted: &[u8]) -> usize {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .map(|path| {
            let bytes = std::fs::read(path).unwrap();
            bytes
                .windows(wanted.len())
                .filter(|window| *window == wanted)
                .count()
        })
        .sum()
}
