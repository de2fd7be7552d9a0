//! Copies of the database, and what is taken back when one is restored.

use std::fs;

use tessera::core::{ClientId, Digest, LoginId, OsRng};
use tessera::store::{NewLogin, NewMessage, NewTicket, Store, check_sqlite};

use crate::house::{House, NOON, attempt, commit, message, on_both, read, ticket};

on_both!(
    everything_that_waits_is_taken_back,
    no_login_goes_on,
    another_process_is_noticed
);

async fn everything_that_waits_is_taken_back(house: House) {
    let ada = house.user("auth0|ada").await;
    let mailed = |kind| NewTicket {
        mail: Some(NewMessage { kind, ..message() }),
        ..ticket(&ada)
    };
    let open = house.ticket(&mailed("enrollment")).await;
    house.ticket(&mailed("factor-added")).await;
    let revoked = house.ticket(&ticket(&ada)).await;
    commit!(house, tx => tx.revoke_ticket(&revoked, NOON)).unwrap();
    let held = ticket(&ada);
    let held_id = house.ticket(&held).await;
    let redeem = tessera::store::RedeemTicket {
        ticket_id: &held_id,
        attempt: &attempt(),
        secret_hash: held.secret_hash.as_bytes(),
        hold: true,
        held_since: NOON - crate::house::DAY,
    };
    commit!(house, tx => tx.redeem_ticket(&redeem, NOON)).unwrap();
    house.enroll(&ada, &open).await;

    commit!(house, tx => tx.take_its_time());
    assert_eq!(commit!(house, tx => tx.revoke_all_tickets(NOON)), 3);
    assert_eq!(commit!(house, tx => tx.revoke_all_tickets(NOON)), 0);
    assert_eq!(commit!(house, tx => tx.drop_all_links("restored", NOON)), 1);
    let due = "SELECT COUNT(*) FROM outbox WHERE state = 'due' AND kind = 'factor-added'";
    assert_eq!(house.number(due).await, 1, "what tells of a factor is sent");
    let steps = |house: House| async move {
        let all = read!(house, read => read.enrollments_of(&ada));
        (all[0].last_step, house)
    };
    commit!(house, tx => tx.use_up_steps(58_000_000));
    let (step, house) = steps(house).await;
    assert_eq!(step, Some(59_000_000), "never back");
    commit!(house, tx => tx.use_up_steps(60_000_000));
    let ada = crate::house::user_id("auth0|ada");
    let all = read!(house, read => read.enrollments_of(&ada));
    assert_eq!(all[0].last_step, Some(60_000_000));
}

async fn no_login_goes_on(house: House) {
    let ada = house.user("auth0|ada").await;
    let (id, client) = (LoginId::new(NOON, &OsRng), ClientId::new(NOON, &OsRng));
    let secret = Digest::of(b"secret");
    commit!(house, tx => tx.insert_client(&client, "Shop", &secret, "", NOON));
    let new = NewLogin {
        user_id: &ada,
        login_id: &id,
        client_id: &client,
        kind: "application",
        state: "requested",
        request: "{}",
        secret: &secret,
        expires_at: NOON + crate::house::MINUTE,
    };
    commit!(house, tx => tx.insert_login(&new, NOON));
    let remembered = "INSERT INTO browsers (user_id, secret_hash, amr, verified_at, expires_at)
        SELECT user_id, CAST('x' AS BYTEA), 'mfa', 0, 0 FROM users";
    assert_eq!(house.raw().await.run(remembered).await.unwrap(), 1);
    commit!(house, tx => tx.forget_all_logins());
    assert!(read!(house, read => read.login(&ada, &id)).is_none());
    assert_eq!(house.number("SELECT COUNT(*) FROM browsers").await, 0);
    assert!(read!(house, read => read.client(&client)).is_some());
}

async fn another_process_is_noticed(house: House) {
    assert_eq!(
        house.store.schema_version().await.unwrap(),
        Store::newest_schema()
    );
    let other = house.other_instance().await;
    let found = other.other_connections().await.unwrap();
    if house.store.is_embedded() {
        assert_eq!(found, 0, "the lock beside the file tells");
        assert!(house.store.size().await.unwrap() > 0);
        return;
    }
    assert!(found > 0);
    house.store.close().await;
    // The server needs a moment to notice that somebody hung up.
    let gone = async {
        while other.other_connections().await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::time::timeout(crate::house::MINUTE, gone).await;
    assert!(
        gone.is_ok(),
        "connections that are closed are counted still"
    );
    let copy = house.folder.path().join("copy.db");
    assert!(other.copy_into(&copy).await.is_err());
    assert_eq!(other.size().await.unwrap(), 0);
}

#[tokio::test]
async fn a_copy_is_whole_and_a_damaged_one_is_told() {
    let house = House::sqlite().await;
    let ada = house.user("auth0|ada").await;
    for _ in 0..100 {
        house.ticket(&ticket(&ada)).await;
    }
    let copy = house.folder.path().join("copy.db");
    house.store.copy_into(&copy).await.unwrap();
    check_sqlite(&copy).await.unwrap();
    assert!(
        house.store.copy_into(&copy).await.is_err(),
        "never over a file"
    );
    let again = Store::open_sqlite(&copy).await.unwrap();
    let count = again.begin_read().await.unwrap().count_users().await;
    assert_eq!(count.unwrap(), 1);
    again.close().await;

    let mut bytes = fs::read(&copy).unwrap();
    let third = bytes.len() / 3;
    bytes[third..third * 2].fill(0x5a);
    fs::write(&copy, &bytes).unwrap();
    assert!(check_sqlite(&copy).await.is_err());
    fs::write(&copy, "this is a letter, not a database").unwrap();
    assert!(check_sqlite(&copy).await.is_err());
    assert!(
        check_sqlite(&house.folder.path().join("none"))
            .await
            .is_err()
    );
}
