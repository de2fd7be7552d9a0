//! The outbox: leases and settlements.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use tessera::core::{Actor, ClientId, Digest, Email, MessageId, OsRng, TicketId, Timestamp};
use tessera::store::{Event, Leased, NewMessage, NewTicket, OutboxMessage, Settlement};

use crate::house::{
    DAY, House, LIFETIME, MINUTE, NOON, commit, email, kinds, message, on_both, read, ticket,
    user_id,
};

on_both!(
    a_leased_message_brings_all_that_its_mail_needs,
    a_message_of_no_ticket_is_leased_too,
    eight_workers_share_three_hundred_messages,
    a_lease_ends_and_the_next_worker_gets_the_message,
    a_lost_lease_settles_nothing,
    what_is_settled_shows_its_payload_to_nobody,
    a_retry_keeps_the_payload_until_its_time,
    what_was_leased_and_not_tried_has_lost_nothing,
    messages_of_a_ticket_are_dropped_before_they_are_sent,
    the_next_due_message_is_the_earliest_that_waits
);

/// A ticket of Ada with a mail.
async fn promised(house: &House) -> (TicketId, NewMessage) {
    let ada = match read!(house, read => read.user(&user_id("auth0|ada"))) {
        Some(user) => user.user_id,
        None => house.user("auth0|ada").await,
    };
    let mail = message();
    let new = NewTicket {
        mail: Some(mail.clone()),
        ..ticket(&ada)
    };
    (house.ticket(&new).await, mail)
}

/// Leases for a minute.
async fn lease(house: &House, owner: &str, now: Timestamp, limit: i64) -> Vec<Leased> {
    house
        .store
        .lease_messages(owner, now, now + MINUTE, limit)
        .await
        .unwrap()
}

async fn settle(house: &House, owner: &str, id: &MessageId, what: Settlement, now: Timestamp) {
    let settled = [(id.clone(), what)];
    house
        .store
        .settle_messages(owner, &settled, &[], now)
        .await
        .unwrap();
}

async fn the_message(house: &House, ticket_id: &TicketId) -> OutboxMessage {
    let mut all = read!(house, read => read.messages_of_ticket(ticket_id));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn a_leased_message_brings_all_that_its_mail_needs(house: House) {
    let ada = house.user("auth0|ada").await;
    let client = ClientId::new(NOON, &OsRng);
    commit!(house, tx => tx.insert_client(&client, "Back end", &Digest::of(b"x"), "", NOON));
    let mail = NewMessage {
        payload_sealed: Some((0..=255).collect()),
        detail: r#"{"factor":"otp"}"#.to_owned(),
        expires_at: NOON + DAY,
        ..message()
    };
    let new = NewTicket {
        email: Some(email("other@example.com")),
        locale: Some("de".to_owned()),
        created_by: format!("client:{client}"),
        mail: Some(mail.clone()),
        ..ticket(&ada)
    };
    house.ticket(&new).await;
    let leased = lease(&house, "a", NOON, 10).await.remove(0);
    assert_eq!(
        (&leased.message_id, leased.kind.as_str()),
        (&mail.message_id, "enrollment")
    );
    assert_eq!(
        (leased.payload_sealed, leased.detail),
        (mail.payload_sealed, mail.detail)
    );
    assert_eq!((leased.attempts, leased.created_at), (1, NOON));
    assert_eq!(leased.expires_at, NOON + DAY);
    assert_eq!((leased.user_id, leased.user_profile.as_str()), (ada, "{}"));
    assert_eq!(leased.user_email.as_deref(), Some("ada@example.com"));
    assert_eq!(leased.ticket_id.as_deref(), Some(new.ticket_id.as_str()));
    assert_eq!(leased.ticket_state.as_deref(), Some("open"));
    assert!(new.secret_hash.matches(&leased.ticket_secret_hash.unwrap()));
    assert_eq!(
        leased.ticket_email.as_deref(),
        new.email.as_ref().map(Email::as_str)
    );
    assert_eq!(leased.ticket_locale.as_deref(), Some("de"));
    assert_eq!(leased.ticket_expires_at, Some((NOON + LIFETIME).millis()));
    assert_eq!(leased.asked_by.as_deref(), Some("Back end"));
}

async fn a_message_of_no_ticket_is_leased_too(house: House) {
    let ada = house.user("auth0|ada").await;
    let notice = NewMessage {
        kind: "factor-added",
        payload_sealed: None,
        ..message()
    };
    commit!(house, tx => tx.insert_message(&notice, &ada, None, NOON + MINUTE));
    assert!(lease(&house, "a", NOON, 10).await.is_empty(), "not due yet");
    let leased = lease(&house, "a", NOON + MINUTE, 10).await.remove(0);
    assert_eq!(
        (&leased.message_id, leased.kind.as_str()),
        (&notice.message_id, "factor-added")
    );
    assert_eq!((leased.payload_sealed, leased.ticket_id), (None, None));
    assert_eq!(
        (leased.ticket_state, leased.ticket_secret_hash),
        (None, None)
    );
    assert_eq!((leased.ticket_expires_at, leased.asked_by), (None, None));
}

async fn eight_workers_share_three_hundred_messages(house: House) {
    let ada = house.user("auth0|ada").await;
    let wanted: Vec<NewTicket> = (0..300)
        .map(|_| NewTicket {
            mail: Some(message()),
            ..ticket(&ada)
        })
        .collect();
    house.store.create_tickets(&wanted).await.unwrap();
    let other = house.other_instance().await;
    let taken = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let workers = (0..8).map(|worker| {
        let store = if worker % 2 == 0 {
            &house.store
        } else {
            &other
        }
        .clone();
        let (taken, seen) = (taken.clone(), seen.clone());
        tokio::spawn(async move {
            let owner = format!("worker {worker}");
            while taken.load(Ordering::SeqCst) < 300 {
                let leased = store
                    .lease_messages(&owner, NOON, NOON + MINUTE, 7)
                    .await
                    .unwrap();
                let settled: Vec<(MessageId, Settlement)> = leased
                    .iter()
                    .map(|message| (message.message_id.clone(), Settlement::Sent))
                    .collect();
                store
                    .settle_messages(&owner, &settled, &[], NOON)
                    .await
                    .unwrap();
                taken.fetch_add(leased.len(), Ordering::SeqCst);
                seen.lock()
                    .unwrap()
                    .extend(leased.into_iter().map(|leased| leased.message_id));
            }
        })
    });
    let all = tokio::time::timeout(Duration::from_secs(120), join_all(workers)).await;
    for done in all.expect("the workers get all of it") {
        done.unwrap();
    }
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let distinct: HashSet<&MessageId> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (300, 300));
    let sent = "SELECT COUNT(*) FROM outbox WHERE state = 'sent' AND attempts = 1";
    assert_eq!(house.number(sent).await, 300);
}

