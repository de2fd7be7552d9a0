//! What may be said of a ticket, in each of the ways that somebody has written down, and what may not.

use serde_json::json;
use tessera::access::scopes;

use crate::support::app::TestApp;
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
