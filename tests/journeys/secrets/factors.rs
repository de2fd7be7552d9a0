//! Others enroll what is sent, pushed and signed: numbers, codes, subscriptions and ceremonies, right and wrong ones.

use std::path::Path;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use reqwest::Method;
use serde_json::{Value, json};
use tessera::core::{Clock as _, SystemClock};

use super::story::{Story, write_secret};
use crate::phone::code_in;
use crate::push::calls::Keys;
use crate::push::phone::Phone;
use crate::push::wrong;
use crate::support::gateway::{Asked, Gateway};
use crate::support::token::Token;
use crate::support::visitor::Visitor;

const TWILIO_TOKEN: &str = "canary-twilio-token-Rb4";
const TWILIO_TOKEN_BY_API: &str = "canary-twilio-token-by-api-Vd9";
const GATEWAY_SECRET: &str = "canary-gateway-secret-Jh2";
const ENDPOINT: &str = "canary-push-endpoint-Lm6";
/// Of the configuration: what the program's address is for browsers.
const ORIGIN: &str = "http://localhost:8080";
/// As people write them; they begin with this.
const COUNTRY: &str = "+49";
const TEXTED: &str = "0151 23456789";
const CALLED: &str = "(0171) 234 56 78";
const BY_API: &str = "+49 160 2345678";

/// Who takes messages to phones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    Twilio,
    Http,
}

/// `[phone]` and `[push]`, where both providers are this one.
pub fn settings(
    provider: Provider,
    gateway: &Gateway,
    folder: &Path,
) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("TESSERA_PHONE__COUNTRIES", "[\"DE\"]".to_owned()),
        ("TESSERA_PHONE__FROM", "+15005550006".to_owned()),
        ("TESSERA_PUSH__ALLOWED_HOSTS", "localhost".to_owned()),
    ];
    if provider == Provider::Twilio {
        let token = write_secret(folder, "twilio.token", TWILIO_TOKEN);
        settings.extend([
            ("TESSERA_PHONE__PROVIDER", "twilio".to_owned()),
            ("TESSERA_PHONE__TWILIO_URL", gateway.url("")),
            ("TESSERA_PHONE__TWILIO_SID", "AC123".to_owned()),
            ("TESSERA_PHONE__TWILIO_TOKEN_FILE", token),
        ]);
    } else {
        let secret = write_secret(folder, "gateway.secret", GATEWAY_SECRET);
        let body = "{\"to\":\"{{ number }}\",\"code\":\"{{ code }}\",\"text\":\"{{ text }}\"}";
        settings.extend([
            ("TESSERA_PHONE__PROVIDER", "http".to_owned()),
            ("TESSERA_PHONE__HTTP_URL", gateway.url("/v1/send")),
            (
                "TESSERA_PHONE__HTTP_HEADERS",
                "[\"Authorization: Bearer {{ secret }}\"]".to_owned(),
            ),
            ("TESSERA_PHONE__HTTP_BODY", body.to_owned()),
            ("TESSERA_PHONE__HTTP_CALLS", "true".to_owned()),
            ("TESSERA_PHONE__HTTP_SECRET_FILE", secret),
        ]);
    }
    settings
}

/// The code in what a provider was asked.
fn code_of(asked: &Asked) -> String {
    if let Ok(body) = serde_json::from_str::<Value>(&asked.body) {
        return body["code"].as_str().unwrap().to_owned();
    }
    let form = asked.form();
    match form.get("Body") {
        Some(text) => code_in(text),
        None => {
            let (_, said) = form["Twiml"].split_once("code is: ").unwrap();
            said.chars().filter(char::is_ascii_digit).take(6).collect()
        }
    }
}

impl Story {
    /// All of it; `gateway` is the provider of messages, and `service` the push service.
    pub async fn more_factors(&mut self, gateway: &Gateway, service: &Gateway) {
        for (name, secret) in [
            ("Twilio's token", TWILIO_TOKEN),
            ("Twilio's token by API", TWILIO_TOKEN_BY_API),
            ("the gateway's secret", GATEWAY_SECRET),
        ] {
            self.secrets.add(name, secret);
        }
        let login = BASE64.encode(format!("AC123:{TWILIO_TOKEN}").as_bytes());
        self.secrets.add("the login at Twilio", login);
        self.add_by_api().await;
        self.texted(gateway).await;
        self.called(gateway).await;
        self.pushed(service).await;
        self.signed().await;
        self.regenerate().await;
    }

