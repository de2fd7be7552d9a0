//! A key makes one ticket, however often and on however many instances it is used.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use tessera::core::{Digest, UserId};
use tessera::store::{Created, Full, NewCall, NewTicket, TicketGatherer, UserLimits};

use crate::house::{
    DAY, House, LIFETIME, MINUTE, NOON, message, on_both, read, ticket, ticket_of_new_user, user_id,
};

on_both!(
    a_key_is_remembered_for_a_day,
    a_key_of_a_ticket_that_was_refused_is_free,
    one_key_at_once_on_two_instances_is_one_ticket,
    the_sweeper_forgets_keys_that_are_a_day_old
);

fn keyed(key: &str, ticket: NewTicket) -> NewTicket {
    NewTicket {
        call: Some(NewCall {
            key_hash: key.to_owned(),
            request_hash: Digest::of(ticket.user_id.as_str().as_bytes()),
            secret_sealed: b"sealed".to_vec(),
        }),
        ..ticket
    }
}

async fn create(house: &House, ticket: &NewTicket) -> Created {
    let one = std::slice::from_ref(ticket);
    house.store.create_tickets(one).await.unwrap()[0]
}

async fn a_key_is_remembered_for_a_day(house: House) {
    let ada = house.user("auth0|ada").await;
    let key = "one";
    assert!(read!(house, read => read.call(key, NOON)).is_none());
    let first = keyed("one", ticket(&ada));
    let again = keyed("one", ticket(&ada));
    let other = keyed("two", ticket(&ada));
    let batch = [first.clone(), again.clone(), other, ticket(&ada)];
    let created = house.store.create_tickets(&batch).await.unwrap();
    assert_eq!(
        created,
        [
            Created::Ticket,
            Created::Repeated,
            Created::Ticket,
            Created::Ticket
        ]
    );
    assert_eq!(create(&house, &again).await, Created::Repeated);
    let call = read!(house, read => read.call(key, NOON + DAY - MINUTE)).unwrap();
    assert_eq!(call.ticket_id, first.ticket_id);
    assert_eq!(call.expires_at, NOON + LIFETIME);
    assert_eq!(call.secret_sealed, b"sealed");
    assert!(Digest::of(b"auth0|ada").matches(&call.request_hash));
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 3);

    assert!(read!(house, read => read.call(key, NOON + DAY)).is_none());
    let late = NewTicket {
        created_at: NOON + DAY,
        ..again
    };
    assert_eq!(create(&house, &late).await, Created::Ticket);
    let call = read!(house, read => read.call(key, NOON + DAY)).unwrap();
    assert_eq!(call.ticket_id, late.ticket_id);
}

async fn a_key_of_a_ticket_that_was_refused_is_free(house: House) {
    let (ada, nobody) = (house.user("auth0|ada").await, user_id("auth0|nobody"));
    let one = |user_id: &UserId| NewTicket {
        limits: UserLimits {
            open_tickets: NonZeroU32::new(1),
            mails: None,
        },
        ..keyed("one", ticket(user_id))
    };
    let full = Created::Full(Full::Tickets(NOON + LIFETIME));
    let batch = [ticket(&ada), one(&nobody), one(&ada), one(&ada)];
    let created = house.store.create_tickets(&batch).await.unwrap();
    assert_eq!(created, [Created::Ticket, Created::NoUser, full, full]);
    assert_eq!(
        house.number("SELECT COUNT(*) FROM idempotency_keys").await,
        0
    );
    let free = keyed("one", ticket(&ada));
    assert_eq!(create(&house, &free).await, Created::Ticket);
    assert_eq!(
        create(&house, &one(&ada)).await,
        Created::Repeated,
        "and not full"
    );
}

async fn one_key_at_once_on_two_instances_is_one_ticket(house: House) {
    let new = user_id("auth0|new");
    let gatherers = [
        TicketGatherer::start(&house.store),
        TicketGatherer::start(&house.other_instance().await),
    ];
    let asked = (0..100).map(|index| {
        let gatherer = gatherers[index % 2].clone();
        let wanted = NewTicket {
            mail: Some(message()),
            ..keyed("one", ticket_of_new_user(&new))
        };
        tokio::spawn(async move { gatherer.create(wanted).await.unwrap() })
    });
    let outcomes = join_all(asked).await;
    let count = |wanted| {
        outcomes
            .iter()
            .filter(|done| *done.as_ref().unwrap() == wanted)
            .count()
    };
    assert_eq!((count(Created::Ticket), count(Created::Repeated)), (1, 99));
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 1);
    assert_eq!(house.number("SELECT COUNT(*) FROM outbox").await, 1);

    let rivals = (0..40).map(|index| {
        let gatherer = gatherers[index % 2].clone();
        let wanted = keyed(
            "two",
            ticket_of_new_user(&user_id(&format!("auth0|{index}"))),
        );
        tokio::spawn(async move { gatherer.create(wanted).await.unwrap() })
    });
    let outcomes = join_all(rivals).await;
    let created = outcomes
        .iter()
        .filter(|done| *done.as_ref().unwrap() == Created::Ticket);
    assert_eq!(created.count(), 1, "whatever each of them asked for");
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 2);
}

async fn the_sweeper_forgets_keys_that_are_a_day_old(house: House) {
    let ada = house.user("auth0|ada").await;
    create(&house, &keyed("one", ticket(&ada))).await;
    let later = NewTicket {
        created_at: NOON + MINUTE,
        ..keyed("two", ticket(&ada))
    };
    create(&house, &later).await;
    let swept = house.store.sweep(NOON + DAY, DAY * 90).await.unwrap();
    assert_eq!(swept.counts, 1);
    assert_eq!(
        house.number("SELECT COUNT(*) FROM idempotency_keys").await,
        1
    );
    assert!(read!(house, read => read.call("two", NOON + DAY)).is_some());
}
