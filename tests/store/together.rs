//! Transactions that share a commit: each by itself to whoever looks.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tessera::core::{Error, Result};
use tessera::store::{Created, TicketGatherer, Write};
use tokio::sync::oneshot;

use crate::house::{House, on_both, ticket, user, user_id};

on_both!(
    what_fails_leaves_nothing_and_takes_nobody_with_it,
    what_is_done_one_after_the_other_is_seen_by_the_next,
    a_closed_database_says_so
);

async fn insert(tx: &mut Write, name: &str) -> Result<bool> {
    tx.insert_user(&user(name, None)).await
}

async fn what_fails_leaves_nothing_and_takes_nobody_with_it(house: House) {
    let works = (0..60).map(|number| {
        let store = house.store.clone();
        // A task each: on PostgreSQL the panic is its own.
        tokio::spawn(async move {
            let work = store.together(move |tx| {
                Box::pin(async move {
                    assert!(insert(tx, &format!("auth0|{number}")).await?);
                    match number % 3 {
                        0 => Ok(number),
                        1 => Err(Error::internal(anyhow::anyhow!("number {number}"))),
                        _ => Ok("no number".parse().unwrap()),
                    }
                })
            });
            work.await
        })
    });
    for (number, done) in join_all(works).await.into_iter().enumerate() {
        let is_told = match (number % 3, &done) {
            (0, Ok(Ok(done))) => *done == number,
            (1, Ok(Err(error))) => format!("{error:#}").contains("number"),
            (2, Ok(Err(_)) | Err(_)) => true,
            _ => false,
        };
        assert!(is_told, "{number}: {done:?}");
        let found = house.store.begin_lookup().await.unwrap();
        let found = { found }.user(&user_id(&format!("auth0|{number}"))).await;
        assert_eq!(found.unwrap().is_some(), number % 3 == 0, "{number}");
    }
}

async fn what_is_done_one_after_the_other_is_seen_by_the_next(house: House) {
    let ada = house.user("auth0|ada").await;
    let counts = join_all((0..100).map(|_| {
        let ada = ada.clone();
        house.store.together(move |tx| {
            Box::pin(async move {
                tx.lock_user(&ada).await?;
                tx.count_failure_of(&ada).await
            })
        })
    }))
    .await;
    let mut counts: Vec<i64> = counts.into_iter().map(|n| n.unwrap().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn whoever_gave_up_before_it_began_gets_nothing() {
    let house = House::sqlite().await;
    let has_turn = house.store.begin_write().await.unwrap();
    let late = house
        .store
        .together(|tx| Box::pin(async move { insert(tx, "auth0|late").await }));
    let mut late = Box::pin(late);
    assert!(late.as_mut().now_or_never().is_none());
    drop(late);
    drop(has_turn);
    let next = house
        .store
        .together(|tx| Box::pin(async move { insert(tx, "auth0|next").await }));
    assert!(next.await.unwrap());
    let mut read = house.store.begin_lookup().await.unwrap();
    let late = read.user(&user_id("auth0|late")).await.unwrap();
    assert!(late.is_none());
}

/// Has a transaction under way until `act` is over; what that begins waits for it.
async fn while_one_is_under_way(house: &House, act: impl FnOnce()) {
    let (begun, is_begun) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel();
    let first = house.store.together(|_| {
        Box::pin(async move {
            begun.send(()).unwrap();
            may_go_on.await.unwrap();
            Ok(())
        })
    });
    let mut first = Box::pin(first);
    assert!(first.as_mut().now_or_never().is_none());
    is_begun.await.unwrap();
    act();
    go_on.send(()).unwrap();
    first.await.unwrap();
}

#[tokio::test]
async fn tickets_pass_the_proofs_that_wait_and_share_a_commit_with_a_few() {
    let house = House::sqlite().await;
    let ada = house.user("auth0|ada").await;
    let gatherer = TicketGatherer::start(&house.store);
    let new = ticket(&ada);
    let mut proofs: Vec<_> = (0..20)
        .map(|_| {
            let (store, id) = (house.store.clone(), new.ticket_id.clone());
            let proof = house.store.together(move |tx| {
                Box::pin(async move {
                    let is_written = tx.ticket(&id).await?.is_some();
                    let mut elsewhere = store.begin_lookup().await?;
                    Ok((is_written, elsewhere.ticket(&id).await?.is_some()))
                })
            });
            Box::pin(proof)
        })
        .collect();
    let mut created = Box::pin(gatherer.create(new));
    while_one_is_under_way(&house, || {
        for proof in &mut proofs {
            assert!(proof.as_mut().now_or_never().is_none());
        }
        assert!(created.as_mut().now_or_never().is_none());
    })
    .await;
    assert_eq!(created.await.unwrap(), Created::Ticket);
    let seen = join_all(proofs).await.into_iter().map(Result::unwrap);
    let (written, durable): (Vec<bool>, Vec<bool>) = seen.unzip();
    assert_eq!(written, [true; 20]);
    // Eight, with the one that was under way.
    assert_eq!(durable, [[false; 7].as_slice(), &[true; 13]].concat());
}

#[tokio::test]
async fn neither_a_bad_ticket_nor_a_bad_proof_takes_others_with_it() {
    let house = House::sqlite().await;
    let ada = house.user("auth0|ada").await;
    let gatherer = TicketGatherer::start(&house.store);
    let there = ticket(&ada);
    house.ticket(&there).await;
    let mut tickets: Vec<_> = [ticket(&ada), there, ticket(&ada)]
        .map(|ticket| Box::pin(gatherer.create(ticket)))
        .into();
    let proof = |name: &'static str| {
        let work = house.store.together(move |tx| {
            Box::pin(async move {
                assert!(insert(tx, name).await?);
                match name {
                    "auth0|bad" => Err(Error::internal(anyhow::anyhow!("bad"))),
                    _ => Ok(()),
                }
            })
        });
        Box::pin(work)
    };
    let mut proofs = ["auth0|good", "auth0|bad", "auth0|late"].map(proof);
    while_one_is_under_way(&house, || {
        for ticket in &mut tickets {
            assert!(ticket.as_mut().now_or_never().is_none());
        }
        for proof in &mut proofs {
            assert!(proof.as_mut().now_or_never().is_none());
        }
    })
    .await;
    let tickets = join_all(tickets).await;
    assert_eq!(
        tickets.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(house.number("SELECT COUNT(*) FROM tickets").await, 3);
    let proofs = join_all(proofs).await;
    assert_eq!(
        proofs.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false, true]
    );
    let there =
        "SELECT COUNT(*) FROM users WHERE user_id IN ('auth0|good', 'auth0|bad', 'auth0|late')";
    assert_eq!(house.number(there).await, 2);
}

async fn a_closed_database_says_so(house: House) {
    house.user("auth0|ada").await;
    house.store.close().await;
    let late = house
        .store
        .together(|tx| Box::pin(async move { insert(tx, "auth0|late").await }));
    let error = late.await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:#}");
}
