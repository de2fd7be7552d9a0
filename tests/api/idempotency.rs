//! A back end that does not know whether its call arrived makes it again (K14).

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::Method;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tessera::access::scopes;

use crate::support::app::{Answer, Database, TestApp};
use crate::{for_otp, path_of, problem, property};

const CREATE: &str = "/api/v2/guardian/enrollments/ticket";
const LIST: &str = "/api/v2/guardian/enrollments/tickets?include_totals=true";

async fn create(app: &TestApp, token: &str, key: &str, body: &Value) -> Answer {
    let asking = app.post(CREATE).bearer(token);
    asking
        .header("idempotency-key", key)
        .json(body)
        .send()
        .await
}

fn mailed() -> Value {
    let mut body = for_otp("auth0|ada");
    body["send_mail"] = json!(true);
    body
}

async fn total(app: &TestApp, token: &str) -> Value {
    app.get(LIST).bearer(token).send().await.json()["total"].clone()
}

#[actix_web::test]
async fn the_same_call_again_is_the_same_answer_and_no_other_ticket() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let first = create(&app, &token, "order-4711", &mailed())
            .await
            .expect(200);
        assert_eq!(first.header("idempotent-replayed"), "");
        app.clock.advance(Duration::from_secs(60));
        // Another way to say the same, at another of the paths.
        let again = app
            .post("/api/v2/guardian/post-ticket")
            .bearer(&token)
            .header("Idempotency-Key", "order-4711")
            .form(&[
                ("factor", "otp"),
                ("email", "ada@example.com"),
                ("send_email", "true"),
                ("user_id", "auth0|ada"),
            ])
            .send()
            .await
            .expect(200);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.json(), first.json());
        assert_eq!(total(&app, &token).await, 1);

        // Whatever became of the ticket since.
        let revoke = app.request(Method::DELETE, &path_of(&first.json()));
        revoke.bearer(&token).send().await.expect(204);
        let again = create(&app, &token, "order-4711", &mailed())
            .await
            .expect(200);
        assert_eq!(again.json(), first.json());
        let shown = app.get(&path_of(&first.json())).bearer(&token).send().await;
        assert_eq!(shown.json()["status"], "revoked");

        let other = create(&app, &token, "order-4711", &for_otp("auth0|ada")).await;
        assert_eq!(problem(&other, 409)["errorCode"], "idempotency_conflict");
        let stranger = app.token().await;
        let theirs = create(&app, &stranger, "order-4711", &mailed())
            .await
            .expect(200);
        assert_ne!(
            theirs.json()["ticket_id"],
            first.json()["ticket_id"],
            "keys are the caller's own"
        );

        app.clock.advance(Duration::from_secs(24 * 60 * 60));
        let token = app.token().await;
        let late = create(&app, &token, "order-4711", &mailed())
            .await
            .expect(200);
        assert_ne!(late.json()["ticket_id"], first.json()["ticket_id"]);
    }
}

#[actix_web::test]
async fn a_hundred_at_once_on_two_instances_are_one_ticket_with_one_mail() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let other = app.another().await;
        let token = app.token().await;
        let body = mailed();
        let calls = (0..100).map(|index| {
            let instance = if index % 2 == 0 { &app } else { &other };
            create(instance, &token, "at-once", &body)
        });
        let answers = join_all(calls).await;
        let told: BTreeSet<String> = answers
            .iter()
            .map(|answer| answer.text().to_owned())
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let replayed = answers
            .iter()
            .filter(|answer| answer.header("idempotent-replayed") == "true");
        assert_eq!(replayed.count(), 99);
        assert_eq!(total(&app, &token).await, 1);
        let ticket = answers[0].json();
        let id = ticket["ticket_id"].as_str().unwrap().parse().unwrap();
        let mut read = app.app.store.begin_read().await.unwrap();
        assert_eq!(read.messages_of_ticket(&id).await.unwrap().len(), 1);
    }
}

#[actix_web::test]
async fn a_call_that_failed_left_no_key() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut unknown = for_otp("auth0|ada");
    unknown["email"] = Value::Null;
    unknown.as_object_mut().unwrap().remove("email");
    problem(&create(&app, &token, "one", &unknown).await, 404);
    let mut bad = for_otp("auth0|ada");
    bad["ttl_sec"] = json!(0);
    assert_eq!(
        property(&create(&app, &token, "one", &bad).await),
        "ttl_sec"
    );
    let denied = app.token_for(&[scopes::READ_TICKETS]).await;
    problem(
        &create(&app, &denied, "one", &for_otp("auth0|ada")).await,
        403,
    );
    let made = create(&app, &token, "one", &for_otp("auth0|ada"))
        .await
        .expect(200);
    assert_eq!(made.header("idempotent-replayed"), "");
}

#[actix_web::test]
async fn a_key_that_cannot_be_is_refused_by_name() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let long = "k".repeat(256);
    for key in ["", " ", "two words", "\u{e9}", "tab\there", &long] {
        let refused = create(&app, &token, key, &for_otp("auth0|ada")).await;
        let told = problem(&refused, 400);
        assert_eq!(told["errorCode"], "invalid_header");
        assert_eq!(property(&refused), "Idempotency-Key", "{key:?}");
    }
    let twice = app.post(CREATE).bearer(&token);
    let twice = twice
        .header("idempotency-key", "a")
        .header("idempotency-key", "a");
    problem(&twice.json(&for_otp("auth0|ada")).send().await, 400);
    create(&app, &token, &"k".repeat(255), &for_otp("auth0|ada"))
        .await
        .expect(200);
    create(&app, &token, "!~", &for_otp("auth0|ada"))
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_database_holds_no_secret_of_a_remembered_call() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let made = create(&app, &token, "one", &for_otp("auth0|ada"))
        .await
        .expect(200)
        .json();
    let (_, secret) = made["ticket_url"]
        .as_str()
        .unwrap()
        .rsplit_once('.')
        .unwrap();
    let mut searched = 0;
    for entry in std::fs::read_dir(app.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{}", path.display());
            searched += bytes.len();
        }
    }
    assert!(
        searched > 50_000,
        "database and WAL were searched: {searched} bytes"
    );
}
