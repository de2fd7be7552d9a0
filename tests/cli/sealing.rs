//! D5: the sealing key is rotated while servers run, killed in the middle, on several instances.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tessera::core::seal::Place;
use tessera::core::{Clock as _, EnrollmentId, OsRng, Sealer, SystemClock};

use crate::place::{Place as Folder, Server};
use crate::support::authenticator;
use crate::support::postgres::Postgres;
use crate::support::visitor::Visitor;

const TICKET: [&str; 6] = [
    "ticket",
    "create",
    "--user",
    "auth0|ada",
    "--email",
    "ada@example.com",
];
const ROTATE: [&str; 3] = ["keys", "rotate", "sealing"];
/// What a command and the servers that notice it may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const ROWS: usize = 8_000;

/// The key of a version, as the file has it.
fn key(file: &Path, version: u8) -> Option<[u8; Sealer::KEY_BYTES]> {
    let text = fs::read_to_string(file).unwrap();
    let hex = match text.trim() {
        lone if version == 1 && !lone.contains(' ') => lone,
        lines => lines
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{version} ")))?,
    };
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().ok()
}

async fn open(place: &Folder) -> SqliteConnection {
    let file = SqliteConnectOptions::new().filename(place.path("data/tessera.db"));
    let file = file.busy_timeout(PATIENCE);
    file.connect().await.unwrap()
}

async fn number(database: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(database).await.unwrap()
}

/// Ada has many factors, sealed with the first key.
async fn furnish(place: &Folder) {
    place.ok(&TICKET);
    let sealer = Sealer::new(&key(&place.path("data/sealing.key"), 1).unwrap());
    let mut database = open(place).await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut database)
        .await
        .unwrap();
    for row in 0..ROWS {
        let id = EnrollmentId::new(SystemClock.now(), &OsRng);
        let sealed = sealer.seal(
            &place_of(&["auth0|ada", id.as_str()]),
            row.to_string().as_bytes(),
            &OsRng,
        );
        sqlx::query(
            "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, material_sealed, name, created_at)
             VALUES ('auth0|ada', $1, 'otp', 'confirmed', FALSE, $2, $3, 0)",
        )
        .bind(id.as_str()).bind(sealed).bind(row.to_string()).execute(&mut database).await.unwrap();
    }
    sqlx::query("COMMIT").execute(&mut database).await.unwrap();
}

