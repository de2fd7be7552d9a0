//! Signing keys, and the values that an installation sets once.

use std::sync::Arc;

use tempfile::TempDir;
use tessera::access::{Keys, sealing};
use tessera::core::{Algorithm, Clock, OsRng, Timestamp};
use tessera::store::SigningKey;

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(
    the_newest_key_of_an_algorithm_comes_first,
    a_signing_key_goes_when_its_successor_is_old_enough,
    the_last_signing_key_of_an_algorithm_stays,
    an_installation_of_a_former_version_gets_the_key_it_lacks,
    a_value_of_the_installation_is_set_once,
    a_value_changes_only_from_what_it_was
);

const RS256: Algorithm = Algorithm::Rs256;
const ES256: Algorithm = Algorithm::Es256;

fn key(kid: &str, alg: Algorithm, created_at: Timestamp) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        alg,
        private_sealed: (0..=255).collect(),
        created_at,
    }
}

async fn add(house: &House, kid: &str, alg: Algorithm, minutes: u32) {
    let key = key(kid, alg, NOON + minutes * MINUTE);
    commit!(house, tx => tx.insert_signing_key(&key));
}

async fn kids(house: &House) -> Vec<String> {
    let keys = read!(house, read => read.signing_keys());
    keys.into_iter().map(|key| key.kid).collect()
}

async fn a_signing_key_goes_when_its_successor_is_old_enough(house: House) {
    for (kid, minutes) in [("first", 0), ("second", 10), ("third", 20)] {
        add(&house, kid, RS256, minutes).await;
    }
    for (kid, minutes) in [("ec-first", 1), ("ec-second", 60)] {
        add(&house, kid, ES256, minutes).await;
    }
    let gone = |until| {
        let house = &house;
        async move { commit!(house, tx => tx.delete_succeeded_signing_keys(until)) }
    };
    assert!(gone(NOON - MINUTE).await.is_empty(), "nothing is that old");
    assert!(gone(NOON + 9 * MINUTE).await.is_empty(), "no successor yet");
    assert_eq!(gone(NOON + 10 * MINUTE).await, ["first"]);
    assert_eq!(gone(NOON + 59 * MINUTE).await, ["second"]);
    assert_eq!(gone(NOON + 60 * MINUTE).await, ["ec-first"]);
    assert!(gone(NOON + 900 * MINUTE).await.is_empty(), "the last stays");
    assert_eq!(kids(&house).await, ["third", "ec-second"]);
}

async fn the_last_signing_key_of_an_algorithm_stays(house: House) {
    for (kid, alg, minutes) in [("old", RS256, 0), ("new", RS256, 10), ("ec", ES256, 10)] {
        add(&house, kid, alg, minutes).await;
    }
    assert!(!commit!(house, tx => tx.delete_signing_key("other")));
    assert!(commit!(house, tx => tx.delete_signing_key("old")));
    for last in ["new", "ec"] {
        assert!(!commit!(house, tx => tx.delete_signing_key(last)), "{last}");
    }
    assert_eq!(kids(&house).await, ["new", "ec"]);
    add(&house, "ec-new", ES256, 20).await;
    assert!(commit!(house, tx => tx.delete_signing_key("ec")));
    assert_eq!(kids(&house).await, ["new", "ec-new"]);
}

async fn the_newest_key_of_an_algorithm_comes_first(house: House) {
    for (kid, minutes) in [("b", 1), ("a", 0), ("c", 0)] {
        add(&house, kid, RS256, minutes).await;
    }
    for (kid, minutes) in [("e", 0), ("d", 2)] {
        add(&house, kid, ES256, minutes).await;
    }
    let keys = read!(house, read => read.signing_keys());
    let told: Vec<_> = keys.iter().map(|key| (key.kid.as_str(), key.alg)).collect();
    let wanted = [
        ("b", RS256),
        ("c", RS256),
        ("a", RS256),
        ("d", ES256),
        ("e", ES256),
    ];
    assert_eq!(told, wanted, "of the same age, in a fixed order");
    assert_eq!(keys[0].created_at, NOON + MINUTE);
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(keys[0].private_sealed, bytes);

    for (kid, alg) in [("a", RS256), ("d", ES256)] {
        let mut tx = house.store.begin_write().await.unwrap();
        let again = tx.insert_signing_key(&key(kid, alg, NOON)).await;
        assert!(again.is_err(), "a key's name is given once");
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        NOON
    }
}

async fn an_installation_of_a_former_version_gets_the_key_it_lacks(house: House) {
    let folder = TempDir::new().unwrap();
    let start = || async {
        let sealer = sealing::open_sealer(&house.store, folder.path(), &OsRng).await;
        let store = house.store.clone();
        let keys = Keys::open(store, sealer.unwrap(), Arc::new(Noon), &OsRng).await;
        keys.unwrap();
        kids(&house).await
    };
    let first = start().await;
    assert_eq!(first.len(), 2, "a new one has both");
    house
        .raw()
        .await
        .run("DELETE FROM ec_signing_keys")
        .await
        .unwrap();
    let upgraded = start().await;
    assert_eq!(upgraded.len(), 2);
    assert_eq!(upgraded[0], first[0], "what was there stays");
    assert_ne!(upgraded[1], first[1]);
    assert_eq!(start().await, upgraded, "once");
    // A server of that version takes all that it finds there for RSA.
    assert_eq!(house.number("SELECT COUNT(*) FROM signing_keys").await, 1);
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
