//! Somebody makes tokens of their own (K3, K4): each is refused, in the same words as any other.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tessera::access::scopes;
use tessera::core::Algorithm::Rs256;
use tessera::store::Client;

use crate::problem;
use crate::signing::{signer, stolen};
use crate::support::app::{START, TestApp};

fn claims(client: &Client) -> Value {
    json!({
        "iss": "https://mfa.example.com/",
        "sub": format!("{}@clients", client.client_id),
        "aud": "https://mfa.example.com/api/v2/",
        "iat": START.seconds(),
        "nbf": START.seconds(),
        "exp": START.seconds() + 3600,
        "azp": client.client_id,
        "gty": "client-credentials",
        "scope": client.scopes,
    })
}

fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

async fn header(app: &TestApp) -> Header {
    Header {
        kid: Some(signer(app, Rs256).await.kid.clone()),
        ..Header::new(Algorithm::RS256)
    }
}

/// Signed with the key that `owner` really has.
async fn sign(owner: &TestApp, header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &stolen(owner).await).unwrap()
}

async fn is_refused(app: &TestApp, token: &str, what: &str) {
    let answer = app.get("/api/v2/users").bearer(token).send().await;
    assert_eq!(answer.status, 401, "{what}");
    let body = problem(&answer, 401);
    assert_eq!(body["attributes"]["error"], body["message"]);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[actix_web::test]
async fn every_claim_is_needed_in_its_own_type_and_value() {
    let app = TestApp::start().await;
    let (client, _) = app.client(&[scopes::READ_USERS]).await;
    let (header, right) = (header(&app).await, claims(&client));
    let token = sign(&app, &header, &right).await;
    app.get("/api/v2/users")
        .bearer(&token)
        .send()
        .await
        .expect(200);

    for name in right.as_object().unwrap().keys() {
        let mut without = right.clone();
        without.as_object_mut().unwrap().remove(name);
        is_refused(&app, &sign(&app, &header, &without).await, name).await;
        for odd in [
            Value::Null,
            json!([right[name]]),
            json!({}),
            json!(true),
            json!(1.5),
        ] {
            let mut mistyped = right.clone();
            mistyped[name] = odd.clone();
            is_refused(
                &app,
                &sign(&app, &header, &mistyped).await,
                &format!("{name}: {odd}"),
            )
            .await;
        }
    }
    let now = START.seconds();
    for (name, wrong) in [
        ("exp", json!("9999999999")),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(-1)),
        ("nbf", json!("x")),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("iss", json!("https://mfa.example.com")),
        ("iss", json!("https://evil.example.com/")),
        ("aud", json!("https://mfa.example.com/mfa/")),
        (
            "aud",
            json!([
                "https://mfa.example.com/api/v2/",
                "https://evil.example.com/"
            ]),
        ),
        ("azp", json!("cli_00000000000000000000000000000000")),
        ("azp", json!("' OR 1=1 --")),
    ] {
        let mut claims = right.clone();
        claims[name] = wrong.clone();
        is_refused(
            &app,
            &sign(&app, &header, &claims).await,
            &format!("{name}: {wrong}"),
        )
        .await;
    }
}