async fn a_lease_ends_and_the_next_worker_gets_the_message(house: House) {
    let (id, _) = promised(&house).await;
    assert_eq!(lease(&house, "a", NOON, 10).await.len(), 1);
    let before = NOON + MINUTE - Duration::from_millis(1);
    assert!(lease(&house, "b", before, 10).await.is_empty());
    let again = lease(&house, "b", NOON + MINUTE, 10).await;
    assert_eq!((again.len(), again[0].attempts), (1, 2));
    assert_eq!(the_message(&house, &id).await.attempts, 2);
}

async fn a_lost_lease_settles_nothing(house: House) {
    let (id, mail) = promised(&house).await;
    lease(&house, "a", NOON, 10).await;
    lease(&house, "b", NOON + MINUTE, 10).await;
    let (a, b) = ("a", "b");
    settle(&house, a, &mail.message_id, Settlement::Sent, NOON + MINUTE).await;
    let held = the_message(&house, &id).await;
    assert_eq!((held.state.as_str(), held.settled_at), ("due", None));

    settle(&house, b, &mail.message_id, Settlement::Sent, NOON + MINUTE).await;
    let dead = Settlement::Dead {
        error: "too late".to_owned(),
    };
    settle(&house, b, &mail.message_id, dead, NOON + MINUTE * 2).await;
    let sent = the_message(&house, &id).await;
    assert_eq!((sent.state.as_str(), sent.last_error), ("sent", None));
    assert_eq!(sent.settled_at, Some((NOON + MINUTE).millis()));
    assert!(lease(&house, "c", NOON + DAY, 10).await.is_empty());
}

async fn what_is_settled_shows_its_payload_to_nobody(house: House) {
    let (dead, dropped) = ("550 no such mailbox", "the ticket was revoked");
    let ends = [
        (Settlement::Sent, "sent", None),
        (
            Settlement::Dead {
                error: dead.to_owned(),
            },
            "dead",
            Some(dead),
        ),
        (
            Settlement::Dropped {
                reason: dropped.to_owned(),
            },
            "dropped",
            Some(dropped),
        ),
    ];
    let payloads = "SELECT COUNT(*) FROM outbox WHERE payload_sealed IS NOT NULL";
    let ada = user_id("auth0|ada");
    for (settlement, state, error) in ends {
        let (id, mail) = promised(&house).await;
        assert_eq!(house.number(payloads).await, 1);
        assert_eq!(lease(&house, "a", NOON, 10).await.len(), 1);
        let told = Event::new("mail.settled", &Actor::server(), NOON + MINUTE, &OsRng)
            .user(&ada)
            .ticket(&id);
        house
            .store
            .settle_messages(
                "a",
                &[(mail.message_id, settlement)],
                &[told],
                NOON + MINUTE,
            )
            .await
            .unwrap();
        assert_eq!(house.number(payloads).await, 0);
        let settled = the_message(&house, &id).await;
        assert_eq!(
            (settled.state.as_str(), settled.last_error.as_deref()),
            (state, error)
        );
        assert_eq!(settled.settled_at, Some((NOON + MINUTE).millis()));
        let timeline = read!(house, read => read.timeline(&ada, &id));
        assert_eq!(kinds(&timeline), ["mail.settled", "ticket.created"]);
    }
}

