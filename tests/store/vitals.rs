//! What an operator sees of tickets and outbox, and how a message is tried again.

use tessera::core::{MessageId, Timestamp};
use tessera::store::{NewMessage, NewTicket, OutboxVitals, Settlement, TicketCounts};

use crate::house::{DAY, House, LIFETIME, MINUTE, NOON, commit, message, on_both, read, ticket};

on_both!(
    tickets_are_counted_by_where_they_stand,
    the_outbox_tells_what_waits_and_what_was_given_up,
    messages_are_listed_in_pages,
    what_waits_is_hastened_unless_a_worker_has_it,
    what_was_given_up_is_promised_again_once,
    connections_are_counted,
    only_a_server_has_a_clock_of_its_own
);

async fn tickets_are_counted_by_where_they_stand(house: House) {
    let ada = house.user("auth0|ada").await;
    for _ in 0..3 {
        house.ticket(&ticket(&ada)).await;
    }
    let short = NewTicket {
        expires_at: NOON + MINUTE,
        ..ticket(&ada)
    };
    house.ticket(&short).await;
    let revoked = house.ticket(&ticket(&ada)).await;
    commit!(house, tx => tx.revoke_ticket(&revoked, NOON));
    let counts = |open, expired| TicketCounts {
        open,
        expired,
        held: 0,
        used: 0,
        closed: 0,
        revoked: 1,
    };
    assert_eq!(read!(house, read => read.ticket_counts(NOON)), counts(4, 0));
    let later = NOON + MINUTE;
    assert_eq!(
        read!(house, read => read.ticket_counts(later)),
        counts(3, 1)
    );
}

/// Messages of Ada, promised at these moments.
async fn promised(house: &House, moments: &[Timestamp]) -> Vec<NewMessage> {
    let ada = house.user("auth0|ada").await;
    let mut promised = Vec::new();
    for at in moments {
        let new = message();
        commit!(house, tx => tx.insert_message(&new, &ada, None, *at));
        promised.push(new);
    }
    promised
}

/// Lets a worker have all that is due, and settle one of them.
async fn settle(house: &House, id: &MessageId, what: Settlement, now: Timestamp) {
    let until = now + MINUTE;
    house
        .store
        .lease_messages("worker", now, until, 10)
        .await
        .unwrap();
    let settled = [(id.clone(), what)];
    house
        .store
        .settle_messages("worker", &settled, &[], now)
        .await
        .unwrap();
}

fn dead() -> Settlement {
    Settlement::Dead {
        error: "no such mailbox".to_owned(),
    }
}

async fn the_outbox_tells_what_waits_and_what_was_given_up(house: House) {
    let quiet = OutboxVitals {
        due: 0,
        dead: 0,
        oldest: None,
        next: None,
        delivers: false,
    };
    assert_eq!(read!(house, read => read.outbox_vitals(NOON)), quiet);
    let mails = promised(&house, &[NOON, NOON + MINUTE, NOON + DAY]).await;
    settle(&house, &mails[0].message_id, dead(), NOON).await;
    settle(
        &house,
        &mails[1].message_id,
        Settlement::Sent,
        NOON + MINUTE,
    )
    .await;
    let told = |delivers| OutboxVitals {
        due: 1,
        dead: 1,
        oldest: Some((NOON + DAY).millis()),
        next: Some((NOON + DAY).millis()),
        delivers,
    };
    assert_eq!(read!(house, read => read.outbox_vitals(NOON)), told(true));
    let since = NOON + MINUTE;
    assert_eq!(read!(house, read => read.outbox_vitals(since)), told(false));
}

async fn messages_are_listed_in_pages(house: House) {
    let mut mails = promised(&house, &[NOON; 3]).await;
    mails.sort_by(|one, other| one.message_id.as_str().cmp(other.message_id.as_str()));
    let ids: Vec<&MessageId> = mails.iter().map(|mail| &mail.message_id).collect();
    let page = read!(house, read => read.messages("due", None, 2));
    let listed: Vec<&MessageId> = page.iter().map(|mail| &mail.message_id).collect();
    assert_eq!(listed, ids[..2]);
    let rest = read!(house, read => read.messages("due", Some(ids[1]), 2));
    assert_eq!(rest.len(), 1);
    assert_eq!(&rest[0].message_id, ids[2]);
    assert_eq!(
        (rest[0].expires_at, &rest[0].ticket_id),
        (NOON + LIFETIME, &None)
    );
    assert!(read!(house, read => read.messages("dead", None, 2)).is_empty());
}

async fn what_waits_is_hastened_unless_a_worker_has_it(house: House) {
    let mails = promised(&house, &[NOON + DAY]).await;
    let id = &mails[0].message_id;
    assert!(commit!(house, tx => tx.hasten_message(id, NOON)));
    let leased = house
        .store
        .lease_messages("a", NOON, NOON + MINUTE, 1)
        .await;
    assert_eq!(leased.unwrap().len(), 1, "it was due a day later");
    assert!(!commit!(house, tx => tx.hasten_message(id, NOON)), "leased");
    let over = NOON + MINUTE;
    assert!(
        commit!(house, tx => tx.hasten_message(id, over)),
        "the lease ended"
    );
    let late = NOON + LIFETIME;
    assert!(
        !commit!(house, tx => tx.hasten_message(id, late)),
        "its time is over"
    );
}

async fn what_was_given_up_is_promised_again_once(house: House) {
    let ada = house.user("auth0|ada").await;
    let mail = message();
    let new = NewTicket {
        mail: Some(mail.clone()),
        ..ticket(&ada)
    };
    let ticket_id = house.ticket(&new).await;
    let id = &mail.message_id;
    let sealed = Some(&b"sealed anew"[..]);
    assert!(
        !commit!(house, tx => tx.revive_message(id, sealed, NOON)),
        "it waits"
    );
    settle(&house, id, dead(), NOON).await;
    let late = NOON + LIFETIME;
    assert!(
        !commit!(house, tx => tx.revive_message(id, sealed, late)),
        "its time is over"
    );
    assert!(!read!(house, read => read.has_newer_link_mail(&ticket_id, id)));

    assert!(commit!(house, tx => tx.revive_message(id, sealed, NOON + MINUTE)));
    assert!(
        !commit!(house, tx => tx.revive_message(id, sealed, NOON + MINUTE)),
        "once"
    );
    let found = read!(house, read => read.message(id)).unwrap();
    assert_eq!(
        (found.state.as_str(), found.attempts, found.settled_at),
        ("due", 0, None)
    );
    assert_eq!(found.due_at, NOON + MINUTE);
    let again = house
        .store
        .lease_messages("b", NOON + MINUTE, NOON + DAY, 1)
        .await;
    assert_eq!(again.unwrap()[0].payload_sealed.as_deref(), sealed);

    let before: MessageId = "msg_00000000000000000000000000000000".parse().unwrap();
    assert!(read!(house, read => read.has_newer_link_mail(&ticket_id, &before)));
    assert!(read!(house, read => read.message(&before)).is_none());
}

async fn connections_are_counted(house: House) {
    let held = house.store.begin_read().await.unwrap();
    let used: u32 = house.store.pool_use().iter().map(|pool| pool.used).sum();
    assert!(used >= 1);
    drop(held);
}

async fn only_a_server_has_a_clock_of_its_own(house: House) {
    let told = read!(house, read => read.server_time());
    assert_eq!(told.is_none(), house.store.is_embedded());
    assert!(told.is_none_or(|time| time > Timestamp::from_millis(0)));
}
