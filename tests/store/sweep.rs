//! The sweeper: what nobody may see any more is deleted, and nothing else.

use std::time::Duration;

use tessera::core::{Actor, OsRng, TicketSecret};
use tessera::store::{Event, NewMessage, NewTicket, Settlement, Swept};

use crate::house::{DAY, House, MINUTE, NOON, commit, message, on_both, read, ticket};

on_both!(
    tickets_are_kept_for_their_time_and_then_go_with_all_that_is_theirs,
    more_than_a_batch_goes_in_one_sweep,
    settled_messages_go_and_waiting_ones_stay,
    the_audit_log_is_kept_for_four_hundred_days,
    tickets_are_created_while_the_sweeper_runs
);

const KEEP: Duration = Duration::from_secs(90 * 24 * 60 * 60);

async fn tickets_are_kept_for_their_time_and_then_go_with_all_that_is_theirs(house: House) {
    let ada = house.user("auth0|ada").await;
    let expires = |expires_at| NewTicket {
        expires_at,
        mail: Some(message()),
        ..ticket(&ada)
    };
    let gone = house
        .ticket(&expires(NOON - Duration::from_millis(1)))
        .await;
    let kept = house.ticket(&expires(NOON)).await;
    for id in [&gone, &kept] {
        let secret = TicketSecret::new(&OsRng).digest();
        commit!(house, tx => tx.replace_ticket_secret(id, &secret, NOON - DAY)).unwrap();
    }
    let enrollment = house.enroll(&ada, &gone).await;
    assert_eq!(
        house.store.sweep(NOON, KEEP).await.unwrap(),
        Swept::default()
    );
    let swept = house.store.sweep(NOON + KEEP, KEEP).await.unwrap();
    assert_eq!(
        swept,
        Swept {
            tickets: 1,
            ..Swept::default()
        }
    );
    assert!(read!(house, read => read.ticket(&gone)).is_none());
    assert!(read!(house, read => read.ticket(&kept)).is_some());
    let mut raw = house.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM former_links").await, 1);
    assert_eq!(raw.number("SELECT COUNT(*) FROM outbox").await, 1);
    assert!(
        read!(house, read => read.enrollment(&enrollment)).is_some(),
        "the factor stays"
    );
    assert_eq!(
        read!(house, read => read.timeline(&ada, &gone)).len(),
        2,
        "and so does the log, which tells that it expired"
    );
    assert_eq!(
        house.store.sweep(NOON + KEEP, KEEP).await.unwrap(),
        Swept::default()
    );
}

async fn more_than_a_batch_goes_in_one_sweep(house: House) {
    let ada = house.user("auth0|ada").await;
    let wanted: Vec<NewTicket> = (0..1203)
        .map(|index| NewTicket {
            expires_at: NOON + if index < 3 { DAY } else { Duration::ZERO },
            event: Event::new("ticket.created", &Actor::server(), NOON, &OsRng).user(&ada),
            ..ticket(&ada)
        })
        .collect();
    house.store.create_tickets(&wanted).await.unwrap();
    let swept = house.store.sweep(NOON + KEEP + MINUTE, KEEP).await.unwrap();
    assert_eq!(
        swept,
        Swept {
            tickets: 1200,
            ..Swept::default()
        }
    );
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 3);
    let swept = house.store.sweep(NOON + DAY * 401, KEEP).await.unwrap();
    assert_eq!(
        swept,
        Swept {
            tickets: 3,
            messages: 0,
            events: 1203,
            counts: 0,
        }
    );
}

async fn settled_messages_go_and_waiting_ones_stay(house: House) {
    let ada = house.user("auth0|ada").await;
    let (sent, waiting) = (
        message(),
        NewMessage {
            kind: "factor-added",
            ..message()
        },
    );
    commit!(house, tx => tx.insert_message(&sent, &ada, None, NOON));
    house
        .store
        .lease_messages("a", NOON, NOON + MINUTE, 1)
        .await
        .unwrap();
    let settled = [(sent.message_id, Settlement::Sent)];
    house
        .store
        .settle_messages("a", &settled, &[], NOON)
        .await
        .unwrap();
    commit!(house, tx => tx.insert_message(&waiting, &ada, None, NOON));
    assert_eq!(
        house.store.sweep(NOON + KEEP, KEEP).await.unwrap(),
        Swept::default()
    );
    let swept = house.store.sweep(NOON + KEEP + MINUTE, KEEP).await.unwrap();
    assert_eq!(
        swept,
        Swept {
            messages: 1,
            ..Swept::default()
        }
    );
    assert_eq!(read!(house, read => read.next_message_due()), Some(NOON));
}

async fn the_audit_log_is_kept_for_four_hundred_days(house: House) {
    let ada = house.user("auth0|ada").await;
    let line = |at| Event::new("user.updated", &Actor::server(), at, &OsRng).user(&ada);
    house
        .store
        .record(&[line(NOON), line(NOON + MINUTE)])
        .await
        .unwrap();
    let none = Swept::default();
    assert_eq!(
        house.store.sweep(NOON + DAY * 400, KEEP).await.unwrap(),
        none
    );
    let swept = house
        .store
        .sweep(NOON + DAY * 400 + MINUTE, KEEP)
        .await
        .unwrap();
    assert_eq!(swept, Swept { events: 1, ..none });
    assert_eq!(read!(house, read => read.events_of_user(&ada)).len(), 1);
}

async fn tickets_are_created_while_the_sweeper_runs(house: House) {
    let ada = house.user("auth0|ada").await;
    let old: Vec<NewTicket> = (0..1500)
        .map(|_| NewTicket {
            expires_at: NOON,
            ..ticket(&ada)
        })
        .collect();
    house.store.create_tickets(&old).await.unwrap();
    let sweepers = (0..2).map(|_| house.store.sweep(NOON + DAY * 91, KEEP));
    let writers = async {
        for _ in 0..10 {
            house.ticket(&ticket(&ada)).await;
        }
    };
    let (swept, ()) =
        futures_util::future::join(futures_util::future::join_all(sweepers), writers).await;
    let tickets: u64 = swept.into_iter().map(|swept| swept.unwrap().tickets).sum();
    assert_eq!(
        tickets, 1500,
        "two instances that sweep count each row once"
    );
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 10);
}