    async fn at_factor(&mut self, user: &str, factor: &str) -> Visitor {
        let body = json!({
            "user_id": user, "email": format!("canary.{factor}@example.com"), "factor": factor,
        });
        let (_, link) = self.create(body).await;
        let visitor = Visitor::at(&self.program.at_home(&link)).await;
        assert_eq!(visitor.status, 200, "{}", visitor.html);
        self.look_at(&visitor);
        visitor
    }

    /// A number, however somebody may write it down.
    fn hide_number(&mut self, typed: &str) {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let bare = digits.trim_start_matches('0').trim_start_matches("49");
        for (name, text) in [
            ("as typed", typed.to_owned()),
            ("in E.164", format!("{COUNTRY}{bare}")),
            ("without its country", format!("0{bare}")),
            ("without its sign", format!("49{bare}")),
            ("in bare digits", bare.to_owned()),
            (
                "in groups",
                format!("{COUNTRY} {} {}", &bare[..4], &bare[4..]),
            ),
        ] {
            self.secrets.add(&format!("a number {name}"), text);
        }
    }

    fn hide_code(&mut self, code: &str) {
        self.secrets.add_code(code);
        for separator in [". ", " ", "."] {
            let apart: Vec<String> = code.chars().map(String::from).collect();
            self.secrets
                .add("a code digit by digit", apart.join(separator));
        }
    }

    /// A back end brings a number and a seed, and an admin an account.
    async fn add_by_api(&mut self) {
        let body = json!({ "user_id": "auth0|api", "email": "canary.api@example.com" });
        self.create(body).await;
        self.hide_number(BY_API);
        let path = "/api/v2/users/auth0%7Capi/authentication-methods";
        let token = self.token.clone();
        let phone = json!({ "type": "phone", "phone_number": BY_API }).to_string();
        let (status, told) = self.ask(Method::POST, path, Some(&phone), &token).await;
        assert_eq!(status, 201, "{told}");
        self.leaves
            .push(("the answer of a number".to_owned(), told.into_bytes()));
        let app = json!({ "type": "totp", "name": "App" }).to_string();
        let (status, told) = self.ask(Method::POST, path, Some(&app), &token).await;
        assert_eq!(status, 201, "{told}");
        let told: Value = serde_json::from_str(&told).unwrap();
        let seed = told["totp_secret"].as_str().unwrap();
        self.secrets.add("a seed by API", seed);
        let bytes = data_encoding::BASE32_NOPAD.decode(seed.as_bytes()).unwrap();
        self.secrets.add("the bytes of a seed by API", bytes);

        let path = "/api/v2/guardian/factors/phone/providers/twilio";
        let account =
            json!({ "sid": "AC9", "auth_token": TWILIO_TOKEN_BY_API, "from": "+15005550006" });
        let account = account.to_string();
        let (status, told) = self.ask(Method::PUT, path, Some(&account), &token).await;
        assert_eq!(status, 200, "{told}");
        self.leaves
            .push(("the answer of an account".to_owned(), told.into_bytes()));
        self.read(path).await;
    }

    /// A code comes by text message; what is typed is wrong at first, and in the wrong field.
    async fn texted(&mut self, gateway: &Gateway) {
        self.hide_number(TEXTED);
        let mut cyd = self.at_factor("auth0|cyd", "phone").await;
        for (country, number) in [("US", TEXTED), ("DE", "0900 5123456"), ("DE", TEXTED)] {
            let fields = [("country", country), ("number", number), ("channel", "sms")];
            cyd.submit("form", &fields).await;
            self.look_at(&cyd);
        }
        self.hide_number("0900 5123456");
        assert_eq!(
            cyd.url.path(),
            "/guardian/enroll/phone/code",
            "{}",
            cyd.html
        );
        let code = code_of(&gateway.until(1).await);
        self.hide_code(&code);
        for typed in [TEXTED, "190283", &code] {
            cyd.submit("form[action$=code]", &[("code", typed)]).await;
            self.look_at(&cyd);
        }
        self.secrets.add_code("190283");
        assert_eq!(cyd.url.path(), "/guardian/enroll/recovery-code");
        self.shows_no_number(&cyd);
    }

    /// Another comes by a call.
    async fn called(&mut self, gateway: &Gateway) {
        self.hide_number(CALLED);
        let mut dan = self.at_factor("auth0|dan", "phone").await;
        let fields = [("country", "DE"), ("number", CALLED), ("channel", "voice")];
        dan.submit("form", &fields).await;
        self.look_at(&dan);
        let code = code_of(&gateway.until(2).await);
        self.hide_code(&code);
        dan.submit("form[action$=code]", &[("code", &code)]).await;
        assert_eq!(dan.url.path(), "/guardian/enroll/recovery-code");
        self.look_at(&dan);
    }

