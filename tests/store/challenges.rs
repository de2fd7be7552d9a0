//! Challenges: one for each factor of a bearer, answered once.

use futures_util::future::join_all;
use tessera::core::{ChallengeId, Digest, EnrollmentId, OsRng};
use tessera::store::NewChallenge;

use crate::house::{House, MINUTE, NOON, challenge, commit, on_both, read};

on_both!(
    a_new_challenge_replaces_the_former_and_inherits_its_failures,
    a_challenge_moves_on_once_and_not_when_it_is_over,
    of_many_answers_at_once_one_takes_the_challenge,
    another_device_finds_a_challenge_by_its_token_alone,
    a_phone_finds_its_own_prompts_until_they_are_over,
    the_sweeper_takes_what_is_long_over
);

fn ids() -> (ChallengeId, EnrollmentId) {
    (
        ChallengeId::new(NOON, &OsRng),
        EnrollmentId::new(NOON, &OsRng),
    )
}

async fn a_new_challenge_replaces_the_former_and_inherits_its_failures(house: House) {
    let ada = house.user("auth0|ada").await;
    let (first, dev) = ids();
    commit!(house, tx => tx.put_challenge(&challenge(&ada, "att_1", &first, &dev), NOON));
    for count in 1..=3 {
        let counted = commit!(house, tx => tx.count_challenge_failure(&first));
        assert_eq!(counted, Some(count));
    }
    let (second, dev) = ids();
    let resent = NewChallenge {
        payload_sealed: b"another code",
        ..challenge(&ada, "att_1", &second, &dev)
    };
    let put = commit!(house, tx => tx.put_challenge(&resent, NOON + MINUTE));
    assert_eq!((put.failures, put.created_at), (3, NOON + MINUTE));
    let found = read!(house, read => read.challenge(&ada, "att_1", "phone")).unwrap();
    assert_eq!(found.challenge_id, second);
    assert_eq!(found.payload_sealed, b"another code");
    assert!(
        !commit!(house, tx => tx.take_challenge(&first, NOON)),
        "the former code is dead"
    );
    assert_eq!(
        commit!(house, tx => tx.count_challenge_failure(&first)),
        None
    );
    assert!(read!(house, read => read.challenge(&ada, "att_1", "otp")).is_none());
    assert!(read!(house, read => read.challenge(&ada, "att_2", "phone")).is_none());
}

async fn a_challenge_moves_on_once_and_not_when_it_is_over(house: House) {
    let ada = house.user("auth0|ada").await;
    let (id, dev) = ids();
    commit!(house, tx => tx.put_challenge(&challenge(&ada, "att_1", &id, &dev), NOON));
    assert!(commit!(house, tx => tx.move_challenge(&id, "waiting", "paired", b"key", NOON)));
    assert!(!commit!(house, tx => tx.move_challenge(&id, "waiting", "paired", b"other", NOON)));
    let over = NOON + MINUTE * 10;
    assert!(!commit!(house, tx => tx.move_challenge(&id, "paired", "approved", b"x", over)));
    assert!(!commit!(house, tx => tx.take_challenge(&id, over)));
    let found = read!(house, read => read.challenge(&ada, "att_1", "phone")).unwrap();
    assert_eq!(
        (found.state.as_str(), found.payload_sealed),
        ("paired", b"key".to_vec())
    );
}

async fn of_many_answers_at_once_one_takes_the_challenge(house: House) {
    let ada = house.user("auth0|ada").await;
    let (id, dev) = ids();
    commit!(house, tx => tx.put_challenge(&challenge(&ada, "att_1", &id, &dev), NOON));
    let stores = [house.store.clone(), house.other_instance().await];
    let takers = (0..50).map(|index| {
        let (store, id) = (stores[index % 2].clone(), id.clone());
        tokio::spawn(async move {
            let mut tx = store.begin_write().await.unwrap();
            let taken = tx.take_challenge(&id, NOON).await.unwrap();
            tx.commit().await.unwrap();
            taken
        })
    });
    let taken = join_all(takers).await;
    let taken = taken.iter().filter(|taken| *taken.as_ref().unwrap());
    assert_eq!(taken.count(), 1);
}

async fn another_device_finds_a_challenge_by_its_token_alone(house: House) {
    let ada = house.user("auth0|ada").await;
    let (id, dev) = ids();
    let token = Digest::of(b"token");
    let new = NewChallenge {
        lookup: Some(&token),
        ..challenge(&ada, "att_1", &id, &dev)
    };
    commit!(house, tx => tx.put_challenge(&new, NOON));
    let found = read!(house, read => read.challenge_by_lookup(&token)).unwrap();
    assert_eq!((found.challenge_id, found.user_id), (id, ada));
    let other = Digest::of(b"other");
    assert!(read!(house, read => read.challenge_by_lookup(&other)).is_none());
}

async fn a_phone_finds_its_own_prompts_until_they_are_over(house: House) {
    let ada = house.user("auth0|ada").await;
    let (first, dev) = ids();
    let (second, _) = ids();
    let (elsewhere, other) = ids();
    for (bearer, id, dev) in [
        ("log_1", &first, &dev),
        ("log_2", &second, &dev),
        ("log_3", &elsewhere, &other),
    ] {
        let new = NewChallenge {
            factor: "push-notification",
            ..challenge(&ada, bearer, id, dev)
        };
        commit!(house, tx => tx.put_challenge(&new, NOON));
    }
    let (code, _) = ids();
    commit!(house, tx => tx.put_challenge(&challenge(&ada, "log_1", &code, &dev), NOON));
    let found = read!(house, read => read.prompts_of(&dev, NOON));
    let found: Vec<_> = found.into_iter().map(|found| found.challenge_id).collect();
    assert_eq!(found, [first, second]);
    assert!(read!(house, read => read.prompts_of(&dev, NOON + MINUTE * 10)).is_empty());
}

async fn the_sweeper_takes_what_is_long_over(house: House) {
    let ada = house.user("auth0|ada").await;
    for bearer in ["att_1", "att_2"] {
        let (id, dev) = ids();
        commit!(house, tx => tx.put_challenge(&challenge(&ada, bearer, &id, &dev), NOON));
    }
    let kept = house.store.sweep(NOON + MINUTE * 70, MINUTE).await.unwrap();
    assert_eq!(kept.counts, 0);
    let swept = house.store.sweep(NOON + MINUTE * 71, MINUTE).await.unwrap();
    assert_eq!(swept.counts, 2);
}
