//! A back end registers its applications.

use actix_web::http::Method;
use serde_json::{Value, json};
use tessera::access::scopes::{self, UPDATE_CLIENTS};

use crate::support::app::{Answer, Database, TestApp};
use crate::{problem, property};

const URI: &str = "https://shop.example.com/callback";

async fn send(
    app: &TestApp,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Answer {
    let method: Method = method.parse().unwrap();
    let path = format!("/api/v2/clients{path}");
    let request = app.request(method, &path).bearer(token);
    match body {
        Some(body) => request.json(body).send().await,
        None => request.send().await,
    }
}

async fn create(app: &TestApp, token: &str, body: &Value) -> Value {
    let made = send(app, token, "POST", "", Some(body)).await;
    made.expect(201).json()
}

fn path(client: &Value) -> String {
    format!("/{}", client["client_id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_client_is_made_shown_changed_and_removed() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let made = create(&app, &token, &json!({ "name": "Shop", "callbacks": [URI] })).await;
        insta::assert_json_snapshot!("client_made", made, { ".client_id" => "[id]", ".client_secret" => "[secret]" });
        let secret = made["client_secret"].as_str().unwrap();
        let mut known = made.clone();
        known.as_object_mut().unwrap().remove("client_secret");
        let shown = send(&app, &token, "GET", &path(&made), None).await;
        assert_eq!(shown.expect(200).json(), known, "the secret is shown once");

        let both =
            json!({ "redirect_uris": [URI, "http://localhost:5000/cb"], "name": "The Shop" });
        let changed = send(&app, &token, "PATCH", &path(&made), Some(&both)).await;
        let changed = changed.expect(200).json();
        assert_eq!(changed["callbacks"], both["redirect_uris"]);
        assert_eq!(changed["redirect_uris"], both["redirect_uris"]);
        assert_eq!(changed["name"], "The Shop");
        assert!(changed.get("client_secret").is_none());
        assert_eq!(changed["jwt_configuration"], json!({ "alg": "RS256" }));
        let curve = json!({ "jwt_configuration": { "alg": "ES256" } });
        let signed = send(&app, &token, "PATCH", &path(&made), Some(&curve)).await;
        let mut wanted = changed.clone();
        wanted["jwt_configuration"] = curve["jwt_configuration"].clone();
        assert_eq!(signed.expect(200).json(), wanted);
        let nowhere = json!({ "callbacks": [] });
        let cleared = send(&app, &token, "PATCH", &path(&made), Some(&nowhere)).await;
        let cleared = cleared.expect(200).json();
        assert_eq!(cleared["redirect_uris"], json!([]));
        assert_eq!(
            cleared["jwt_configuration"], curve["jwt_configuration"],
            "it stays"
        );

        let body = json!({
            "grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": secret,
        });
        let nothing = app
            .post("/oauth/token")
            .json(&body)
            .send()
            .await
            .expect(403)
            .json();
        assert_eq!(
            nothing["error"], "access_denied",
            "an application is no API client"
        );
        let told = nothing["error_description"].as_str().unwrap();
        assert!(
            told.starts_with("Client is not authorized to access"),
            "{told}"
        );

        for _ in 0..2 {
            send(&app, &token, "DELETE", &path(&made), None)
                .await
                .expect(204);
        }
        let gone = send(&app, &token, "GET", &path(&made), None).await;
        assert_eq!(problem(&gone, 404)["errorCode"], "inexistent_client");
        let gone = send(&app, &token, "PATCH", &path(&made), Some(&json!({}))).await;
        problem(&gone, 404);
    }
}

#[actix_web::test]
async fn clients_are_listed_by_pages_without_their_secrets() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for number in 0..5 {
        create(&app, &token, &json!({ "name": format!("Shop {number}") })).await;
    }
    let all = send(&app, &token, "GET", "", None).await.expect(200);
    assert!(
        !all.text().contains("secret\":") && !all.text().contains("hash"),
        "{}",
        all.text()
    );
    assert_eq!(
        all.json().as_array().unwrap().len(),
        6,
        "and the one that asks"
    );
    let page = send(
        &app,
        &token,
        "GET",
        "?page=1&per_page=2&include_totals=true",
        None,
    )
    .await;
    let page = page.expect(200).json();
    let names: Vec<&Value> = page["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["Shop 1", "Shop 2"]);
    assert_eq!(
        (&page["start"], &page["total"], &page["length"]),
        (&json!(2), &json!(6), &json!(2))
    );
    let odd = send(&app, &token, "GET", "?name=Shop", None).await;
    assert_eq!(property(&odd), "name");
}

#[actix_web::test]
async fn what_cannot_be_registered_is_named() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let alg = |sent: &Value| json!({ "name": "x", "jwt_configuration": sent });
    let many: Vec<String> = (0..21).map(|number| format!("{URI}/{number}")).collect();
    for (body, named) in [
        (json!({}), "name"),
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a\nb" }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (
            json!({ "name": "x", "redirect_uris": ["http://shop.example.com/"] }),
            "redirect_uris",
        ),
        (
            json!({ "name": "x", "redirect_uris": [URI, URI] }),
            "redirect_uris",
        ),
        (
            json!({ "name": "x", "redirect_uris": [7] }),
            "redirect_uris",
        ),
        (
            json!({ "name": "x", "redirect_uris": many }),
            "redirect_uris",
        ),
        (
            json!({ "name": "x", "callbacks": ["https://*.example.com/"] }),
            "callbacks",
        ),
        (
            json!({ "name": "x", "callbacks": [URI], "redirect_uris": [] }),
            "callbacks",
        ),
        (
            json!({ "name": "x", "token_endpoint_auth_method": "none" }),
            "token_endpoint_auth_method",
        ),
        (
            json!({ "name": "x", "token_endpoint_auth_method": "private_key_jwt" }),
            "jwks",
        ),
        (json!({ "name": "x", "jwks": { "keys": [] } }), "jwks"),
        (alg(&json!({ "alg": "HS256" })), "jwt_configuration"),
        (alg(&json!({ "alg": "es256" })), "jwt_configuration"),
        (alg(&json!({ "alg": ["ES256"] })), "jwt_configuration"),
        (alg(&json!({})), "jwt_configuration"),
        (
            alg(&json!({ "alg": "ES256", "lifetime_in_seconds": 60 })),
            "jwt_configuration",
        ),
        (alg(&json!("ES256")), "jwt_configuration"),
        (json!({ "name": "x", "app_type": "spa" }), "app_type"),
        (json!({ "name": "x", "scope": "read:users" }), "scope"),
        (json!({ "name": "x", "client_id": "cli_0" }), "client_id"),
    ] {
        let answer = send(&app, &token, "POST", "", Some(&body)).await;
        assert_eq!(property(&answer), named, "{body}");
    }
    let odd = send(
        &app,
        &token,
        "POST",
        "",
        Some(&alg(&json!({ "alg": "none" }))),
    )
    .await;
    let told = problem(&odd, 400)["message"].clone();
    let right = r#"must be {"alg": "RS256"} or {"alg": "ES256"}"#;
    assert!(told.as_str().unwrap().contains(right), "{told}");
    let twice = json!({ "name": "x", "callbacks": [URI], "redirect_uris": [URI] });
    create(&app, &token, &twice).await;
}