fn place_of<'a>(row: &'a [&'a str]) -> Place<'a> {
    Place {
        table: "enrollments",
        row,
        column: "material_sealed",
    }
}

/// What to wait for before the rotation is killed.
enum Until {
    /// The file has a second version.
    Written,
    /// It stands in the database so often.
    Counts(&'static str, i64),
    /// Fewer rows than this are left on the first version.
    Fewer(i64),
}

const OLD: &str = "SELECT COUNT(*) FROM enrollments WHERE substr(material_sealed, 1, 1) = x'01'";

async fn kill_when(place: &Folder, until: &Until) {
    let mut child = place
        .command(&ROTATE)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut database = open(place).await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let reached = match until {
            Until::Written => key(&place.path("data/sealing.key"), 2).is_some(),
            Until::Counts(sql, rows) => number(&mut database, sql).await == *rows,
            Until::Fewer(rows) => number(&mut database, OLD).await < *rows,
        };
        if reached {
            break;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        assert!(Instant::now() < deadline, "it does not come that far");
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_rotation_that_is_killed_twenty_times_goes_on_each_time() {
    let place = Folder::new();
    furnish(&place).await;
    let announced = "SELECT COUNT(*) FROM meta WHERE name = 'sealing_key_next'";
    let switched = "SELECT COUNT(*) FROM meta WHERE name = 'sealing_key_unfinished'";
    kill_when(&place, &Until::Written).await;
    kill_when(&place, &Until::Counts(announced, 1)).await;
    kill_when(&place, &Until::Counts(switched, 1)).await;
    let mut database = open(&place).await;
    for _ in 3..20 {
        let left = number(&mut database, OLD).await;
        assert!(left > 0, "there is nothing left to be killed in");
        kill_when(&place, &Until::Fewer(left)).await;
        place.ok(&["user", "show", "auth0|ada", "--json"]);
    }
    let told = place.json(&ROTATE);
    assert_eq!(
        told["version"], 2,
        "one rotation, however often it broke off"
    );
    assert_eq!(told["unreadable"], 0);

    let file = place.path("data/sealing.key");
    assert_eq!(place.mode("data/sealing.key"), 0o600);
    assert!(!place.path("data/sealing.key.new").exists());
    let sealer = Sealer::of(&[(2, key(&file, 2).unwrap().into())].into(), 2).unwrap();
    let rows: Vec<(String, String, Vec<u8>)> =
        sqlx::query_as("SELECT enrollment_id, name, material_sealed FROM enrollments")
            .fetch_all(&mut database)
            .await
            .unwrap();
    assert_eq!(rows.len(), ROWS);
    for (id, name, sealed) in rows {
        let opened = sealer
            .open(&place_of(&["auth0|ada", &id]), &sealed)
            .unwrap();
        assert_eq!(opened.as_slice(), name.as_bytes());
    }
    let listed = place.json(&["keys", "list"]);
    let versions = listed["sealing"].as_array().unwrap();
    assert_eq!(
        (&versions[0]["version"], &versions[0]["state"]),
        (&2.into(), &"seals".into())
    );
    assert_eq!(
        (&versions[1]["version"], &versions[1]["state"]),
        (&1.into(), &"opens".into())
    );
    assert_eq!(versions[1]["rows"]["enrollments"], 0);
    let why = place.refused(&["keys", "remove", "1"]);
    assert!(
        why.contains("cookies that version 1 sealed are valid still"),
        "{why}"
    );
    let why = place.refused(&["keys", "remove", "2"]);
    assert!(why.contains("in use"), "{why}");
    place.ok(&["token"]);
}

// A thread beside the one that waits for commands, so that the browser notices closed connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_go_on_through_a_rotation() {
    let place = Folder::new();
    let mut servers = [place.serve(), place.serve()];
    let made = place.json(&[&TICKET[..], &["--factor", "otp"]].concat());
    let link = made["ticket_url"].as_str().unwrap();
    let mut ada = Visitor::at(&link.replace("http://localhost:8080", &servers[0].url(""))).await;
    let seed = ada.key();
    let told = place.json(&ROTATE);
    assert_eq!(
        (&told["version"], &told["unreadable"]),
        (&2.into(), &0.into())
    );
    for server in &mut servers {
        let read = server.wait_for("the sealing key was read again");
        assert_eq!(
            read["version"], 1,
            "to open with the new one, before it seals"
        );
        let read = server.wait_for("the sealing key was read again");
        assert_eq!(read["version"], 2);
    }
    // The cookie of the old key opens still, and so does, at the other server, the one that it was exchanged for.
    let page = ada.url.clone();
    ada.open(page.as_str()).await;
    assert_eq!(ada.key(), seed);
    let now = u64::try_from(SystemClock.now().seconds()).unwrap();
    let code = authenticator::code(&seed, now);
    ada.submit("form", &[("code", &code)]).await;
    assert!(ada.url.path().ends_with("/recovery-code"), "{}", ada.html);
    let shown = ada.html.clone();
    let there = page
        .as_str()
        .replace(servers[0].address(), servers[1].address());
    let there = there.replace("/otp", "/recovery-code");
    let other = reqwest::Client::new()
        .get(there)
        .header("cookie", ada.cookie());
    let other = other.send().await.unwrap().text().await.unwrap();
    assert_eq!(recovery_code(&other), recovery_code(&shown));
    for server in servers {
        assert!(server.signal("TERM").status.success());
    }
    let enrolled = "SELECT COUNT(*) FROM enrollments WHERE substr(material_sealed, 1, 1) = x'02'";
    assert_eq!(number(&mut open(&place).await, enrolled).await, 1);
}

fn recovery_code(html: &str) -> String {
    let page = scraper::Html::parse_document(html);
    let code = scraper::Selector::parse("code#recovery").unwrap();
    page.select(&code).next().unwrap().text().collect()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn an_instance_without_the_new_key_steps_aside_until_it_has_it() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let instance = || Folder::new().with("TESSERA_DATABASE__URL", database.url());
    let (here, there) = (instance(), instance());
    here.ok(&["migrate"]);
    let copy = |to: &Folder| {
        fs::create_dir_all(to.path("data")).unwrap();
        fs::copy(here.path("data/sealing.key"), to.path("data/sealing.key")).unwrap();
    };
    here.ok(&["keys", "list"]);
    copy(&there);
    let (first, mut second) = (here.serve(), there.serve());
    let told = here.ok(&ROTATE);
    assert!(
        told.contains("Copy") && told.contains("to every instance"),
        "{told}"
    );
    let lacking = second.wait_for("the sealing key");
    assert!(
        lacking["error"]
            .as_str()
            .unwrap()
            .contains("lacks version 2"),
        "{lacking}"
    );
    assert_eq!(
        status(&second, "/guardian/enroll").await,
        status(&first, "/guardian/enroll").await
    );
    let why = there.refused(&ROTATE);
    assert!(why.contains("no version 2"), "{why}");

    // The admin forgets to copy the file.
    assert_eq!(here.json(&ROTATE)["version"], 2);
    let lacking = second.wait_for("the sealing key");
    assert!(
        lacking["error"]
            .as_str()
            .unwrap()
            .contains("has no version 2"),
        "{lacking}"
    );
    for path in ["/guardian/enroll", "/api/v2/users"] {
        assert_eq!(status(&second, path).await, 503, "{path}");
        assert_ne!(status(&first, path).await, 503, "{path}");
    }
    let why = there.refused(&["token"]);
    assert!(why.contains("has no version 2"), "{why}");

    copy(&there);
    second.wait_for("the sealing key was read again");
    assert_eq!(status(&second, "/api/v2/users").await, 401);
    there.ok(&["token"]);
}

async fn status(server: &Server, path: &str) -> u16 {
    let host = "localhost:8080";
    let call = reqwest::Client::new()
        .get(server.url(path))
        .header("host", host);
    call.send().await.unwrap().status().as_u16()
}
