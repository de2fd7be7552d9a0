//! A back end makes tickets in every way that is written somewhere, looks after them, and takes them back.

use std::time::Duration;

use actix_web::http::Method;
use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tessera::access::scopes;
use url::Url;

use crate::support::app::{Database, Setup, TestApp};
use crate::{for_otp, new_ticket, path_of, problem, property};

const CREATE: &str = "/api/v2/guardian/enrollments/ticket";

#[actix_web::test]
async fn the_three_paths_json_and_forms_are_one() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut bodies = Vec::new();
    for path in tessera::api::tickets::CREATE_PATHS {
        let path = format!("/api/v2{path}");
        let form = [
            ("user_id", "auth0|ada"),
            ("email", "ada@example.com"),
            ("send_mail", "true"),
            ("factor", "otp, webauthn-roaming"),
            ("allow_multiple_enrollments", "true"),
            ("ttl_sec", "3600"),
        ];
        let json = json!({
            "user_id": "auth0|ada", "email": "ada@example.com", "send_email": "true", "send_mail": true,
            "factor": ["otp", "webauthn-roaming"], "allow_multiple_enrollments": "true", "ttl_sec": 3600,
        });
        let answers = [
            app.post(&path).bearer(&token).form(&form).send().await,
            app.post(&path).bearer(&token).json(&json).send().await,
        ];
        for answer in answers {
            let shown = app
                .get(&path_of(&answer.expect(200).json()))
                .bearer(&token)
                .send()
                .await;
            let mut shown = shown.expect(200).json();
            for changing in ["ticket_id", "timeline"] {
                shown.as_object_mut().unwrap().remove(changing);
            }
            bodies.push(shown);
        }
    }
    assert_eq!(bodies.len(), 6);
    assert!(
        bodies.windows(2).all(|pair| pair[0] == pair[1]),
        "{bodies:#?}"
    );
    insta::assert_json_snapshot!("form", bodies[0], { ".created_by" => "client:[client_id]" });
}

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
async fn what_is_wrong_is_named() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut told = Vec::new();
    for (wrong, name) in [
        (json!({ "user_id": null }), "user_id"),
        (json!({ "user_id": "" }), "user_id"),
        (json!({ "user_id": 7 }), "user_id"),
        (json!({ "email": "nobody" }), "email"),
        (
            json!({ "send_mail": true, "send_email": "false" }),
            "send_email",
        ),
        (json!({ "email_locale": "x y" }), "email_locale"),
        (json!({ "factor": "email" }), "factor"),
        (json!({ "factor": "sms" }), "factor"),
        (json!({ "factor": "carrier-pigeon" }), "factor"),
        (json!({ "factor": [] }), "factor"),
        (json!({ "factor": [1] }), "factor"),
        (json!({ "ttl_sec": 432_001 }), "ttl_sec"),
        (json!({ "ttl_sec": 0 }), "ttl_sec"),
        (json!({ "ttl_sec": "60" }), "ttl_sec"),
        (
            json!({ "result_url": "https://evil.example.com/" }),
            "result_url",
        ),
    ] {
        let mut body = for_otp("auth0|ada");
        body.as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());
        let answer = app.post(CREATE).bearer(&token).json(&body).send().await;
        assert_eq!(property(&answer), name, "{wrong}");
        told.push(format!(
            "{wrong}: {}",
            answer.json()["message"].as_str().unwrap()
        ));
    }
    insta::assert_json_snapshot!("wrong", told);
    let fine = json!({
        "user_id": "auth0|ada", "email": "ada@example.com", "email_locale": "tlh", "ttl_sec": 432_000,
        "result_url": "https://app.example.com/back", "factor": null,
    });
    new_ticket(&app, &token, &fine).await;
}

#[actix_web::test]
async fn only_exact_booleans_are_booleans() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let names = ["send_mail", "send_email", "allow_multiple_enrollments"];
    for name in names {
        for right in [json!(true), json!(false), json!("true"), json!("false")] {
            let mut body = for_otp("auth0|ada");
            body[name] = right;
            new_ticket(&app, &token, &body).await;
        }
        for odd in [
            json!("True"),
            json!("FALSE"),
            json!("yes"),
            json!("on"),
            json!(""),
            json!(" true"),
            json!("1"),
            json!(0),
            json!(1),
            json!([]),
            json!([true]),
            json!({}),
        ] {
            let mut body = for_otp("auth0|ada");
            body[name] = odd.clone();
            let answer = app.post(CREATE).bearer(&token).json(&body).send().await;
            assert_eq!(property(&answer), name, "{odd}");
        }
        for odd in ["on", "1", "True", ""] {
            let form = [
                ("user_id", "auth0|ada"),
                ("email", "a@example.com"),
                (name, odd),
            ];
            let answer = app.post(CREATE).bearer(&token).form(&form).send().await;
            assert_eq!(property(&answer), name, "{odd}");
        }
        let twice = format!("{{\"user_id\": \"auth0|ada\", \"{name}\": true, \"{name}\": false}}");
        let answer = app
            .post(CREATE)
            .bearer(&token)
            .body("application/json", twice)
            .send()
            .await;
        assert_eq!(property(&answer), name);
    }
}

#[actix_web::test]
async fn nobody_assigns_what_is_ours() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for name in [
        "id",
        "ticket_id",
        "expires_at",
        "used_at",
        "redeemed_at",
        "state",
        "status",
        "tenant",
        "secret",
        "created_by",
        "__proto__",
        "User_id",
    ] {
        let mut body = for_otp("auth0|ada");
        body[name] = json!("2099-01-01T00:00:00.000Z");
        let answer = app.post(CREATE).bearer(&token).json(&body).send().await;
        assert_eq!(property(&answer), name);
    }
    let list = app
        .get("/api/v2/guardian/enrollments/tickets")
        .bearer(&token)
        .send()
        .await;
    assert_eq!(list.json(), json!([]), "no ticket was made on the way");
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
        let late = format!("{}/resend", path_of(&second));
        problem(&app.post(&late).bearer(&token).send().await, 409);
    }
}

#[actix_web::test]
async fn an_odd_question_is_told_which_part_is_odd() {
    let app = TestApp::start().await;
    let token = app.token_for(&[scopes::READ_TICKETS]).await;
    for (query, name) in [
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=9223372036854775807", "page"),
        ("per_page=101", "per_page"),
        ("per_page=", "per_page"),
        ("include_totals=1", "include_totals"),
        ("status=done", "status"),
        ("status=Open", "status"),
        ("user_id=", "user_id"),
        ("q=x", "q"),
        ("page=1&page=2", "page"),
    ] {
        let path = format!("/api/v2/guardian/enrollments/tickets?{query}");
        let answer = app.get(&path).bearer(&token).send().await;
        assert_eq!(property(&answer), name, "{query}");
        let body = answer.json();
        assert_eq!(body["errorCode"], "invalid_query_string");
        assert!(
            body["message"]
                .as_str()
                .unwrap()
                .starts_with("Query validation error: ")
        );
    }
    for (id, status) in [
        ("gten_00000000000000000000000000000000", 404),
        ("nobody", 400),
        ("GTEN_1", 400),
    ] {
        let path = format!("/api/v2/guardian/enrollments/tickets/{id}");
        let answer = app.get(&path).bearer(&token).send().await;
        let code = if status == 404 {
            "inexistent_ticket"
        } else {
            "invalid_uri"
        };
        assert_eq!(problem(&answer, status)["errorCode"], code);
    }
}
