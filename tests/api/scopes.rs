//! Each scope opens its own doors and no other (K1).

use actix_web::http::Method;
use tessera::access::Scope;
use tessera::access::scopes::{self, *};
use tessera::api;

use crate::problem;
use crate::support::app::TestApp;

const METHOD: &str = "/users/{id}/authentication-methods/{authentication_method_id}";

/// What each operation needs.
const NEEDS: [(&str, &str, Scope); 58] = [
    ("POST", "/guardian/enrollments/ticket", CREATE_TICKETS),
    ("POST", "/guardian/post-ticket", CREATE_TICKETS),
    ("POST", "/guardian/post_ticket", CREATE_TICKETS),
    ("GET", "/guardian/enrollments/tickets", READ_TICKETS),
    ("GET", "/guardian/enrollments/tickets/{id}", READ_TICKETS),
    (
        "DELETE",
        "/guardian/enrollments/tickets/{id}",
        DELETE_TICKETS,
    ),
    (
        "POST",
        "/guardian/enrollments/tickets/{id}/resend",
        CREATE_TICKETS,
    ),
    ("GET", "/guardian/enrollments/{id}", READ_ENROLLMENTS),
    ("DELETE", "/guardian/enrollments/{id}", DELETE_ENROLLMENTS),
    ("GET", "/guardian/factors", READ_FACTORS),
    ("PUT", "/guardian/factors/{name}", UPDATE_FACTORS),
    ("GET", "/guardian/factors/phone/message-types", READ_FACTORS),
    (
        "PUT",
        "/guardian/factors/phone/message-types",
        UPDATE_FACTORS,
    ),
    (
        "GET",
        "/guardian/factors/phone/selected-provider",
        READ_FACTORS,
    ),
    (
        "PUT",
        "/guardian/factors/phone/selected-provider",
        UPDATE_FACTORS,
    ),
    (
        "GET",
        "/guardian/factors/sms/selected-provider",
        READ_FACTORS,
    ),
    (
        "PUT",
        "/guardian/factors/sms/selected-provider",
        UPDATE_FACTORS,
    ),
    ("GET", "/guardian/factors/phone/templates", READ_FACTORS),
    ("PUT", "/guardian/factors/phone/templates", UPDATE_FACTORS),
    ("GET", "/guardian/factors/sms/templates", READ_FACTORS),
    ("PUT", "/guardian/factors/sms/templates", UPDATE_FACTORS),
    (
        "GET",
        "/guardian/factors/phone/providers/twilio",
        READ_FACTORS,
    ),
    (
        "PUT",
        "/guardian/factors/phone/providers/twilio",
        UPDATE_FACTORS,
    ),
    (
        "GET",
        "/guardian/factors/sms/providers/twilio",
        READ_FACTORS,
    ),
    (
        "PUT",
        "/guardian/factors/sms/providers/twilio",
        UPDATE_FACTORS,
    ),
    (
        "GET",
        "/guardian/factors/webauthn-roaming/settings",
        READ_FACTORS,
    ),
    (
        "PUT",
        "/guardian/factors/webauthn-roaming/settings",
        UPDATE_FACTORS,
    ),
    (
        "GET",
        "/guardian/factors/webauthn-platform/settings",
        READ_FACTORS,
    ),
    (
        "PUT",
        "/guardian/factors/webauthn-platform/settings",
        UPDATE_FACTORS,
    ),
    ("GET", "/clients", READ_CLIENTS),
    ("POST", "/clients", CREATE_CLIENTS),
    ("GET", "/clients/{id}", READ_CLIENTS),
    ("PATCH", "/clients/{id}", UPDATE_CLIENTS),
    ("DELETE", "/clients/{id}", DELETE_CLIENTS),
    ("GET", "/users", READ_USERS),
    ("POST", "/users", CREATE_USERS),
    ("GET", "/users/{id}", READ_USERS),
    ("PATCH", "/users/{id}", UPDATE_USERS),
    ("DELETE", "/users/{id}", DELETE_USERS),
    ("GET", "/users/{id}/enrollments", READ_USERS),
    ("DELETE", "/users/{id}/authenticators", DELETE_ENROLLMENTS),
    ("GET", "/users/{id}/authentication-methods", READ_METHODS),
    ("POST", "/users/{id}/authentication-methods", CREATE_METHODS),
    ("PUT", "/users/{id}/authentication-methods", UPDATE_METHODS),
    (
        "DELETE",
        "/users/{id}/authentication-methods",
        DELETE_METHODS,
    ),
    ("GET", METHOD, READ_METHODS),
    ("PATCH", METHOD, UPDATE_METHODS),
    ("DELETE", METHOD, DELETE_METHODS),
    (
        "POST",
        "/users/{id}/recovery-code-regeneration",
        UPDATE_USERS,
    ),
    (
        "POST",
        "/users/{id}/multifactor/actions/invalidate-remember-browser",
        UPDATE_USERS,
    ),
    ("POST", "/users/{id}/mfa-token", CREATE_MFA_TOKENS),
    ("GET", "/tenants/settings", READ_SETTINGS),
    ("PATCH", "/tenants/settings", UPDATE_SETTINGS),
    ("POST", "/email-templates", CREATE_MAILS),
    ("GET", "/email-templates/{templateName}", READ_MAILS),
    ("PUT", "/email-templates/{templateName}", UPDATE_MAILS),
    ("PATCH", "/email-templates/{templateName}", UPDATE_MAILS),
    ("HEAD", "/users", READ_USERS),
];

