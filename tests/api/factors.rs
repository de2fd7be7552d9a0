//! An admin's tools switch factors on and off.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::app::{Answer, Database, TestApp};
use crate::{for_otp, new_ticket, problem, property};

async fn put(app: &TestApp, token: &str, name: &str, body: &Value) -> Answer {
    app.request(Method::PUT, &format!("/api/v2/guardian/factors/{name}"))
        .bearer(token)
        .json(body)
        .send()
        .await
}

#[actix_web::test]
async fn a_factor_that_is_off_cannot_be_asked_for_from_that_moment_on() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let list = app
            .get("/api/v2/guardian/factors")
            .bearer(&token)
            .send()
            .await
            .expect(200)
            .json();
        insta::assert_json_snapshot!("factors", list);
        new_ticket(&app, &token, &for_otp("auth0|ada")).await;

        let off = put(&app, &token, "otp", &json!({ "enabled": "false" }))
            .await
            .expect(200);
        assert_eq!(off.json(), json!({ "enabled": false }));
        let refused = app
            .post("/api/v2/guardian/post-ticket")
            .bearer(&token)
            .json(&for_otp("auth0|ada"));
        assert_eq!(property(&refused.send().await), "factor");
        let list = app
            .get("/api/v2/guardian/factors")
            .bearer(&token)
            .send()
            .await
            .json();
        assert_eq!(
            list[2],
            json!({ "name": "otp", "enabled": false, "trial_expired": false })
        );

        put(&app, &token, "otp", &json!({ "enabled": true }))
            .await
            .expect(200);
        new_ticket(&app, &token, &for_otp("auth0|ada")).await;
    }
}

#[actix_web::test]
async fn another_instance_sees_the_switch_within_a_second() {
    let app = TestApp::start().await;
    let token = app.token().await;
    new_ticket(&app, &token, &for_otp("auth0|ada")).await;
    let mut tx = app.app.store.begin_write().await.unwrap();
    tx.set_factor("otp", false, app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(std::time::Duration::from_secs(1));
    let refused = app
        .post("/api/v2/guardian/post-ticket")
        .bearer(&token)
        .json(&for_otp("auth0|ada"));
    assert_eq!(property(&refused.send().await), "factor");
}

#[actix_web::test]
async fn what_cannot_be_turned_on_says_why() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut told = Vec::new();
    for name in ["sms", "email", "duo"] {
        let answer = put(&app, &token, name, &json!({ "enabled": true })).await;
        assert_eq!(property(&answer), "enabled");
        told.push(answer.json()["message"].clone());
        put(&app, &token, name, &json!({ "enabled": false }))
            .await
            .expect(200);
    }
    insta::assert_json_snapshot!("cannot_be_on", told);
    let unknown = put(&app, &token, "pigeon", &json!({ "enabled": true })).await;
    assert_eq!(problem(&unknown, 400)["errorCode"], "invalid_uri");
    for body in [
        json!({}),
        json!({ "enabled": 1 }),
        json!({ "enabled": null }),
    ] {
        assert_eq!(property(&put(&app, &token, "otp", &body).await), "enabled");
    }
    let more = json!({ "enabled": true, "trial_expired": true });
    assert_eq!(
        property(&put(&app, &token, "otp", &more).await),
        "trial_expired"
    );
}
