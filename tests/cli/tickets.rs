//! Tickets and users, by the same rules as the API.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::place::Place;

const ADA: [&str; 6] = [
    "ticket",
    "create",
    "--user",
    "auth0|ada",
    "--email",
    "ada@example.com",
];

#[test]
fn a_ticket_is_made_mailed_again_and_taken_back() {
    let place = Place::new();
    let made = place.json(&[&ADA[..], &["--send-mail", "--ttl", "2h"]].concat());
    let id = made["ticket_id"].as_str().unwrap();
    let link = made["ticket_url"].as_str().unwrap();
    let start = format!("http://localhost:8080/guardian/enroll?ticket={id}.");
    assert!(link.starts_with(&start), "{link}");

    let again = place.json(&["ticket", "resend", id]);
    assert_eq!(again["ticket_id"], id);
    assert_ne!(again["ticket_url"], link);
    assert_eq!(again["expires_at"], made["expires_at"]);

    assert!(place.ok(&["ticket", "list"]).contains("open"));
    place.ok(&["ticket", "revoke", id]);
    let shown = place.json(&["ticket", "show", id]);
    assert_eq!(shown["status"], "revoked");
    let events: Vec<&str> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["ticket.created", "ticket.resent", "ticket.revoked"]
    );
    assert_eq!(shown["timeline"][0]["actor"], "command-line");
    let secret = link.strip_prefix(&start).unwrap();
    assert!(!place.ok(&["ticket", "show", id]).contains(secret));

    let listed = |status: &str| place.json(&["ticket", "list", "--status", status]);
    assert_eq!(listed("revoked").as_array().unwrap().len(), 1);
    assert_eq!(listed("open").as_array().unwrap().len(), 0);
    let why = place.refused(&["ticket", "resend", id]);
    assert!(why.contains("create a new one"), "{why}");
}

#[test]
fn a_refusal_names_the_option() {
    let place = Place::new();
    for (more, option) in [
        (&["--ttl", "6d"][..], "--ttl"),
        (&["--factor", "email"], "--factor"),
        (&["--factor", "carrier-pigeon"], "--factor"),
        (&["--locale", "d e"], "--locale"),
        (&["--result-url", "https://evil.example"], "--result-url"),
    ] {
        let why = place.refused(&[&ADA[..], more].concat());
        assert!(why.starts_with(&format!("tessera: {option}: ")), "{why}");
    }
    let why = place.refused(&["ticket", "create", "--user", "auth0|bob"]);
    assert!(why.contains("--email"), "{why}");
    assert_eq!(place.json(&["ticket", "list"]), serde_json::json!([]));
}

#[test]
fn a_user_is_reset_only_by_someone_who_means_it() {
    let place = Place::new();
    place.ok(&ADA);
    let user = place.json(&["user", "show", "auth0|ada"]);
    assert_eq!(user["email"], "ada@example.com");
    assert_eq!(user["enrollments"], serde_json::json!([]));
    let why = place.refused(&["user", "reset", "auth0|ada"]);
    assert!(why.contains("--yes"), "{why}");
    place.ok(&["user", "reset", "auth0|ada", "--yes"]);
    let shown = place.ok(&["user", "show", "auth0|ada"]);
    assert!(shown.contains("user.reset"), "{shown}");
    assert!(
        place
            .refused(&["user", "show", "auth0|bob"])
            .contains("does not exist")
    );
}

#[tokio::test]
async fn a_user_who_was_stopped_is_seen_and_let_go() {
    let place = Place::new();
    place.ok(&ADA);
    let file = SqliteConnectOptions::new().filename(place.path("data/tessera.db"));
    let mut database = file.connect().await.unwrap();
    sqlx::query("UPDATE users SET failures = 20, retry_at = 4102444800000")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    let stopped = place.json(&["user", "show", "auth0|ada"]);
    assert_eq!(stopped["wrong_proofs"], 20);
    assert_eq!(stopped["no_proof_before"], "2100-01-01T00:00:00.000Z");
    assert!(
        place
            .ok(&["user", "show", "auth0|ada"])
            .contains("2100-01-01")
    );
    place.ok(&["user", "reset", "auth0|ada", "--yes"]);
    let free = place.json(&["user", "show", "auth0|ada"]);
    assert_eq!(free["wrong_proofs"], 0);
    assert!(free["no_proof_before"].is_null());
}