#[actix_web::test]
async fn each_scope_opens_its_own_operations_and_no_other() {
    let app = TestApp::start().await;
    let routes = api::table().into_iter().flat_map(|(path, methods)| {
        methods
            .into_iter()
            .map(move |method| (method.to_string(), path))
    });
    for (method, path) in routes {
        let known = NEEDS
            .iter()
            .any(|(verb, route, _)| *verb == method && *route == path);
        assert!(known, "{method} {path} has no row in the matrix");
    }
    let mut tokens = vec![("", app.token_for(&[]).await)];
    for scope in scopes::ALL {
        tokens.push((scope, app.token_for(&[scope]).await));
    }
    for (method, route, needed) in NEEDS {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = format!(
            "{}{}",
            api::BASE,
            route
                .replace("{id}", "nobody")
                .replace("{authentication_method_id}", "dev_0")
                .replace("{name}", "otp")
                .replace("{templateName}", "enrollment_email")
        );
        app.request(method.clone(), &path).send().await.expect(401);
        for (scope, token) in &tokens {
            let answer = app
                .request(method.clone(), &path)
                .bearer(token)
                .send()
                .await;
            let what = format!("{method} {path} with {scope}: {}", answer.text());
            if *scope == needed {
                assert!(
                    ![401, 403, 405, 500].contains(&answer.status.as_u16()),
                    "{what}"
                );
                continue;
            }
            let body = problem(&answer, 403);
            let told = format!("Insufficient scope, expected any of: {needed}");
            assert_eq!(body["message"], told, "Auth0's command line splits this");
            assert_eq!(body["errorCode"], "insufficient_scope");
        }
    }
}

#[actix_web::test]
async fn who_may_not_is_told_so_before_anything_they_sent_is_looked_at() {
    let app = TestApp::start().await;
    let weak = app.token_for(&[]).await;
    let path = "/api/v2/guardian/enrollments/ticket";
    let nothing = app.post(path).body("text/plain", "{").send().await;
    problem(&nothing, 401);
    let little = app
        .post(path)
        .bearer(&weak)
        .body("text/plain", "{")
        .send()
        .await;
    problem(&little, 403);
    let odd = app.get("/api/v2/users/%FF%00").bearer(&weak).send().await;
    problem(&odd, 403);
}
