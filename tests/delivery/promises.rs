//! What was promised arrives once; what nobody waits for any more does not.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tessera::core::Sealer;
use tessera::store::Store;
use tokio::sync::{Notify, watch};

use crate::house::{ADA, House, LIFETIME, Person, files};
use crate::recorder::Recorder;
use crate::support::postgres::Postgres;

#[tokio::test]
async fn a_promised_mail_arrives_once_with_the_link_that_opens() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    let worker = house.worker(&server.plaintext());

    assert_eq!(worker.drain_once().await.unwrap(), 1);
    assert_eq!(worker.drain_once().await.unwrap(), 0);

    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["<ada@example.com>"]);
    assert_eq!(mails[0].from, "<no-reply@example.com>");
    let link = format!(
        "https://mfa.example.com/guardian/enroll?ticket={}.{}",
        asked.ticket_id,
        asked.secret.expose()
    );
    let parsed = mail_parser::MessageParser::default()
        .parse(mails[0].data.as_bytes())
        .unwrap();
    assert!(parsed.body_text(0).unwrap().contains(&link));
    assert!(parsed.body_html(0).unwrap().contains(&link));
    assert_eq!(house.message(&asked).await.state, "sent");
    assert_eq!(house.mail_event_kinds(&asked).await, ["mail.sent"]);
}

#[tokio::test]
async fn the_mail_goes_where_the_ticket_says() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let elsewhere = Person {
        ticket_email: Some("ada@home.example"),
        ..ADA
    };
    house.ask(&elsewhere).await;
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.mails()[0].to, ["<ada@home.example>"]);
}

#[tokio::test]
async fn a_ticket_without_mail_sends_nothing() {
    let (house, server) = (House::new().await, Recorder::start().await);
    house.add_user(&ADA).await;
    let (_, mut ticket) = house.promise(&ADA);
    ticket.mail = None;
    house.store.create_tickets(&[ticket]).await.unwrap();
    house.wait(LIFETIME / 2);
    assert_eq!(
        house
            .worker(&server.plaintext())
            .drain_once()
            .await
            .unwrap(),
        0
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_revoked_ticket_is_not_mailed() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    house.revoke(&asked).await;
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.connections(), 0);
    let message = house.message(&asked).await;
    assert_eq!(message.state, "dropped");
    assert_eq!(message.last_error.as_deref(), Some("the ticket is revoked"));
    assert_eq!(house.mail_event_kinds(&asked).await, ["mail.dropped"]);
}

#[tokio::test]
async fn after_a_resend_only_the_newer_link_is_mailed() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    let newer = house.resend(&asked).await;
    assert_eq!(
        house
            .worker(&server.plaintext())
            .drain_once()
            .await
            .unwrap(),
        2
    );
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert!(plain(&mails[0].data).contains(newer.expose()));
    assert!(!plain(&mails[0].data).contains(asked.secret.expose()));
    assert_eq!(house.message(&asked).await.state, "dropped");
}

#[tokio::test]
async fn what_comes_too_late_is_not_mailed() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    house.wait(LIFETIME);
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.connections(), 0);
    let message = house.message(&asked).await;
    assert_eq!(
        (message.state.as_str(), message.last_error.as_deref()),
        ("dropped", Some("expired"))
    );
}

#[tokio::test]
async fn what_another_key_sealed_is_left_for_a_person_to_look_at() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let asked = house.ask(&ADA).await;
    let stranger = Sealer::new(&[8; Sealer::KEY_BYTES]);
    house
        .worker_with(&server.plaintext(), stranger)
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.connections(), 0);
    let message = house.message(&asked).await;
    assert_eq!(
        (message.state.as_str(), message.last_error.as_deref()),
        ("dead", Some("sealed with another key"))
    );
    assert_eq!(house.mail_event_kinds(&asked).await, ["mail.failed"]);
}

