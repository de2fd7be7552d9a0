//! A phone that shares no code with the server: its key is its own, and so is what it believes is to be signed.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::support::house::House;

pub struct Phone {
    key: EcdsaKeyPair,
    /// The page that its browser believes to show.
    origin: String,
    /// Where that is served.
    address: String,
    http: reqwest::Client,
    pub enrollment_id: String,
}

impl Phone {
    pub fn of(house: &House) -> Self {
        Self::at(house.url(""), house.url(""))
    }

    pub fn at(origin: String, address: String) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            origin,
            address,
            http: reqwest::Client::new(),
            enrollment_id: String::new(),
        }
    }

    pub fn public_key(&self) -> String {
        BASE64URL_NOPAD.encode(self.key.public_key().as_ref())
    }

    pub fn sign(&self, lines: &[&str]) -> String {
        let text = lines.join("\n");
        let signed = self.key.sign(&SystemRandom::new(), text.as_bytes());
        BASE64URL_NOPAD.encode(signed.unwrap().as_ref())
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/authenticator/{path}", self.address);
        let answer = self.http.post(url).json(body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    pub async fn pair_with(&mut self, code: &str, subscription: Option<Value>) -> (u16, Value) {
        let mut body = json!({ "code": code, "public_key": self.public_key(), "name": "Pixel" });
        if let Some(subscription) = subscription {
            body["subscription"] = subscription;
        }
        let (status, told) = self.post("pair", &body).await;
        if status == 200 {
            self.enrollment_id = told["enrollment_id"].as_str().unwrap().to_owned();
        }
        (status, told)
    }

    pub async fn pair(&mut self, code: &str) -> u16 {
        self.pair_with(code, None).await.0
    }

    /// What the server says of this phone's account, asked at this time.
    pub async fn look_at(&self, time: i64) -> Value {
        let origin = self.origin.clone();
        let id = self.enrollment_id.as_str();
        let signature = self.sign(&["tessera-push-list-v1", &origin, id, &time.to_string()]);
        let account = json!({ "enrollment_id": id, "time": time, "signature": signature });
        let (status, told) = self
            .post("pending", &json!({ "accounts": [account] }))
            .await;
        assert_eq!(status, 200, "{told}");
        told["accounts"][0].clone()
    }

    pub async fn look(&self, house: &House) -> Value {
        self.look_at(house.app.now().millis()).await
    }

    /// The prompt that waits.
    pub async fn prompt(&self, house: &House) -> String {
        let told = self.look(house).await;
        let id = told["prompts"][0]["challenge_id"].as_str();
        id.unwrap_or_else(|| panic!("{told}")).to_owned()
    }

    pub fn answering(&self, prompt: &str, decision: &str, number: &str) -> Value {
        let id = self.enrollment_id.as_str();
        let lines = [
            "tessera-push-answer-v1",
            &self.origin,
            prompt,
            id,
            decision,
            number,
        ];
        json!({
            "challenge_id": prompt, "enrollment_id": id, "decision": decision, "number": number,
            "signature": self.sign(&lines),
        })
    }

    pub async fn answer(&self, house: &House, decision: &str, number: &str) -> (u16, Value) {
        let prompt = self.prompt(house).await;
        self.post("answer", &self.answering(&prompt, decision, number))
            .await
    }
}
