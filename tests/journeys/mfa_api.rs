//! A back end has screens of its own, and proves its users' factors by Auth0's MFA API.

mod adding;
mod curve;
mod once;
mod refusals;

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tessera::access::scopes;
use tessera::core::{Actor, OsRng, Seed, UserId};
use tessera::factors::phone::{Channel, Countries, Number};
use tessera::store::User;
use tessera::users::methods::{Hand, NewMethod};
use tessera::users::recovery;
use zeroize::Zeroizing;

use crate::phone::code_in;
use crate::push::phone::Phone;
use crate::push::{self, wrong};
use crate::support::authenticator;
use crate::support::house::House;

const ADA: &str = "auth0|ada";
const NUMBER: &str = "+4915123456789";
const STEP: Duration = Duration::from_secs(30);
const MINUTE: Duration = Duration::from_secs(60);

/// A back end with screens of its own.
pub struct BackEnd<'a> {
    house: &'a House,
    http: reqwest::Client,
    id: String,
    secret: Zeroizing<String>,
    token: String,
}

impl<'a> BackEnd<'a> {
    async fn at(house: &'a House) -> Self {
        let (id, secret) = house.client(&[scopes::CREATE_MFA_TOKENS]).await;
        let tokens = &house.app.tokens;
        let client = tokens.authenticate(id.as_str(), &secret).await.unwrap();
        let issued = tokens.issue(&client, MINUTE * 60).await.unwrap();
        Self {
            house,
            http: reqwest::Client::new(),
            id: id.to_string(),
            secret,
            token: issued.access_token,
        }
    }

    async fn mint(&self, user_id: &str, body: Value) -> (u16, Value) {
        let user_id = user_id.replace('|', "%7C");
        let path = format!("/api/v2/users/{user_id}/mfa-token");
        self.post(&path, Some(&self.token), &body).await
    }

    async fn mfa_token(&self, user_id: &str) -> String {
        let (status, minted) = self.mint(user_id, json!({})).await;
        assert_eq!(status, 201, "{minted}");
        text(&minted, "mfa_token")
    }

    async fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> (u16, Value) {
        let mut asking = self.http.post(self.house.url(path)).json(body);
        if let Some(bearer) = bearer {
            asking = asking.bearer_auth(bearer);
        }
        told(asking.send().await.unwrap()).await
    }

    async fn list(&self, bearer: &str) -> Value {
        let url = self.house.url("/mfa/authenticators");
        let answer = self.http.get(url).bearer_auth(bearer).send().await;
        let (status, list) = told(answer.unwrap()).await;
        assert_eq!(status, 200, "{list}");
        list
    }

    async fn remove(&self, bearer: &str, id: &str) -> u16 {
        let path = format!("/mfa/authenticators/{}", id.replace('|', "%7C"));
        let asking = self.http.delete(self.house.url(&path)).bearer_auth(bearer);
        asking.send().await.unwrap().status().as_u16()
    }

    /// The id of the user's authenticator of this type.
    async fn named(&self, bearer: &str, kind: &str) -> String {
        let list = self.list(bearer).await;
        let mut all = list.as_array().unwrap().iter();
        let found = all.find(|found| found["type"] == kind);
        text(found.unwrap_or_else(|| panic!("no {kind}: {list}")), "id")
    }

    async fn challenge(&self, mfa_token: &str, kind: &str) -> (u16, Value) {
        let id = self.named(mfa_token, kind).await;
        let body = json!({
            "mfa_token": mfa_token, "authenticator_id": id, "challenge_type": "otp oob",
            "client_id": self.id, "client_secret": *self.secret,
        });
        self.post("/mfa/challenge", None, &body).await
    }

    async fn grant(&self, kind: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let kind = format!("http://auth0.com/oauth/grant-type/{kind}");
        let mut form = vec![
            ("grant_type", kind.as_str()),
            ("client_id", &self.id),
            ("client_secret", &self.secret),
        ];
        form.extend_from_slice(fields);
        let asking = self.http.post(self.house.url("/oauth/token")).form(&form);
        told(asking.send().await.unwrap()).await
    }

    async fn otp(&self, mfa_token: &str, code: &str) -> (u16, Value) {
        self.grant("mfa-otp", &[("mfa_token", mfa_token), ("otp", code)])
            .await
    }

    async fn recover(&self, mfa_token: &str, code: &str) -> (u16, Value) {
        let fields = [("mfa_token", mfa_token), ("recovery_code", code)];
        self.grant("mfa-recovery-code", &fields).await
    }

    async fn oob(&self, mfa_token: &str, begun: &Value, typed: Option<&str>) -> (u16, Value) {
        let code = text(begun, "oob_code");
        let mut fields = vec![("mfa_token", mfa_token), ("oob_code", code.as_str())];
        fields.extend(typed.map(|typed| ("binding_code", typed)));
        self.grant("mfa-oob", &fields).await
    }

