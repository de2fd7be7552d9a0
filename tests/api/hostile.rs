//! A back end passes on whatever its users chose to be called (K10).

use actix_web::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::hostile::UNSEEN;
use crate::{for_otp, path_of, problem, property};

/// Pieces that have broken other parsers, alone and in pairs.
const PIECES: [&str; 36] = [
    "0",
    "00",
    "0e1",
    "1",
    "true",
    "null",
    "undefined",
    "[]",
    "{}",
    "'",
    "\"",
    "--",
    ";",
    "%",
    "%41",
    "%2541",
    "%00",
    "+",
    " ",
    "/",
    "//",
    "..",
    "../../etc/passwd",
    "\\",
    "?",
    "#",
    "&",
    "=",
    "|",
    "<script>",
    "{{ 7*7 }}",
    "${x}",
    "é",
    "e\u{301}",
    "😀",
    "\u{fffd}",
];

#[actix_web::test]
async fn a_user_id_comes_back_byte_for_byte_or_is_refused() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let pairs = PIECES
        .iter()
        .flat_map(|a| PIECES.iter().step_by(3).map(move |b| format!("{a}{b}")));
    let mut ids: Vec<String> = PIECES.map(str::to_owned).into_iter().chain(pairs).collect();
    ids.sort();
    ids.dedup();
    assert!(ids.len() > 400);
    for id in &ids {
        let mut body = for_otp(id);
        body["email"] = json!("ada@example.com");
        let answer = app
            .post("/api/v2/guardian/post-ticket")
            .bearer(&token)
            .json(&body)
            .send()
            .await;
        let ticket = answer.expect(200).json();
        let shown = app
            .get(&path_of(&ticket))
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json();
        assert_eq!(shown["user_id"], **id);
        if matches!(id.as_str(), "." | "..") {
            continue;
        }
        let encoded = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let user = app
            .get(&format!("/api/v2/users/{encoded}"))
            .bearer(&token)
            .send()
            .await;
        assert_eq!(user.expect(200).json()["user_id"], **id, "{id:?}");
    }
    let path = "/api/v2/users?per_page=1&include_totals=true";
    let users = app.get(path).bearer(&token).send().await.json();
    assert_eq!(
        users["total"],
        ids.len(),
        "no two of them are the same user"
    );
}

#[actix_web::test]
async fn what_cannot_be_seen_or_said_is_no_user_id() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let long = "x".repeat(256);
    for id in UNSEEN.iter().copied().chain([long.as_str(), ""]) {
        let answer = app
            .post("/api/v2/guardian/post-ticket")
            .bearer(&token)
            .json(&for_otp(id))
            .send()
            .await;
        assert_eq!(property(&answer), "user_id", "{id:?}");
        if id.is_empty() {
            continue;
        }
        let encoded = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("/api/v2/users/{encoded}");
        for method in [Method::GET, Method::DELETE] {
            let answer = app.request(method, &path).bearer(&token).send().await;
            assert_eq!(problem(&answer, 400)["errorCode"], "invalid_uri", "{id:?}");
        }
    }
    let edge = "é".repeat(255);
    app.post("/api/v2/guardian/post-ticket")
        .bearer(&token)
        .json(&for_otp(&edge))
        .send()
        .await
        .expect(200);
    for bytes in ["%FF", "a%C3", "%ED%A0%80", "%C0%AF"] {
        let answer = app
            .get(&format!("/api/v2/users/{bytes}"))
            .bearer(&token)
            .send()
            .await;
        assert_eq!(problem(&answer, 400)["errorCode"], "invalid_uri", "{bytes}");
    }
    let unpaired = r#"{"user_id": "\ud800", "email": "ada@example.com"}"#;
    let answer = app
        .post("/api/v2/guardian/post-ticket")
        .bearer(&token)
        .body("application/json", unpaired);
    problem(&answer.send().await, 400);
}
