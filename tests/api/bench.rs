//! Every field that `/openapi.json` knows, and a server with something behind each path.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use tessera::core::Email;

use crate::support::app::{Answer, Database, TestApp};

/// Where one string of a caller goes.
#[derive(Clone)]
pub(crate) struct Slot {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) place: Place,
    pub(crate) field: String,
    pub(crate) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    Json,
    Form,
    Query,
    Path,
    Header,
}

/// The members of a schema, those of what it is made of included.
fn members(description: &Value, schema: &Value) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return members(description, &description["components"]["schemas"][name]);
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut all: Vec<String> = parts.flat_map(|part| members(description, part)).collect();
    let own = schema["properties"].as_object().into_iter().flatten();
    all.extend(own.map(|(name, _)| name.clone()));
    all
}

pub(crate) fn slots(description: &Value) -> Vec<Slot> {
    let mut slots = Vec::new();
    let paths = description["paths"].as_object().unwrap();
    // Two more names of the same handler.
    let aliases = ["post-ticket", "post_ticket"];
    for (path, item) in paths
        .iter()
        .filter(|(path, _)| !path.ends_with(aliases[0]) && !path.ends_with(aliases[1]))
    {
        for verb in ["get", "post", "put", "patch", "delete"] {
            let operation = &item[verb];
            let mut add = |place, field: &str| {
                slots.push(Slot {
                    method: verb.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    place,
                    field: field.to_owned(),
                    id: operation["operationId"].as_str().unwrap().to_owned(),
                });
            };
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let place = match parameter["in"].as_str().unwrap() {
                    "path" => Place::Path,
                    "query" => Place::Query,
                    "header" => Place::Header,
                    other => panic!("a parameter in {other}"),
                };
                add(place, parameter["name"].as_str().unwrap());
            }
            let contents = operation["requestBody"]["content"].as_object();
            for (kind, content) in contents.into_iter().flatten() {
                let place = if kind == "application/json" {
                    Place::Json
                } else {
                    Place::Form
                };
                for member in members(description, &content["schema"]) {
                    add(place, &member);
                }
            }
        }
    }
    slots
}

/// A server with something behind every path, and a counter for new users.
pub(crate) struct Bench {
    pub(crate) app: TestApp,
    pub(crate) token: String,
    ids: BTreeMap<&'static str, String>,
    count: usize,
    client: (String, String),
    mfa_token: String,
}

impl Bench {
    pub(crate) async fn on(database: Database) -> Self {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let mut bench = Self {
            app,
            token,
            ids: BTreeMap::new(),
            count: 0,
            client: Default::default(),
            mfa_token: String::new(),
        };
        bench
            .send_json(
                Method::POST,
                "/api/v2/users",
                &json!({ "connection": "c", "user_id": "auth0|ada" }),
            )
            .await
            .expect(201);
        let made = bench
            .send_json(
                Method::POST,
                "/api/v2/guardian/post-ticket",
                &crate::for_otp("auth0|ada"),
            )
            .await
            .expect(200);
        let ticket = made.json()["ticket_id"].as_str().unwrap().to_owned();
        let shop = json!({ "name": "Shop", "redirect_uris": ["https://shop.example.com/"] });
        let made = bench.send_json(Method::POST, "/api/v2/clients", &shop);
        let made = made.await.expect(201).json();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        bench.client = (text("client_id"), text("client_secret"));
        let path = "/api/v2/users/auth0%7Cada/mfa-token";
        let minted = bench.send_json(Method::POST, path, &json!({})).await;
        let minted = minted.expect(201).json();
        bench.mfa_token = minted["mfa_token"].as_str().unwrap().to_owned();
        let mail = stored_mail();
        let made = bench.send_json(Method::POST, "/api/v2/email-templates", &mail);
        made.await.expect(200);
        bench.ids = BTreeMap::from([
            ("/api/v2/email-templates/", "enrollment_email".to_owned()),
            ("/api/v2/users/", "auth0%7Cada".to_owned()),
            ("/api/v2/guardian/enrollments/tickets/", ticket),
            (
                "/api/v2/guardian/enrollments/",
                format!("dev_{}", "0".repeat(32)),
            ),
            ("/api/v2/guardian/factors/", "otp".to_owned()),
            ("/api/v2/clients/", format!("cli_{}", "0".repeat(32))),
            (
                "/mfa/authenticators/",
                format!("totp%7Cdev_{}", "0".repeat(32)),
            ),
        ]);
        bench
    }

