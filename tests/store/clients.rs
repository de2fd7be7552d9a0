//! API clients.

use tessera::core::{ClientId, Digest, OsRng};

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(
    a_client_is_there_until_it_is_deleted,
    a_client_id_is_given_once
);

async fn a_client_is_there_until_it_is_deleted(house: House) {
    assert!(
        read!(house, read => read.clients()).is_empty(),
        "none by default"
    );
    let first = ClientId::new(NOON, &OsRng);
    let second = ClientId::new(NOON + MINUTE, &OsRng);
    let secret = Digest::of(b"of the back end");
    commit!(house, tx => tx.insert_client(&second, "Reports", &secret, "", NOON + MINUTE));
    commit!(house, tx => tx.insert_client(&first, "Back end", &secret, "a:b c:d", NOON));

    let client = read!(house, read => read.client(&first)).unwrap();
    assert_eq!(client.client_id, first);
    assert_eq!(client.name, "Back end");
    assert_eq!(client.scopes, "a:b c:d");
    assert_eq!(client.created_at, NOON);
    assert!(secret.matches(&client.secret_hash));
    let names: Vec<String> = read!(house, read => read.clients())
        .into_iter()
        .map(|client| client.name)
        .collect();
    assert_eq!(names, ["Back end", "Reports"], "the oldest first");

    assert!(commit!(house, tx => tx.delete_client(&first)));
    assert!(
        !commit!(house, tx => tx.delete_client(&first)),
        "it is gone"
    );
    assert!(read!(house, read => read.client(&first)).is_none());
    assert_eq!(read!(house, read => read.clients()).len(), 1);
}

async fn a_client_id_is_given_once(house: House) {
    let id = ClientId::new(NOON, &OsRng);
    let secret = Digest::of(b"of the first");
    commit!(house, tx => tx.insert_client(&id, "First", &secret, "", NOON));
    let mut tx = house.store.begin_write().await.unwrap();
    let other = Digest::of(b"of the second");
    let again = tx.insert_client(&id, "Second", &other, "", NOON).await;
    assert!(again.is_err());
    drop(tx);
    let client = read!(house, read => read.client(&id)).unwrap();
    assert_eq!(client.name, "First");
    assert!(secret.matches(&client.secret_hash));
}
