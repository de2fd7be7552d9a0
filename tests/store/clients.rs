//! API clients and applications.

use futures_util::future::join_all;
use tessera::core::{Algorithm, ClientId, Digest, OsRng};
use tessera::store::Client;

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(
    a_client_is_there_until_it_is_deleted,
    a_client_id_is_given_once,
    what_may_change_of_a_client_changes_and_nothing_else,
    clients_are_listed_by_pages,
    an_assertion_is_taken_once_for_each_client,
    of_twenty_at_once_one_takes_the_assertion
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

async fn made(house: &House, name: &str) -> Client {
    let (id, secret) = (ClientId::new(NOON, &OsRng), Digest::of(name.as_bytes()));
    commit!(house, tx => tx.insert_client(&id, name, &secret, "a:b", NOON))
}

async fn what_may_change_of_a_client_changes_and_nothing_else(house: House) {
    let client = made(&house, "Shop").await;
    assert_eq!(client.redirects().count(), 0);
    assert!(!client.signs() && client.may("a:b") && !client.may("a"));
    let changed = Client {
        name: "The Shop".to_owned(),
        secret_hash: vec![7; 32],
        scopes: "everything".to_owned(),
        redirect_uris: "https://a.example/\nhttps://b.example/".to_owned(),
        auth_method: Client::PRIVATE_KEY_JWT.to_owned(),
        jwks: Some("{}".to_owned()),
        signing_alg: Algorithm::Es256,
        ..client.clone()
    };
    assert!(commit!(house, tx => tx.update_client(&changed)));
    let read = commit!(house, tx => tx.lock_client(&client.client_id)).unwrap();
    let uris: Vec<&str> = read.redirects().collect();
    assert_eq!(uris, ["https://a.example/", "https://b.example/"]);
    assert!(read.signs());
    assert_eq!((&read.name, &read.jwks), (&changed.name, &changed.jwks));
    assert_eq!(read.secret_hash, changed.secret_hash);
    assert_eq!(
        (client.signing_alg, read.signing_alg),
        (Algorithm::Rs256, Algorithm::Es256)
    );
    assert_eq!(read.scopes, "a:b", "what it may do stays");
    commit!(house, tx => tx.delete_client(&client.client_id));
    assert!(!commit!(house, tx => tx.update_client(&changed)));
    assert!(commit!(house, tx => tx.lock_client(&client.client_id)).is_none());
}

async fn clients_are_listed_by_pages(house: House) {
    for name in ["a", "b", "c"] {
        made(&house, name).await;
    }
    assert_eq!(read!(house, read => read.count_clients()), 3);
    let page = read!(house, read => read.page_of_clients(2, 1));
    let names: Vec<&str> = page.iter().map(|client| client.name.as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    assert!(read!(house, read => read.page_of_clients(2, 3)).is_empty());
}

async fn an_assertion_is_taken_once_for_each_client(house: House) {
    let (shop, other) = (made(&house, "Shop").await, made(&house, "Other").await);
    let (jti, until) = (Digest::of(b"jti"), NOON + MINUTE);
    for client in [&shop.client_id, &other.client_id] {
        assert!(commit!(house, tx => tx.take_client_assertion(client, &jti, until)));
        assert!(!commit!(house, tx => tx.take_client_assertion(client, &jti, until)));
    }
    let nobody = ClientId::new(NOON, &OsRng);
    assert!(!commit!(house, tx => tx.take_client_assertion(&nobody, &jti, until)));
    commit!(house, tx => tx.delete_client(&other.client_id));
    let rows = "SELECT COUNT(*) FROM client_assertions";
    assert_eq!(house.number(rows).await, 1);
    house.store.sweep(until - MINUTE, MINUTE).await.unwrap();
    assert_eq!(
        house.number(rows).await,
        1,
        "it is remembered while it is good"
    );
    house.store.sweep(until, MINUTE).await.unwrap();
    assert_eq!(house.number(rows).await, 0);
}

async fn of_twenty_at_once_one_takes_the_assertion(house: House) {
    let client = made(&house, "Shop").await;
    let other = house.other_instance().await;
    let jti = Digest::of(b"jti");
    let tries = (0..20).map(|nth| {
        let store = if nth % 2 == 0 { &house.store } else { &other };
        let (id, jti) = (&client.client_id, &jti);
        async move {
            let mut tx = store.begin_write().await.unwrap();
            let taken = tx
                .take_client_assertion(id, jti, NOON + MINUTE)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            taken
        }
    });
    let taken = join_all(tries).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
}
