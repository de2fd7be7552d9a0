//! A line to PostgreSQL that falls silent, as when a machine in between vanishes: what was asked on it is asked again, and
//! no connection keeps its place.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};
use tessera::core::{Clock as _, OsRng, SystemClock, TicketId};
use tessera::store::Store;
use url::Url;

use crate::line::Line;
use crate::support::postgres::Postgres;

/// All connections of the pool, which are those that no reader of pages has.
const POOL: usize = 14;
const PATIENCE: Duration = Duration::from_secs(60);

async fn store_behind_a_line(database: &Postgres) -> (Store, Line) {
    let mut url = Url::parse(database.url()).unwrap();
    let line = Line::to(url.port().unwrap()).await;
    url.set_port(Some(line.port())).unwrap();
    let store = Store::open_postgres(url.as_str()).await.unwrap();
    store.migrate().await.unwrap();
    (store, line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn pages_are_read_by_another_line() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let (store, line) = store_behind_a_line(&database).await;
    let id = TicketId::new(SystemClock.now(), &OsRng);
    let pages = || try_join_all((0..64).map(|_| store.opened_ticket(&id)));
    pages().await.unwrap();
    for _ in 0..2 {
        line.cut();
        let begun = Instant::now();
        while pages().await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "it is stuck");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn every_place_in_the_pool_is_of_use_again() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let (store, line) = store_behind_a_line(&database).await;
    let all = || try_join_all((0..POOL).map(|_| store.begin_read()));
    let mut reads = all().await.unwrap();
    line.cut();
    let asked = join_all(reads.iter_mut().map(|read| read.count_users())).await;
    assert!(asked.iter().all(Result::is_err));
    drop(asked);
    drop(reads);
    let begun = Instant::now();
    while all().await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "places are lost");
    }
}
