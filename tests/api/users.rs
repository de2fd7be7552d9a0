//! A back end keeps its users here, as far as enrolling needs them.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::app::{Answer, Database, TestApp};
use crate::{for_otp, new_ticket, path_of, problem, property};

async fn send(app: &TestApp, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    app.request(method, &format!("/api/v2/users{path}"))
        .bearer(token)
        .json(body)
        .send()
        .await
}

async fn events_of(app: &TestApp, user_id: &str) -> Vec<String> {
    let mut read = app.app.store.begin_read().await.unwrap();
    let events = read
        .events_of_user(&user_id.parse().unwrap())
        .await
        .unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

#[actix_web::test]
async fn a_user_is_created_changed_and_removed() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let body = json!({
            "connection": "Username-Password-Authentication", "user_id": "ada", "email": "ada@example.com",
            "email_verified": true, "given_name": "Ada", "family_name": "Lovelace", "phone_number": "+15550100",
            "user_metadata": { "color": "blue", "size": 3 }, "app_metadata": { "plan": { "name": "gold" } },
        });
        let created = send(&app, &token, Method::POST, "", &body)
            .await
            .expect(201);
        assert_eq!(
            created.header("content-type"),
            "application/json; charset=utf-8"
        );
        insta::assert_json_snapshot!("created", created.json());
        let again = send(&app, &token, Method::POST, "", &body).await;
        assert_eq!(problem(&again, 409)["errorCode"], "user_exists");

        app.clock.advance(Duration::from_secs(60));
        let change = json!({
            "email": "countess@example.com", "given_name": null, "blocked": true,
            "user_metadata": { "color": null, "shape": "round" }, "app_metadata": {},
        });
        let path = "/auth0%7Cada";
        let changed = send(&app, &token, Method::PATCH, path, &change)
            .await
            .expect(200)
            .json();
        insta::assert_json_snapshot!("changed", changed);
        let shown = app
            .get("/api/v2/users/auth0%7Cada")
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(shown, changed);

        app.clock.advance(Duration::from_secs(60));
        let ticket = new_ticket(&app, &token, &for_otp("auth0|ada")).await;
        app.clock.advance(Duration::from_secs(60));
        for _ in 0..2 {
            let gone = app
                .request(Method::DELETE, "/api/v2/users/auth0%7Cada")
                .bearer(&token)
                .send()
                .await;
            assert!(gone.expect(204).body.is_empty());
        }
        let missing = app
            .get("/api/v2/users/auth0%7Cada")
            .bearer(&token)
            .send()
            .await;
        assert_eq!(problem(&missing, 404)["errorCode"], "inexistent_user");
        problem(
            &send(&app, &token, Method::PATCH, path, &json!({})).await,
            404,
        );
        app.get(&path_of(&ticket))
            .bearer(&token)
            .send()
            .await
            .expect(404);
        let told = [
            "user.created",
            "user.updated",
            "ticket.created",
            "user.deleted",
        ];
        assert_eq!(events_of(&app, "auth0|ada").await, told);
    }
}

#[actix_web::test]
async fn ids_are_made_or_completed() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let made = send(
        &app,
        &token,
        Method::POST,
        "",
        &json!({ "connection": "db" }),
    )
    .await
    .expect(201)
    .json();
    let id = made["user_id"]
        .as_str()
        .unwrap()
        .strip_prefix("auth0|")
        .unwrap();
    assert!(
        id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()),
        "{id}"
    );
    let whole = json!({ "connection": "google", "user_id": "google-oauth2|7" });
    let whole = send(&app, &token, Method::POST, "", &whole)
        .await
        .expect(201)
        .json();
    assert_eq!(whole["user_id"], "google-oauth2|7");
    assert_eq!(whole["identities"][0]["provider"], "google-oauth2");
    for odd in ["a b", "", "a\u{0}b"] {
        let body = json!({ "connection": "db", "user_id": odd });
        assert_eq!(
            property(&send(&app, &token, Method::POST, "", &body).await),
            "user_id"
        );
    }
}

#[actix_web::test]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let ada = json!({ "connection": "db", "user_id": "ada", "email": "ada@example.com" });
    let before = send(&app, &token, Method::POST, "", &ada)
        .await
        .expect(201)
        .json();
    let mut told = Vec::new();
    for (name, wrong) in [
        ("password", json!("hunter2")),
        ("verify_email", json!(true)),
        ("email", json!("x")),
        ("blocked", json!("maybe")),
        ("phone_number", json!("555")),
        ("name", json!("")),
        ("nickname", json!("x".repeat(301))),
        ("given_name", json!("x".repeat(151))),
        ("username", json!("a\nb")),
        ("picture", json!("javascript:alert(1)")),
        ("user_metadata", json!("x")),
        ("app_metadata", json!([])),
        ("identities", json!([])),
        ("created_at", json!("2000-01-01T00:00:00.000Z")),
        ("seq", json!(0)),
    ] {
        let mut body = json!({ "connection": "db", "user_id": "bob" });
        body[name] = wrong.clone();
        let created = send(&app, &token, Method::POST, "", &body).await;
        assert_eq!(property(&created), name);
        let changed = send(
            &app,
            &token,
            Method::PATCH,
            "/auth0%7Cada",
            &json!({ name: wrong }),
        )
        .await;
        assert_eq!(property(&changed), name);
        told.push(created.json()["message"].clone());
    }
    insta::assert_json_snapshot!("wrong_user", told);
    let moved = send(
        &app,
        &token,
        Method::PATCH,
        "/auth0%7Cada",
        &json!({ "connection": "other" }),
    )
    .await;
    assert_eq!(property(&moved), "connection");
    let bare = send(&app, &token, Method::POST, "", &json!({})).await;
    assert_eq!(property(&bare), "connection");
    let users = app.get("/api/v2/users").bearer(&token).send().await.json();
    assert_eq!(users, json!([before]));
}

#[actix_web::test]
async fn metadata_have_an_end() {
    let app = TestApp::start().await;
    let token = app.token().await;
    new_ticket(&app, &token, &for_otp("auth0|ada")).await;
    for round in 0..10 {
        let body = json!({ "user_metadata": { format!("k{round}"): "x".repeat(15_000) } });
        let answer = send(&app, &token, Method::PATCH, "/auth0%7Cada", &body).await;
        if round < 4 {
            answer.expect(200);
        } else {
            assert_eq!(property(&answer), "user_metadata");
        }
    }
}

#[actix_web::test]
async fn users_are_listed_in_pages_and_parts() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for id in ["a", "b", "c"] {
        let body =
            json!({ "connection": "db", "user_id": id, "email": format!("{id}@example.com") });
        send(&app, &token, Method::POST, "", &body)
            .await
            .expect(201);
    }
    let get = async |query: &str| {
        app.get(&format!("/api/v2/users{query}"))
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json()
    };
    assert_eq!(
        get("?per_page=2&page=1&include_totals=true&fields=user_id,email").await,
        json!({ "start": 2, "limit": 2, "length": 1, "total": 3, "users": [{ "user_id": "auth0|c", "email": "c@example.com" }] })
    );
    assert_eq!(
        get("/auth0%7Ca?fields=email").await,
        json!({ "email": "a@example.com" })
    );
    let rest = get("/auth0%7Ca?fields=email&include_fields=false").await;
    assert!(
        rest.get("email").is_none() && rest.get("name").is_some(),
        "{rest}"
    );
    let odd = app
        .get("/api/v2/users?q=email:*")
        .bearer(&token)
        .send()
        .await;
    assert_eq!(property(&odd), "q");
}