async fn a_retry_keeps_the_payload_until_its_time(house: House) {
    let (id, mail) = promised(&house).await;
    lease(&house, "a", NOON, 10).await;
    let at = NOON + MINUTE * 10;
    let retry = Settlement::Retry {
        at,
        error: "451 busy".to_owned(),
    };
    settle(&house, "a", &mail.message_id, retry, NOON).await;
    let waiting = the_message(&house, &id).await;
    assert_eq!(
        (waiting.state.as_str(), waiting.due_at, waiting.settled_at),
        ("due", at, None)
    );
    assert_eq!(waiting.last_error.as_deref(), Some("451 busy"));
    assert!(lease(&house, "a", at - MINUTE, 10).await.is_empty());
    let again = lease(&house, "a", at, 10).await.remove(0);
    assert_eq!(
        (again.payload_sealed, again.attempts),
        (mail.payload_sealed, 2)
    );
}

async fn what_was_leased_and_not_tried_has_lost_nothing(house: House) {
    let (id, mail) = promised(&house).await;
    lease(&house, "a", NOON, 10).await;
    let retry = Settlement::Retry {
        at: NOON,
        error: "451 busy".to_owned(),
    };
    settle(&house, "a", &mail.message_id, retry, NOON).await;
    lease(&house, "b", NOON, 10).await;
    let untried = Settlement::Untried { at: NOON + MINUTE };
    settle(&house, "b", &mail.message_id, untried.clone(), NOON).await;
    // Who has no lease any more changes nothing.
    settle(&house, "b", &mail.message_id, untried, NOON).await;
    let waiting = the_message(&house, &id).await;
    assert_eq!(
        (waiting.state.as_str(), waiting.due_at, waiting.attempts),
        ("due", NOON + MINUTE, 1)
    );
    assert_eq!(waiting.last_error.as_deref(), Some("451 busy"));
    let again = lease(&house, "c", NOON + MINUTE, 10).await.remove(0);
    assert_eq!(again.payload_sealed, mail.payload_sealed);
}

async fn messages_of_a_ticket_are_dropped_before_they_are_sent(house: House) {
    let (id, mail) = promised(&house).await;
    let (other, _) = promised(&house).await;
    let ada = user_id("auth0|ada");
    let notice = NewMessage {
        kind: "factor-added",
        ..message()
    };
    let resent = message();
    commit!(house, tx => tx.insert_message(&notice, &ada, Some(&id), NOON));
    commit!(house, tx => tx.insert_message(&resent, &ada, Some(&id), NOON + DAY));
    let leased = lease(&house, "a", NOON, 10).await;
    assert_eq!(leased.len(), 3);
    let why = "the ticket was revoked";
    let dropped = commit!(house, tx => tx.drop_messages_of_ticket(&id, why, NOON + MINUTE));
    assert_eq!(dropped, 2, "the leased and the waiting, not the notice");
    assert_eq!(
        commit!(house, tx => tx.drop_messages_of_ticket(&id, why, NOON)),
        0
    );
    settle(
        &house,
        "a",
        &mail.message_id,
        Settlement::Sent,
        NOON + MINUTE,
    )
    .await;

    for message in read!(house, read => read.messages_of_ticket(&id)) {
        if message.message_id == notice.message_id {
            assert_eq!((message.state.as_str(), message.settled_at), ("due", None));
        } else {
            assert_eq!(
                (message.state.as_str(), message.last_error.as_deref()),
                ("dropped", Some(why))
            );
            assert_eq!(message.settled_at, Some((NOON + MINUTE).millis()));
        }
    }
    let blanked = "SELECT COUNT(*) FROM outbox WHERE state = 'dropped' AND payload_sealed IS NULL";
    assert_eq!(house.number(blanked).await, 2);
    assert_eq!(the_message(&house, &other).await.state, "due");
}

async fn the_next_due_message_is_the_earliest_that_waits(house: House) {
    assert_eq!(read!(house, read => read.next_message_due()), None);
    let ada = house.user("auth0|ada").await;
    let (early, late) = (message(), message());
    commit!(house, tx => tx.insert_message(&late, &ada, None, NOON + DAY));
    commit!(house, tx => tx.insert_message(&early, &ada, None, NOON));
    assert_eq!(read!(house, read => read.next_message_due()), Some(NOON));
    assert_eq!(lease(&house, "a", NOON, 10).await.len(), 1);
    assert_eq!(
        read!(house, read => read.next_message_due()),
        Some(NOON + MINUTE),
        "of the lease"
    );
    settle(&house, "a", &early.message_id, Settlement::Sent, NOON).await;
    assert_eq!(
        read!(house, read => read.next_message_due()),
        Some(NOON + DAY)
    );
}
