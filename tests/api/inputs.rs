//! Hostile strings in every field that `/openapi.json` knows: refused by name, or kept byte for byte; never a fault of ours.

use actix_web::http::header::HeaderValue;
use actix_web::http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::bench::{Bench, Place, Slot, slots};
use crate::support::app::{Answer, Database};
use crate::support::hostile;

/// Nothing is our fault; what is refused is named, in the face of the API, and shows nothing of the inside.
#[track_caller]
fn judge(slot: &Slot, value: &Value, answer: &Answer) {
    let what = format!(
        "{} {} {:?} {}: {value}",
        slot.method, slot.path, slot.place, slot.field
    );
    assert!(answer.status.as_u16() < 500, "{what}: {}", answer.text());
    if !answer.status.is_client_error() {
        return;
    }
    let body = answer.json();
    if slot.path.starts_with("/oauth/") || slot.path.starts_with("/mfa/") {
        assert!(body["error_description"].is_string(), "{what}: {body}");
        return;
    }
    assert_eq!(body["statusCode"], answer.status.as_u16(), "{what}");
    if answer.status == StatusCode::BAD_REQUEST {
        let message = body["message"].as_str().unwrap();
        let named = message
            .rsplit_once(" on property ")
            .map_or(message, |(_, named)| named);
        // A person is called `user_id` in words and `id` in the path.
        let is_id = slot.place == Place::Path && named == "user_id";
        assert!(
            is_id
                || message.contains("the address is too long")
                || named.eq_ignore_ascii_case(&slot.field)
                // What lies within an object is named with it.
                || named.split('.').next() == Some(&slot.field),
            "{what}: {body}"
        );
    }
    for inside in ["SQL", "SELECT", "src/", ".rs:", "panicked"] {
        let sent =
            value.as_str().is_some_and(|text| text.contains(inside)) || slot.field.contains(inside);
        assert!(
            sent || !answer.text().contains(inside),
            "{what}: {}",
            answer.text()
        );
    }
}

async fn everything_everywhere(database: Database, step: usize) -> usize {
    let mut bench = Bench::on(database).await;
    let description = bench.app.get("/openapi.json").send().await.json();
    let slots = slots(&description);
    assert!(slots.len() > 60, "{}", slots.len());
    let strings = hostile::strings();
    let mut sent = 0;
    for (nth, slot) in slots.iter().enumerate() {
        // Another part of the corpus for each field, so that all of it is tried in the end.
        // A form says the same as JSON, and reads it by the same code, and so does each path of a user.
        let of_user = slot.place == Place::Path && slot.path.contains("/users/{id}/");
        // Of what a login leads through, each field is looked at by one of a few rules.
        let of_login = slot.path == "/oauth/par" || slot.path.contains("/clients");
        // Each text that could be a template is rendered before it is taken.
        let of_template = slot.path.contains("/email-templates") || slot.path.contains("/tenants/");
        let step = match slot.place == Place::Form || of_user {
            _ if of_template => 32 * step,
            _ if of_login => 8 * step,
            true => 3 * step,
            false => step,
        };
        for text in strings.iter().skip(nth % step).step_by(step) {
            let value = Value::String(text.clone());
            let (answer, body) = bench.ask(slot, &value).await;
            judge(slot, &value, &answer);
            if answer.status.is_success() && matches!(slot.place, Place::Json | Place::Form) {
                bench.comes_back(slot, &body, &answer).await;
            }
            sent += 1;
        }
    }
    sent
}

#[actix_web::test]
async fn a_hostile_string_is_refused_by_name_or_kept_as_it_is() {
    let sent = everything_everywhere(Database::Sqlite, 1).await;
    println!("{sent} requests");
}

#[actix_web::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn a_hostile_string_is_as_harmless_on_postgresql() {
    let Some(postgres) = crate::support::postgres::Postgres::fresh().await else {
        return;
    };
    everything_everywhere(Database::Postgres(postgres), 5).await;
}

