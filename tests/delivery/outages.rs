//! Mail servers that fall silent, drip, hang up and have had enough: no mail is lost, none is sent blindly, and nobody
//! waits for ever.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tessera::core::{Email, MessageId, OsRng, Timestamp};
use tessera::delivery::{Failure, Mailer};

use crate::house::{ADA, House, urls};
use crate::recorder::{Recorder, Stage, Turn};

const MINUTE: Duration = Duration::from_secs(60);
/// What one mail may take: the longest step is the answer to its content.
const LONGEST: Duration = Duration::from_secs(25);

/// Real deadlines, all at once: a worker is free again after each of them.
#[tokio::test]
async fn who_falls_silent_or_drips_is_given_up_in_time_whatever_was_asked() {
    let plain = [
        Stage::Greeting,
        Stage::Hello,
        Stage::Sender,
        Stage::Recipient,
        Stage::Data,
        Stage::Content,
    ];
    let silent = plain.map(|stage| (stage, Turn::Hush));
    let dripping = (Stage::Greeting, Turn::Drip(Duration::from_secs(1)));
    let tries = silent
        .into_iter()
        .chain([dripping])
        .map(async |(stage, turn)| {
            let server = Recorder::start().await.always(stage, turn);
            let mailer = Mailer::new(&server.plaintext(), &urls()).unwrap();
            let (now, to) = (Timestamp::from_millis(0), "ada@example.com");
            let id = MessageId::new(now, &OsRng);
            let to: Email = to.parse().unwrap();
            let begun = Instant::now();
            let sent = mailer.send_test(&id, &to, now).await;
            assert!(
                begun.elapsed() < LONGEST,
                "{stage:?}: {:?}",
                begun.elapsed()
            );
            assert!(
                matches!(sent, Err(Failure::Transient(_))),
                "{stage:?}: {sent:?}"
            );
        });
    join_all(tries).await;
}

#[tokio::test]
async fn who_hangs_up_anywhere_gets_the_mail_later_and_once() {
    for stage in Stage::ALL
        .into_iter()
        .filter(|stage| *stage != Stage::Login)
    {
        let house = House::new().await;
        let server = Recorder::start().await.next(stage, &[Turn::Leave; 2]);
        let asked = house.ask(&ADA).await;
        let worker = house.worker(&server.plaintext());
        for _ in 0..4 {
            worker.drain_once().await.unwrap();
            house.wait(MINUTE);
        }
        let ids: Vec<_> = server.mails();
        let named = format!("Message-ID: <{}@mfa.example.com>", asked.message_id);
        assert!(
            ids.iter().all(|mail| mail.data.contains(&named)),
            "{stage:?}"
        );
        // Taken, and hung up before the answer: that one comes again, as the same mail.
        let most = if stage == Stage::Content { 3 } else { 1 };
        assert!(
            (1..=most).contains(&ids.len()),
            "{stage:?}: {} mails",
            ids.len()
        );
        assert_eq!(house.message(&asked).await.state, "sent", "{stage:?}");
    }
}

#[tokio::test]
async fn a_server_that_has_had_enough_gets_the_rest_later() {
    let house = House::new().await;
    let enough = Turn::Say("421 4.7.0 too many mails");
    let server = Recorder::start().await.always(Stage::Sender, enough);
    house.add_user(&ADA).await;
    let tickets: Vec<_> = (0..40).map(|_| house.promise(&ADA).1).collect();
    house.store.create_tickets(&tickets).await.unwrap();
    let worker = house.worker(&server.plaintext());
    worker.drain_once().await.unwrap();
    assert!(server.mails().is_empty());
    server.recover();
    house.wait(MINUTE);
    while worker.drain_once().await.unwrap() > 0 {}
    assert_eq!(server.mails().len(), 40);
}

#[tokio::test]
async fn one_unknown_mailbox_among_a_thousand_is_the_only_one_left() {
    let house = House::new().await;
    let server = Recorder::start()
        .await
        .answering_recipients(&["250 fine", "550 5.1.1 {to} unknown"]);
    house.add_user(&ADA).await;
    for _ in 0..4 {
        let tickets: Vec<_> = (0..250).map(|_| house.promise(&ADA).1).collect();
        house.store.create_tickets(&tickets).await.unwrap();
    }
    let worker = house.worker(&server.plaintext());
    while worker.drain_once().await.unwrap() > 0 {}
    assert_eq!(server.mails().len(), 999);
    house.wait(60 * MINUTE);
    assert_eq!(
        worker.drain_once().await.unwrap(),
        0,
        "it is not tried again"
    );
}
