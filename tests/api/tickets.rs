//! A back end makes tickets, looks after them, and takes them back.

use std::time::Duration;

use actix_web::http::Method;
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use url::Url;

use crate::support::app::{Database, Setup, TestApp};
use crate::{for_otp, new_ticket, path_of, problem, property};

const CREATE: &str = "/api/v2/guardian/enrollments/ticket";

#[actix_web::test]
async fn a_mail_is_rung_for_only_when_it_was_asked_for() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let rung = || app.app.outbox_bell.notified().now_or_never().is_some();
    let silent = new_ticket(&app, &token, &for_otp("auth0|ada")).await;
    assert!(!rung());
    let shown = app
        .get(&path_of(&silent))
        .bearer(&token)
        .send()
        .await
        .json();
    assert_eq!(shown["mail"]["state"], "none");
    let mut body = for_otp("auth0|ada");
    body["send_mail"] = json!(true);
    new_ticket(&app, &token, &body).await;
    assert!(rung());
}

#[actix_web::test]
async fn a_user_is_known_or_made_or_missed() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let post = async |body: Value| app.post(CREATE).bearer(&token).json(&body).send().await;
        let unknown = post(json!({ "user_id": "auth0|nobody" })).await;
        let unknown = problem(&unknown, 404);
        assert_eq!(unknown["errorCode"], "inexistent_user");
        assert_eq!(unknown["message"], "The user does not exist.");

        new_ticket(&app, &token, &for_otp("auth0|ada")).await;
        let made = app
            .get("/api/v2/users/auth0%7Cada")
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json();
        insta::assert_json_snapshot!("made_with_a_ticket", made);
        // Another address says where this mail goes, and changes nobody.
        let mut other = for_otp("auth0|ada");
        other["email"] = json!("other@example.com");
        new_ticket(&app, &token, &other).await;
        let still = app
            .get("/api/v2/users/auth0%7Cada")
            .bearer(&token)
            .send()
            .await
            .json();
        assert_eq!(still["email"], "ada@example.com");

        let bare = json!({ "connection": "db", "user_id": "bare" });
        app.post("/api/v2/users")
            .bearer(&token)
            .json(&bare)
            .send()
            .await
            .expect(201);
        let nowhere = post(json!({ "user_id": "auth0|bare", "send_mail": true })).await;
        assert_eq!(property(&nowhere), "send_mail");
        post(json!({ "user_id": "auth0|bare" })).await.expect(200);
    }
}

#[actix_web::test]
async fn without_auto_create_an_unknown_user_is_missed() {
    let mut setup = Setup::default();
    setup.policy.auto_create = false;
    setup.public_url = Url::parse("http://localhost:8080").unwrap();
    let app = TestApp::with(Database::Sqlite, setup).await;
    let token = app.token().await;
    let answer = app
        .post(CREATE)
        .bearer(&token)
        .json(&for_otp("auth0|ada"))
        .send()
        .await;
    assert_eq!(problem(&answer, 404)["errorCode"], "inexistent_user");
    app.get("/api/v2/users/auth0%7Cada")
        .bearer(&token)
        .send()
        .await
        .expect(404);
}

#[actix_web::test]
async fn a_ticket_is_listed_resent_revoked_and_over() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let first = new_ticket(&app, &token, &for_otp("auth0|ada")).await;
        app.clock.advance(Duration::from_secs(60));
        let second = new_ticket(&app, &token, &for_otp("auth0|ada")).await;
        app.clock.advance(Duration::from_secs(60));
        let other = new_ticket(&app, &token, &for_otp("auth0|bob")).await;
        let resend = format!("{}/resend", path_of(&first));

        let again = app
            .post(&resend)
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(again["ticket_id"], first["ticket_id"]);
        assert_eq!(again["expires_at"], first["expires_at"]);
        assert_ne!(again["ticket_url"], first["ticket_url"]);
        assert!(app.app.outbox_bell.notified().now_or_never().is_some());

        app.clock.advance(Duration::from_secs(60));
        for _ in 0..2 {
            let gone = app
                .request(Method::DELETE, &path_of(&first))
                .bearer(&token)
                .send()
                .await
                .expect(204);
            assert!(gone.body.is_empty());
        }
        let revoked = app.post(&resend).bearer(&token).send().await;
        assert_eq!(problem(&revoked, 409)["errorCode"], "ticket_not_open");
        let shown = app
            .get(&path_of(&first))
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json();
        insta::assert_json_snapshot!("revoked", shown, {
            ".ticket_id" => "[ticket_id]",
            ".created_by" => "client:[client_id]",
            ".timeline[].actor" => "client:[client_id]",
            ".timeline[].request_id" => "[request_id]",
        });

        let list = async |query: &str| {
            let token = app.token().await;
            let path = format!("/api/v2/guardian/enrollments/tickets{query}");
            app.get(&path)
                .bearer(&token)
                .send()
                .await
                .expect(200)
                .json()
        };
        let ids = |list: &Value| -> Vec<Value> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|ticket| ticket["ticket_id"].clone())
                .collect()
        };
        let id = |ticket: &Value| ticket["ticket_id"].clone();
        assert_eq!(ids(&list("").await), [id(&other), id(&second), id(&first)]);
        assert_eq!(
            ids(&list("?user_id=auth0%7Cada").await),
            [id(&second), id(&first)]
        );
        assert_eq!(ids(&list("?status=revoked").await), [id(&first)]);
        assert_eq!(
            ids(&list("?status=open&user_id=auth0%7Cada").await),
            [id(&second)]
        );
        assert_eq!(ids(&list("?page=1&per_page=2").await), [id(&first)]);
        let page = list("?page=1&per_page=1&include_totals=true").await;
        assert_eq!(page["start"], 1);
        assert_eq!(page["limit"], 1);
        assert_eq!(page["length"], 1);
        assert_eq!(page["total"], 3);
        assert_eq!(ids(&page["tickets"]), [id(&second)]);

        app.clock.advance(Duration::from_secs(5 * 86_400));
        assert_eq!(
            ids(&list("?status=expired").await),
            [id(&other), id(&second)]
        );
        assert_eq!(list("?status=open").await, json!([]));
        let token = app.token().await;
        let late = format!("{}/resend", path_of(&second));
        problem(&app.post(&late).bearer(&token).send().await, 409);
    }
}
