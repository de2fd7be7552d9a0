//! The reads of pages: whoever asks at the same moment as others gets an answer of their own.

use futures_util::future::join_all;
use tessera::core::{Digest, Error, OsRng, TicketId};
use tessera::store::GuessLimit;

use crate::house::{House, MINUTE, NOON, on_both, ticket, user_id};

on_both!(
    each_of_many_gets_an_answer_of_its_own,
    a_connection_that_was_ended_is_replaced,
    a_closed_store_reads_no_pages
);

fn limit(address: &str) -> GuessLimit {
    GuessLimit {
        address: Digest::of(address.as_bytes()),
        everybody: Digest::of(b"*"),
        since: NOON - MINUTE,
        most: 1,
        attack: 20,
        most_in_attack: 1,
    }
}

async fn each_of_many_gets_an_answer_of_its_own(house: House) {
    let mut ids = vec![TicketId::new(NOON, &OsRng)];
    for user in 0..20 {
        let user = house.user(&format!("auth0|{user}")).await;
        ids.push(house.ticket(&ticket(&user)).await);
    }
    let counted = house.store.count_guess(&limit("mallory"), NOON).await;
    assert_eq!(counted.unwrap(), None);
    let asked = (0..600).map(|n| {
        let (id, store) = (ids[n % ids.len()].clone(), house.store.clone());
        tokio::spawn(async move {
            let (opened, refused) = match n % 3 {
                0 => (store.opened_ticket(&id).await.unwrap(), None),
                by => {
                    let limit = limit(["bob", "mallory"][by - 1]);
                    match store.opened_link(&id, &limit).await.unwrap() {
                        Some(link) => (Some(link.opened.clone()), link.refused_since()),
                        None => (None, None),
                    }
                }
            };
            let refused = refused.is_some();
            (opened.map(|opened| opened.ticket), refused)
        })
    });
    for (n, answer) in join_all(asked).await.into_iter().enumerate() {
        let (found, refused) = answer.unwrap();
        let place = n % ids.len();
        if place == 0 {
            assert!(found.is_none(), "{n}");
            continue;
        }
        let found = found.unwrap();
        assert_eq!(found.ticket_id, ids[place], "{n}");
        assert_eq!(found.user_id, user_id(&format!("auth0|{}", place - 1)));
        assert_eq!(refused, n % 3 == 2, "{n}");
    }
}

/// As after a restart of PostgreSQL: nobody is told of it.
async fn a_connection_that_was_ended_is_replaced(house: House) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    for _ in 0..3 {
        let asked = (0..50).map(|_| house.store.opened_ticket(&id));
        for found in join_all(asked).await {
            assert_eq!(found.unwrap().unwrap().ticket.ticket_id, id);
        }
        let mut raw = house.raw().await;
        if !house.store.is_embedded() {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            raw.run(all).await.unwrap();
        }
    }
}

async fn a_closed_store_reads_no_pages(house: House) {
    let id = TicketId::new(NOON, &OsRng);
    assert!(house.store.opened_ticket(&id).await.unwrap().is_none());
    house.store.close().await;
    let errors = [
        house.store.opened_ticket(&id).await.map(drop).unwrap_err(),
        house
            .store
            .opened_link(&id, &limit("bob"))
            .await
            .map(drop)
            .unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
}
