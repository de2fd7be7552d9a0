//! A client that signs instead of showing a secret (RFC 7523), and who only looks like it.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tessera::core::{OsRng, Rng};

use super::{CALLBACK, ISSUER, Shop, begun, prove, refused, usual};
use crate::support::app::{Answer, START, TestApp};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key of a client: its private half, and what is registered of it.
struct Key {
    private: EncodingKey,
    public: Value,
    algorithm: Algorithm,
}

impl Key {
    fn rsa(algorithm: Algorithm) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private = pair.as_der().unwrap();
        let public = pair.public_key();
        let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        Self {
            private: crate::signing::rsa(private.as_ref()),
            public: json!({
                "kty": "RSA", "use": "sig", "kid": "rsa",
                "n": encode(public.modulus().big_endian_without_leading_zero()),
                "e": encode(public.exponent().big_endian_without_leading_zero()),
            }),
            algorithm,
        }
    }

    fn p256() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap();
        let point = pair.public_key().as_ref();
        Self {
            private: EncodingKey::from_ec_der(pkcs8.as_ref()),
            public: json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256",
                "x": BASE64URL_NOPAD.encode(&point[1..33]), "y": BASE64URL_NOPAD.encode(&point[33..]),
            }),
            algorithm: Algorithm::ES256,
        }
    }

    fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
        Self {
            private: EncodingKey::from_ed_der(pkcs8.as_ref()),
            public: json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "ed" }),
            algorithm: Algorithm::EdDSA,
        }
    }

    fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Header::new(self.algorithm), claims, &self.private).unwrap()
    }
}

async fn register(app: &TestApp, body: &Value) -> Answer {
    let asked = app.post("/api/v2/clients").bearer(&app.token().await);
    asked.json(body).send().await
}

/// An application that signs with these keys.
async fn signing(app: &TestApp, keys: &[&Key]) -> String {
    let keys: Vec<&Value> = keys.iter().map(|key| &key.public).collect();
    let body = json!({
        "name": "Shop", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt",
        "jwks": { "keys": keys },
    });
    let made = register(app, &body).await.expect(201).json();
    assert!(made.get("client_secret").is_none(), "{made}");
    made["client_id"].as_str().unwrap().to_owned()
}

/// What a client says of itself, with these members in the place of, or beside, its own; null leaves one out.
fn claims(client: &str, other: &Value) -> Value {
    let rng: &dyn Rng = &OsRng;
    let jti = HEXLOWER.encode(&rng.bytes::<16>());
    let now = START.seconds();
    let mut claims = json!({
        "iss": client, "sub": client, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": jti,
    });
    for (name, value) in other.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    claims
}

async fn push(app: &TestApp, assertion: &str, other: &[(&str, &str)]) -> Answer {
    let mut form = usual(&[
        ("client_assertion_type", KIND),
        ("client_assertion", assertion),
    ]);
    form.extend(
        other
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned())),
    );
    let form: Vec<(&str, &str)> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    app.post("/oauth/par").form(&form).send().await
}

#[actix_web::test]
async fn each_algorithm_that_is_offered_works_at_each_endpoint() {
    let (app, _) = begun().await;
    let found = app
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    let rsa = [Key::rsa(Algorithm::RS256), Key::rsa(Algorithm::PS256)];
    let [first, second] = rsa;
    let keys = [first, second, Key::p256(), Key::ed25519()];
    let offered = &found["token_endpoint_auth_signing_alg_values_supported"];
    let used: Vec<String> = keys
        .iter()
        .map(|key| format!("{:?}", key.algorithm))
        .collect();
    assert_eq!(*offered, json!(used));
    for key in &keys {
        let client = signing(&app, &[key]).await;
        let audiences = [
            json!(ISSUER),
            json!("https://mfa.example.com/oauth/par"),
            json!(["https://mfa.example.com/oauth/token", ISSUER]),
        ];
        for audience in audiences {
            let assertion = key.sign(&claims(&client, &json!({ "aud": audience })));
            push(&app, &assertion, &[("client_id", &client)])
                .await
                .expect(201);
        }
        let pushed = push(&app, &key.sign(&claims(&client, &json!({}))), &[]).await;
        let code = prove(&app, &client, &pushed.expect(201).json()).await;
        let assertion = key.sign(&claims(&client, &json!({})));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", super::VERIFIER),
            ("client_assertion_type", KIND),
            ("client_assertion", &assertion),
        ];
        app.post("/oauth/token")
            .form(&form)
            .send()
            .await
            .expect(200);
    }
}

