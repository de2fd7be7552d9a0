//! Signing keys, and the values that an installation sets once.

use tessera::store::SigningKey;

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(
    the_newest_key_comes_first,
    a_value_of_the_installation_is_set_once
);

async fn the_newest_key_comes_first(house: House) {
    let key = |kid: &str, created_at| SigningKey {
        kid: kid.to_owned(),
        private_sealed: (0..=255).collect(),
        created_at,
    };
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
