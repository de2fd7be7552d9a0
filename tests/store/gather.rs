//! Gathering: tickets that are asked for at the same time share commits, and each asker gets an answer of their own.

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tessera::core::Error;
use tessera::store::{Created, NewTicket, TicketGatherer};

use crate::house::{House, message, on_both, read, ticket, ticket_of_new_user, user, user_id};

on_both!(
    five_hundred_at_once_are_all_answered,
    a_bad_ticket_takes_nobody_with_it,
    a_lone_bad_ticket_is_our_fault_and_not_the_databases,
    without_a_database_everybody_is_told_to_come_back,
    when_too_many_wait_the_next_are_told_to_come_back
);

async fn five_hundred_at_once_are_all_answered(house: House) {
    house.user("auth0|ada").await;
    let wanted: Vec<NewTicket> = (0..500)
        .map(|index| NewTicket {
            mail: Some(message()),
            ..match index % 10 {
                0 => ticket(&user_id("auth0|nobody")),
                1 => ticket(&user_id("auth0|ada")),
                _ => ticket_of_new_user(&user_id(&format!("auth0|{}", index % 100))),
            }
        })
        .collect();
    let gatherer = TicketGatherer::start(&house.store);
    let asked = wanted.iter().map(|ticket| {
        let (gatherer, ticket) = (gatherer.clone(), ticket.clone());
        tokio::spawn(async move { gatherer.create(ticket).await.unwrap() })
    });
    for (index, answer) in join_all(asked).await.into_iter().enumerate() {
        let expected = match index % 10 {
            0 => Created::NoUser,
            _ => Created::Ticket,
        };
        assert_eq!(answer.unwrap(), expected, "{index}");
        let id = &wanted[index].ticket_id;
        let found = read!(house, read => read.ticket(id));
        assert_eq!(found.is_some(), expected == Created::Ticket, "{index}");
    }
    let mut raw = house.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM tickets").await, 450);
    assert_eq!(raw.number("SELECT COUNT(*) FROM outbox").await, 450);
}

async fn a_bad_ticket_takes_nobody_with_it(house: House) {
    let ada = house.user("auth0|ada").await;
    let mut wanted: Vec<NewTicket> = (0..60).map(|_| ticket(&ada)).collect();
    for there in [3, 5] {
        wanted.push(NewTicket {
            ticket_id: wanted[there].ticket_id.clone(),
            ..ticket(&ada)
        });
    }
    let gatherer = TicketGatherer::start(&house.store);
    let answers = join_all(wanted.into_iter().map(|ticket| gatherer.create(ticket))).await;
    for answer in &answers {
        match answer {
            Ok(created) => assert_eq!(*created, Created::Ticket),
            Err(error) => assert!(matches!(error, Error::Internal(_)), "{error:?}"),
        }
    }
    // On PostgreSQL either of the two may be first.
    for (one, other) in [(3, 60), (5, 61)] {
        let created = [one, other].map(|index| answers[index].is_ok());
        assert!(created[0] != created[1], "{one} and {other}: {created:?}");
    }
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 2);
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 60);
}

async fn a_lone_bad_ticket_is_our_fault_and_not_the_databases(house: House) {
    let ada = house.user("auth0|ada").await;
    let there = ticket(&ada);
    house.ticket(&there).await;
    let gatherer = TicketGatherer::start(&house.store);
    let error = gatherer.create(there).await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "{error:?}");
}

async fn without_a_database_everybody_is_told_to_come_back(house: House) {
    let gatherer = TicketGatherer::start(&house.store);
    house.store.close().await;
    let nobody = user_id("auth0|nobody");
    for answer in join_all((0..20).map(|_| gatherer.create(ticket(&nobody)))).await {
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
}

/// A transaction that nobody ends holds up the writer: on SQLite all writers, on PostgreSQL those of the same user.
async fn when_too_many_wait_the_next_are_told_to_come_back(house: House) {
    let ada = user_id("auth0|ada");
    let mut tx = house.store.begin_write().await.unwrap();
    tx.insert_user(&user("auth0|ada", None)).await.unwrap();
    let gatherer = TicketGatherer::start(&house.store);
    let mut answers: FuturesUnordered<_> = (0..5000)
        .map(|_| gatherer.create(ticket_of_new_user(&ada)))
        .collect();
    let error = answers.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    drop(tx);
    let (mut created, mut refused) = (0, 1);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(outcome) => {
                assert_eq!(outcome, Created::Ticket);
                created += 1;
            }
            Err(error) => {
                assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
                refused += 1;
            }
        }
    }
    // Those who wait are written, as far as the machine comes with it before they are told to come back.
    assert!(created > 0, "{created} created, {refused} refused");
    let there = house.number("SELECT COUNT(*) FROM tickets").await;
    assert_eq!(there, created, "who was refused has no ticket");
}
