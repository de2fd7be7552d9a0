//! `kill -9` while nobody watches: in the sweeper, in a migration, while templates are swapped.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::installation::{Installation, Process, any, has_points, times};
use crate::rows::Database;
use crate::support::postgres::Postgres;

/// Starts something, and waits until it died at a point or a random moment.
async fn interrupt(mut process: Process, points: &str) {
    if points.is_empty() || !has_points() {
        tokio::time::sleep(Duration::from_millis(any(5..150))).await;
        process.killed().await;
    } else {
        assert!(!process.ended().await.success(), "{points} was not reached");
    }
}

async fn sweeping(place: Installation) {
    const DEATHS: [&str; 6] = [
        "sweep::commit=return",
        "",
        "sweep::committed=return",
        "sweep::commit=1*off->return",
        "",
        "sweep::committed=1*off->return",
    ];
    place.client().await;
    place.queue_mails(2_200).await;
    let over = "UPDATE tickets SET expires_at = 1 WHERE ticket_id IN (SELECT ticket_id FROM tickets ORDER BY ticket_id LIMIT 2100)";
    place.database.run(over).await;
    let left = "SELECT COUNT(*) FROM tickets";
    let orphans =
        "SELECT COUNT(*) FROM outbox WHERE ticket_id NOT IN (SELECT ticket_id FROM tickets)";
    for death in DEATHS {
        interrupt(place.start(death), death).await;
        let (tickets, orphans) = (
            place.database.number(left).await,
            place.database.number(orphans).await,
        );
        assert!(tickets >= 100, "{tickets}: swept what is alive");
        assert_eq!(orphans, 0, "{death}");
        assert_eq!(place.database.damage().await, None);
    }
    let process = place.started().await;
    let begun = tokio::time::Instant::now();
    while place.database.number(left).await > 100 {
        assert!(begun.elapsed() < crate::installation::PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(process.told_to_stop().await.success());
    assert_eq!(place.database.number(left).await, 100);
}

crate::kills::on_both!(sweeping);

#[tokio::test]
async fn a_migration_that_was_killed_is_finished_by_the_next() {
    for n in 0..times(12, 100) {
        let place = Installation::on_sqlite().await;
        migrate_through(&place, n).await;
        assert_eq!(place.database.damage().await, None);
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn a_migration_of_postgresql_that_was_killed_is_finished_by_the_next() {
    for n in 0..times(6, 100) {
        let Some(postgres) = Postgres::fresh().await else {
            return;
        };
        let database = Database::Postgres(postgres.url().to_owned());
        let place = Installation::on(TempDir::new().unwrap(), database).await;
        migrate_through(&place, n).await;
    }
}

async fn migrate_through(place: &Installation, n: usize) {
    let points = ["", "migrate::begun=return", "", "migrate::done=return"][n % 4];
    let mut command = place.command(&["migrate"]);
    command.env("FAILPOINTS", points).stderr(Stdio::null());
    let mut child = tokio::process::Command::from(command).spawn().unwrap();
    if points.is_empty() || !has_points() {
        tokio::time::sleep(Duration::from_millis(any(2..60))).await;
        child.start_kill().ok();
    }
    child.wait().await.unwrap();
    // Whole, or as it was before: the same verb brings it forward, and the program works on it.
    place.client().await;
}

/// The last good templates are there whole after any kill: the former or the newer ones.
#[tokio::test]
async fn templates_that_were_being_swapped_are_the_former_or_the_newer_ones() {
    const POINTS: [&str; 4] = [
        "templates::between=return",
        "",
        "templates::kept=return",
        "templates::swap=return",
    ];
    let place = Installation::on_sqlite().await;
    place.client().await;
    let screen = place.folder.path().join("templates/screens/otp.html");
    fs::create_dir_all(screen.parent().unwrap()).unwrap();
    let version = |n: usize| {
        format!(
            "{{% extends \"builtin/screens/otp.html\" %}}\n{{% block title %}}Edition {n}{{% endblock title %}}\n"
        )
    };
    fs::write(&screen, version(0)).unwrap();
    place.started().await.killed().await;
    for n in 1..=times(8, 100) {
        let kept = kept(&place);
        fs::write(&screen, version(n)).unwrap();
        let points = POINTS[n % POINTS.len()];
        interrupt(place.start(points), points).await;

        fs::write(&screen, "{% broken").unwrap();
        let process = place.started().await;
        let status: Value = reqwest::get(format!("http://{}/readyz", place.address()))
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(status["templates"]["source"], "last-good", "{n}: {status}");
        process.killed().await;
        let now = self::kept(&place);
        assert!(now == kept || now == version(n), "{n}: {now:?}");
    }
}

/// What a restart with a broken folder would serve.
fn kept(place: &Installation) -> String {
    let data = place.folder.path().join("data");
    let file = "templates/screens/otp.html";
    let good = data.join("templates.good").join(file);
    let former = data.join("templates.good.old").join(file);
    fs::read_to_string(if good.exists() { good } else { former }).unwrap()
}