#[actix_web::test]
async fn an_assertion_is_for_us_for_minutes_and_for_one_call() {
    let (app, _) = begun().await;
    let key = Key::p256();
    let client = signing(&app, &[&key]).await;
    let other = signing(&app, &[&Key::p256()]).await;
    let now = START.seconds();
    for wrong in [
        json!({ "iss": other }),
        json!({ "iss": null }),
        json!({ "sub": other }),
        json!({ "aud": null }),
        json!({ "aud": "https://evil.example/" }),
        json!({ "aud": "https://mfa.example.com" }),
        json!({ "aud": "https://mfa.example.com/api/v2/" }),
        json!({ "aud": [] }),
        json!({ "aud": [ISSUER, "https://evil.example/"] }),
        json!({ "exp": null }),
        json!({ "exp": now - 5 }),
        json!({ "exp": now + 306 }),
        json!({ "exp": "soon" }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": now + 6 }),
        json!({ "iat": now + 6 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": "x".repeat(256) }),
        json!({ "jti": 7 }),
    ] {
        let assertion = key.sign(&claims(&client, &wrong));
        let answer = push(&app, &assertion, &[]).await;
        assert_eq!(refused(&answer, 401), "invalid_client", "{wrong}");
        let told = answer.json()["error_description"]
            .as_str()
            .unwrap()
            .to_owned();
        let stranger = Key::p256().sign(&claims(&client, &wrong));
        let nothing = push(&app, &stranger, &[]).await.json();
        assert_eq!(nothing["error_description"], "Unauthorized", "of {told}");
    }
    let longest = json!({ "exp": now + 300, "nbf": now, "jti": "x".repeat(255) });
    let assertion = key.sign(&claims(&client, &longest));
    push(&app, &assertion, &[]).await.expect(201);
    for _ in 0..2 {
        let again = push(&app, &assertion, &[]).await;
        assert_eq!(refused(&again, 401), "invalid_client", "taken once");
    }
    let late = key.sign(&claims(&client, &json!({ "exp": now + 300 })));
    app.clock.advance(std::time::Duration::from_secs(305));
    assert_eq!(
        refused(&push(&app, &late, &[]).await, 401),
        "invalid_client"
    );
}

#[actix_web::test]
async fn of_twenty_uses_at_once_one_is_taken() {
    let (app, _) = begun().await;
    let key = Key::ed25519();
    let client = signing(&app, &[&key]).await;
    let assertion = key.sign(&claims(&client, &json!({})));
    let answers = join_all((0..20).map(|_| push(&app, &assertion, &[]))).await;
    let taken = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(taken.count(), 1);
}

#[actix_web::test]
async fn no_other_key_and_no_other_algorithm_proves_a_client() {
    let (app, shop) = begun().await;
    let key = Key::rsa(Algorithm::RS256);
    let ec = Key::p256();
    let client = signing(&app, &[&key]).await;
    let said = || claims(&client, &json!({}));
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let unsigned = |header: Value| format!("{}.{}.", encode(&header), encode(&said()));
    // What everybody knows of the client, as if it were a secret between us.
    let public = [key.public["n"].to_string(), key.public.to_string()];
    let shared = public.map(|text| {
        let known = EncodingKey::from_secret(text.trim_matches('"').as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &said(), &known).unwrap()
    });
    let with = |change: &dyn Fn(&mut Header)| {
        let mut header = Header::new(Algorithm::RS256);
        change(&mut header);
        jsonwebtoken::encode(&header, &said(), &key.private).unwrap()
    };
    let [by_n, by_jwk] = shared;
    let whole = key.sign(&said());
    let (front, signature) = whole.rsplit_once('.').unwrap();
    let (head, _) = front.split_once('.').unwrap();
    let wrong = [
        unsigned(json!({ "alg": "none" })),
        unsigned(json!({ "alg": "None", "typ": "JWT" })),
        unsigned(json!({ "alg": "RS256" })),
        by_n,
        by_jwk,
        Key::rsa(Algorithm::RS256).sign(&said()),
        ec.sign(&said()),
        with(&|header| header.alg = Algorithm::RS512),
        with(&|header| header.kid = Some("another".to_owned())),
        with(&|header| header.typ = Some("at+jwt".to_owned())),
        with(&|header| header.crit = Some(vec!["exp".to_owned()])),
        format!("{head}.{}.{signature}", encode(&said())),
        format!("{front}."),
        format!("{front}.{}", BASE64URL_NOPAD.encode(&[0; 256])),
    ];
    for assertion in &wrong {
        let answer = push(&app, assertion, &[]).await;
        assert_eq!(refused(&answer, 401), "invalid_client", "{assertion}");
    }
    for odd in ["x", "a.b.c", "..", ""] {
        let answer = push(&app, odd, &[]).await;
        assert_eq!(refused(&answer, 400), "invalid_request", "{odd}");
    }
    // The same key may sign by either of its algorithms, and say which it is.
    push(&app, &with(&|header| header.alg = Algorithm::PS256), &[])
        .await
        .expect(201);
    push(
        &app,
        &with(&|header| header.kid = Some("rsa".to_owned())),
        &[],
    )
    .await
    .expect(201);
    push(&app, &with(&|header| header.typ = None), &[])
        .await
        .expect(201);

    // Who signs has no secret, and who has a secret does not sign.
    let guess = Shop {
        id: client.clone(),
        secret: shop.secret.clone(),
    };
    assert_eq!(refused(&guess.push(&app, &[]).await, 401), "invalid_client");
    let signed = key.sign(&claims(&shop.id, &json!({})));
    assert_eq!(
        refused(&push(&app, &signed, &[]).await, 401),
        "invalid_client"
    );
    for other in [
        ("client_id", shop.id.as_str()),
        ("client_secret", shop.secret.as_str()),
    ] {
        let answer = push(&app, &key.sign(&said()), &[other]).await;
        assert_eq!(refused(&answer, 400), "invalid_request", "{other:?}");
    }
}

#[actix_web::test]
async fn only_good_public_keys_are_registered() {
    let app = TestApp::start().await;
    let good = Key::p256().public;
    let with = |change: Value| {
        let mut key = good.clone();
        for (name, value) in change.as_object().unwrap() {
            key[name] = value.clone();
        }
        json!({ "keys": [key] })
    };
    let short = BASE64URL_NOPAD.encode(&[0xff; 128]);
    for jwks in [
        json!({}),
        json!({ "keys": [] }),
        json!({ "keys": {} }),
        json!({ "keys": [7] }),
        json!({ "keys": vec![good.clone(); 11] }),
        with(json!({ "d": "AAAA" })),
        with(json!({ "kty": "oct", "k": "AAAA" })),
        with(json!({ "kty": "oct" })),
        with(json!({ "crv": "P-384" })),
        with(json!({ "crv": "secp256k1" })),
        with(json!({ "x": "AAAA" })),
        with(json!({ "use": "enc" })),
        with(json!({ "alg": "ES384" })),
        with(json!({ "alg": "HS256" })),
        with(json!({ "alg": "RS256" })),
        with(json!({ "alg": "none" })),
        json!({ "keys": [{ "kty": "RSA", "n": short, "e": "AQAB" }] }),
        json!({ "keys": [{ "kty": "RSA", "n": "", "e": "AQAB" }] }),
        json!({ "keys": [
            { "kid": "a", "kty": "EC", "crv": "P-256", "x": good["x"], "y": good["y"] },
            { "kid": "a", "kty": "EC", "crv": "P-256", "x": good["x"], "y": good["y"] },
        ] }),
    ] {
        let body = json!({
            "name": "Shop", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
        });
        let answer = register(&app, &body).await;
        assert_eq!(crate::property(&answer), "jwks", "{jwks}");
    }
}
