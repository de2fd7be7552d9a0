//! An admin's tools set how security keys and passkeys are asked for.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::property;
use crate::support::app::{Answer, Database, TestApp};

fn path(kind: &str) -> String {
    format!("/api/v2/guardian/factors/webauthn-{kind}/settings")
}

async fn put(app: &TestApp, token: &str, kind: &str, body: &Value) -> Answer {
    let request = app.request(Method::PUT, &path(kind));
    request.bearer(token).json(body).send().await
}

#[actix_web::test]
async fn settings_are_kept_and_shown() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let get = async |kind: &str| {
            let answer = app.get(&path(kind)).bearer(&token).send().await;
            answer.expect(200).json()
        };
        let new = json!({ "userVerification": "discouraged", "overrideRelyingParty": false });
        assert_eq!(get("roaming").await, new);
        assert_eq!(
            get("platform").await,
            json!({ "overrideRelyingParty": false })
        );

        let strict = json!({
            "userVerification": "required", "overrideRelyingParty": true,
            "relyingPartyIdentifier": "example.com",
        });
        let told = put(&app, &token, "roaming", &strict)
            .await
            .expect(200)
            .json();
        assert_eq!(told, strict);
        assert_eq!(get("roaming").await, strict);
        let own =
            json!({ "overrideRelyingParty": false, "relyingPartyIdentifier": "mfa.example.com" });
        assert_eq!(
            put(&app, &token, "platform", &own).await.expect(200).json(),
            own
        );
        assert_eq!(get("platform").await, own);
        put(&app, &token, "roaming", &json!({})).await.expect(200);
        assert_eq!(get("roaming").await, new);
    }
}

#[actix_web::test]
async fn what_would_not_work_is_refused_by_name() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for (kind, body, named) in [
        (
            "roaming",
            json!({ "userVerification": "always" }),
            "userVerification",
        ),
        (
            "platform",
            json!({ "userVerification": "required" }),
            "userVerification",
        ),
        (
            "platform",
            json!({ "overrideRelyingParty": true }),
            "overrideRelyingParty",
        ),
        (
            "platform",
            json!({ "overrideRelyingParty": "yes" }),
            "overrideRelyingParty",
        ),
        (
            "roaming",
            json!({ "relyingPartyIdentifier": "evil.example" }),
            "relyingPartyIdentifier",
        ),
        (
            "roaming",
            json!({ "relyingPartyIdentifier": "com" }),
            "relyingPartyIdentifier",
        ),
        (
            "roaming",
            json!({ "relyingPartyIdentifier": "" }),
            "relyingPartyIdentifier",
        ),
        ("roaming", json!({ "attestation": "direct" }), "attestation"),
    ] {
        let answer = put(&app, &token, kind, &body).await;
        assert_eq!(property(&answer), named, "{body}");
    }
}