#[actix_web::test]
async fn only_our_key_and_our_algorithm_sign() {
    let app = TestApp::start().await;
    let attacker = TestApp::start().await;
    let (client, _) = app.client(&[scopes::READ_USERS]).await;
    let (right, claims) = (header(&app).await, claims(&client));
    let kid = right.kid.clone().unwrap();
    let ours = serde_json::to_value(&signer(&app, Rs256).await.public).unwrap();
    let n = ours["n"].as_str().unwrap();
    let public = BASE64URL_NOPAD.decode(n.as_bytes()).unwrap();
    let hs = Header {
        alg: Algorithm::HS256,
        ..right.clone()
    };
    let with_kid = |kid: &str| Header {
        kid: Some(kid.to_owned()),
        ..right.clone()
    };

    let mut forged = vec![
        (
            "another's key under our name",
            sign(&attacker, &right, &claims).await,
        ),
        (
            "another's key under its name",
            sign(&attacker, &header(&attacker).await, &claims).await,
        ),
        (
            "no name",
            sign(
                &app,
                &Header {
                    kid: None,
                    ..right.clone()
                },
                &claims,
            )
            .await,
        ),
        (
            "no type",
            sign(
                &app,
                &Header {
                    typ: None,
                    ..right.clone()
                },
                &claims,
            )
            .await,
        ),
        (
            "another type",
            sign(
                &app,
                &Header {
                    typ: Some("dpop+jwt".into()),
                    ..right.clone()
                },
                &claims,
            )
            .await,
        ),
        (
            "RS512",
            sign(
                &app,
                &Header {
                    alg: Algorithm::RS512,
                    ..right.clone()
                },
                &claims,
            )
            .await,
        ),
        (
            "PS256",
            sign(
                &app,
                &Header {
                    alg: Algorithm::PS256,
                    ..right.clone()
                },
                &claims,
            )
            .await,
        ),
    ];
    for secret in [n.as_bytes(), &public, b""] {
        let token = jsonwebtoken::encode(&hs, &claims, &EncodingKey::from_secret(secret)).unwrap();
        forged.push(("the public key as a shared secret", token));
    }
    for name in [
        "../../dev/null",
        "' UNION SELECT 1 --",
        "",
        "https://evil.example.com/key",
    ] {
        forged.push((
            "a name that is none",
            sign(&attacker, &with_kid(name), &claims).await,
        ));
    }
    let attackers = serde_json::to_value(&signer(&attacker, Rs256).await.public).unwrap();
    for extra in [
        json!({ "jwk": { "kty": "RSA", "n": attackers["n"], "e": attackers["e"] } }),
        json!({ "jku": "https://evil.example.com/jwks.json" }),
        json!({ "x5u": "https://evil.example.com/cert.pem" }),
    ] {
        let mut header = json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
        header
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let signed = sign(&attacker, &right, &claims).await;
        let signature = signed.rsplit_once('.').unwrap().1;
        forged.push((
            "a key of its own",
            format!("{}.{}.{signature}", part(&header), part(&claims)),
        ));
    }
    for alg in ["none", "None", "NONE", ""] {
        let header = json!({ "alg": alg, "typ": "JWT", "kid": kid });
        forged.push((
            "no signature",
            format!("{}.{}.", part(&header), part(&claims)),
        ));
        forged.push((
            "no signature",
            format!("{}.{}.AAAA", part(&header), part(&claims)),
        ));
    }
    let good = sign(&app, &right, &claims).await;
    forged.push(("a cut signature", good[..good.len() - 4].to_owned()));
    let mut richer = claims.clone();
    richer["scope"] = json!("create:users");
    let (head, rest) = good.split_once('.').unwrap();
    let signature = rest.rsplit_once('.').unwrap().1;
    forged.push((
        "other claims",
        format!("{head}.{}.{signature}", part(&richer)),
    ));

    for (what, token) in &forged {
        is_refused(&app, token, what).await;
    }
    app.get("/api/v2/users")
        .bearer(&good)
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_token_ends_when_it_says_even_if_it_is_remembered() {
    let app = TestApp::start().await;
    let (client, _) = app.client(&[scopes::READ_USERS]).await;
    let token = app
        .app
        .tokens
        .issue(&client, Duration::from_secs(10))
        .await
        .unwrap()
        .access_token;
    app.get("/api/v2/users")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    app.clock.advance(Duration::from_secs(10));
    let answer = app.get("/api/v2/users").bearer(&token).send().await;
    let told = problem(&answer, 401)["message"].clone();
    assert_eq!(told, "Expired token received for JSON Web Token validation");
}

#[actix_web::test]
async fn a_token_may_do_no_more_than_its_client_may_now() {
    let app = TestApp::start().await;
    let (client, _) = app.client(&[scopes::READ_USERS]).await;
    let mut claims = claims(&client);
    claims["scope"] = json!("read:users delete:users create:everything");
    let token = sign(&app, &header(&app).await, &claims).await;
    app.get("/api/v2/users")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    let path = "/api/v2/users/auth0%7Cada";
    let answer = app
        .request(actix_web::http::Method::DELETE, path)
        .bearer(&token)
        .send()
        .await;
    problem(&answer, 403);
}

#[actix_web::test]
async fn an_authorization_header_is_one_bearer_or_nothing() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let answer = app.get("/api/v2/users").send().await;
    assert_eq!(problem(&answer, 401)["message"], "Missing authentication");
    for header in [
        "Bearer",
        "Bearer abc",
        "Basic YTpi",
        "bearer  ",
        &format!("Bearer {token} x"),
        "DPoP a.b.c",
    ] {
        let answer = app
            .get("/api/v2/users")
            .header("authorization", header)
            .send()
            .await;
        let told = problem(&answer, 400)["message"].clone();
        assert!(
            told.as_str()
                .unwrap()
                .contains("Bad HTTP authentication header format"),
            "{header}"
        );
    }
    let twice = app
        .get("/api/v2/users")
        .bearer(&token)
        .bearer(&token)
        .send()
        .await;
    problem(&twice, 400);
    app.get("/api/v2/users")
        .header("authorization", &format!("bearer {token}"))
        .send()
        .await
        .expect(200);
    let cookie = app
        .get("/api/v2/users")
        .header("cookie", &format!("token={token}"))
        .send()
        .await;
    problem(&cookie, 401);
}
