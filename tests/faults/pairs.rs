//! Two instances on one PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::installation::{Installation, any, free_port, times};
use crate::journal::Entry;
use crate::kills::at_a_pace;
use crate::oracle;
use crate::rows::Rows;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn each_of_many_mails_leaves_once() {
    let Some(place) = Installation::on_postgres().await else {
        return;
    };
    place.client().await;
    place.queue_mails(times(600, 10_000)).await;
    let mut pair = [place.start(""), place.start_on(free_port(), "")];
    for process in &mut pair {
        process.ready().await.unwrap();
    }
    place.until_delivered().await;
    for process in pair {
        assert!(process.told_to_stop().await.success());
    }
    let verdict = oracle::judge(&place.journal.read(), &Rows::of(&place.database).await);
    assert_eq!(verdict.duplicates, 0);
    verdict.tell("two instances deliver");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn one_is_killed_again_and_again_while_the_other_serves() {
    let Some(place) = Installation::on_postgres().await else {
        return;
    };
    let one = place.client().await;
    let port = free_port();
    let other = one.at(format!("127.0.0.1:{port}"));
    let users = AtomicUsize::new(0);
    let lives = place.started().await;
    for _ in 0..times(10, 100) {
        let mut dies = place.start_on(port, "");
        let dead = Arc::new(AtomicBool::new(false));
        let load = at_a_pace(Duration::from_millis(10), Arc::clone(&dead), || {
            let user = users.fetch_add(1, Ordering::SeqCst);
            let client = [&one, &other][user % 2].clone();
            Some(async move {
                client
                    .create(&format!("auth0|{user}"), user.is_multiple_of(3))
                    .await;
            })
        });
        let die = async {
            dies.ready().await.unwrap();
            tokio::time::sleep(Duration::from_millis(any(50..300))).await;
            dies.killed().await;
            dead.store(true, Ordering::SeqCst);
            let how = "one of two".to_owned();
            place.journal.write(Entry::Died { how }).await;
        };
        tokio::join!(load, die);
    }
    lives.killed().await;
    place.settle().await.tell("one of two instances killed");
}
