//! The whole of a login, as an application lives through it: over HTTP, from the push to the ID token.

use std::collections::HashMap;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tessera::core::{BearerSecret, Digest, OsRng};
use zeroize::Zeroizing;

use crate::support::authenticator;
use crate::support::house::House;
use crate::support::visitor::Visitor;

const ADA: &str = "auth0|ada";
const BACK: &str = "http://localhost:1/back";

/// An application, and what it found out about the server.
struct Shop {
    http: Client,
    found: Value,
    id: String,
    secret: Zeroizing<String>,
}

/// What an application remembers of a login that it began.
struct Begun {
    request_uri: String,
    state: String,
    nonce: String,
    verifier: String,
}

fn random() -> String {
    BearerSecret::new(&OsRng).expose().to_owned()
}

impl Shop {
    async fn new(house: &House) -> Self {
        let (id, secret) = house.client(&[]).await;
        let mut tx = house.app.store.begin_write().await.unwrap();
        let mut client = tx.lock_client(&id).await.unwrap().unwrap();
        client.redirect_uris = BACK.to_owned();
        tx.update_client(&client).await.unwrap();
        tx.commit().await.unwrap();
        let (http, path) = (Client::new(), "/.well-known/openid-configuration");
        let found = http.get(house.url(path)).send().await.unwrap();
        let id = id.to_string();
        let found = found.json().await.unwrap();
        Self {
            http,
            found,
            id,
            secret,
        }
    }

    async fn call(&self, endpoint: &str, form: &[(&str, &str)]) -> Response {
        let url = self.found[endpoint].as_str().unwrap();
        let call = self
            .http
            .post(url)
            .basic_auth(&self.id, Some(&*self.secret));
        call.form(form).send().await.unwrap()
    }

    async fn begin(&self) -> Begun {
        let (state, nonce, verifier) = (random(), random(), random());
        let challenge = BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).as_bytes());
        let form = [
            ("response_type", "code"),
            ("scope", "openid email"),
            ("redirect_uri", BACK),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("login_hint", ADA),
        ];
        let endpoint = "pushed_authorization_request_endpoint";
        let pushed = self.call(endpoint, &form).await;
        assert_eq!(pushed.status(), 201);
        let pushed: Value = pushed.json().await.unwrap();
        Begun {
            request_uri: pushed["request_uri"].as_str().unwrap().to_owned(),
            state,
            nonce,
            verifier,
        }
    }

    fn link(&self, begun: &Begun) -> String {
        let endpoint = self.found["authorization_endpoint"].as_str().unwrap();
        format!(
            "{endpoint}?client_id={}&request_uri={}",
            self.id, begun.request_uri
        )
    }

    async fn redeem(&self, code: &str, verifier: &str) -> Result<Value, String> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", verifier),
        ];
        let answer = self.call("token_endpoint", &form).await;
        let (status, told) = (answer.status(), answer.json::<Value>().await.unwrap());
        match status.as_u16() {
            200 => Ok(told),
            _ => Err(told["error"].as_str().unwrap().to_owned()),
        }
    }

    /// What the ID token says, once all of it was checked that a library checks.
    async fn read(&self, tokens: &Value) -> Value {
        let token = tokens["id_token"].as_str().unwrap();
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let keys = self.http.get(self.found["jwks_uri"].as_str().unwrap());
        let keys: Value = keys.send().await.unwrap().json().await.unwrap();
        let mut keys = keys["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["kid"] == *kid).unwrap();
        let part = |name: &str| key[name].as_str().unwrap();
        let key = DecodingKey::from_rsa_components(part("n"), part("e")).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[self.found["issuer"].as_str().unwrap()]);
        validation.set_audience(&[&self.id]);
        // The house's clock is another than the machine's.
        validation.validate_exp = false;
        let read = jsonwebtoken::decode::<Value>(token, &key, &validation);
        read.unwrap().claims
    }
}

/// Ada, who has an authenticator app, goes where the shop sends her; what her browser brings back.
async fn go(house: &House, key: &str, link: &str) -> HashMap<String, String> {
    let mut ada = Visitor::at(link).await;
    house.clock.advance(Duration::from_secs(30));
    let now = u64::try_from(house.app.now().seconds()).unwrap();
    let code = authenticator::code(key, now);
    ada.submit("form", &[("code", &code)]).await;
    assert!(ada.url.as_str().starts_with(BACK), "{}", ada.html);
    ada.url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_shop_learns_who_proved_what_and_whoever_steals_a_piece_learns_nothing() {
    for house in House::start_on_each().await {
        let mut ada = Visitor::at(&house.link_for(ADA).await).await;
        let key = ada.key();
        ada.confirm(&house).await;
        ada.save_recovery_code().await;
        let (shop, eve) = (Shop::new(&house).await, Shop::new(&house).await);

        let begun = shop.begin().await;
        let brought = go(&house, &key, &shop.link(&begun)).await;
        assert_eq!(brought["state"], begun.state);
        assert_eq!(
            brought["iss"],
            shop.found["issuer"].as_str().unwrap(),
            "no mix-up"
        );
        let code = &brought["code"];
        assert_eq!(
            eve.redeem(code, &begun.verifier).await,
            Err("invalid_grant".to_owned())
        );
        let tokens = shop.redeem(code, &begun.verifier).await.unwrap();
        let claims = shop.read(&tokens).await;
        let now = house.app.now().seconds();
        let told = json!({
            "iss": shop.found["issuer"], "sub": ADA, "aud": shop.id, "iat": now, "exp": now + 600, "auth_time": now,
            "nonce": begun.nonce, "amr": ["mfa", "otp"], "acr": shop.found["acr_values_supported"][1],
            "sid": claims["sid"], "email": "ada@example.com",
        });
        assert_eq!(claims, told);
        for shop in [&shop, &eve] {
            assert_eq!(
                shop.redeem(code, &begun.verifier).await,
                Err("invalid_grant".to_owned())
            );
        }
        assert_eq!(
            Visitor::at(&shop.link(&begun)).await.status,
            410,
            "good once"
        );

        // Eve's own application does nothing with a reference of the shop's.
        let begun = shop.begin().await;
        let foreign = Visitor::at(&eve.link(&begun)).await;
        assert_eq!(
            (foreign.status.as_u16(), foreign.url.path()),
            (410, "/authorize")
        );
        // Nor does a code that she puts into somebody else's visit to the shop.
        let theirs = shop.begin().await;
        let brought = go(&house, &key, &shop.link(&begun)).await;
        let injected = shop.redeem(&brought["code"], &theirs.verifier).await;
        assert_eq!(injected, Err("invalid_grant".to_owned()));
        let late = shop.redeem(&brought["code"], &begun.verifier).await;
        assert_eq!(
            late,
            Err("invalid_grant".to_owned()),
            "the try has ended it"
        );

        let told = house.events_of(ADA).await;
        let of = |kind: &str| told.iter().filter(|found| *found == kind).count();
        let counts =
            ["spent", "code_replayed", "code_refused"].map(|kind| of(&format!("login.{kind}")));
        assert_eq!(counts, [1, 2, 2]);
    }
}