    /// Looks at a set of tokens; the access token in it.
    fn tokens(&self, (status, tokens): (u16, Value), amr: &[&str]) -> String {
        assert_eq!(status, 200, "{tokens}");
        assert_eq!(tokens["token_type"], "Bearer");
        assert_eq!(tokens["expires_in"], 600);
        let scope = text(&tokens, "scope");
        for part in ["enroll", "read:authenticators", "remove:authenticators"] {
            assert!(scope.split(' ').any(|has| has == part), "{scope}");
        }
        let claims = claims(&text(&tokens, "id_token"));
        assert_eq!(
            (&claims["sub"], &claims["aud"]),
            (&json!(ADA), &json!(self.id))
        );
        assert_eq!(claims["amr"], json!(amr));
        assert_eq!(claims["auth_time"], self.house.app.now().seconds());
        text(&tokens, "access_token")
    }
}

async fn told(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

pub fn text(value: &Value, name: &str) -> String {
    let found = value[name].as_str();
    found
        .unwrap_or_else(|| panic!("no {name}: {value}"))
        .to_owned()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap()
}

/// What is refused, in the words that libraries compare.
#[track_caller]
fn refused(answer: &(u16, Value), status: u16, error: &str, description: &str) {
    let told = (answer.0, &answer.1["error"], &answer.1["error_description"]);
    assert_eq!(told, (status, &json!(error), &json!(description)));
}

/// A user who has nothing yet.
async fn user(house: &House, name: &str) -> UserId {
    let id: UserId = name.parse().unwrap();
    let now = house.app.now();
    let user = User {
        user_id: id.clone(),
        email: Some("ada@example.com".to_owned()),
        blocked: false,
        profile: "{}".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = house.app.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&user).await.unwrap());
    tx.commit().await.unwrap();
    id
}

/// Adds a factor that the back end vouches for.
async fn vouch(house: &House, id: &UserId, method: &NewMethod) {
    let hand = Hand {
        store: &house.app.store,
        sealer: &house.app.sealer,
        actor: &Actor::server(),
        now: house.app.now(),
        rng: &OsRng,
    };
    hand.add(id, method).await.unwrap();
}

async fn with_app(house: &House, id: &UserId) -> Seed {
    let seed = Seed::new(&OsRng);
    vouch(house, id, &NewMethod::app(&seed, None)).await;
    seed
}

async fn with_number(house: &House, id: &UserId) {
    let number = Number::parse(NUMBER, None, Channel::Sms, &Countries::all()).unwrap();
    vouch(house, id, &NewMethod::phone(&number, Channel::Sms, None)).await;
}

async fn with_recovery_code(house: &House, id: &UserId) -> String {
    let (store, actor, now) = (&house.app.store, Actor::server(), house.app.now());
    let code = recovery::regenerate(store, id, &actor, now, &OsRng).await;
    code.unwrap().expose().to_owned()
}

/// What the app of this key shows.
fn shown(house: &House, key: &str) -> String {
    authenticator::code(key, u64::try_from(house.app.now().seconds()).unwrap())
}

/// The code in the message that is sent now.
async fn texted(house: &House) -> String {
    assert_eq!(house.text().await, 1);
    code_in(house.texts().last().unwrap())
}

#[tokio::test]
async fn each_factor_is_proved_on_a_back_ends_own_screens() {
    for house in House::texting_on_each().await {
        let back = BackEnd::at(&house).await;
        let phone = push::enroll(&house, ADA).await;
        let id: UserId = ADA.parse().unwrap();
        let seed = with_app(&house, &id).await;
        with_number(&house, &id).await;
        let code = with_recovery_code(&house, &id).await;

        let (status, minted) = back.mint(ADA, json!({})).await;
        assert_eq!((status, &minted["expires_in"]), (201, &json!(300)));
        let kinds = ["otp", "push-notification", "phone", "recovery-code"];
        let kinds = kinds.map(|kind| json!({ "type": kind }));
        let wanted = json!({ "challenge": kinds, "enroll": [] });
        assert_eq!(minted["mfa_requirements"], wanted);
        let mfa_token = text(&minted, "mfa_token");
        let list = back.list(&mfa_token).await;
        assert_eq!(list.as_array().unwrap().len(), 4, "{list}");
        assert!(!list.to_string().contains(NUMBER), "{list}");
        assert!(list.to_string().contains("XXXXXXXX6789"), "{list}");

        // The app.
        let begun = back.challenge(&mfa_token, "otp").await;
        assert_eq!(begun, (200, json!({ "challenge_type": "otp" })));
        let shown = shown(&house, &seed.to_base32());
        back.tokens(back.otp(&mfa_token, &shown).await, &["mfa", "otp"]);
        let again = back.otp(&mfa_token, &shown).await;
        refused(&again, 401, "expired_token", "mfa_token is expired");

        a_text_message(&house, &back).await;
        a_prompt(&house, &back, &phone).await;

        // The recovery code, and the one in its place.
        let mfa_token = back.mfa_token(ADA).await;
        let spaced = format!("{}-{}", &code[..12], code[12..].to_lowercase());
        let answer = back.recover(&mfa_token, &spaced).await;
        let fresh = text(&answer.1, "recovery_code");
        assert_eq!(fresh.len(), 24);
        back.tokens(answer, &["mfa"]);
        let mfa_token = back.mfa_token(ADA).await;
        let dead = back.recover(&mfa_token, &code).await;
        refused(&dead, 403, "invalid_grant", "MFA Authorization rejected.");
        back.tokens(back.recover(&mfa_token, &fresh).await, &["mfa"]);

        let told = house.events_of(ADA).await;
        for (kind, count) in [
            ("login.created", 5),
            ("login.verified", 5),
            ("login.challenged", 2),
        ] {
            let found = told.iter().filter(|event| *event == kind).count();
            assert_eq!(found, count, "{kind}: {told:?}");
        }
    }
}

