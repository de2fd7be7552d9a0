//! An application sends its users for their second factor: the back channel of OpenID Connect.

mod code;
mod par;
mod signed;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use tessera::core::{Actor, BearerSecret, Digest, LoginId, OsRng, UserId};
use tessera::logins::login;

use crate::support::app::{Answer, TestApp};

const ISSUER: &str = "https://mfa.example.com/";
const CALLBACK: &str = "https://shop.example.com/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const ADA: &str = "auth0|ada";

/// A registered application.
struct Shop {
    id: String,
    secret: String,
}

impl Shop {
    /// As the management API makes it.
    async fn new(app: &TestApp) -> Self {
        let made = app
            .post("/api/v2/clients")
            .bearer(&app.token().await)
            .json(&json!({ "name": "Shop", "redirect_uris": [CALLBACK] }))
            .send()
            .await
            .expect(201)
            .json();
        Self {
            id: made["client_id"].as_str().unwrap().to_owned(),
            secret: made["client_secret"].as_str().unwrap().to_owned(),
        }
    }

    fn basic(&self) -> String {
        let pair = format!("{}:{}", self.id, self.secret);
        format!("Basic {}", BASE64.encode(pair.as_bytes()))
    }

    /// Pushes the usual request with these parameters in the place of, or beside, its own; an empty one is left out.
    async fn push(&self, app: &TestApp, other: &[(&str, &str)]) -> Answer {
        let form = usual(other);
        let form: Vec<(&str, &str)> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let asked = app.post("/oauth/par");
        asked
            .header("authorization", &self.basic())
            .form(&form)
            .send()
            .await
    }

    /// The code that a browser brings back, once its user proved an authenticator app.
    async fn code(&self, app: &TestApp, other: &[(&str, &str)]) -> String {
        let pushed = self.push(app, other).await.expect(201).json();
        prove(app, &self.id, &pushed).await
    }

    /// Brings a code, with these parameters in the place of its own.
    async fn redeem(&self, app: &TestApp, code: &str, other: &[(&str, &str)]) -> Answer {
        let form = replaced(
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ],
            other,
        );
        let form: Vec<(&str, &str)> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let asked = app.post("/oauth/token");
        asked
            .header("authorization", &self.basic())
            .form(&form)
            .send()
            .await
    }
}

/// What the pages do, without the pages.
async fn prove(app: &TestApp, client: &str, pushed: &Value) -> String {
    let (store, now) = (&app.app.store, app.app.now());
    let uri = pushed["request_uri"].as_str().unwrap();
    let secret = uri.rsplit(':').next().unwrap();
    let secret = BearerSecret::parse(secret).unwrap();
    let actor = |_: &LoginId| Actor::server();
    let client = client.parse().unwrap();
    let opened = login::open(store, &secret, &client, actor, now, &OsRng).await;
    let opened = opened.unwrap();
    let of = (&opened.user_id, &opened.login_id);
    let mut tx = store.begin_write().await.unwrap();
    let until = now + login::LIFETIME;
    let verified = tx.verify_login(of, ("otp", "mfa otp"), until, now).await;
    assert!(verified.unwrap());
    tx.commit().await.unwrap();
    let answered = login::answer(store, of.0, of.1, &Actor::server(), now, &OsRng).await;
    answered.unwrap().1.expose().to_owned()
}

fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(Digest::of(verifier.as_bytes()).as_bytes())
}

fn usual(other: &[(&str, &str)]) -> Vec<(String, String)> {
    let challenge = challenge(VERIFIER);
    let usual = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("login_hint", ADA),
    ];
    replaced(&usual, other)
}

fn replaced(usual: &[(&str, &str)], other: &[(&str, &str)]) -> Vec<(String, String)> {
    let kept = usual
        .iter()
        .filter(|(name, _)| other.iter().all(|(another, _)| another != name));
    let pairs = kept.chain(other).filter(|(_, value)| !value.is_empty());
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A server with a shop, and with Ada, who may use it.
async fn begun() -> (TestApp, Shop) {
    with(TestApp::start().await).await
}

async fn with(app: TestApp) -> (TestApp, Shop) {
    let shop = Shop::new(&app).await;
    user(&app, ADA).await;
    (app, shop)
}

async fn user(app: &TestApp, id: &str) {
    let body = json!({ "connection": "c", "user_id": id, "email": "ada@example.com" });
    let made = app
        .post("/api/v2/users")
        .bearer(&app.token().await)
        .json(&body);
    made.send().await.expect(201);
}

/// The code of an error, once it was found to be in OAuth's shape and not to be kept by anybody.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    let told = body["error_description"].as_str().unwrap();
    let printable = |byte: u8| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte);
    assert!(told.bytes().all(printable), "RFC 6749 §5.2: {told}");
    body["error"].as_str().unwrap().to_owned()
}

/// What happened to Ada's logins, in order.
async fn happened(app: &TestApp) -> Vec<String> {
    let ada: UserId = ADA.parse().unwrap();
    let mut read = app.app.store.begin_read().await.unwrap();
    let events = read.events_of_user(&ada).await.unwrap();
    let kinds = events.into_iter().map(|event| event.kind);
    kinds.filter(|kind| kind.starts_with("login.")).collect()
}
