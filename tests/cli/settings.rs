//! Settings, and the mails that they lead to.

use crate::place::{Place, files};

pub(crate) const PRODUCTION: &str = r#"
public_url = "https://mfa.example.com"
[site]
name = "Example Bank"
[mail]
url = "smtp://tessera:hunter2-canary@mail.example.com:587"
from = "Example Bank <mfa@example.com>"
"#;

#[test]
fn the_sample_is_a_file_that_works() {
    let place = Place::new();
    let sample = place.ok(&["config", "sample"]);
    place.write("tessera.toml", &sample);
    let told = place.json(&["config", "check"]);
    assert_eq!(told["mode"], "development");
    let people = place.ok(&["config", "check"]);
    assert!(
        people.contains("[http]\nlisten = \"127.0.0.1:8080\""),
        "{people}"
    );
}

#[test]
fn what_is_in_effect_is_shown_without_its_secrets() {
    let place = Place::new();
    place.write("other.toml", PRODUCTION);
    for args in [
        &["config", "check", "--config", "other.toml"][..],
        &["--config", "other.toml", "config", "check", "--json"],
    ] {
        let told = place.ok(args);
        assert!(told.contains("production") && told.contains("mail.example.com"));
        assert!(!told.contains("hunter2-canary"), "{told}");
    }
}

#[test]
fn production_refuses_to_start_half_set_up() {
    let place = Place::new().with("TESSERA_PUBLIC_URL", "http://mfa.example.com");
    let why = place.refused(&["serve"]);
    let lines: Vec<&str> = why.lines().collect();
    assert_eq!(lines.len(), 3, "{why}");
    for (line, key) in lines
        .iter()
        .zip(["public_url", "[site] name", "[mail] url"])
    {
        assert!(
            line.starts_with("tessera: ") && line.contains(key),
            "{line}"
        );
    }
    assert!(!place.path("data").exists());
}

#[test]
fn an_option_wins_over_file_and_environment() {
    let place = Place::new().with("TESSERA_TICKETS__LIFETIME", "3d");
    place.write("tessera.toml", "[tickets]\nlifetime = \"4d\"\n");
    let lifetime = |args: &[&str]| {
        let told = place.json(&[&["config", "check"], args].concat());
        told["settings"]["tickets"]["lifetime"]["value"].clone()
    };
    assert_eq!(lifetime(&[]), "3d");
    assert_eq!(lifetime(&["--set", "tickets.lifetime=2d"]), "2d");
    let why = place.refused(&["config", "check", "--set", "tickets.life=2d"]);
    assert!(why.contains("lifetime"), "{why}");
}

#[test]
fn a_test_mail_arrives() {
    let place = Place::new();
    let told = place.ok(&["mail", "test", "ada@example.com"]);
    let mails = files(&place.path("data/mail"));
    assert_eq!(mails.len(), 1);
    assert!(told.contains(mails[0].to_str().unwrap()), "{told}");
    let mail = std::fs::read_to_string(&mails[0]).unwrap();
    assert!(mail.contains("ada@example.com"), "{mail}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("mail.url=smtp://{}", closed.local_addr().unwrap());
    drop(closed);
    let why = place.refused(&["mail", "test", "ada@example.com", "--set", &url]);
    assert!(why.contains("the mail was not taken"), "{why}");
}
