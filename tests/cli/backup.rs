//! E8: a backup is taken while people enroll; once it is restored, what was used since does not work again.

use std::fs;
use std::thread;

use tessera::core::{Clock as _, SystemClock};

use crate::place::Place;
use crate::support::authenticator;
use crate::support::postgres::Postgres;
use crate::support::visitor::Visitor;

/// A person with a ticket, and the authenticator app's key once it is enrolled.
struct Person {
    ticket: String,
    link: String,
}

impl Person {
    fn invited(place: &Place, origin: &str, user: &str) -> Self {
        let made = place.json(&[
            "ticket",
            "create",
            "--user",
            user,
            "--email",
            "ada@example.com",
            "--factor",
            "otp",
            "--send-mail",
        ]);
        let link = made["ticket_url"].as_str().unwrap();
        Self {
            ticket: made["ticket_id"].as_str().unwrap().to_owned(),
            link: link.replace("http://localhost:8080", origin),
        }
    }

    /// Opens the link and types the app's code.
    async fn enrolls(&self) -> Visitor {
        let mut visitor = Visitor::at(&self.link).await;
        let now = u64::try_from(SystemClock.now().seconds()).unwrap();
        let code = authenticator::code(&visitor.key(), now);
        visitor.submit("form", &[("code", &code)]).await;
        assert!(
            visitor.url.path().ends_with("/recovery-code"),
            "{}",
            visitor.html
        );
        visitor
    }

    fn status(&self, place: &Place) -> String {
        let shown = place.json(&["ticket", "show", &self.ticket]);
        shown["status"].as_str().unwrap().to_owned()
    }
}

fn factors(place: &Place, user: &str) -> usize {
    let shown = place.json(&["user", "show", user]);
    shown["enrollments"].as_array().unwrap().len()
}

/// The same story on each database.
async fn story(place: Place) {
    let server = place.serve();
    let origin = server.url("");
    let early = Person::invited(&place, &origin, "auth0|early");
    early.enrolls().await;
    let late = Person::invited(&place, &origin, "auth0|late");
    let waiting = Person::invited(&place, &origin, "auth0|waiting");

    // People go on enrolling while the copy is made.
    let file = place.path("backup");
    let name = file.to_str().unwrap();
    let told = thread::scope(|scope| {
        let load = scope.spawn(|| {
            for busy in 0..4 {
                Person::invited(&place, &origin, &format!("auth0|busy{busy}"));
            }
        });
        let told = place.json(&["backup", name]);
        load.join().unwrap();
        told
    });
    assert_eq!(told["bytes"], fs::metadata(&file).unwrap().len());
    assert_eq!(place.mode("backup"), 0o600);
    assert!(!place.path("backup.part").exists());
    let key = fs::read_to_string(place.path("data/sealing.key")).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert!(
        !bytes
            .windows(64)
            .any(|window| window == key.trim().as_bytes())
    );
    let why = place.refused(&["backup", name]);
    assert!(why.contains("is there already"), "{why}");

    late.enrolls().await;
    let open = Visitor::at(&waiting.link).await;
    assert_eq!(factors(&place, "auth0|late"), 1);
    let why = place.refused(&["restore", name]);
    assert!(why.contains("stop"), "{why}");
    assert!(server.signal("TERM").status.success());

    let told = place.json(&["restore", name]);
    assert!(told["tickets_revoked"].as_u64().unwrap() >= 2, "{told}");
    let kept = told["replaced_kept_at"].as_str().unwrap();
    assert!(fs::metadata(place.path("").join(kept)).unwrap().len() > 0);

    let server = place.serve();
    let origin = server.url("");
    assert_eq!(late.status(&place), "revoked", "the backup had it open");
    let again = Visitor::at(&late.link.replace(&old(&late.link), &origin)).await;
    assert_eq!(again.status, 410, "{}", again.html);
    assert_eq!(
        factors(&place, "auth0|late"),
        0,
        "what came after the backup is gone"
    );
    assert_eq!(waiting.status(&place), "revoked");
    let here = server.url("/guardian/enroll/otp");
    let attempt = reqwest::Client::new()
        .get(here)
        .header("cookie", open.cookie());
    assert_eq!(
        attempt.send().await.unwrap().status(),
        410,
        "attempts end, too"
    );
    assert_eq!(early.status(&place), "used");
    assert_eq!(
        factors(&place, "auth0|early"),
        1,
        "who enrolled before is enrolled"
    );
    // Nobody has waited for a mail in vain without being told.
    assert!(place.ok(&["token"]).len() > 100);
    let fresh = Person::invited(&place, &origin, "auth0|late");
    fresh.enrolls().await;
    assert!(server.signal("TERM").status.success());
}

/// The origin that a link was opened at.
fn old(link: &str) -> String {
    link.split("/guardian").next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_restored_on_sqlite() {
    story(Place::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn a_backup_under_load_is_restored_on_postgres() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let place = Place::new().with("TESSERA_DATABASE__URL", database.url());
    place.ok(&["migrate"]);
    story(place).await;
}

#[test]
fn what_is_no_fitting_backup_is_refused_and_nothing_is_touched() {
    let place = Place::new();
    place.ok(&["client", "create", "Back end"]);
    let good = place.path("good.db");
    place.ok(&["backup", good.to_str().unwrap()]);
    let key = fs::read(place.path("data/sealing.key")).unwrap();

    place.write("letter", "this is a letter, not a database");
    place.write("empty", "");
    for (file, words) in [
        ("none", "cannot copy"),
        ("letter", "cannot be read as a database"),
        ("empty", "no database of Tessera"),
    ] {
        let why = place.refused(&["restore", file]);
        assert!(why.contains(words), "{file}: {why}");
    }
    place.write("data/sealing.key", &"ab".repeat(32));
    let why = place.refused(&["restore", "good.db"]);
    assert!(why.contains("is not the key"), "{why}");
    fs::write(place.path("data/sealing.key"), key).unwrap();

    let files: Vec<_> = crate::place::files(&place.path("data"));
    let left = |end: &str| {
        files
            .iter()
            .any(|file| file.to_string_lossy().ends_with(end))
    };
    assert!(!left(".restoring") && !left("-wal"), "{files:?}");
    assert_eq!(place.json(&["client", "list"]).as_array().unwrap().len(), 1);

    place.ok(&["client", "create", "Another"]);
    place.ok(&["restore", "good.db"]);
    assert_eq!(place.json(&["client", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(place.mode("data/tessera.db"), 0o600);
    let told = place.json(&["restore", "--restored-elsewhere"]);
    assert_eq!(told["replaced_kept_at"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_backup_of_a_newer_program_is_refused() {
    use sqlx::{Connection as _, SqliteConnection};

    let place = Place::new();
    place.ok(&["migrate"]);
    place.ok(&["backup", "newer.db"]);
    let file = format!("sqlite:{}", place.path("newer.db").display());
    let mut newer = SqliteConnection::connect(&file).await.unwrap();
    sqlx::query(crate::start::NEWER)
        .execute(&mut newer)
        .await
        .unwrap();
    newer.close().await.unwrap();
    let why = place.refused(&["restore", "newer.db"]);
    assert!(why.contains("schema 9999, which is newer"), "{why}");
    place.ok(&["token"]);
}
