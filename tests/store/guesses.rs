//! Links that open nothing are counted by address, for all instances.

use futures_util::future::join_all;
use tessera::core::{Digest, TicketId, Timestamp};
use tessera::store::GuessLimit;

use crate::house::{DAY, House, MINUTE, NOON, on_both, ticket};

on_both!(
    an_address_is_turned_away_after_its_failures_until_they_are_over,
    an_attack_from_many_sides_leaves_each_of_them_less,
    two_instances_at_once_count_as_one
);

fn limit(address: &str, now: Timestamp) -> GuessLimit {
    GuessLimit {
        address: Digest::of(address.as_bytes()),
        everybody: Digest::of(b"*"),
        since: now - MINUTE * 10,
        most: 5,
        attack: 20,
        most_in_attack: 2,
    }
}

async fn guess(house: &House, address: &str, now: Timestamp) -> Option<Timestamp> {
    let limit = limit(address, now);
    house.store.count_guess(&limit, now).await.unwrap()
}

async fn refused(house: &House, id: &TicketId, address: &str, now: Timestamp) -> Option<Timestamp> {
    let limit = limit(address, now);
    let link = house.store.opened_link(id, &limit).await.unwrap().unwrap();
    assert_eq!(&link.opened.ticket.ticket_id, id);
    let mut read = house.store.begin_read().await.unwrap();
    let alone = read.refused_since(&limit).await.unwrap();
    assert_eq!(alone, link.refused_since(), "asked alone, it is the same");
    alone
}

async fn an_address_is_turned_away_after_its_failures_until_they_are_over(house: House) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    for count in 0..5 {
        assert_eq!(refused(&house, &id, "mallory", NOON).await, None, "{count}");
        assert_eq!(guess(&house, "mallory", NOON).await, None, "{count}");
    }
    let later = NOON + MINUTE;
    for _ in 0..3 {
        assert_eq!(guess(&house, "mallory", later).await, Some(NOON));
        assert_eq!(refused(&house, &id, "mallory", later).await, Some(NOON));
        assert_eq!(refused(&house, &id, "bob", later).await, None);
    }
    let counted = house
        .number("SELECT MAX(failures) FROM link_failures")
        .await;
    assert_eq!(counted, 5, "who is turned away writes nothing");
    let over = NOON + MINUTE * 10;
    assert_eq!(refused(&house, &id, "mallory", over).await, None);
    assert_eq!(guess(&house, "mallory", over).await, None);
    let missing = TicketId::new(NOON, &tessera::core::OsRng);
    let link = house
        .store
        .opened_link(&missing, &limit("bob", NOON))
        .await
        .unwrap();
    assert!(link.is_none());
    let swept = house.store.sweep(over + DAY, DAY * 90).await.unwrap();
    assert_eq!(swept.counts, 2);
    assert_eq!(house.number("SELECT COUNT(*) FROM link_failures").await, 0);
}

async fn an_attack_from_many_sides_leaves_each_of_them_less(house: House) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    for side in 0..10 {
        for _ in 0..2 {
            assert_eq!(guess(&house, &format!("bot {side}"), NOON).await, None);
        }
    }
    assert_eq!(guess(&house, "bot 3", NOON).await, Some(NOON));
    assert_eq!(refused(&house, &id, "bot 3", NOON).await, Some(NOON));
    assert_eq!(guess(&house, "bob", NOON).await, None);
    assert_eq!(
        refused(&house, &id, "bob", NOON).await,
        None,
        "a mistake is allowed"
    );
    assert_eq!(
        refused(&house, &id, "carol", NOON).await,
        None,
        "and who made none comes in"
    );
}

async fn two_instances_at_once_count_as_one(house: House) {
    let stores = [house.store.clone(), house.other_instance().await];
    let guesses = (0..200).map(|index| {
        let store = stores[index % 2].clone();
        let limit = limit("mallory", NOON);
        tokio::spawn(async move { store.count_guess(&limit, NOON).await.unwrap() })
    });
    let told = join_all(guesses).await;
    let passed = told.iter().filter(|told| told.as_ref().unwrap().is_none());
    assert_eq!(passed.count(), 5);
}