    /// A phone is paired by its code, called, and approves by the number on the screen.
    async fn pushed(&mut self, service: &Gateway) {
        const PAGE: &str = "/guardian/enroll/push-notification";
        let mut eve = self.at_factor("auth0|eve", "push-notification").await;
        eve.submit("form.sheet", &[]).await;
        self.look_at(&eve);
        let shown = eve.text("code.groups");
        let bare = shown.replace(' ', "");
        for code in [&shown, &bare, &shown.replace(' ', "-")] {
            self.secrets.add_code(code);
        }
        let path = format!("/send/{ENDPOINT}");
        let endpoint = service.url(&path).replace("127.0.0.1", "localhost");
        let subscription = Keys::new().subscription(&endpoint);
        self.secrets.add("a push endpoint", ENDPOINT);
        for key in ["p256dh", "auth"] {
            let text = subscription[key].as_str().unwrap();
            self.secrets.add(&format!("{key} of a subscription"), text);
            let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
            self.secrets
                .add(&format!("the bytes of {key} of a subscription"), bytes);
        }
        let mut phone = Phone::at(ORIGIN.to_owned(), self.program.url(""));
        let foreign = endpoint.replace("localhost", "localhost.example");
        let refused = Keys::new().subscription(&foreign);
        let (status, told) = phone.pair_with(&bare, Some(refused)).await;
        assert_eq!(status, 400, "{told}");
        let told = told.to_string().into_bytes();
        self.leaves
            .push(("a refused subscription".to_owned(), told));
        let (status, told) = phone.pair_with(&bare, Some(subscription)).await;
        assert_eq!(status, 200, "{told}");
        service.until(1).await;
        eve.open(&self.program.url(PAGE)).await;
        let number = eve.text(".number");
        self.secrets.add_labelled("number", &number);
        let looked = phone.look_at(SystemClock.now().millis()).await;
        let prompt = looked["prompts"][0]["challenge_id"].as_str().unwrap();
        for (number, status) in [(wrong(&number), 422), (&number, 200)] {
            let answer = phone.answering(prompt, "approve", number);
            let signature = answer["signature"].as_str().unwrap();
            self.secrets.add("a phone's signature", signature);
            let (told, answer) = phone.post("answer", &answer).await;
            assert_eq!(told, status, "{answer}");
        }
        eve.open(&self.program.url(PAGE)).await;
        eve.submit("form.sheet", &[]).await;
        assert_eq!(eve.url.path(), "/guardian/enroll/recovery-code");
        self.look_at(&eve);
    }

    /// A key answers a ceremony, as another's page at first.
    async fn signed(&mut self) {
        const PAGE: &str = "/guardian/enroll/webauthn-roaming";
        let mut fay = self.at_factor("auth0|fay", "webauthn-roaming").await;
        let token = Token::new();
        for origin in ["https://canary.example", ORIGIN] {
            let (_, mut form) = fay.form("form[data-ceremony]");
            fay.post(&format!("{PAGE}/options"), &form).await;
            let options: Value = serde_json::from_str(&fay.html).unwrap();
            let challenge = options["challenge"].as_str().unwrap();
            self.secrets.add("a ceremony's challenge", challenge);
            let bytes = BASE64URL_NOPAD.decode(challenge.as_bytes()).unwrap();
            self.secrets.add("the bytes of a challenge", bytes);
            let answer = token.register(&options, origin).json();
            self.secrets.add("a browser's answer", &answer);
            form.insert("response".to_owned(), answer);
            fay.post(PAGE, &form).await;
            self.look_at(&fay);
        }
        assert_eq!(fay.url.path(), "/guardian/enroll/recovery-code");
    }

    /// A back end makes new recovery codes, and tells them on.
    async fn regenerate(&mut self) {
        let token = self.token.clone();
        let path = "/api/v2/users/auth0%7Cfay/recovery-code-regeneration";
        for _ in 0..2 {
            let (status, told) = self.ask(Method::POST, path, None, &token).await;
            assert_eq!(status, 200, "{told}");
            let told: Value = serde_json::from_str(&told).unwrap();
            self.hide_recovery_code(told["recovery_code"].as_str().unwrap());
        }
    }

    /// What a person is shown afterwards tells the number no more.
    fn shows_no_number(&mut self, visitor: &Visitor) {
        let mut told = self.secrets.hunt().find(visitor.html.as_bytes());
        told.retain(|secret| secret.starts_with("a number"));
        assert_eq!(told, Vec::<String>::new(), "{}", visitor.url);
    }
}