fn keys() -> Value {
    // RFC 7517, appendix A.1.
    json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "kid": "1",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }] })
}

#[actix_web::test]
async fn a_client_goes_from_a_secret_to_keys_and_back_and_the_old_way_ends() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let made = create(
        &app,
        &token,
        &json!({ "name": "Shop", "token_endpoint_auth_method": "client_secret_basic" }),
    )
    .await;
    assert_eq!(made["token_endpoint_auth_method"], "client_secret_basic");
    let signs = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": keys() });
    let signing = send(&app, &token, "PATCH", &path(&made), Some(&signs))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&signing["jwks"], signing.get("client_secret")),
        (&keys(), None)
    );
    let ask = |secret: &Value| {
        let body = json!({
            "grant_type": "client_credentials", "client_id": made["client_id"], "client_secret": secret,
        });
        app.post("/oauth/token").json(&body)
    };
    ask(&made["client_secret"]).send().await.expect(401);
    let shows = json!({ "token_endpoint_auth_method": "client_secret_post" });
    let showing = send(&app, &token, "PATCH", &path(&made), Some(&shows))
        .await
        .expect(200)
        .json();
    assert!(showing.get("jwks").is_none());
    ask(&made["client_secret"]).send().await.expect(401);
    ask(&showing["client_secret"]).send().await.expect(403);
}

#[actix_web::test]
async fn nobody_gets_more_by_changing_anothers_keys() {
    let app = TestApp::start().await;
    let (strong, _) = app.client(&scopes::ALL).await;
    let (little, _) = app.client(&[UPDATE_CLIENTS]).await;
    let weak = app.token_for(&[UPDATE_CLIENTS]).await;
    let signs = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": keys() });
    let path = format!("/{}", strong.client_id);
    for body in [
        &signs,
        &json!({ "token_endpoint_auth_method": "client_secret_post" }),
    ] {
        let answer = send(&app, &weak, "PATCH", &path, Some(body)).await;
        assert_eq!(problem(&answer, 403)["errorCode"], "insufficient_scope");
    }
    send(
        &app,
        &weak,
        "PATCH",
        &path,
        Some(&json!({ "name": "Strong" })),
    )
    .await
    .expect(200);
    let path = format!("/{}", little.client_id);
    send(&app, &weak, "PATCH", &path, Some(&signs))
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_client_may_delete_itself() {
    let app = TestApp::start().await;
    let (client, _) = app.client(&scopes::ALL).await;
    let token = app
        .app
        .tokens
        .issue(&client, tessera::access::tokens::LIFETIME)
        .await;
    let token = token.unwrap().access_token;
    let path = format!("/{}", client.client_id);
    send(&app, &token, "DELETE", &path, None).await.expect(204);
    app.clock.advance(std::time::Duration::from_secs(30));
    send(&app, &token, "GET", &path, None).await.expect(401);
}
