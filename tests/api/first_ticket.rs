//! A developer pastes the first curl lines: a token, a ticket, a look at it.

use serde_json::{Value, json};
use tessera::access::scopes;

use crate::support::app::{Answer, TestApp};

/// The body of the seed's own example, strings and all.
pub fn seed_body() -> Value {
    json!({
        "user_id": "auth0|5c5ee2eacf4b4a30d4a1b2c3",
        "email": "ada@example.com",
        "send_email": "true",
        "email_locale": "de",
        "factor": "oob",
        "allow_multiple_enrollments": "false",
    })
}

pub async fn post_ticket(app: &TestApp, token: &str, body: &Value) -> Answer {
    app.post("/api/v2/guardian/enrollments/ticket")
        .bearer(token)
        .json(body)
        .send()
        .await
}

#[actix_web::test]
async fn a_secret_becomes_a_token_and_a_token_becomes_a_ticket() {
    let app = TestApp::start().await;
    let (client, secret) = app
        .client(&[scopes::CREATE_TICKETS, scopes::READ_TICKETS])
        .await;
    let token = app
        .post("/oauth/token")
        .json(&json!({
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": secret,
            "audience": "https://mfa.example.com/api/v2/",
        }))
        .send()
        .await
        .expect(200);
    assert_eq!(token.header("cache-control"), "no-store");
    let token = token.json()["access_token"].as_str().unwrap().to_owned();

    let ticket = post_ticket(&app, &token, &seed_body()).await.expect(200);
    assert_eq!(
        ticket.header("content-type"),
        "application/json; charset=utf-8"
    );
    let ticket = ticket.json();
    insta::assert_json_snapshot!(ticket, {
        ".ticket_id" => "[ticket_id]",
        ".ticket_url" => "[ticket_url]",
    });
    let (id, url) = (
        ticket["ticket_id"].as_str().unwrap(),
        ticket["ticket_url"].as_str().unwrap(),
    );
    let link = format!("https://mfa.example.com/guardian/enroll?ticket={id}.");
    let (_, secret) = url.split_once(&link).unwrap_or_else(|| panic!("{url}"));

    let path = format!("/api/v2/guardian/enrollments/tickets/{id}");
    let shown = app.get(&path).bearer(&token).send().await.expect(200);
    assert!(!shown.text().contains(secret), "the link is told once");
    assert!(!shown.text().contains("ada@example.com"));
    insta::assert_json_snapshot!(shown.json(), {
        ".ticket_id" => "[ticket_id]",
        ".created_by" => "client:[client_id]",
        ".timeline[].actor" => "client:[client_id]",
        ".timeline[].request_id" => "[request_id]",
    });
}
