//! API clients and their tokens.

use crate::place::Place;

#[test]
fn a_secret_is_shown_once_and_kept_as_a_hash() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Back end", "--scope", "read:users"]);
    let secret = made["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("tss_") && secret.len() > 40);
    assert_eq!(made["scope"], "read:users");
    let list = place.ok(&["client", "list"]);
    assert!(list.contains("Back end") && !list.contains(secret));
    for file in crate::place::files(&place.path("data")) {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!found, "{} holds the secret", file.display());
    }
}

#[test]
fn a_deleted_client_is_gone() {
    let place = Place::new();
    let made = place.json(&["client", "create", "Back end"]);
    let id = made["client_id"].as_str().unwrap();
    assert!(place.ok(&["client", "delete", id]).contains("Deleted"));
    let why = place.refused(&["client", "delete", id]);
    assert!(why.contains("there is no client"), "{why}");
    let why = place.refused(&["token", "--client", id]);
    assert!(why.contains("tessera client list"), "{why}");
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let place = Place::new();
    for args in [
        &["client", "create", "x", "--scope", "read:everything"][..],
        &["client", "delete", "cli_1"],
        &["token", "--ttl", "2d"],
        &["ticket", "show", "gten_1"],
        &["--set", "listen"],
        &["fly"],
    ] {
        assert_eq!(place.run(args).status.code(), Some(2), "{args:?}");
    }
    assert!(!place.path("data").exists(), "nothing was begun");
    assert!(place.refused(&["client", "create", " "]).contains("NAME"));
}

#[test]
fn where_clients_were_made_by_hand_none_is_made_up() {
    let place = Place::new();
    place.ok(&["client", "create", "One"]);
    place.ok(&["token"]);
    place.ok(&["client", "create", "Two"]);
    let why = place.refused(&["token"]);
    assert!(why.contains("--client cli_"), "{why}");
    assert!(!place.ok(&["client", "list"]).contains("development"));
}

#[test]
fn production_makes_no_client_by_itself() {
    let place = Place::new();
    place.write("tessera.toml", super::settings::PRODUCTION);
    let why = place.refused(&["token"]);
    assert!(why.contains("tessera client create"), "{why}");
    assert_eq!(place.json(&["client", "list"]), serde_json::json!([]));
}
