//! What an application may push, and what it may not (RFC 9126).

use serde_json::json;

use super::{ADA, CALLBACK, Shop, VERIFIER, begun, challenge, happened, refused, usual};
use crate::support::app::{Database, TestApp};

#[actix_web::test]
async fn a_pushed_request_gets_a_name_for_a_minute() {
    for database in Database::each().await {
        let (app, shop) = super::with(TestApp::on(database).await).await;
        let state = "x".repeat(2000);
        let other = [
            ("state", state.as_str()),
            ("nonce", "n-0S6_WzA2Mj"),
            ("scope", "openid email profile offline_access"),
            ("acr_values", "phr"),
            ("max_age", "0"),
            ("prompt", "login"),
            ("ui_locales", "de en"),
            ("allow_enrollment", "true"),
            ("response_mode", "query"),
            ("client_id", &shop.id),
            ("display", "popup"),
            ("what_nobody_knows", "is ignored"),
        ];
        let pushed = shop.push(&app, &other).await.expect(201);
        assert_eq!(pushed.header("cache-control"), "no-store");
        let pushed = pushed.json();
        assert_eq!(pushed["expires_in"], 60);
        let uri = pushed["request_uri"].as_str().unwrap();
        let secret = uri.strip_prefix("urn:ietf:params:oauth:request_uri:");
        assert_eq!(secret.unwrap().len(), 43);
        let again = shop.push(&app, &other).await.expect(201).json();
        assert_ne!(again["request_uri"], uri);
        assert_eq!(happened(&app).await, ["login.requested"; 2]);
    }
}

#[actix_web::test]
async fn what_a_spec_forbids_is_refused_with_its_error() {
    let (app, shop) = begun().await;
    let long = "x".repeat(2001);
    let plain = challenge(VERIFIER)[1..].to_owned();
    let slash = format!("{CALLBACK}/");
    let upper = CALLBACK.to_uppercase();
    let query = format!("{CALLBACK}?a=b");
    let open = format!("{CALLBACK}@evil.example/");
    #[rustfmt::skip]
    let wrong = [
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("response_mode", "form_post", "invalid_request"),
        ("redirect_uri", "", "invalid_request"),
        ("redirect_uri", "https://evil.example/callback", "invalid_request"),
        ("redirect_uri", "https://shop.example.com/", "invalid_request"),
        ("redirect_uri", "https://shop.example.com/callback/../callback", "invalid_request"),
        ("redirect_uri", "https://shop.example.com:443/callback", "invalid_request"),
        ("redirect_uri", "https://shop.example.com/callback\n", "invalid_request"),
        ("redirect_uri", &slash, "invalid_request"),
        ("redirect_uri", &upper, "invalid_request"),
        ("redirect_uri", &query, "invalid_request"),
        ("redirect_uri", &open, "invalid_request"),
        ("scope", "", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("scope", "openid2", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge", VERIFIER, ""),
        ("code_challenge", &plain, "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("login_hint", "", "invalid_request"),
        ("login_hint", "auth0|nobody", "invalid_request"),
        ("login_hint", "auth0|\u{0}", "invalid_request"),
        ("state", &long, "invalid_request"),
        ("state", "a\nb", "invalid_request"),
        ("nonce", &long[..501], "invalid_request"),
        ("nonce", "ü", "invalid_request"),
        ("acr_values", &long[..501], "invalid_request"),
        ("ui_locales", &long[..501], "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("max_age", "1.5", "invalid_request"),
        ("prompt", "consent", "invalid_request"),
        ("prompt", "select_account", "invalid_request"),
        ("prompt", "login none", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("allow_enrollment", "yes", "invalid_request"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request"),
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
    ];
    for (name, value, error) in wrong {
        let answer = shop.push(&app, &[(name, value)]).await;
        if error.is_empty() {
            answer.expect(201);
            continue;
        }
        assert_eq!(refused(&answer, 400), error, "{name}={value}");
        let told = answer.json()["error_description"].to_string();
        assert!(told.contains(name), "{name}={value}: {told}");
    }
    let twice = [usual(&[]), usual(&[])].concat();
    let twice: Vec<(&str, &str)> = twice
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let asked = app
        .post("/oauth/par")
        .header("authorization", &shop.basic());
    assert_eq!(
        refused(&asked.form(&twice).send().await, 400),
        "invalid_request"
    );
    let json = app
        .post("/oauth/par")
        .header("authorization", &shop.basic());
    let json = json.json(&json!({ "response_type": "code" })).send().await;
    assert_eq!(refused(&json, 415), "invalid_request");
    let got = app.get("/oauth/par").send().await;
    assert_eq!(
        (refused(&got, 405), got.header("allow")),
        ("invalid_request".to_owned(), "POST")
    );
    assert_eq!(happened(&app).await.len(), 1, "nothing was begun");
}

#[actix_web::test]
async fn who_is_blocked_or_unknown_gets_no_request() {
    let (app, shop) = begun().await;
    let token = app.token().await;
    let unknown = shop.push(&app, &[("login_hint", "auth0|eve")]).await;
    let told = unknown.json()["error_description"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(told.contains("create the user first"), "{told}");
    let path = "/api/v2/users/auth0%7Cada";
    let block = app.request("PATCH".parse().unwrap(), path).bearer(&token);
    block
        .json(&json!({ "blocked": true }))
        .send()
        .await
        .expect(200);
    let blocked = shop.push(&app, &[("login_hint", ADA)]).await;
    assert_eq!(refused(&blocked, 400), "access_denied");
    assert!(happened(&app).await.is_empty());
}

#[actix_web::test]
async fn only_a_client_that_proves_itself_pushes_and_for_its_own_addresses() {
    let (app, shop) = begun().await;
    let other = Shop::new(&app).await;
    let push = |authorization: Option<String>, pairs: Vec<(&'static str, String)>| {
        let mut form = usual(&[]);
        form.extend(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        let form: Vec<(&str, &str)> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let asked = app.post("/oauth/par").form(&form);
        match authorization {
            Some(value) => asked.header("authorization", &value),
            None => asked,
        }
    };
    let in_body = |id: &str, secret: &str| {
        vec![
            ("client_id", id.to_owned()),
            ("client_secret", secret.to_owned()),
        ]
    };
    push(None, in_body(&shop.id, &shop.secret))
        .send()
        .await
        .expect(201);
    let wrong = Shop {
        id: shop.id.clone(),
        secret: other.secret.clone(),
    };
    for asked in [
        push(None, in_body(&shop.id, "wrong")),
        push(None, in_body(&shop.id, &other.secret)),
        push(
            None,
            in_body("cli_00000000000000000000000000000000", &shop.secret),
        ),
        push(Some(wrong.basic()), vec![]),
    ] {
        let answer = asked.send().await;
        assert_eq!(refused(&answer, 401), "invalid_client");
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"tessera\"");
    }
    for asked in [
        push(None, vec![]),
        push(None, vec![("client_id", shop.id.clone())]),
        push(Some(shop.basic()), vec![("client_id", other.id.clone())]),
        push(
            Some(shop.basic()),
            vec![("client_secret", shop.secret.clone())],
        ),
        push(Some("Bearer a.b.c".to_owned()), vec![]),
    ] {
        assert_eq!(refused(&asked.send().await, 400), "invalid_request");
    }
    let (api, secret) = app.client(&[]).await;
    let api = Shop {
        id: api.client_id.to_string(),
        secret,
    };
    let nowhere = api.push(&app, &[]).await;
    assert_eq!(
        refused(&nowhere, 400),
        "invalid_request",
        "it has no address"
    );
}
