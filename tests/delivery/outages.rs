//! Mail servers that fall silent, drip, hang up and have had enough: no mail is lost, none is sent blindly, and nobody
//! waits for ever.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tessera::config::{Login, MailTls, Transport};
use tessera::core::{Email, MessageId, OsRng, Timestamp};
use tessera::delivery::{Failure, Mailer};

use crate::house::{ADA, House, smtp, urls};
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
    // The answer to a whole mail may take twenty seconds: that one is for those who have the time.
    let has_time = std::env::var_os("TESSERA_FAULTS_LONG").is_some();
    let silent = plain
        .into_iter()
        .filter(|stage| has_time || *stage != Stage::Content)
        .map(|stage| (stage, Turn::Hush));
    let dripping = (Stage::Greeting, Turn::Drip(Duration::from_secs(1)));
    let tries = silent.chain([dripping]).map(async |(stage, turn)| {
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
        let about_the_mail = [Stage::Recipient, Stage::Data, Stage::Content];
        let found = match &sent {
            Err(Failure::Interrupted(_)) => about_the_mail.contains(&stage),
            Err(Failure::Away(_)) => !about_the_mail.contains(&stage),
            _ => false,
        };
        assert!(found, "{stage:?}: {sent:?}");
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

/// Six hours in steps of a few seconds, with mails from before the outage and from all of its time.
#[expect(clippy::print_stderr, reason = "what was measured is told")]
async fn sit_out(server: Recorder, settings: &tessera::config::Mail, most_tries: i64) {
    let house = House::new().await;
    house.add_user(&ADA).await;
    let worker = house.worker(settings);
    let (mut asked, mut tries) = (Vec::new(), 0);
    for step in 0..OUTAGE.as_secs() / STEP.as_secs() {
        let more = match step {
            0 => 200,
            _ if step.is_multiple_of(60) => 1,
            _ => 0,
        };
        if more > 0 {
            let (new, tickets): (Vec<_>, Vec<_>) = (0..more).map(|_| house.promise(&ADA)).unzip();
            house.store.create_tickets(&tickets).await.unwrap();
            asked.extend(new);
        }
        while worker.drain_once().await.unwrap() > 0 {}
        house.wait(STEP);
    }
    for asked in &asked {
        let message = house.message(asked).await;
        assert_eq!(message.state, "due");
        assert_eq!(message.attempts > 0, message.last_error.is_some());
        tries += message.attempts;
    }
    assert!((1..=most_tries).contains(&tries), "{tries} tries");
    assert!(server.mails().is_empty());

    server.recover();
    let back = tessera::core::Clock::now(&house.clock);
    while server.mails().len() < asked.len() {
        while worker.drain_once().await.unwrap() > 0 {}
        house.wait(STEP);
        let late = tessera::core::Clock::now(&house.clock).since(back);
        assert!(late <= 10 * MINUTE, "{} left", server.mails().len());
    }
    let took = tessera::core::Clock::now(&house.clock).since(back);
    eprintln!(
        "{} mails, {tries} tries in six hours; all had left {took:?} after its end",
        asked.len()
    );
    for asked in &asked {
        assert_eq!(house.message(asked).await.state, "sent");
    }
}

const OUTAGE: Duration = Duration::from_secs(6 * 60 * 60);
const STEP: Duration = Duration::from_secs(10);

#[tokio::test]
async fn within_ten_minutes_of_its_return_a_server_has_all_mails() {
    // Those of the first batch, and one a pause.
    let most_tries = 8 + 6 + 6 * 24;
    for (stage, turn) in [
        (Stage::Greeting, Turn::Say("421 4.3.2 closed for today")),
        (Stage::Recipient, Turn::Say("421 4.7.0 too many mails")),
    ] {
        let server = Recorder::start().await.always(stage, turn);
        let settings = server.plaintext();
        sit_out(server, &settings, most_tries).await;
    }
}

#[tokio::test]
async fn a_login_that_is_refused_for_hours_is_tried_seldom() {
    let refused = Turn::Say("535 5.7.8 wrong password");
    let server = Recorder::start().await.offering(&["AUTH PLAIN LOGIN"]);
    let server = server.always(Stage::Login, refused);
    let mut settings = server.plaintext();
    let Transport::Smtp(smtp) = &mut settings.transport else {
        unreachable!()
    };
    smtp.login = Some(Login {
        user: "mailer".into(),
        password: "hunter2".into(),
    });
    sit_out(server, &settings, 8 + 6 * 24).await;
}

#[tokio::test]
async fn a_server_out_of_reach_is_found_by_one_mail_and_none_of_the_others_lost_a_try() {
    let house = House::new().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    house.add_user(&ADA).await;
    let (asked, tickets): (Vec<_>, Vec<_>) = (0..64).map(|_| house.promise(&ADA)).unzip();
    house.store.create_tickets(&tickets).await.unwrap();
    let worker = house.worker(&smtp("127.0.0.1", port, MailTls::None));
    worker.drain_once().await.unwrap();
    assert_eq!(worker.drain_once().await.unwrap(), 0, "the queue is paused");
    house.wait(MINUTE);
    assert_eq!(worker.drain_once().await.unwrap(), 1, "one asks again");
    let mut tried = 0;
    for asked in &asked {
        let message = house.message(asked).await;
        tried += message.attempts;
        assert!(
            message.attempts <= 1,
            "the one that asks is another each time"
        );
    }
    assert!(tried <= 9, "{tried}");
}

/// Its own mails wait, and nobody else's.
#[tokio::test]
async fn a_mail_at_which_the_server_hangs_up_holds_up_nobody() {
    let house = House::new().await;
    let server = Recorder::start().await.next(
        Stage::Content,
        &[Turn::Say("451 4.3.0 what was that"), Turn::Leave],
    );
    house.add_user(&ADA).await;
    let tickets: Vec<_> = (0..20).map(|_| house.promise(&ADA).1).collect();
    house.store.create_tickets(&tickets).await.unwrap();
    let worker = house.worker(&server.plaintext());
    while worker.drain_once().await.unwrap() > 0 {}
    // The one that hung up had taken its mail.
    assert_eq!(server.mails().len(), 19);
    house.wait(MINUTE);
    while worker.drain_once().await.unwrap() > 0 {}
    assert_eq!(server.mails().len(), 21);
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
