//! A code is good for one exchange, by its own client, for a minute.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::Method;
use futures_util::future::join_all;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::{ADA, ISSUER, Shop, VERIFIER, begun, happened, refused, with};
use crate::support::app::{Database, START, TestApp};

/// What a token says that one of our published keys signed, and its header.
async fn read(app: &TestApp, token: &str, audience: &str) -> (jsonwebtoken::Header, Value) {
    let header = jsonwebtoken::decode_header(token).unwrap();
    let keys = app.get("/.well-known/jwks.json").send().await.json();
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let key = keys.find(header.kid.as_ref().unwrap()).unwrap();
    let alg = key.common.key_algorithm.as_ref().unwrap().to_string();
    let mut validation = Validation::new(alg.parse().unwrap());
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    // The test's clock is another than the machine's.
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    let read = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
    (header, read.claims)
}

#[actix_web::test]
async fn a_code_becomes_an_id_token_once() {
    for database in Database::each().await {
        let (app, shop) = with(TestApp::on(database).await).await;
        let wanted = [("nonce", "n-0S6"), ("scope", "email openid")];
        let code = shop.code(&app, &wanted).await;
        app.clock.advance(Duration::from_secs(7));
        let tokens = shop.redeem(&app, &code, &[]).await.expect(200);
        assert_eq!(tokens.header("cache-control"), "no-store");
        let tokens = tokens.json();
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["expires_in"], 600);
        assert_eq!(tokens["scope"], "openid email");
        assert!(tokens.get("refresh_token").is_none());
        let (header, claims) = read(&app, tokens["id_token"].as_str().unwrap(), &shop.id).await;
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        let proved = START.seconds();
        assert!(claims["sid"].as_str().unwrap().starts_with("lgn_"));
        let expected = json!({
            "iss": ISSUER, "sub": ADA, "aud": shop.id, "iat": proved + 7, "exp": proved + 607, "auth_time": proved,
            "nonce": "n-0S6", "amr": ["mfa", "otp"], "sid": claims["sid"], "email": "ada@example.com",
            "acr": "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        });
        assert_eq!(claims, expected);
        let access = tokens["access_token"].as_str().unwrap();
        let (header, claims) = read(&app, access, "https://mfa.example.com/mfa/").await;
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(
            (&claims["sub"], &claims["client_id"]),
            (&json!(ADA), &json!(shop.id))
        );
        assert_eq!(claims["scope"], "openid email");

        let again = shop.redeem(&app, &code, &[]).await;
        assert_eq!(refused(&again, 400), "invalid_grant");
        let steps = ["requested", "created", "answered", "spent", "code_replayed"];
        let steps = steps.map(|step| format!("login.{step}"));
        assert_eq!(happened(&app).await, steps);
        for token in [access, tokens["id_token"].as_str().unwrap()] {
            let answer = app.get("/api/v2/users").bearer(token).send().await;
            assert_eq!(answer.status, 401, "neither is a management token");
        }
    }
}

#[actix_web::test]
async fn what_was_not_asked_for_is_not_told() {
    let (app, shop) = begun().await;
    let code = shop.code(&app, &[]).await;
    let tokens = shop.redeem(&app, &code, &[]).await.expect(200).json();
    let (_, claims) = read(&app, tokens["id_token"].as_str().unwrap(), &shop.id).await;
    let names: BTreeSet<&str> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let told = [
        "acr",
        "amr",
        "aud",
        "auth_time",
        "exp",
        "iat",
        "iss",
        "sid",
        "sub",
    ];
    assert_eq!(names, BTreeSet::from(told));
}

#[actix_web::test]
async fn of_fifty_at_once_one_gets_the_tokens() {
    for database in Database::each().await {
        let (app, shop) = with(TestApp::on(database).await).await;
        let code = shop.code(&app, &[]).await;
        let other = app.another().await;
        let tries = (0..50).map(|nth| {
            let app = if nth % 2 == 0 { &app } else { &other };
            shop.redeem(app, &code, &[])
        });
        let answers = join_all(tries).await;
        let (got, refused_ones): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(got.len(), 1);
        for answer in refused_ones {
            assert_eq!(refused(answer, 400), "invalid_grant");
        }
        let spent = happened(&app)
            .await
            .into_iter()
            .filter(|kind| kind == "login.spent");
        assert_eq!(spent.count(), 1);
    }
}

#[actix_web::test]
async fn a_stolen_code_is_of_no_use_and_a_wrong_try_ends_it() {
    let (app, shop) = begun().await;
    let wrong = format!("{}x", &VERIFIER[1..]);
    for other in [
        ("code_verifier", ""),
        ("code_verifier", wrong.as_str()),
        ("code_verifier", "short"),
        ("redirect_uri", "https://shop.example.com/other"),
        ("redirect_uri", "https://evil.example/callback"),
    ] {
        let code = shop.code(&app, &[]).await;
        let answer = shop.redeem(&app, &code, &[other]).await;
        assert_eq!(refused(&answer, 400), "invalid_grant", "{other:?}");
        let late = shop.redeem(&app, &code, &[]).await;
        assert_eq!(refused(&late, 400), "invalid_grant", "{other:?}");
    }
    let refusals = happened(&app).await;
    let refusals = refusals.iter().filter(|kind| *kind == "login.code_refused");
    assert_eq!(refusals.count(), 5);
}

#[actix_web::test]
async fn another_clients_code_is_refused_and_stays_good_for_its_own() {
    for database in Database::each().await {
        let (app, shop) = with(TestApp::on(database).await).await;
        let eve = Shop::new(&app).await;
        let code = shop.code(&app, &[]).await;
        for _ in 0..2 {
            let stolen = eve.redeem(&app, &code, &[]).await;
            assert_eq!(refused(&stolen, 400), "invalid_grant");
        }
        shop.redeem(&app, &code, &[]).await.expect(200);
        let stolen = eve.redeem(&app, &code, &[]).await;
        assert_eq!(refused(&stolen, 400), "invalid_grant");
        let refusals = happened(&app).await;
        let refusals = refusals.iter().filter(|kind| *kind == "login.code_refused");
        assert_eq!(refusals.count(), 2);
    }
}

#[actix_web::test]
async fn a_code_waits_for_a_minute_and_its_user_must_not_be_blocked() {
    let (app, shop) = begun().await;
    let code = shop.code(&app, &[]).await;
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(
        refused(&shop.redeem(&app, &code, &[]).await, 400),
        "invalid_grant"
    );

    let code = shop.code(&app, &[]).await;
    let path = "/api/v2/users/auth0%7Cada";
    let block = app.request("PATCH".parse().unwrap(), path);
    let block = block
        .bearer(&app.token().await)
        .json(&json!({ "blocked": true }));
    block.send().await.expect(200);
    assert_eq!(
        refused(&shop.redeem(&app, &code, &[]).await, 400),
        "invalid_grant"
    );
}

#[actix_web::test]
async fn what_is_no_code_is_refused_and_nobody_but_the_client_asks() {
    let (app, shop) = begun().await;
    for no_code in ["x", "", " ", &"A".repeat(43), &"A".repeat(5000)] {
        let answer = shop.redeem(&app, no_code, &[]).await;
        let error = if no_code.is_empty() {
            "invalid_request"
        } else {
            "invalid_grant"
        };
        assert_eq!(refused(&answer, 400), error);
    }
    let code = shop.code(&app, &[]).await;
    let missing = shop.redeem(&app, &code, &[("redirect_uri", "")]).await;
    assert_eq!(refused(&missing, 400), "invalid_request");
    let stranger = Shop {
        id: shop.id.clone(),
        secret: "wrong".to_owned(),
    };
    let answer = stranger.redeem(&app, &code, &[]).await;
    assert_eq!(refused(&answer, 401), "invalid_client");
    shop.redeem(&app, &code, &[]).await.expect(200);
}

#[actix_web::test]
async fn a_key_that_is_rotated_away_still_verifies_what_it_signed() {
    let (app, shop) = begun().await;
    let code = shop.code(&app, &[]).await;
    let old = shop.redeem(&app, &code, &[]).await.expect(200).json();
    app.clock.advance(Duration::from_secs(1));
    let actor = tessera::core::Actor::command_line();
    let keys = &app.app.tokens.keys;
    keys.rotate(&actor, app.app.rng()).await.unwrap();
    app.clock.advance(Duration::from_secs(10 * 60));
    let code = shop.code(&app, &[]).await;
    let new = shop.redeem(&app, &code, &[]).await.expect(200).json();
    let mut kids = BTreeSet::new();
    for tokens in [&old, &new] {
        let (header, _) = read(&app, tokens["id_token"].as_str().unwrap(), &shop.id).await;
        kids.insert(header.kid.unwrap());
    }
    assert_eq!(kids.len(), 2);
}

#[actix_web::test]
async fn a_client_gets_its_tokens_signed_as_it_likes() {
    for database in Database::each().await {
        let (app, shop) = with(TestApp::on(database).await).await;
        for alg in [Algorithm::RS256, Algorithm::ES256, Algorithm::RS256] {
            let path = format!("/api/v2/clients/{}", shop.id);
            let body = json!({ "jwt_configuration": { "alg": format!("{alg:?}") } });
            let change = app
                .request(Method::PATCH, &path)
                .bearer(&app.token().await)
                .json(&body);
            change.send().await.expect(200);
            let code = shop.code(&app, &[]).await;
            let tokens = shop.redeem(&app, &code, &[]).await.expect(200).json();
            let mfa = "https://mfa.example.com/mfa/";
            for (name, audience) in [("id_token", shop.id.as_str()), ("access_token", mfa)] {
                let token = tokens[name].as_str().unwrap();
                let (header, claims) = read(&app, token, audience).await;
                assert_eq!((header.alg, &claims["sub"]), (alg, &json!(ADA)), "{name}");
            }
        }
    }
}