#[tokio::test]
async fn two_workers_never_send_one_mail_twice() {
    each_mail_once(House::new().await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn two_workers_never_send_one_mail_twice_on_postgresql() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let store = Store::open_postgres(database.url()).await.unwrap();
    each_mail_once(House::on(store, TempDir::new().unwrap()).await).await;
}

async fn each_mail_once(house: House) {
    const TICKETS: usize = 300;
    let server = Recorder::start().await;
    house.add_user(&ADA).await;
    let tickets: Vec<_> = (0..TICKETS).map(|_| house.promise(&ADA).1).collect();
    house.store.create_tickets(&tickets).await.unwrap();
    let workers = [
        house.worker(&server.plaintext()),
        house.worker(&server.plaintext()),
    ];
    let drain = async |worker: &tessera::delivery::Worker| {
        let mut leased = 0;
        loop {
            match worker.drain_once().await.unwrap() {
                0 => break leased,
                count => leased += count,
            }
        }
    };
    let (one, other) = tokio::join!(drain(&workers[0]), drain(&workers[1]));
    assert_eq!(one + other, TICKETS);
    let ids: HashSet<String> = server
        .mails()
        .iter()
        .map(|mail| message_id(&mail.data))
        .collect();
    assert_eq!(server.mails().len(), TICKETS);
    assert_eq!(ids.len(), TICKETS);
}

#[tokio::test]
async fn many_mails_share_few_connections() {
    let (house, server) = (House::new().await, Recorder::start().await);
    house.add_user(&ADA).await;
    let tickets: Vec<_> = (0..64).map(|_| house.promise(&ADA).1).collect();
    house.store.create_tickets(&tickets).await.unwrap();
    house
        .worker(&server.plaintext())
        .drain_once()
        .await
        .unwrap();
    assert_eq!(server.mails().len(), 64);
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[tokio::test]
async fn a_server_that_hung_up_meanwhile_costs_no_mail() {
    let (house, server) = (
        House::new().await,
        Recorder::start().await.closing_after_each_mail(),
    );
    let worker = house.worker(&server.plaintext());
    let first = house.ask(&ADA).await;
    worker.drain_once().await.unwrap();
    let second = house.ask(&ADA).await;
    worker.drain_once().await.unwrap();
    assert_eq!(server.mails().len(), 2);
    for asked in [first, second] {
        assert_eq!(house.message(&asked).await.attempts, 1);
    }
}

#[tokio::test]
async fn a_running_worker_wakes_for_what_is_promised_and_stops_when_told() {
    let (house, server) = (House::new().await, Recorder::start().await);
    let worker = house.worker(&server.plaintext());
    let (stop, stopped) = watch::channel(false);
    let wake = Arc::new(Notify::new());
    let running = tokio::spawn(worker.run(stopped, wake.clone()));
    house.ask(&ADA).await;
    wake.notify_one();
    let deadline = Duration::from_secs(20);
    tokio::time::timeout(deadline, server.until(1))
        .await
        .unwrap();
    stop.send_replace(true);
    tokio::time::timeout(deadline, running)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn in_development_a_mail_is_a_file_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let house = House::new().await;
    let asked = house.ask(&ADA).await;
    let folder = house.folder.path().join("data/mail");
    house
        .worker(&files(folder.clone()))
        .drain_once()
        .await
        .unwrap();
    let file = folder.join(format!("{}.eml", asked.message_id));
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    let mail = std::fs::read_to_string(file).unwrap();
    assert!(plain(&mail).contains(asked.secret.expose()));
}

fn message_id(mail: &str) -> String {
    let parsed = mail_parser::MessageParser::default()
        .parse(mail.as_bytes())
        .unwrap();
    parsed.message_id().unwrap().to_owned()
}

fn plain(mail: &str) -> String {
    let parsed = mail_parser::MessageParser::default()
        .parse(mail.as_bytes())
        .unwrap();
    parsed.body_text(0).unwrap().into_owned()
}
