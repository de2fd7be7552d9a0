//! A developer reads `/openapi.json`: it says what is, all of it, and nothing else.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};
use tessera::api;

use crate::for_otp;
use crate::support::app::TestApp;

const VERBS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

async fn description(app: &TestApp) -> Value {
    let answer = app.get("/openapi.json").send().await.expect(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    answer.json()
}

fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let paths = description["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let verbs = item
            .as_object()
            .unwrap()
            .iter()
            .filter(|(verb, _)| VERBS.contains(&verb.as_str()));
        verbs.map(move |(verb, operation)| (verb.to_uppercase(), path.clone(), operation.clone()))
    });
    each.collect()
}

#[actix_web::test]
async fn it_describes_every_route_and_no_other() {
    let app = TestApp::start().await;
    let description = description(&app).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: BTreeSet<(String, String)> = operations(&description)
        .into_iter()
        .map(|(verb, path, _)| (verb, path))
        .collect();
    let mut served: BTreeSet<(String, String)> = api::table()
        .into_iter()
        .flat_map(|(path, methods)| {
            methods
                .into_iter()
                .map(move |method| (method.to_string(), format!("{}{path}", api::BASE)))
        })
        .collect();
    for (verb, path) in [
        ("POST", "/oauth/token"),
        ("POST", "/oauth/par"),
        ("POST", "/mfa/challenge"),
        ("POST", "/mfa/associate"),
        ("GET", "/mfa/authenticators"),
        ("DELETE", "/mfa/authenticators/{id}"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/.well-known/openid-configuration"),
    ] {
        served.insert((verb.to_owned(), path.to_owned()));
    }
    assert_eq!(described, served);
}

#[actix_web::test]
async fn it_tells_each_operation_whole() {
    let app = TestApp::start().await;
    let description = description(&app).await;
    insta::assert_json_snapshot!("info", description["info"]);
    let mut ids = BTreeSet::new();
    for (verb, path, operation) in operations(&description) {
        let what = format!("{verb} {path}");
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{what}"
        );
        let variables = path.matches('{').count();
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let in_path = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(in_path, variables, "{what}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{what}"
        );
        if !path.starts_with(api::BASE) {
            continue;
        }
        for status in ["401", "403"] {
            let schema = &responses[status]["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Error", "{what}");
        }
        let plain_http = responses["403"]["description"].as_str().unwrap();
        assert!(plain_http.contains("`https_required`"), "{what}");
        let with_body = operation["requestBody"].is_object();
        for status in ["408", "413", "415"] {
            assert_eq!(
                responses.contains_key(status),
                with_body,
                "{what}: {status}"
            );
        }
        let needs = operation["description"].as_str().unwrap();
        assert!(needs.starts_with("Needs `"), "{what}");
    }
    for kind in ["oauth2", "bearer", "basic"] {
        assert!(
            description["components"]["securitySchemes"][kind].is_object(),
            "{kind}"
        );
    }
    let text = description.to_string();
    assert!(
        !text.contains("# Errors"),
        "what is for readers of the source stays there"
    );
    assert!(
        !text.contains(env!("CARGO_PKG_VERSION")),
        "which program it is, is told to nobody"
    );
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            description["components"]["schemas"][name].is_object(),
            "{name} leads nowhere"
        );
    }
}

#[actix_web::test]
async fn every_described_member_of_a_ticket_is_taken() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let description = description(&app).await;
    let schema = &description["components"]["schemas"]["CreateTicketRequest"];
    assert_eq!(schema["required"], json!(["user_id"]));
    assert_eq!(schema["additionalProperties"], false);
    for name in schema["properties"].as_object().unwrap().keys() {
        let mut body = for_otp("auth0|ada");
        body[name] = json!({ "odd": true });
        let answer = app
            .post("/api/v2/guardian/post-ticket")
            .bearer(&token)
            .json(&body)
            .send()
            .await;
        assert!(
            !answer.text().contains("Additional properties"),
            "{name}: {}",
            answer.text()
        );
    }
}

#[actix_web::test]
async fn what_is_shown_is_what_is_described() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let description = description(&app).await;
    let ticket = crate::new_ticket(&app, &token, &for_otp("auth0|ada")).await;
    let described = &description["components"]["schemas"]["TicketLink"]["properties"];
    let names = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&ticket), names(described));
    let list = app
        .get("/api/v2/guardian/enrollments/tickets")
        .bearer(&token)
        .send()
        .await
        .json();
    let described = &description["components"]["schemas"]["TicketSummary"]["properties"];
    assert_eq!(names(&list[0]), names(described));
}

/// What scanners ask a server for, and what lies beside our own paths.
#[rustfmt::skip]
const NOT_THERE: &[&str] = &[
    "/.env", "/.git/config", "/admin", "/api", "/api/", "/api/v1/users", "/api/v2", "/api/v2/", "/api/v2/Clients",
    "/api/v2/guardian", "/api/v2/guardian/", "/api/v2/guardian/enrollments", "/api/v2/guardian/enrollments/",
    "/api/v2/guardian/enrollments/ticket/", "/api/v2/guardian/enrollments/tickets/x/resend/", "/api/v2/guardian/Factors",
    "/api/v2//users", "/api/v2/users/", "/api/v2/users/x/", "/api/v2/users/x/tickets", "/api/v2/%75sers/", "/actuator/env",
    "/debug/pprof", "/config", "/console", "/dashboard", "/dbconsole", "/graphql", "/login", "/logs", "/oauth/authorize",
    "/oauth/token/", "/openapi.json/", "/openapi.yaml", "/phpinfo.php", "/server-status", "/status", "/swagger.json",
    "/tessera.db", "/tessera.toml", "/userinfo", "/wp-login.php", "/.well-known/", "/.well-known/jwks", "/guardian",
];

#[actix_web::test]
async fn what_is_not_described_is_not_there() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for path in NOT_THERE {
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = app
                .request(method.clone(), path)
                .header("host", "mfa.example.com")
                .bearer(&token)
                .send()
                .await;
            assert!(
                [404, 405].contains(&answer.status.as_u16()),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
    for path in description(&app).await["paths"].as_object().unwrap().keys() {
        let path = path
            .replace("{id}", "x")
            .replace("{authentication_method_id}", "x")
            .replace("{name}", "otp");
        for method in ["OPTIONS", "TRACE", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = app
                .request(method.clone(), &path)
                .bearer(&token)
                .send()
                .await;
            assert_eq!(answer.status, 405, "{method} {path}");
        }
    }
}
