//! Signing keys, and the values that an installation sets once.

use tessera::core::Timestamp;
use tessera::store::SigningKey;

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(
    the_newest_key_comes_first,
    a_signing_key_goes_when_its_successor_is_old_enough,
    the_last_signing_key_stays,
    a_value_of_the_installation_is_set_once,
    a_value_changes_only_from_what_it_was
);

fn key(kid: &str, created_at: Timestamp) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        private_sealed: (0..=255).collect(),
        created_at,
    }
}

async fn kids(house: &House) -> Vec<String> {
    let keys = read!(house, read => read.signing_keys());
    keys.into_iter().map(|key| key.kid).collect()
}

async fn a_signing_key_goes_when_its_successor_is_old_enough(house: House) {
    for (kid, minutes) in [("first", 0), ("second", 10), ("third", 20)] {
        commit!(house, tx => tx.insert_signing_key(&key(kid, NOON + minutes * MINUTE)));
    }
    let gone = |until| {
        let house = &house;
        async move { commit!(house, tx => tx.delete_succeeded_signing_keys(until)) }
    };
    assert!(gone(NOON - MINUTE).await.is_empty(), "nothing is that old");
    assert!(gone(NOON + 9 * MINUTE).await.is_empty(), "no successor yet");
    assert_eq!(gone(NOON + 10 * MINUTE).await, ["first"]);
    assert_eq!(gone(NOON + 60 * MINUTE).await, ["second"]);
    assert!(gone(NOON + 900 * MINUTE).await.is_empty(), "the last stays");
    assert_eq!(kids(&house).await, ["third"]);
}

async fn the_last_signing_key_stays(house: House) {
    for (kid, minutes) in [("old", 0), ("new", 10)] {
        commit!(house, tx => tx.insert_signing_key(&key(kid, NOON + minutes * MINUTE)));
    }
    assert!(!commit!(house, tx => tx.delete_signing_key("other")));
    assert!(commit!(house, tx => tx.delete_signing_key("old")));
    assert!(!commit!(house, tx => tx.delete_signing_key("new")));
    assert_eq!(kids(&house).await, ["new"]);
}

async fn the_newest_key_comes_first(house: House) {
    commit!(house, tx => tx.insert_signing_key(&key("b", NOON + MINUTE)));
    commit!(house, tx => tx.insert_signing_key(&key("a", NOON)));
    commit!(house, tx => tx.insert_signing_key(&key("c", NOON)));
    let keys = read!(house, read => read.signing_keys());
    let kids: Vec<&str> = keys.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(kids, ["b", "c", "a"], "of the same age, in a fixed order");
    assert_eq!(keys[0].created_at, NOON + MINUTE);
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(keys[0].private_sealed, bytes);

    let mut tx = house.store.begin_write().await.unwrap();
    let again = tx.insert_signing_key(&key("a", NOON)).await;
    assert!(again.is_err(), "a key's name is given once");
}

async fn a_value_of_the_installation_is_set_once(house: House) {
    assert_eq!(read!(house, read => read.meta("key-check")), None);
    assert!(commit!(house, tx => tx.insert_meta("key-check", &[0, 255, 1])));
    assert!(!commit!(house, tx => tx.insert_meta("key-check", b"other")));
    assert!(commit!(house, tx => tx.insert_meta("empty", b"")));
    assert_eq!(
        read!(house, read => read.meta("key-check")),
        Some(vec![0, 255, 1])
    );
    assert_eq!(read!(house, read => read.meta("empty")), Some(Vec::new()));
}

async fn a_value_changes_only_from_what_it_was(house: House) {
    assert!(!commit!(house, tx => tx.replace_meta("key", b"", b"one")));
    commit!(house, tx => tx.set_meta("key", b"one"));
    commit!(house, tx => tx.set_meta("key", b"two"));
    assert!(!commit!(house, tx => tx.replace_meta("key", b"one", b"three")));
    assert!(commit!(house, tx => tx.replace_meta("key", b"two", b"three")));
    assert!(!commit!(house, tx => tx.delete_meta("key", b"two")));
    let there = read!(house, read => read.meta("key"));
    assert_eq!(there, Some(b"three".to_vec()));
    assert!(commit!(house, tx => tx.delete_meta("key", b"three")));
    assert_eq!(read!(house, read => read.meta("key")), None);
}
