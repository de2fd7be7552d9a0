//! Many at once: a ticket is spent exactly once, whoever comes how.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;

/// `few` rounds, in the long mode (`TESSERA_FAULTS_LONG=1`) `many`.
pub fn times(few: usize, many: usize) -> usize {
    match std::env::var_os("TESSERA_FAULTS_LONG") {
        Some(_) => many,
        None => few,
    }
}

/// Sends the code, and again while the machine is too busy to answer in time; what the person then sees.
async fn tap(page: &Visitor, code: &str) -> Visitor {
    for _ in 0..50 {
        let mut tab = page.clone();
        tab.submit("form", &[("code", code)]).await;
        if tab.status != 503 {
            return tab;
        }
    }
    panic!("never answered");
}

#[tokio::test]
async fn two_hundred_taps_of_one_person_are_one_enrollment() {
    for house in House::start_on_each().await {
        for round in 0..times(1, 30) {
            let user = format!("auth0|{round}");
            let ada = Visitor::at(&house.link_for(&user).await).await;
            let code = ada.code(&house);
            let taps = (0..200).map(|_| {
                let (tab, code) = (ada.clone(), code.clone());
                async move { tap(&tab, &code).await }
            });
            let tabs = join_all(taps).await;
            let shown: BTreeSet<String> = tabs.iter().map(|tab| tab.text("#recovery")).collect();
            assert!(
                tabs.iter().all(|tab| tab.status == 200),
                "every answer is the same"
            );
            assert_eq!(shown.len(), 1, "one recovery code");
            assert_eq!(house.enrollments(&user).await, 1);
            let events = house.events_of(&user).await;
            let confirmed = events.iter().filter(|kind| *kind == "enrollment.confirmed");
            assert_eq!(confirmed.count(), 1);
        }
    }
}

#[tokio::test]
async fn of_thirty_rivals_with_keys_of_their_own_one_wins() {
    let count = times(30, 200);
    for house in House::start_on_each().await {
        for round in 0..times(1, 20) {
            let user = format!("auth0|{round}");
            let link = house.link_for(&user).await;
            let opening = stream::iter(0..count).map(|_| Visitor::at(&link));
            let rivals: Vec<Visitor> = opening.buffer_unordered(16).collect().await;
            let keys: BTreeSet<String> = rivals.iter().map(Visitor::key).collect();
            assert_eq!(keys.len(), count, "each browser has a key of its own");
            let rivals = join_all(rivals.iter().map(|rival| {
                let code = rival.code(&house);
                async move { tap(rival, &code).await }
            }))
            .await;
            let winners = rivals.iter().filter(|rival| rival.status == 200).count();
            let refused = rivals
                .iter()
                .filter(|rival| {
                    rival.status == 410 && rival.text("h1") == "This link has been used"
                })
                .count();
            assert_eq!((winners, refused), (1, count - 1));
            assert_eq!(house.enrollments(&user).await, 1);
        }
    }
}

#[tokio::test]
async fn of_fifty_tickets_of_one_person_one_enrolls() {
    for house in House::start_on_each().await {
        let issued = join_all((0..50).map(|_| house.ticket(asked("auth0|ada")))).await;
        let tabs = join_all(issued.iter().map(|ticket| {
            let link = house.link(ticket);
            async move { Visitor::at(&link).await }
        }))
        .await;
        let tabs = join_all(tabs.iter().map(|tab| {
            let code = tab.code(&house);
            async move { tap(tab, &code).await }
        }))
        .await;
        assert!(tabs.iter().all(|tab| !tab.status.is_server_error()));
        assert_eq!(tabs.iter().filter(|tab| tab.status == 200).count(), 1);
        assert_eq!(tabs.iter().filter(|tab| tab.status == 409).count(), 49);
        assert_eq!(house.enrollments("auth0|ada").await, 1);
    }
}

#[tokio::test]
async fn three_hundred_tickets_at_once_are_all_there() {
    for house in House::start_on_each().await {
        let names: Vec<String> = (0..300)
            .map(|n| format!("auth0|user-{}", n % 100))
            .collect();
        let issued = join_all(names.iter().map(|name| house.ticket(asked(name)))).await;
        let ids: BTreeSet<&str> = issued
            .iter()
            .map(|ticket| ticket.ticket_id.as_str())
            .collect();
        assert_eq!(ids.len(), 300);
        let mut read = house.app.store.begin_read().await.unwrap();
        assert_eq!(
            read.count_tickets(&Default::default(), house.app.now())
                .await
                .unwrap(),
            300
        );
        assert_eq!(read.count_users().await.unwrap(), 100);
    }
}