#[actix_web::test]
async fn a_value_of_another_type_is_refused_by_name() {
    let mut bench = Bench::on(Database::Sqlite).await;
    let description = bench.app.get("/openapi.json").send().await.json();
    let mut nested = json!(1);
    for _ in 0..20 {
        nested = json!([nested]);
    }
    let odd = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e308),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!([]),
        json!([[]]),
        json!([null]),
        json!([1]),
        json!([{}]),
        json!(["otp", "otp"]),
        json!(["", "\u{0}"]),
        json!({}),
        json!({ "": "" }),
        json!({ "a": { "b": null } }),
        json!({ "__proto__": 1 }),
        json!({ "$ref": "#" }),
        nested,
    ];
    for slot in slots(&description)
        .iter()
        .filter(|slot| slot.place == Place::Json)
    {
        for value in &odd {
            let (answer, _) = bench.ask(slot, value).await;
            judge(slot, value, &answer);
        }
    }
}

#[actix_web::test]
async fn an_unknown_field_is_named_whatever_it_is_called() {
    let mut bench = Bench::on(Database::Sqlite).await;
    let description = bench.app.get("/openapi.json").send().await.json();
    for slot in slots(&description) {
        let first = matches!(slot.field.as_str(), "user_id" | "connection" | "page");
        if !first || slot.place == Place::Path {
            continue;
        }
        for text in hostile::strings() {
            if text.contains(" on property ") || (slot.place == Place::Form && text.is_empty()) {
                continue;
            }
            let slot = Slot {
                field: text.clone(),
                ..slot.clone()
            };
            let mut encoded = slot.clone();
            encoded.field = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
            let asked = if slot.place == Place::Query {
                &encoded
            } else {
                &slot
            };
            let (answer, _) = bench.ask(asked, &json!("x")).await;
            assert_eq!(answer.status, 400, "{text:?}");
            judge(&slot, &json!("x"), &answer);
        }
    }
}

#[actix_web::test]
async fn no_header_breaks_an_answer() {
    let bench = Bench::on(Database::Sqlite).await;
    let names = [
        "authorization",
        "accept",
        "accept-language",
        "accept-encoding",
        "content-type",
        "cookie",
        "forwarded",
        "idempotency-key",
        "if-none-match",
        "if-modified-since",
        "origin",
        "prefer",
        "range",
        "referer",
        "sec-fetch-site",
        "sec-purpose",
        "traceparent",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-request-id",
    ];
    let mut sent = 0;
    for text in hostile::strings() {
        let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) else {
            continue;
        };
        for name in names {
            for path in [
                "/api/v2/users",
                "/guardian/enroll",
                "/static/look.css",
                "/healthz",
            ] {
                let mut request = bench.app.get(path);
                if name != "authorization" && path.starts_with("/api") {
                    request = request.bearer(&bench.token);
                }
                let answer = request.header_bytes(name, value.clone()).send().await;
                let what = format!("{path} {name}: {text:?}");
                assert!(answer.status.as_u16() < 500, "{what}: {}", answer.text());
                assert!(answer.header("x-request-id").starts_with("req_"), "{what}");
                sent += 1;
            }
        }
        for scheme in ["Bearer ", "Basic ", "bearer a.b.", "DPoP "] {
            let value = [scheme.as_bytes(), text.as_bytes()].concat();
            let value = HeaderValue::from_bytes(&value).unwrap();
            for path in ["/api/v2/users", "/oauth/token"] {
                let method = if path == "/oauth/token" {
                    Method::POST
                } else {
                    Method::GET
                };
                let request = bench
                    .app
                    .request(method, path)
                    .header_bytes("authorization", value.clone());
                let answer = request
                    .form(&[("grant_type", "client_credentials")])
                    .send()
                    .await;
                assert!(
                    matches!(answer.status.as_u16(), 400 | 401),
                    "{path}: {}",
                    answer.text()
                );
            }
        }
    }
    assert!(sent > 10_000, "{sent}");
}
