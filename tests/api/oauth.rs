//! A client proves itself in each of the ways that Auth0's clients do, and in some that they must not.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::{Value, json};
use tessera::access::scopes;
use tessera::core::Actor;
use tessera::store::Client;

use crate::support::app::{Answer, TestApp};

const AUDIENCE: &str = "https://mfa.example.com/api/v2/";

fn basic(id: &str, secret: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{id}:{secret}").as_bytes())
    )
}

fn body(client: &Client, secret: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": secret,
        "audience": AUDIENCE,
    })
}

async fn ask(app: &TestApp, body: &Value) -> Answer {
    app.post("/oauth/token").json(body).send().await
}

/// The code of an error, once it was found to be in OAuth's shape and not to be kept by anybody.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert!(body["error_description"].is_string());
    body["error"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_form_json_and_basic_get_the_same_token() {
    let app = TestApp::start().await;
    let (client, secret) = app
        .client(&[scopes::READ_USERS, scopes::CREATE_USERS])
        .await;
    let id = client.client_id.as_str();
    let form = [("grant_type", "client_credentials"), ("audience", AUDIENCE)];
    let with_id: Vec<_> = [&form[..], &[("client_id", id)]].concat();
    let full: Vec<_> = [
        &with_id[..],
        &[("client_secret", &secret), ("organization", "x")],
    ]
    .concat();
    let post = || app.post("/oauth/token");
    let answers = [
        post().form(&full).send().await,
        ask(&app, &body(&client, &secret)).await,
        post()
            .header("authorization", &basic(id, &secret))
            .form(&form)
            .send()
            .await,
        post()
            .header("authorization", &basic(id, &secret))
            .form(&with_id)
            .send()
            .await,
        post()
            .header("authorization", &basic(&id.replace('_', "%5F"), &secret))
            .form(&form)
            .send()
            .await,
    ];
    for answer in answers {
        let token = answer.expect(200).json();
        insta::assert_json_snapshot!("token", token, { ".access_token" => "[token]" });
        let token = token["access_token"].as_str().unwrap();
        app.get("/api/v2/users")
            .bearer(token)
            .send()
            .await
            .expect(200);
    }
}

#[actix_web::test]
async fn the_audience_is_ours_whatever_scheme_port_and_slash_a_proxy_leaves() {
    let app = TestApp::start().await;
    let (client, secret) = app.client(&[scopes::READ_USERS]).await;
    let with = |audience: Value| {
        let mut body = body(&client, &secret);
        body["audience"] = audience;
        body
    };
    for ours in [
        "https://mfa.example.com/api/v2/",
        "https://mfa.example.com/api/v2",
        "http://mfa.example.com:8080/api/v2/",
        "https://MFA.example.com:8443/api/v2/",
    ] {
        ask(&app, &with(json!(ours))).await.expect(200);
    }
    ask(&app, &with(Value::Null)).await.expect(200);
    for foreign in [
        "https://evil.example.com/api/v2/",
        "https://mfa.example.com.evil/api/v2/",
        "https://mfa.example.com@evil/api/v2/",
        "https://mfa.example.com/mfa/",
        "https://mfa.example.com/api/v2/?x",
        "mfa.example.com/api/v2/",
        "",
    ] {
        let answer = ask(&app, &with(json!(foreign))).await;
        assert_eq!(refused(&answer, 403), "access_denied");
        let told = format!("Service not found: {foreign}");
        assert_eq!(answer.json()["error_description"], told);
    }
}

#[actix_web::test]
async fn who_does_not_prove_itself_gets_nothing_and_learns_nothing() {
    let app = TestApp::start().await;
    let (client, secret) = app.client(&[scopes::READ_USERS]).await;
    let (other, other_secret) = app.client(&[scopes::READ_USERS]).await;
    let wrong = ask(&app, &body(&client, "wrong")).await;
    assert_eq!(refused(&wrong, 401), "access_denied");
    let mut unknown = body(&client, &secret);
    unknown["client_id"] = json!("cli_00000000000000000000000000000000");
    let unknown = ask(&app, &unknown).await;
    assert_eq!(
        unknown.text(),
        wrong.text(),
        "whether a client exists is not told"
    );
    assert_eq!(
        unknown.header("www-authenticate"),
        wrong.header("www-authenticate")
    );
    refused(&ask(&app, &body(&client, &other_secret)).await, 401);

    for missing in ["grant_type", "client_id", "client_secret"] {
        let mut body = body(&client, &secret);
        body.as_object_mut().unwrap().remove(missing);
        let answer = ask(&app, &body).await;
        assert_eq!(refused(&answer, 400), "invalid_request");
        assert!(answer.text().contains(missing), "{}", answer.text());
    }
    let mut password = body(&client, &secret);
    password["grant_type"] = json!("password");
    assert_eq!(
        refused(&ask(&app, &password).await, 403),
        "unsupported_grant_type"
    );

    let id = client.client_id.as_str();
    let grant = ("grant_type", "client_credentials");
    let twice = [
        app.post("/oauth/token")
            .header("authorization", &basic(id, &secret))
            .form(&[grant, ("client_id", other.client_id.as_str())]),
        app.post("/oauth/token")
            .header("authorization", &basic(id, &secret))
            .form(&[grant, ("client_secret", &secret)]),
        app.post("/oauth/token")
            .header("authorization", "Basic !!!")
            .form(&[grant]),
        app.post("/oauth/token")
            .header("authorization", "Bearer a.b.c")
            .form(&[grant]),
    ];
    for asking in twice {
        assert_eq!(refused(&asking.send().await, 400), "invalid_request");
    }
    let text = app
        .post("/oauth/token")
        .body("text/plain", "grant_type=client_credentials");
    assert_eq!(refused(&text.send().await, 415), "invalid_request");
    let zipped = app
        .post("/oauth/token")
        .header("content-encoding", "gzip")
        .form(&[grant]);
    assert_eq!(refused(&zipped.send().await, 415), "invalid_request");
    let got = app.get("/oauth/token").send().await;
    assert_eq!(refused(&got, 405), "invalid_request");
    assert_eq!(got.header("allow"), "POST");
}

#[actix_web::test]
async fn keys_and_endpoints_are_published() {
    let app = TestApp::start().await;
    let keys = app.get("/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(keys.header("cache-control"), "public, max-age=300");
    insta::assert_json_snapshot!("keys", keys.json(), { ".keys[].n" => "[n]", ".keys[].x" => "[x]", ".keys[].y" => "[y]", ".keys[].kid" => "[kid]" });
    let found = app
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .expect(200);
    insta::assert_json_snapshot!("discovery", found.json());
}

#[actix_web::test]
async fn a_new_signing_key_refuses_no_token_and_a_removed_client_is_out_in_half_a_minute() {
    let app = TestApp::start().await;
    let (client, _) = app.client(&[scopes::READ_USERS]).await;
    let lifetime = Duration::from_secs(3600);
    let old = app
        .app
        .tokens
        .issue(&client, lifetime)
        .await
        .unwrap()
        .access_token;
    app.clock.advance(Duration::from_secs(1));
    let actor = Actor::command_line();
    let keys = &app.app.tokens.keys;
    keys.rotate(&actor, app.app.rng()).await.unwrap();
    // Everybody is to know it before it signs.
    app.clock.advance(Duration::from_secs(10 * 60));
    let new = app
        .app
        .tokens
        .issue(&client, lifetime)
        .await
        .unwrap()
        .access_token;
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid;
    assert_ne!(kid(&old), kid(&new));
    for token in [&old, &new] {
        app.get("/api/v2/users")
            .bearer(token)
            .send()
            .await
            .expect(200);
    }
    let keys = app.get("/.well-known/jwks.json").send().await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 4);

    let mut tx = app.app.store.begin_write().await.unwrap();
    tx.delete_client(&client.client_id).await.unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::from_secs(30));
    for token in [&old, &new] {
        app.get("/api/v2/users")
            .bearer(token)
            .send()
            .await
            .expect(401);
    }
}
