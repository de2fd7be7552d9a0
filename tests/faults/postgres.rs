//! PostgreSQL goes away, hangs, fills up and forgets how to write, under load: everybody is answered in time, nothing
//! that was answered is lost, and all is well again by itself.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::client::Client;
use crate::cluster::Cluster;
use crate::installation::{Installation, Process, any, times};
use crate::journal::Entry;
use crate::kills::{at_a_pace, everybody_finishes, open, prove_all};
use crate::line::Line;
use crate::rows::Database;

/// What an instance holds open at most.
const POOL: i64 = 16;
/// In milliseconds.
const ANSWERED_WITHIN: u64 = 3_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn whatever_postgresql_does_nothing_answered_is_lost() {
    let Some(cluster) = Cluster::start("max_connections = 24").await else {
        return;
    };
    let line = Line::to(cluster.port()).await;
    let database = Database::Postgres(Cluster::url_at(line.port()));
    let place = Installation::on(TempDir::new().unwrap(), database).await;
    let client = place.client().await;
    let mut process = place.started().await;
    let people = open(&client, "people", times(60, 600)).await;
    let people = Arc::new(Mutex::new(VecDeque::from(people)));
    let trouble = Trouble {
        client: &client,
        cluster: &cluster,
        line: &line,
        place: &place,
    };
    let users = AtomicUsize::new(0);
    let over = Arc::new(AtomicBool::new(false));
    let create = at_a_pace(Duration::from_millis(20), Arc::clone(&over), || {
        let (client, user) = (client.clone(), users.fetch_add(1, Ordering::SeqCst));
        Some(async move {
            client
                .create(&format!("auth0|{user}"), user.is_multiple_of(5))
                .await;
        })
    });
    let prove = prove_all(
        &client,
        &people,
        Duration::from_millis(150),
        Arc::clone(&over),
    );
    let all = async {
        for _ in 0..times(1, 30) {
            trouble.restart(&mut process).await;
            trouble.the_line_goes_dead(&mut process).await;
            trouble.backends_are_terminated(&mut process).await;
            trouble.a_table_is_locked(&mut process).await;
            trouble.no_writes(&mut process).await;
            trouble.too_many_connections(&mut process).await;
        }
        over.store(true, Ordering::SeqCst);
    };
    tokio::join!(create, prove, all);
    everybody_finishes(&client, &people).await;
    assert!(process.told_to_stop().await.success());
    let verdict = place.settle().await;
    let journal = place.journal.read();
    let slowest = journal.iter().max_by_key(|entry| match entry {
        Entry::Answered { millis, .. } => *millis,
        _ => 0,
    });
    eprintln!("PostgreSQL in trouble: the slowest answer was {slowest:?}");
    let in_time = |entry: &&Entry| matches!(entry, Entry::Answered { millis, .. } if *millis <= ANSWERED_WITHIN);
    assert!(slowest.as_ref().is_some_and(in_time), "{slowest:?}");
    assert!(verdict.unavailable > 0, "nobody noticed");
    assert_eq!(verdict.enrolled, times(60, 600));
    verdict.tell("PostgreSQL in trouble");
}

struct Trouble<'a> {
    client: &'a Client,
    cluster: &'a Cluster,
    line: &'a Line,
    place: &'a Installation,
}

impl Trouble<'_> {
    async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.cluster.url()).await.unwrap()
    }

    async fn restart(&self, process: &mut Process) {
        self.cluster.down().await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        self.cluster.up().await;
        self.well_again(process, "restarted").await;
    }

    /// The server of Tessera is not told that its connections lead nowhere.
    async fn the_line_goes_dead(&self, process: &mut Process) {
        for _ in 0..2 {
            self.line.cut();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.well_again(process, "the line was dead").await;
        let begun = Instant::now();
        for round in 0.. {
            let asking = (0..20).map(|n| {
                let user = format!("auth0|line-{round}-{n}");
                async move { self.client.create(&user, false).await }
            });
            if join_all(asking).await.iter().all(Option::is_some) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "it is stuck");
        }
        let millis = begun.elapsed().as_millis();
        eprintln!("the line was dead: everybody is served again after {millis} ms");
    }

    async fn backends_are_terminated(&self, process: &mut Process) {
        let mut admin = self.admin().await;
        for _ in 0..20 {
            let one = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE application_name = 'tessera' ORDER BY random() LIMIT 3";
            sqlx::query(one).execute(&mut admin).await.unwrap();
            tokio::time::sleep(Duration::from_millis(any(20..80))).await;
        }
        self.well_again(process, "backends terminated").await;
    }

    async fn a_table_is_locked(&self, process: &mut Process) {
        let mut admin = self.admin().await;
        let mut lock = admin.begin().await.unwrap();
        let statement = "LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE";
        sqlx::query(statement).execute(&mut *lock).await.unwrap();
        tokio::time::sleep(Duration::from_secs(times(5, 20) as u64)).await;
        lock.rollback().await.unwrap();
        self.well_again(process, "tickets locked").await;
    }

    async fn no_writes(&self, process: &mut Process) {
        let mut admin = self.admin().await;
        for statement in [
            "ALTER SYSTEM SET default_transaction_read_only = on",
            "SELECT pg_reload_conf()",
        ] {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        for statement in [
            "ALTER SYSTEM RESET default_transaction_read_only",
            "SELECT pg_reload_conf()",
        ] {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }
        self.well_again(process, "read-only").await;
    }

    /// Strangers take every place, the server's own ones too.
    async fn too_many_connections(&self, process: &mut Process) {
        let mut admin = self.admin().await;
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tessera'";
        let url = self.cluster.url();
        let mut strangers = Vec::new();
        for _ in 0..10 {
            sqlx::query(all).execute(&mut admin).await.unwrap();
            let more = join_all((0..10).map(|_| PgConnection::connect(&url))).await;
            strangers.extend(more.into_iter().flatten());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        eprintln!("{} strangers are connected", strangers.len());
        drop(strangers);
        self.well_again(process, "overcrowded").await;
    }

    /// Ready within five seconds, and no connection is lost or left in the middle of something.
    async fn well_again(&self, process: &mut Process, what: &str) {
        let begun = Instant::now();
        process.ready().await.expect("it survives");
        let millis = begun.elapsed().as_millis();
        eprintln!("{what}: ready again after {millis} ms");
        assert!(millis < 5_000, "{what}: {millis} ms");
        let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'tessera'";
        let stuck = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'tessera'
                     AND state <> 'idle' AND NOW() - state_change > INTERVAL '5 seconds'";
        let (open, stuck) = (
            self.place.database.number(open).await,
            self.place.database.number(stuck).await,
        );
        assert!(open <= POOL, "{what}: {open} connections");
        assert_eq!(stuck, 0, "{what}: connections are stuck");
    }
}
