//! The doctor: what is wrong, and what to do.

use serde_json::Value;
use tessera::core::{EnrollmentId, OsRng, Timestamp, UserId};
use tessera::store::{NewEnrollment, Store, User};

use crate::place::{Place, Ran};
use crate::support::smtp::{Options, SmtpServer, Tls};

/// What it found of a thing: how bad it is, what, and what to do.
fn findings(ran: &Ran, about: &str) -> Vec<(String, String)> {
    let all: Value = serde_json::from_str(&ran.out).unwrap();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or("").to_owned();
    let all = all.as_array().unwrap().iter();
    all.filter(|finding| finding["about"] == about)
        .map(|finding| {
            let words = format!("{} → {}", text(finding, "found"), text(finding, "to_do"));
            (text(finding, "level"), words)
        })
        .collect()
}

#[track_caller]
fn finds(ran: &Ran, about: &str, level: &str, words: &str) {
    let found = findings(ran, about);
    let fits = |(how, what): &(String, String)| how == level && what.contains(words);
    assert!(found.iter().any(fits), "{about}: {found:?}");
}

fn doctor(place: &Place) -> Ran {
    place.run(&["doctor", "--json"])
}

#[test]
fn an_empty_folder_is_only_told_what_comes_next_and_nothing_is_made() {
    let place = Place::new();
    let ran = doctor(&place);
    assert!(ran.status.success(), "{}", ran.out);
    finds(&ran, "data folder", "hint", "the first start makes it");
    finds(&ran, "mail", "hint", "set mail.url");
    finds(&ran, "phone", "hint", "set phone.provider");
    finds(&ran, "templates", "ok", "passes the check");
    assert!(!place.path("data").exists());
    let told = place.ok(&["doctor"]);
    assert!(told.contains("\n                      → "), "{told}");
}

#[test]
fn an_accent_that_is_hard_to_see_is_found() {
    let place = Place::new();
    let yellow = place.run(&["doctor", "--json", "--set=site.accent=#ffcc00"]);
    assert!(yellow.status.success(), "{}", yellow.out);
    finds(&yellow, "site.accent", "warning", "hardly stands out");
    let blue = place.run(&["doctor", "--json", "--set=site.accent=#2c4bd8"]);
    assert_eq!(findings(&blue, "site.accent"), []);
}

#[test]
fn a_running_server_is_found_behind_its_address() {
    let place = Place::new();
    let server = place.serve();
    let address = server.url("");
    let ran = place.run(&["doctor", "--json", &format!("--set=public_url={address}")]);
    assert!(ran.status.success(), "{}", ran.out);
    finds(&ran, "public_url", "ok", "leads here");
    finds(&ran, "database", "ok", "reads, writes");
    finds(&ran, "keys", "ok", "opens what is sealed");
    finds(&ran, "clock", "ok", "agrees");
    finds(&ran, "outbox", "ok", "0 messages wait");
}

#[tokio::test]
async fn keys_that_were_enrolled_for_another_domain_are_counted() {
    let place = Place::new();
    place.ok(&["client", "create", "Back end"]);
    finds(&doctor(&place), "webauthn", "ok", "belong to localhost");
    let by_number = place.run(&["doctor", "--json", "--set=public_url=http://127.0.0.1:8080"]);
    finds(
        &by_number,
        "webauthn",
        "hint",
        "say a public_url with a name",
    );

    let store = Store::open_sqlite(&place.path("data/tessera.db"))
        .await
        .unwrap();
    let now = Timestamp::from_millis(1_795_348_800_000);
    let user_id: UserId = "auth0|ada".parse().unwrap();
    let user = User {
        user_id: user_id.clone(),
        email: None,
        blocked: false,
        profile: "{}".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let key = NewEnrollment {
        user_id: &user_id,
        enrollment_id: &EnrollmentId::new(now, &OsRng),
        factor: "webauthn-roaming",
        is_first: true,
        ticket_id: None,
        material_sealed: b"sealed",
        last_step: None,
        name: None,
        credential_id: Some("aaaa"),
        facts: "{\"relying_party\":\"mfa.example.com\"}",
    };
    let mut tx = store.begin_write().await.unwrap();
    tx.insert_user(&user).await.unwrap();
    tx.insert_enrollment(&key, now).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let ran = doctor(&place);
    finds(&ran, "webauthn", "warning", "1 enrolled security keys");
    finds(&ran, "webauthn", "warning", "set [webauthn] rp_id");
}

#[test]
fn settings_that_are_refused_are_told_like_everything_else() {
    let place = Place::new();
    place.write("tessera.toml", "[http]\nlisten = \"everywhere\"\n");
    let ran = doctor(&place);
    assert_eq!(ran.status.code(), Some(1));
    finds(&ran, "settings", "error", "tessera.toml:2");
}

#[test]
fn what_keeps_an_installation_from_working_is_an_error_with_a_way_out() {
    let place = Place::new();
    place.ok(&["client", "create", "Back end"]);
    place.write("templates/mfa.html", "{% if %}");
    place.set_mode("data", 0o755);
    place.write("data/sealing.key", &"ab".repeat(32));
    let place = place
        .with("TESSERA_MAIL__URL", "smtp://127.0.0.1:1")
        .with("TESSERA_PUBLIC_URL", "http://localhost:1");
    let ran = doctor(&place);
    assert_eq!(ran.status.code(), Some(1));
    finds(&ran, "data folder", "warning", "chmod 700");
    finds(&ran, "keys", "error", "from its backup");
    finds(&ran, "mail", "error", "tessera mail test");
    finds(&ran, "public_url", "hint", "start the server");
    finds(&ran, "templates", "error", "mfa.html:1");
}

#[test]
#[ignore = "needs aiosmtpd: bash tests/run.sh"]
fn the_mail_server_is_asked_for_its_certificate_and_gets_no_mail() {
    let options = Options {
        tls: Tls::Upgrade,
        login: Some(("mailer", "hunter2")),
        ..Options::default()
    };
    let Some(server) = SmtpServer::start(options) else {
        return;
    };
    let place = Place::new()
        .with("TESSERA_MAIL__URL", &server.url())
        .with("TESSERA_MAIL__CA_FILE", server.ca_file().to_str().unwrap());
    let ran = doctor(&place);
    finds(&ran, "mail", "ok", "lets us in");
    let certificate = &findings(&ran, "mail")[1];
    assert!(
        certificate.1.contains("certificate ends in"),
        "{certificate:?}"
    );
    assert!(server.messages().is_empty());
    assert!(!ran.out.contains("hunter2"));

    let wrong = server.url().replace("hunter2", "hunter3");
    let ran = doctor(&place.with("TESSERA_MAIL__URL", &wrong));
    finds(&ran, "mail", "error", "535");
    assert!(!ran.out.contains("hunter3"));
}
