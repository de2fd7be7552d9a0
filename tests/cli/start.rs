//! Starting and stopping.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};

use crate::place::Place;

#[test]
fn the_first_start_makes_what_is_private_for_its_user_alone() {
    let place = Place::new();
    let server = place.serve();
    assert_eq!(place.mode("data"), 0o700);
    for file in ["sealing.key", "tessera.db", "tessera.db-wal"] {
        assert_eq!(place.mode(&format!("data/{file}")), 0o600, "{file}");
    }
    let key = fs::read(place.path("data/sealing.key")).unwrap();
    assert!(server.signal("TERM").status.success());

    let server = place.serve();
    assert_eq!(fs::read(place.path("data/sealing.key")).unwrap(), key);
    assert!(server.signal("INT").status.success());
}

#[tokio::test]
async fn it_answers_and_stops_while_a_visitor_lingers() {
    let place = Place::new();
    let mut server = place.serve();
    let health = reqwest::get(server.url("/healthz")).await.unwrap();
    assert_eq!(health.status(), 200);
    for header in ["content-security-policy", "x-request-id"] {
        assert!(health.headers().contains_key(header), "{header}");
    }
    let unknown = reqwest::get(server.url("/nowhere")).await.unwrap();
    assert_eq!(unknown.status(), 404);
    for header in ["content-security-policy", "x-request-id"] {
        assert!(unknown.headers().contains_key(header), "{header}");
    }
    server.wait_for("request");
    let lingering = TcpStream::connect(server.address()).unwrap();
    let ran = server.signal("TERM");
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err);
    assert!(ran.out.contains("\"stopped\""), "{}", ran.out);
    drop(lingering);
}

#[test]
fn a_missing_or_another_key_is_refused_and_nothing_is_touched() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Back end"]);
    let key = place.path("data/sealing.key");
    let right = fs::read(&key).unwrap();

    fs::remove_file(&key).unwrap();
    for verb in ["serve", "token"] {
        let why = place.refused(&[verb]);
        assert!(why.contains("sealing.key is missing"), "{why}");
    }
    assert!(!key.exists(), "a new key could open nothing");

    place.write("data/sealing.key", &"ab".repeat(32));
    let why = place.refused(&["serve"]);
    assert!(why.contains("sealing.key is not the key"), "{why}");

    fs::write(&key, right).unwrap();
    place.set_mode("data/sealing.key", 0o644);
    let why = place.refused(&["serve"]);
    assert!(why.contains("can be read by others"), "{why}");
    place.set_mode("data/sealing.key", 0o600);

    let clients = place.json(&["client", "list"]);
    assert_eq!(clients[0]["client_id"], made["client_id"]);
    place.ok(&["token"]);
}

#[test]
fn no_client_exists_until_one_is_made_and_a_pipe_sees_no_token() {
    let place = Place::new();
    let mut server = place.serve();
    let told = server.wait_for("development: this makes a token");
    assert_eq!(place.json(&["client", "list"]), json!([]));
    let ran = server.signal("TERM");
    assert!(!(ran.out + &ran.err).contains("eyJ"));

    let command = told["command"].as_str().unwrap();
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let made = place.run(&words);
    assert!(made.err.contains("made the client cli_"), "{}", made.err);
    assert_eq!(made.out.trim().split('.').count(), 3);
    let again = place.run(&words);
    assert_eq!(again.err, "");
    assert_eq!(place.json(&["client", "list"]).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn twenty_starts_at_once_make_one_installation() {
    let place = Place::new();
    thread::scope(|scope| {
        for start in 0..20 {
            let place = &place;
            let verb = match start % 4 {
                0 => ["migrate", "--json"],
                _ => ["client", "list"],
            };
            scope.spawn(move || place.ok(&verb));
        }
    });
    let mut database = open(&place).await;
    let keys = "SELECT (SELECT COUNT(*) FROM signing_keys), (SELECT COUNT(*) FROM ec_signing_keys)";
    let keys: (i64, i64) = sqlx::query_as(keys).fetch_one(&mut database).await.unwrap();
    assert_eq!(keys, (1, 1), "each start made keys of its own");
    place.ok(&["token"]);
}

async fn open(place: &Place) -> SqliteConnection {
    let file = format!("sqlite:{}", place.path("data/tessera.db").display());
    SqliteConnection::connect(&file).await.unwrap()
}

#[tokio::test]
async fn a_newer_database_is_refused_by_an_older_program() {
    let place = Place::new();
    place.ok(&["migrate"]);
    let mut database = open(&place).await;
    sqlx::query(NEWER).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    for verb in ["serve", "migrate", "token"] {
        let why = place.refused(&[verb]);
        assert!(why.contains("schema 9999, which is newer"), "{why}");
    }
}

/// What a migration of the future leaves behind.
pub(crate) const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
     VALUES (9999, 'future', '2030-01-01', TRUE, 'x', 0)";

#[test]
fn a_taken_port_is_told_with_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("http.listen={}", taken.local_addr().unwrap());
    let ran = Place::new().run(&["--set", &listen]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("[http] listen"), "{}", ran.err);
}
