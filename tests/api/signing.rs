//! There are keys of two algorithms: each verifies what was signed by its own, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use tessera::access::{Signer, mfa_tokens, scopes};
use tessera::core::seal::Place;
use tessera::core::{Algorithm, OsRng, UserId};
use tessera::store::Client;

use crate::support::app::TestApp;

/// The key that signs by this algorithm.
pub async fn signer(app: &TestApp, alg: Algorithm) -> Arc<Signer> {
    let keys = app.app.tokens.keys.current(None).await.unwrap();
    let mut signers = keys.signers.iter();
    Arc::clone(signers.find(|signer| signer.alg == alg).unwrap())
}

/// The RSA key, as somebody has it who stole it.
pub async fn stolen(app: &TestApp) -> EncodingKey {
    let mut read = app.app.store.begin_read().await.unwrap();
    let keys = read.signing_keys().await.unwrap();
    let place = Place {
        table: "signing_keys",
        row: &[&keys[0].kid],
        column: "private_sealed",
    };
    let private = app.app.sealer.open(&place, &keys[0].private_sealed);
    rsa(&private.unwrap())
}

/// An RSA key of 2048 bits, given as PKCS#8.
pub fn rsa(private: &[u8]) -> EncodingKey {
    // Behind the header, which says that it is one.
    EncodingKey::from_rsa_der(&private[26..])
}

/// A token with this header: `signs` makes the signature.
fn token(header: &Value, claims: &str, signs: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
    let content = format!("{header}.{claims}");
    let signature = BASE64URL_NOPAD.encode(&signs(content.as_bytes()));
    format!("{content}.{signature}")
}

/// All that somebody makes who has the token of a key, its public half, and the token of the other key.
fn forged(good: &str, ours: &Signer, other: &Signer) -> Vec<(String, String)> {
    let parts: Vec<&str> = good.split('.').collect();
    let header = BASE64URL_NOPAD.decode(parts[0].as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let (alg, kid) = (ours.alg.name(), ours.kid.as_str());
    assert_eq!((&header["alg"], &header["kid"]), (&json!(alg), &json!(kid)));
    let named = |alg: &str, kid: &str| json!({ "typ": header["typ"], "alg": alg, "kid": kid });
    let sign =
        |header: &Value, by: &Signer| token(header, parts[1], |content| by.sign(content).unwrap());
    let mut forged = Vec::new();
    for (alg, kid, by) in [
        (other.alg.name(), kid, ours),
        (other.alg.name(), kid, other),
        (alg, kid, other),
        (alg, other.kid.as_str(), ours),
        (other.alg.name(), other.kid.as_str(), ours),
    ] {
        let what = format!("{alg} of {kid}, by {}", by.alg.name());
        forged.push((what, sign(&named(alg, kid), by)));
    }
    for alg in ["none", "NONE", "", "PS256", "ES384", "EdDSA", "HS256"] {
        let unsigned = token(&named(alg, kid), parts[1], |_| Vec::new());
        let signed = sign(&named(alg, kid), ours);
        forged.push((format!("unsigned, {alg}"), unsigned));
        forged.push((format!("signed, {alg}"), signed));
    }
    let public = serde_json::to_value(&ours.public).unwrap();
    let numbers = ["n", "e", "x", "y"].map(|name| public[name].as_str().unwrap_or_default());
    let bytes = numbers.map(|text| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap());
    let point = [&[4][..], &bytes[2], &bytes[3]].concat();
    let texts = numbers.map(|text| text.as_bytes().to_vec());
    let all = public.to_string().into_bytes();
    for secret in bytes.into_iter().chain(texts).chain([point, all]) {
        let header = jsonwebtoken::Header {
            kid: Some(kid.to_owned()),
            typ: header["typ"].as_str().map(str::to_owned),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
        };
        let claims = BASE64URL_NOPAD.decode(parts[1].as_bytes()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let secret = EncodingKey::from_secret(&secret);
        let token = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
        forged.push(("the public key as a shared secret".to_owned(), token));
    }
    forged
}

#[actix_web::test]
async fn a_key_verifies_by_its_own_algorithm_alone() {
    let app = TestApp::start().await;
    let ada: UserId = "auth0|ada".parse().unwrap();
    let body = json!({ "connection": "c", "user_id": ada, "email": "ada@example.com" });
    let made = app.post("/api/v2/users").bearer(&app.token().await);
    made.json(&body).send().await.expect(201);
    let (client, _) = app.client(&[scopes::READ_USERS]).await;
    let tokens = &app.app.tokens;
    for (alg, other) in [
        (Algorithm::Rs256, Algorithm::Es256),
        (Algorithm::Es256, Algorithm::Rs256),
    ] {
        let (ours, other) = (signer(&app, alg).await, signer(&app, other).await);
        let client = Client {
            signing_alg: alg,
            ..client.clone()
        };
        let management = tokens.issue(&client, Duration::from_secs(60));
        let mfa = tokens.access_token(&ada, &client, mfa_tokens::ALL, &OsRng);
        for (path, good) in [
            ("/api/v2/users", management.await.unwrap().access_token),
            ("/mfa/authenticators", mfa.await.unwrap().access_token),
        ] {
            let call = |token: &str| app.get(path).bearer(token);
            call(&good).send().await.expect(200);
            for (what, token) in forged(&good, &ours, &other) {
                let answer = call(&token).send().await;
                assert_eq!(answer.status, 401, "{path}: {what}");
            }
            call(&good).send().await.expect(200);
        }
    }
}
