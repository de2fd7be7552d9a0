//! What a ticket's link goes through before it is spent: new secrets, and wrong codes.

use std::time::Duration;

use futures_util::future::join_all;
use tessera::core::{OsRng, TicketId, TicketSecret};
use tessera::store::{NewTicket, TicketState};

use crate::house::{DAY, House, LIFETIME, MINUTE, NOON, attempt, commit, on_both, read};
use crate::redeeming::{END, found, of_ada, redeem};

on_both!(
    a_new_link_takes_the_place_of_the_former,
    an_expired_ticket_gets_no_new_link,
    wrong_codes_are_counted_and_delayed,
    parallel_wrong_codes_are_all_counted
);

async fn a_new_link_takes_the_place_of_the_former(house: House) {
    let (ticket, other) = (of_ada(&house).await, of_ada(&house).await);
    let id = &ticket.ticket_id;
    let mut former = vec![ticket.secret_hash];
    for _ in 0..3 {
        commit!(house, tx => tx.count_ticket_failure(id, NOON));
        commit!(house, tx => tx.delay_ticket(id, NOON + DAY));
        let secret = TicketSecret::new(&OsRng).digest();
        let renewed = commit!(house, tx => tx.replace_ticket_secret(id, &secret, NOON)).unwrap();
        assert!(secret.matches(&renewed.secret_hash));
        assert_eq!(
            (renewed.expires_at, renewed.state),
            (NOON + LIFETIME, TicketState::Open)
        );
        assert_eq!((renewed.failures, renewed.retry_at.millis()), (0, 0));
        former.push(secret);
    }
    let present = former.pop().unwrap();
    for secret in &former {
        assert!(read!(house, read => read.is_former_link(id, secret)));
        let other = &other.ticket_id;
        assert!(!read!(house, read => read.is_former_link(other, secret)));
        let by_former = NewTicket {
            secret_hash: *secret,
            ..ticket.clone()
        };
        assert!(
            redeem(&house, &by_former, &attempt(), false, NOON)
                .await
                .is_none()
        );
    }
    assert!(!read!(house, read => read.is_former_link(id, &present)));
    let by_present = NewTicket {
        secret_hash: present,
        ..ticket.clone()
    };
    assert!(
        redeem(&house, &by_present, &attempt(), false, NOON)
            .await
            .is_some()
    );
}

async fn an_expired_ticket_gets_no_new_link(house: House) {
    let ticket = of_ada(&house).await;
    let id = &ticket.ticket_id;
    let secret = TicketSecret::new(&OsRng).digest();
    assert!(commit!(house, tx => tx.replace_ticket_secret(id, &secret, END)).is_none());
    assert!(!read!(house, read => read.is_former_link(id, &ticket.secret_hash)));
    assert!(
        ticket
            .secret_hash
            .matches(&found(&house, id).await.secret_hash)
    );
    let unknown = TicketId::new(NOON, &OsRng);
    assert!(commit!(house, tx => tx.replace_ticket_secret(&unknown, &secret, NOON)).is_none());
}

async fn wrong_codes_are_counted_and_delayed(house: House) {
    let (ticket, other) = (of_ada(&house).await, of_ada(&house).await);
    let id = &ticket.ticket_id;
    for count in 1..=5 {
        assert_eq!(
            commit!(house, tx => tx.count_ticket_failure(id, NOON)),
            Some(count)
        );
    }
    let later = NOON + MINUTE;
    commit!(house, tx => tx.delay_ticket(id, later));
    let before = later - Duration::from_millis(1);
    assert_eq!(
        commit!(house, tx => tx.count_ticket_failure(id, before)),
        None
    );
    assert_eq!(
        commit!(house, tx => tx.count_ticket_failure(id, later)),
        Some(6)
    );
    let counted = found(&house, id).await;
    assert_eq!((counted.failures, counted.retry_at), (6, later));
    let other = found(&house, &other.ticket_id).await;
    assert_eq!((other.failures, other.retry_at.millis()), (0, 0));
    let unknown = TicketId::new(NOON, &OsRng);
    assert_eq!(
        commit!(house, tx => tx.count_ticket_failure(&unknown, NOON)),
        None
    );
}

async fn parallel_wrong_codes_are_all_counted(house: House) {
    let ticket = of_ada(&house).await;
    let id = &ticket.ticket_id;
    let house = &house;
    let tries = (0..25)
        .map(|_| async move { commit!(house, tx => tx.count_ticket_failure(id, NOON)).unwrap() });
    let mut counts = join_all(tries).await;
    counts.sort_unstable();
    assert_eq!(
        counts,
        (1..=25).collect::<Vec<i64>>(),
        "no count is told twice"
    );
}
