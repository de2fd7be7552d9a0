//! An operator reads the metrics.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::json;

use crate::support::app::{Database, TestApp};
use crate::{for_otp, new_ticket};

/// What the metrics say now.
async fn scrape(app: &TestApp) -> String {
    let answer = app.admin("/metrics").await.expect(200);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    answer.text().to_owned()
}

#[track_caller]
fn assert_told(metrics: &str, line: &str) {
    assert!(
        metrics.lines().any(|told| told == line),
        "no {line}\n{metrics}"
    );
}

#[actix_web::test]
async fn what_happens_is_counted_and_nobody_is_named() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let mut wanted = for_otp("auth0|ada");
        wanted["send_mail"] = json!(true);
        let ticket = new_ticket(&app, &token, &wanted).await;
        app.get("/api/v2/users/auth0%7Cada.canary")
            .send()
            .await
            .expect(401);
        app.get("/guardian/enroll?ticket=gten_x.canary")
            .header("host", "mfa.example.com")
            .send()
            .await
            .expect(404);
        app.get("/nowhere/canary")
            .header("host", "mfa.example.com")
            .send()
            .await
            .expect(404);
        app.clock.advance(Duration::from_secs(90));

        let told = scrape(&app).await;
        for line in [
            "tessera_http_requests_total{method=\"POST\",route=\"/api/v2/guardian/enrollments/ticket\",status=\"2xx\"} 1",
            "tessera_http_requests_total{method=\"GET\",route=\"/api/v2/users/{id}\",status=\"4xx\"} 1",
            "tessera_http_requests_total{method=\"GET\",route=\"/guardian/enroll\",status=\"4xx\"} 1",
            "tessera_http_requests_total{method=\"GET\",route=\"-\",status=\"4xx\"} 1",
            "tessera_http_request_duration_seconds_count{route=\"/guardian/enroll\"} 1",
            "tessera_refusals_total{reason=\"unauthenticated\"} 1",
            "tessera_link_refusals_total{reason=\"invalid\"} 1",
            "tessera_redemptions_total{factor=\"otp\",result=\"wrong\"} 0",
            "tessera_mails_total{result=\"sent\"} 0",
            "tessera_push_calls_total{result=\"sent\"} 0",
            "tessera_tickets{state=\"open\"} 1",
            "tessera_tickets{state=\"used\"} 0",
            "tessera_outbox_messages{state=\"due\"} 1",
            "tessera_outbox_oldest_seconds 90",
            "tessera_outbox_overdue_seconds 90",
            "tessera_templates_healthy 1",
            "tessera_database_up 1",
        ] {
            assert_told(&told, line);
        }
        let id = ticket["ticket_id"].as_str().unwrap();
        for canary in ["canary", "ada", "example.com", id, "actix", "tera ", "sqlx"] {
            assert!(!told.contains(canary), "{canary}: {told}");
        }
    }
}

#[actix_web::test]
async fn what_strangers_send_makes_no_new_series() {
    let app = TestApp::start().await;
    let shape = async || {
        let told = scrape(&app).await;
        told.lines().filter(|line| !line.starts_with('#')).count()
    };
    let ask = async |number: u32| {
        let method = Method::from_bytes(format!("VERB{number}").as_bytes()).unwrap();
        app.get(&format!("/{number}")).send().await;
        app.get(&format!("/api/v2/users/u{number}?a={number}"))
            .send()
            .await;
        app.request(method, "/guardian/enroll").send().await;
    };
    ask(0).await;
    // The scrape counts itself from its second time on.
    shape().await;
    let before = shape().await;
    for number in 1..300 {
        ask(number).await;
    }
    assert_eq!(shape().await, before);
}

#[actix_web::test]
async fn visitors_of_a_production_server_see_none() {
    let app = TestApp::start().await;
    app.get("/metrics")
        .header("host", "mfa.example.com")
        .send()
        .await
        .expect(404);
    for path in ["/api/v2/users", "/guardian/enroll", "/openapi.json"] {
        app.admin(path).await.expect(404);
    }
    app.admin("/healthz").await.expect(200);
    app.admin("/readyz").await.expect(200);
}

#[actix_web::test]
async fn without_its_database_it_still_tells_the_rest() {
    let app = TestApp::start().await;
    app.app.store.close().await;
    let told = scrape(&app).await;
    assert_told(&told, "tessera_database_up 0");
    assert_told(&told, "tessera_templates_healthy 1");
    for unknown in ["tessera_tickets{", "tessera_outbox_"] {
        assert!(!told.contains(unknown), "{told}");
    }
}
