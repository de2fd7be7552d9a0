//! What one user may have holds whoever asks, on however many instances.

use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::future::join_all;
use tessera::core::{Timestamp, UserId};
use tessera::store::{Created, Full, NewTicket, TicketGatherer, UserLimits};

use crate::house::{
    DAY, House, LIFETIME, NOON, commit, message, on_both, ticket, ticket_of_new_user, user_id,
};

on_both!(
    the_sixth_open_ticket_waits_for_one_that_ends,
    the_eleventh_mail_waits_for_the_first_to_be_a_day_old,
    two_instances_together_give_no_more_than_one
);

const LIMITS: UserLimits = UserLimits {
    open_tickets: NonZeroU32::new(5),
    mails: NonZeroU32::new(10),
};

fn limited(user_id: &UserId) -> NewTicket {
    NewTicket {
        limits: LIMITS,
        ..ticket(user_id)
    }
}

fn mailed(user_id: &UserId) -> NewTicket {
    NewTicket {
        mail: Some(message()),
        limits: UserLimits {
            open_tickets: None,
            ..LIMITS
        },
        ..ticket(user_id)
    }
}

async fn create(house: &House, ticket: NewTicket) -> Created {
    house.store.create_tickets(&[ticket]).await.unwrap()[0]
}

async fn the_sixth_open_ticket_waits_for_one_that_ends(house: House) {
    let (ada, bob) = (house.user("auth0|ada").await, house.user("auth0|bob").await);
    let short = NewTicket {
        expires_at: NOON + DAY,
        ..limited(&ada)
    };
    let mut batch = vec![short.clone()];
    batch.extend((0..6).map(|_| limited(&ada)));
    batch.push(limited(&bob));
    let created = house.store.create_tickets(&batch).await.unwrap();
    let full = Created::Full(Full::Tickets(NOON + DAY));
    let mut expected = vec![Created::Ticket; 5];
    expected.extend([full, full, Created::Ticket]);
    assert_eq!(created, expected, "in one batch");
    assert_eq!(create(&house, limited(&ada)).await, full, "in the next");
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 6);
    assert_eq!(house.number("SELECT COUNT(*) FROM events").await, 6);

    let tomorrow = NewTicket {
        created_at: NOON + DAY,
        ..limited(&ada)
    };
    assert_eq!(
        create(&house, tomorrow).await,
        Created::Ticket,
        "one has expired"
    );
    commit!(house, tx => tx.revoke_ticket(&batch[1].ticket_id, NOON + DAY));
    let tomorrow = NewTicket {
        created_at: NOON + DAY,
        ..limited(&ada)
    };
    assert_eq!(
        create(&house, tomorrow).await,
        Created::Ticket,
        "one is revoked"
    );
    assert_eq!(
        create(&house, ticket(&ada)).await,
        Created::Ticket,
        "without a limit"
    );
}

async fn the_eleventh_mail_waits_for_the_first_to_be_a_day_old(house: House) {
    let ada = house.user("auth0|ada").await;
    let until = commit!(house, tx => tx.mails_full_until(&ada, LIMITS, NOON));
    assert_eq!(until, None);
    for minute in 0..10 {
        let at = NOON + Duration::from_secs(60 * minute);
        let mailed = NewTicket {
            created_at: at,
            ..mailed(&ada)
        };
        assert_eq!(create(&house, mailed).await, Created::Ticket);
    }
    let late = NOON + Duration::from_secs(3600);
    let at = |created_at: Timestamp| NewTicket {
        created_at,
        ..mailed(&ada)
    };
    let full = Created::Full(Full::Mails(NOON + DAY));
    assert_eq!(create(&house, at(late)).await, full);
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 10);
    assert_eq!(house.number("SELECT COUNT(*) FROM outbox").await, 10);
    let until = commit!(house, tx => tx.mails_full_until(&ada, LIMITS, late));
    assert_eq!(until, Some(NOON + DAY), "a resend counts too");
    let until = commit!(house, tx => tx.mails_full_until(&ada, UserLimits::default(), late));
    assert_eq!(until, None);
    let silent = NewTicket {
        mail: None,
        ..mailed(&ada)
    };
    assert_eq!(
        create(&house, silent).await,
        Created::Ticket,
        "without a mail"
    );
    assert_eq!(create(&house, at(NOON + DAY)).await, Created::Ticket);
}

async fn two_instances_together_give_no_more_than_one(house: House) {
    let (ada, new) = (house.user("auth0|ada").await, user_id("auth0|new"));
    let gatherers = [
        TicketGatherer::start(&house.store),
        TicketGatherer::start(&house.other_instance().await),
    ];
    let asked = (0..200).map(|index| {
        let gatherer = gatherers[index % 2].clone();
        let wanted = NewTicket {
            limits: LIMITS,
            mail: Some(message()),
            ..if index % 4 < 2 {
                ticket(&ada)
            } else {
                ticket_of_new_user(&new)
            }
        };
        tokio::spawn(async move { gatherer.create(wanted).await.unwrap() })
    });
    let outcomes: Vec<Created> = join_all(asked)
        .await
        .into_iter()
        .map(|done| done.unwrap())
        .collect();
    let created = outcomes.iter().filter(|done| **done == Created::Ticket);
    assert_eq!(created.count(), 10, "five each");
    let full = Created::Full(Full::Tickets(NOON + LIFETIME));
    assert_eq!(outcomes.iter().filter(|done| **done == full).count(), 190);
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 10);
    assert_eq!(house.number("SELECT COUNT(*) FROM outbox").await, 10);
}
