//! Connections and transactions.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use futures_util::future::join_all;
use tempfile::TempDir;
use tessera::core::Error;
use tessera::store::Store;

use crate::house::{House, Raw, file_in, on_both, read, user, user_id};

on_both!(
    what_is_not_committed_never_was,
    readers_do_not_wait_for_a_writer,
    writers_wait_for_each_other_and_none_fails,
    a_closed_store_says_that_the_database_is_out_of_reach,
    a_database_that_takes_no_writes_is_out_of_reach
);

async fn what_is_not_committed_never_was(house: House) {
    let ada = user("auth0|ada", None);
    let mut tx = house.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&ada).await.unwrap());
    assert!(tx.user(&ada.user_id).await.unwrap().is_some());
    drop(tx);
    assert!(read!(house, read => read.user(&ada.user_id)).is_none());

    let mut tx = house.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&ada).await.unwrap());
    tx.commit().await.unwrap();
    let mut other = house.other_instance().await.begin_read().await.unwrap();
    assert!(other.user(&ada.user_id).await.unwrap().is_some());
}

async fn readers_do_not_wait_for_a_writer(house: House) {
    let ada = user("auth0|ada", None);
    let mut tx = house.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&ada).await.unwrap());
    assert!(read!(house, read => read.user(&ada.user_id)).is_none());
    house.store.ping().await.unwrap();
    tx.commit().await.unwrap();
    assert!(read!(house, read => read.user(&ada.user_id)).is_some());
}

/// Each reads before it writes, on two instances: a plain BEGIN would fail with "database is locked".
async fn writers_wait_for_each_other_and_none_fails(house: House) {
    let other = house.other_instance().await;
    let writers = (0..40).map(|index| {
        let store = if index % 2 == 0 { &house.store } else { &other }.clone();
        tokio::spawn(async move {
            let new = user(&format!("auth0|{index}"), None);
            let mut tx = store.begin_write().await.unwrap();
            assert!(tx.user(&new.user_id).await.unwrap().is_none());
            assert!(tx.insert_user(&new).await.unwrap());
            tx.commit().await.unwrap();
        })
    });
    for done in join_all(writers).await {
        done.unwrap();
    }
    assert_eq!(read!(house, read => read.count_users()), 40);
}

async fn a_closed_store_says_that_the_database_is_out_of_reach(house: House) {
    assert_eq!(
        house.store.is_embedded(),
        matches!(house.raw().await, Raw::Sqlite(_))
    );
    house.store.ping().await.unwrap();
    house.store.close().await;
    let errors = [
        house.store.ping().await.unwrap_err(),
        house.store.begin_read().await.map(drop).unwrap_err(),
        house.store.begin_write().await.map(drop).unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    house.store.close().await;
}

/// SQLite: another process holds the file. PostgreSQL: the server became a standby.
async fn a_database_that_takes_no_writes_is_out_of_reach(house: House) {
    let mut raw = house.raw().await;
    let hold = match &raw {
        Raw::Sqlite(_) => "BEGIN IMMEDIATE",
        Raw::Postgres(_) => {
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$"
        }
    };
    raw.run(hold).await.unwrap();
    let store = house.other_instance().await;
    let written = async {
        let mut tx = store.begin_write().await?;
        tx.insert_user(&user("auth0|ada", None)).await?;
        tx.commit().await
    };
    let error = written.await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(read!(house, read => read.user(&user_id("auth0|ada"))).is_none());
}

#[tokio::test]
async fn the_file_of_sqlite_and_those_beside_it_are_the_owners_alone() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("a folder/data");
    let store = Store::open_sqlite(&file_in(&data)).await.unwrap();
    store.migrate().await.unwrap();
    for name in ["tessera.db", "tessera.db-wal", "tessera.db-shm"] {
        let file = std::fs::metadata(data.join(name)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    let folder = TempDir::new().unwrap();
    let error = Store::open_sqlite(folder.path())
        .await
        .map(drop)
        .unwrap_err();
    let words = format!("{error:#}");
    assert!(
        words.contains(&folder.path().display().to_string()),
        "{words}"
    );
    let unreachable = "postgres://tessera:hunter2@127.0.0.1:1/tessera";
    for url in [unreachable, "hunter2", "postgres://tessera:hunter2@:x/"] {
        let opened = tokio::time::timeout(Duration::from_secs(30), Store::open_postgres(url));
        let error = opened.await.unwrap().map(drop).unwrap_err();
        let words = format!("{error:#} {error:?}");
        assert!(words.contains("database.url"), "{words}");
        assert!(!words.contains("hunter2"), "{words}");
    }
}