async fn a_text_message(house: &House, back: &BackEnd<'_>) {
    let mfa_token = back.mfa_token(ADA).await;
    let (status, begun) = back.challenge(&mfa_token, "phone").await;
    assert_eq!(status, 200, "{begun}");
    assert_eq!(begun["challenge_type"], "oob");
    assert_eq!(begun["binding_method"], "prompt");
    let code = texted(house).await;
    let missing = back.oob(&mfa_token, &begun, None).await;
    let told = "Missing required parameter: binding_code";
    refused(&missing, 400, "invalid_request", told);
    let other = if code == "123456" { "123457" } else { "123456" };
    for typed in [other, "12345", ""] {
        let answer = back.oob(&mfa_token, &begun, Some(typed)).await;
        refused(&answer, 403, "invalid_grant", "Invalid binding_code.");
    }
    let again = back.challenge(&mfa_token, "phone").await;
    assert_eq!(
        (again.0, &again.1["error"]),
        (429, &json!("too_many_attempts"))
    );
    let answer = back.oob(&mfa_token, &begun, Some(&code)).await;
    back.tokens(answer, &["mfa", "sms"]);
}

async fn a_prompt(house: &House, back: &BackEnd<'_>, phone: &Phone) {
    let mfa_token = back.mfa_token(ADA).await;
    let (status, begun) = back.challenge(&mfa_token, "push-notification").await;
    assert_eq!(status, 200, "{begun}");
    assert_eq!(begun["binding_method"], Value::Null);
    let number = text(&begun, "number");
    let pending = back.oob(&mfa_token, &begun, None).await;
    let words = "Authorization pending: please repeat the request in a few seconds.";
    refused(&pending, 400, "authorization_pending", words);
    // Without the number of the back end's screen the phone approves nothing.
    assert_eq!(phone.answer(house, "approve", wrong(&number)).await.0, 422);
    let pending = back.oob(&mfa_token, &begun, None).await;
    refused(&pending, 400, "authorization_pending", words);
    assert_eq!(phone.answer(house, "approve", &number).await.0, 200);
    let answer = back.oob(&mfa_token, &begun, None).await;
    back.tokens(answer, &["mfa", "swk"]);
}

#[tokio::test]
async fn a_denied_prompt_is_denied_and_whoever_asks_too_often_slows_down() {
    for house in House::start_on_each().await {
        let back = BackEnd::at(&house).await;
        let phone = push::enroll(&house, ADA).await;
        let mfa_token = back.mfa_token(ADA).await;
        let (_, begun) = back.challenge(&mfa_token, "push-notification").await;
        for _ in 0..12 {
            let (status, told) = back.oob(&mfa_token, &begun, None).await;
            assert_eq!(
                (status, &told["error"]),
                (400, &json!("authorization_pending"))
            );
        }
        let (status, told) = back.oob(&mfa_token, &begun, None).await;
        assert_eq!((status, &told["error"]), (400, &json!("slow_down")));
        house.clock.advance(MINUTE);
        assert_eq!(phone.answer(&house, "not-me", "").await.0, 200);
        let denied = back.oob(&mfa_token, &begun, None).await;
        refused(&denied, 400, "access_denied", "MFA Authorization rejected.");
        // Nor is another prompt sent, in whatever login.
        let mfa_token = back.mfa_token(ADA).await;
        let (status, told) = back.challenge(&mfa_token, "push-notification").await;
        assert_eq!((status, &told["error"]), (429, &json!("too_many_requests")));
    }
}
