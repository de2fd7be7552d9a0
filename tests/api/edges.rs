//! What every route has in common: methods, media types, sizes, headers.

use actix_web::http::Method;
use serde_json::json;
use tessera::api;

use crate::problem;
use crate::support::app::{Answer, TestApp};

const TICKET: &str = "/api/v2/guardian/enrollments/ticket";

#[actix_web::test]
async fn a_route_answers_its_methods_and_no_other() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let all = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
    ];
    for (route, methods) in api::table() {
        let path = format!(
            "{}{}",
            api::BASE,
            route.replace("{id}", "nobody").replace("{name}", "otp")
        );
        let known = |verb: &str| {
            methods.iter().any(|method| method == verb)
                || (verb == "HEAD" && methods.contains(&Method::GET))
        };
        for verb in all {
            let method = Method::from_bytes(verb.as_bytes()).unwrap();
            let request = app.request(method, &path).bearer(&token);
            let request = request.header("origin", "https://evil.example");
            let answer = request.send().await;
            assert_guarded(&answer);
            if known(verb) {
                assert_ne!(answer.status, 405, "{verb} {path}");
                continue;
            }
            assert_eq!(
                problem(&answer, 405)["errorCode"],
                "method_not_allowed",
                "{verb} {path}"
            );
            let allow: Vec<&str> = answer.header("allow").split(", ").collect();
            assert_eq!(
                allow,
                all.into_iter()
                    .filter(|verb| known(verb))
                    .collect::<Vec<_>>(),
                "{path}"
            );
        }
    }
}

#[actix_web::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for path in ["/api/v2/users", "/openapi.json", "/.well-known/jwks.json"] {
        let get = app.get(path).bearer(&token).send().await.expect(200);
        let head = app
            .request(Method::HEAD, path)
            .bearer(&token)
            .send()
            .await
            .expect(200);
        for (name, value) in &get.headers {
            if name != "x-request-id" {
                assert_eq!(head.headers.get(name), Some(value), "{name} of {path}");
            }
        }
    }
}

#[actix_web::test]
async fn a_body_has_a_type_and_an_end() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let json = r#"{"user_id": "auth0|ada", "email": "ada@example.com"}"#;
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json-patch+json",
        "",
    ] {
        let answer = app
            .post(TICKET)
            .bearer(&token)
            .body(kind, json)
            .send()
            .await;
        assert_eq!(
            problem(&answer, 415)["errorCode"],
            "unsupported_media_type",
            "{kind}"
        );
    }
    let zipped = app
        .post(TICKET)
        .bearer(&token)
        .header("content-encoding", "gzip");
    problem(&zipped.body("application/json", json).send().await, 415);
    app.post(TICKET)
        .bearer(&token)
        .body("Application/JSON; charset=utf-8", json)
        .send()
        .await
        .expect(200);

    let padded = |bytes: usize| format!("{json}{}", " ".repeat(bytes - json.len()));
    app.post(TICKET)
        .bearer(&token)
        .body("application/json", padded(16 * 1024))
        .send()
        .await
        .expect(200);
    let large = app
        .post(TICKET)
        .bearer(&token)
        .body("application/json", padded(16 * 1024 + 1))
        .send()
        .await;
    problem(&large, 413);

    let deep = format!(
        "{{\"user_id\": \"a\", \"x\": {}{}}}",
        "[".repeat(40),
        "]".repeat(40)
    );
    for broken in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"user_id\": \"a\"} x",
        "user_id=a",
        &deep,
    ] {
        let answer = app
            .post(TICKET)
            .bearer(&token)
            .body("application/json", broken.to_owned())
            .send()
            .await;
        let body = problem(&answer, 400);
        assert_eq!(body["errorCode"], "invalid_body");
        assert!(
            body["message"]
                .as_str()
                .unwrap()
                .starts_with("Payload validation error: ")
        );
    }
}

/// What every answer says, wherever it comes from (B9), and what none does (B13).
#[track_caller]
fn assert_guarded(answer: &Answer) {
    let csp = answer.header("content-security-policy");
    assert!(csp.contains("frame-ancestors 'none'"), "{csp}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        ),
        ("access-control-allow-origin", ""),
        ("access-control-allow-credentials", ""),
        ("access-control-allow-methods", ""),
        ("server", ""),
        ("location", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert!(answer.header("permissions-policy").contains("camera=()"));
    assert!(answer.header("x-request-id").starts_with("req_"));
}

#[actix_web::test]
async fn every_answer_is_guarded_and_named() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let long = format!("/api/v2/users?x={}", "a".repeat(5000));
    let answers = [
        app.get("/api/v2/users")
            .bearer(&token)
            .send()
            .await
            .expect(200),
        app.get("/api/v2/users").send().await.expect(401),
        app.get("/api/v2/nothing")
            .bearer(&token)
            .send()
            .await
            .expect(404),
        app.get("/api/v2/guardian/enrollments/ticket")
            .send()
            .await
            .expect(405),
        app.get(&long).bearer(&token).send().await.expect(400),
        app.post(TICKET)
            .header("content-encoding", "br")
            .send()
            .await
            .expect(415),
        app.post("/oauth/token")
            .json(&json!({}))
            .send()
            .await
            .expect(400),
    ];
    let mut ids = Vec::new();
    for answer in &answers {
        assert_guarded(answer);
        ids.push(answer.header("x-request-id"));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len());
}