    async fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.app
            .request(method, path)
            .bearer(&self.token)
            .json(body)
            .send()
            .await
    }

    async fn get(&self, path: &str) -> Value {
        self.app
            .get(path)
            .bearer(&self.token)
            .send()
            .await
            .expect(200)
            .json()
    }

    /// The path with its variable part, `hostile` if that is where the string goes.
    fn path(&self, slot: &Slot, hostile: Option<&str>) -> String {
        let Some((before, rest)) = slot.path.split_once('{') else {
            return slot.path.clone();
        };
        let (name, after) = rest.split_once('}').unwrap();
        let (hostile, inner) = if slot.place == Place::Path && slot.field != name {
            (None, hostile)
        } else {
            (hostile, None)
        };
        let no_method = format!("dev_{}", "0".repeat(32));
        let after = after.replace("{authentication_method_id}", inner.unwrap_or(&no_method));
        let usual = self
            .ids
            .get(before)
            .unwrap_or_else(|| panic!("no example for {before}"));
        format!("{before}{}{after}", hostile.unwrap_or(usual))
    }

    /// What the operation takes when nothing is wrong.
    fn base(&mut self, slot: &Slot) -> Map<String, Value> {
        self.count += 1;
        let base = match slot.id.as_str() {
            "post_ticket" => crate::for_otp(&format!("auth0|{}", self.count)),
            "create_user" => {
                json!({ "connection": "c", "user_id": format!("auth0|{}", self.count) })
            }
            "create_authentication_method" => json!({ "type": "totp" }),
            "post_token" => json!({
                "grant_type": "client_credentials", "client_id": "cli_00000000000000000000000000000000",
                "client_secret": "x", "audience": "https://mfa.example.com/api/v2/",
            }),
            "post_mfa_challenge" => json!({ "mfa_token": self.mfa_token }),
            "post_mfa_associate" => json!({ "authenticator_types": ["otp"] }),
            "create_client" => json!({ "name": "Shop" }),
            "post_par" => json!({
                "client_id": self.client.0, "client_secret": self.client.1, "response_type": "code",
                "redirect_uri": "https://shop.example.com/", "scope": "openid", "login_hint": "auth0|ada",
                "code_challenge": "A".repeat(43), "code_challenge_method": "S256",
            }),
            "put_phone_templates" | "put_sms_templates" => json!({
                "enrollment_message": "{{ code }}", "verification_message": "{{ code }}",
            }),
            "post_email_template" | "put_email_template" => stored_mail(),
            _ => json!({}),
        };
        base.as_object().unwrap().clone()
    }

    pub(crate) async fn ask(&mut self, slot: &Slot, value: &Value) -> (Answer, Map<String, Value>) {
        let mut body = self.base(slot);
        let text = value.as_str().unwrap_or_default();
        let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut path = self.path(slot, (slot.place == Place::Path).then_some(&encoded));
        if slot.place == Place::Query {
            path = format!("{path}?{}={encoded}", slot.field);
        }
        if matches!(slot.place, Place::Json | Place::Form) {
            body.insert(slot.field.clone(), value.clone());
        }
        let request = self.app.request(slot.method.clone(), &path);
        let request = match slot.place {
            Place::Form => {
                let pairs: Vec<(&str, &str)> = body
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
                    .collect();
                request.form(&pairs)
            }
            Place::Header => match HeaderValue::from_bytes(text.as_bytes()) {
                Ok(value) => request
                    .json(&Value::Object(body.clone()))
                    .header_bytes(&slot.field, value),
                Err(_) => request,
            },
            Place::Json => request.json(&Value::Object(body.clone())),
            Place::Query | Place::Path if slot.method == Method::GET => request,
            Place::Path if slot.id == "replace_authentication_methods" => request.json(&json!([])),
            Place::Query | Place::Path => request.json(&Value::Object(body.clone())),
        };
        let request = if slot.path.starts_with("/oauth/") {
            request
        } else if slot.path.starts_with("/mfa/") {
            request.bearer(&self.mfa_token)
        } else {
            request.bearer(&self.token)
        };
        (request.send().await, body)
    }

    /// What was taken is kept as it was sent.
    pub(crate) async fn comes_back(&self, slot: &Slot, sent: &Map<String, Value>, answer: &Answer) {
        let value = &sent[&slot.field];
        let (kept, wanted) = match (slot.id.as_str(), slot.field.as_str()) {
            ("create_user" | "update_user", field) => {
                let id = match slot.id.as_str() {
                    "create_user" => answer.json()["user_id"].as_str().unwrap().to_owned(),
                    _ => "auth0|ada".to_owned(),
                };
                let path = format!(
                    "/api/v2/users/{}",
                    utf8_percent_encode(&id, NON_ALPHANUMERIC)
                );
                let user = self.get(&path).await;
                let wanted = match field {
                    // A new id without a provider gets one.
                    "user_id" => json!(id),
                    "email" => mailbox(value),
                    "connection" => return assert_eq!(user["identities"][0]["connection"], *value),
                    "verify_email" => return,
                    // Of nothing, nothing is verified.
                    "email_verified" | "phone_verified" => return,
                    // `"true"` means true.
                    "blocked" => {
                        json!(value.as_str().unwrap_or_default() == "true" || *value == json!(true))
                    }
                    _ => value.clone(),
                };
                let kept = match user[field].clone() {
                    // What is off is left out.
                    Value::Null if wanted == json!(false) => json!(false),
                    kept => kept,
                };
                (kept, wanted)
            }
            ("post_ticket", field @ ("user_id" | "email_locale" | "result_url")) => {
                let ticket = self.get(&crate::path_of(&answer.json())).await;
                let wanted = match field {
                    "email_locale" => json!(value.as_str().map(|tag| tag.replace('_', "-"))),
                    _ => value.clone(),
                };
                (ticket[field].clone(), wanted)
            }
            ("post_ticket", "email") => {
                let id = utf8_percent_encode(sent["user_id"].as_str().unwrap(), NON_ALPHANUMERIC);
                let user = self.get(&format!("/api/v2/users/{id}")).await;
                (user["email"].clone(), mailbox(value))
            }
            _ => return,
        };
        assert_eq!(kept, wanted, "{} {}", slot.id, slot.field);
    }
}

fn stored_mail() -> Value {
    json!({
        "template": "enrollment_email", "body": "{{ link }}", "from": null, "subject": "Hello", "syntax": "tera",
        "enabled": true,
    })
}

fn mailbox(value: &Value) -> Value {
    let email: Email = value.as_str().unwrap().parse().unwrap();
    json!(email.as_str())
}
