//! Wrong proofs of a user: counted in a row, whoever counts.

use futures_util::future::join_all;
use tessera::core::Timestamp;

use crate::house::{House, MINUTE, NOON, commit, on_both, read, user_id};

on_both!(
    wrong_proofs_are_counted_delayed_and_forgotten,
    none_is_lost_however_many_count_at_once
);

async fn wrong_proofs_are_counted_delayed_and_forgotten(house: House) {
    let ada = house.user("auth0|ada").await;
    let bob = house.user("auth0|bob").await;
    let none = read!(house, read => read.failures_of(&ada)).unwrap();
    assert_eq!((none.failures, none.retry_at), (0, Timestamp::from(0)));
    assert!(!commit!(house, tx => tx.clear_failures_of(&ada)));
    for count in 1..=3 {
        let counted = commit!(house, tx => tx.count_failure_of(&ada));
        assert_eq!(counted, Some(count));
    }
    commit!(house, tx => tx.delay_user(&ada, NOON + MINUTE));
    let some = read!(house, read => read.failures_of(&ada)).unwrap();
    assert_eq!((some.failures, some.retry_at), (3, NOON + MINUTE));
    let shower = commit!(house, tx => tx.lock_shower(&ada)).unwrap();
    assert_eq!((&shower.user.user_id, shower.failures.failures), (&ada, 3));
    let other = read!(house, read => read.failures_of(&bob)).unwrap();
    assert_eq!((other.failures, other.retry_at), (0, Timestamp::from(0)));
    assert!(commit!(house, tx => tx.clear_failures_of(&ada)));
    let none = read!(house, read => read.failures_of(&ada)).unwrap();
    assert_eq!((none.failures, none.retry_at), (0, Timestamp::from(0)));
    let nobody = user_id("auth0|nobody");
    assert!(read!(house, read => read.failures_of(&nobody)).is_none());
    assert!(commit!(house, tx => tx.count_failure_of(&nobody)).is_none());
}

async fn none_is_lost_however_many_count_at_once(house: House) {
    let ada = house.user("auth0|ada").await;
    let other = house.other_instance().await;
    let counting = (0..40).map(|n| {
        let store = [&house.store, &other][n % 2].clone();
        let ada = ada.clone();
        tokio::spawn(async move {
            let mut tx = store.begin_write().await.unwrap();
            let count = tx.count_failure_of(&ada).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            count
        })
    });
    let counts = join_all(counting).await.into_iter();
    let mut counts: Vec<i64> = counts.map(Result::unwrap).collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=40).collect::<Vec<_>>());
}
