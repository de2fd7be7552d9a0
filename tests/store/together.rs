//! Transactions that share a commit: each by itself to whoever looks.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tessera::core::{Error, Result};
use tessera::store::Write;

use crate::house::{House, on_both, user, user_id};

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

async fn a_closed_database_says_so(house: House) {
    house.user("auth0|ada").await;
    house.store.close().await;
    let late = house
        .store
        .together(|tx| Box::pin(async move { insert(tx, "auth0|late").await }));
    let error = late.await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:#}");
}
