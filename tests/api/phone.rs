//! An admin's tools set how codes go to phones.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::property;
use crate::support::app::{Answer, Database, TestApp};

const TOKEN: &str = "twilio-token-canary";

fn path(of: &str) -> String {
    format!("/api/v2/guardian/factors/{of}")
}

async fn put(app: &TestApp, token: &str, of: &str, body: &Value) -> Answer {
    let request = app.request(Method::PUT, &path(of));
    request.bearer(token).json(body).send().await
}

async fn get(app: &TestApp, token: &str, of: &str) -> Value {
    let answer = app.get(&path(of)).bearer(token).send().await;
    answer.expect(200).json()
}

#[actix_web::test]
async fn what_is_set_is_kept_and_shown_on_both_paths() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let both = json!({ "message_types": ["sms", "voice"] });
        assert_eq!(get(&app, &token, "phone/message-types").await, both);
        for types in [json!(["voice"]), json!([]), json!(["voice", "sms"])] {
            let body = json!({ "message_types": types });
            let told = put(&app, &token, "phone/message-types", &body)
                .await
                .expect(200);
            assert_eq!(told.json(), body);
            assert_eq!(get(&app, &token, "phone/message-types").await, body);
        }

        let shipped = get(&app, &token, "phone/templates").await;
        let texts = json!({
            "enrollment_message": "{{code}} for {{tenant.friendlyName}}",
            "verification_message": "{{ code }}, {{ pause }} {{ requestInfo.lang }}",
        });
        assert_eq!(
            put(&app, &token, "phone/templates", &texts)
                .await
                .expect(200)
                .json(),
            texts
        );
        assert_eq!(get(&app, &token, "sms/templates").await, texts);
        put(&app, &token, "sms/templates", &shipped)
            .await
            .expect(200);
        assert_eq!(get(&app, &token, "phone/templates").await, shipped);

        let none = json!({ "provider": "auth0" });
        for of in ["phone/selected-provider", "sms/selected-provider"] {
            assert_eq!(get(&app, &token, of).await, none);
            assert_eq!(put(&app, &token, of, &none).await.expect(200).json(), none);
        }
    }
}

#[actix_web::test]
async fn the_token_of_an_account_is_never_told_and_may_stay() {
    let app = TestApp::start().await;
    let token = app.token().await;
    assert_eq!(get(&app, &token, "phone/providers/twilio").await, json!({}));
    let account = json!({ "sid": "AC1", "auth_token": TOKEN, "from": "+15005550006" });
    let hidden = json!({ "sid": "AC1", "auth_token": "***", "from": "+15005550006" });
    let told = put(&app, &token, "phone/providers/twilio", &account)
        .await
        .expect(200);
    assert_eq!(told.json(), hidden);
    assert_eq!(get(&app, &token, "sms/providers/twilio").await, hidden);

    let sealed = async || {
        let mut read = app.app.store.begin_read().await.unwrap();
        read.setting("phone.twilio").await.unwrap().unwrap()
    };
    let before = sealed().await;
    assert!(!before.value.contains(TOKEN), "{}", before.value);
    put(&app, &token, "phone/providers/twilio", &hidden)
        .await
        .expect(200);
    assert_eq!(
        sealed().await.value_sealed,
        before.value_sealed,
        "what was shown keeps it"
    );
    let without = json!({ "sid": "AC1", "auth_token": null });
    let told = put(&app, &token, "phone/providers/twilio", &without)
        .await
        .expect(200);
    assert_eq!(told.json(), json!({ "sid": "AC1" }));
    assert_eq!(sealed().await.value_sealed, None);
}

#[actix_web::test]
async fn what_would_not_work_is_refused_by_name() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let long = "x".repeat(1001);
    for (of, body, named) in [
        ("phone/message-types", json!({}), "message_types"),
        (
            "phone/message-types",
            json!({ "message_types": ["email"] }),
            "message_types",
        ),
        (
            "phone/message-types",
            json!({ "message_types": ["sms", "sms"] }),
            "message_types",
        ),
        (
            "phone/message-types",
            json!({ "message_types": 1 }),
            "message_types",
        ),
        (
            "phone/message-types",
            json!({ "message_types": [], "x": 1 }),
            "x",
        ),
        (
            "phone/selected-provider",
            json!({ "provider": "twilio" }),
            "provider",
        ),
        ("phone/selected-provider", json!({}), "provider"),
        (
            "phone/templates",
            json!({ "enrollment_message": "{{ code }}" }),
            "verification_message",
        ),
        (
            "phone/templates",
            json!({ "enrollment_message": "no code", "verification_message": "{{ code }}" }),
            "enrollment_message",
        ),
        (
            "phone/templates",
            json!({ "enrollment_message": "{% if code %}{{ code }}", "verification_message": "{{ code }}" }),
            "enrollment_message",
        ),
        (
            "phone/templates",
            json!({ "enrollment_message": "{{ code }} {{ user.email }}", "verification_message": "{{ code }}" }),
            "enrollment_message",
        ),
        (
            "phone/templates",
            json!({ "enrollment_message": format!("{{{{ code }}}}{long}"), "verification_message": "{{ code }}" }),
            "enrollment_message",
        ),
        ("phone/providers/twilio", json!({ "sid": long }), "sid"),
        (
            "phone/providers/twilio",
            json!({ "from": "x".repeat(65) }),
            "from",
        ),
        (
            "phone/providers/twilio",
            json!({ "auth_token": "a\nb" }),
            "auth_token",
        ),
        ("phone/providers/twilio", json!({ "token": "a" }), "token"),
    ] {
        let answer = put(&app, &token, of, &body).await.expect(400);
        assert_eq!(property(&answer), named, "{body}");
    }
}
