//! A balancer asks whether this instance can do its work.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use crate::support::app::TestApp;
use crate::{for_otp, new_ticket};

async fn ready(app: &TestApp, status: u16) -> Value {
    app.get("/readyz").send().await.expect(status).json()
}

/// Changes the database behind the server's back.
async fn change(app: &TestApp, sql: &'static str) {
    let file = format!("sqlite:{}", app.folder.path().join("tessera.db").display());
    let mut database = SqliteConnection::connect(&file).await.unwrap();
    sqlx::query(sql).execute(&mut database).await.unwrap();
}

#[actix_web::test]
async fn a_server_that_stops_is_alive_and_not_ready() {
    let app = TestApp::start().await;
    assert_eq!(ready(&app, 200).await["status"], "ok");
    app.app.vitals.drain();
    assert_eq!(ready(&app, 503).await["status"], "draining");
    app.admin("/readyz").await.expect(503);
    app.get("/healthz").send().await.expect(200);
}

#[actix_web::test]
async fn mails_that_do_not_leave_are_told_and_take_no_instance_away() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut wanted = for_otp("auth0|ada");
    wanted["send_mail"] = json!(true);
    new_ticket(&app, &token, &wanted).await;
    assert_eq!(ready(&app, 200).await["outbox"], "ok");
    app.clock.advance(Duration::from_secs(11 * 60));
    let told = ready(&app, 200).await;
    assert_eq!(
        (&told["status"], &told["outbox"]),
        (&json!("degraded"), &json!("stalled"))
    );
}

#[actix_web::test]
async fn without_database_schema_or_key_it_is_not_ready() {
    let app = TestApp::start().await;
    app.app.store.close().await;
    assert_eq!(ready(&app, 503).await["status"], "unavailable");

    let app = TestApp::start().await;
    change(
        &app,
        "UPDATE meta SET value = x'00' WHERE name = 'sealing_key_check'",
    )
    .await;
    assert_eq!(ready(&app, 503).await["database"], "another key");
    change(&app, "DROP TABLE _sqlx_migrations").await;
    assert_eq!(ready(&app, 503).await["database"], "old schema");
}

#[actix_web::test]
async fn it_works_on_while_the_next_version_moves_in() {
    let app = TestApp::start().await;
    change(
        &app,
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         VALUES (9999, 'future', '2030-01-01', TRUE, 'x', 0)",
    )
    .await;
    let told = ready(&app, 200).await;
    assert_eq!(
        (&told["status"], &told["database"]),
        (&json!("degraded"), &json!("newer schema"))
    );
}
