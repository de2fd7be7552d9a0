//! A back end calls the management API.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "../support/mod.rs"]
mod support;

mod authentication_methods;
mod bench;
mod clients;
mod description;
mod docs;
mod edges;
mod enrollments;
mod factors;
mod first_ticket;
mod forged;
mod hostile;
mod https;
mod idempotency;
mod inputs;
mod limits;
mod metrics;
mod oauth;
mod oidc;
mod phone;
mod rates;
mod readiness;
mod rotation;
mod scopes;
mod signing;
mod stored;
mod stored_mail;
mod tickets;
mod users;
mod webauthn;
mod wording;

use serde_json::{Value, json};
use support::app::{Answer, TestApp};

/// The reason in an error, once it was found to be in Auth0's envelope (contract §0.1), naming nothing of the inside.
#[track_caller]
fn problem(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        "application/json; charset=utf-8"
    );
    let body = answer.json();
    let members = body.as_object().unwrap();
    let known = ["statusCode", "error", "message", "errorCode", "attributes"];
    assert!(
        members.keys().all(|name| known.contains(&name.as_str())),
        "{body}"
    );
    assert_eq!(body["statusCode"], status);
    assert_eq!(body["error"], answer.status.canonical_reason().unwrap());
    assert!(body["message"].is_string());
    assert_eq!(body.get("errorCode").is_none(), status == 401, "{body}");
    let text = answer.text().to_lowercase();
    for inside in ["sql", "select", "src/", ".rs:", "panicked", "/tmp", "tera"] {
        assert!(!text.contains(inside), "{text}");
    }
    body
}

/// The property that a 400 names.
#[track_caller]
fn property(answer: &Answer) -> String {
    let body = problem(answer, 400);
    let message = body["message"].as_str().unwrap();
    let (_, property) = message
        .rsplit_once(" on property ")
        .unwrap_or_else(|| panic!("{message}"));
    property.to_owned()
}

/// A body for a ticket for an authenticator app.
fn for_otp(user_id: &str) -> Value {
    json!({ "user_id": user_id, "email": "ada@example.com", "factor": "otp" })
}

/// A new ticket's answer.
async fn new_ticket(app: &TestApp, token: &str, body: &Value) -> Value {
    let path = "/api/v2/guardian/enrollments/ticket";
    app.post(path)
        .bearer(token)
        .json(body)
        .send()
        .await
        .expect(200)
        .json()
}

/// The path of a ticket.
fn path_of(ticket: &Value) -> String {
    format!(
        "/api/v2/guardian/enrollments/tickets/{}",
        ticket["ticket_id"].as_str().unwrap()
    )
}
