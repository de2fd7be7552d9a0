//! An admin's tools store the mail that carries a ticket's link.

use actix_web::http::Method;
use serde_json::{Value, json};
use tessera::access::scopes::{READ_MAILS, UPDATE_SETTINGS};

use crate::stored::{MAIL, MAILS, get, mail, refusal, send};
use crate::support::app::{Database, TestApp};
use crate::{problem, property};

#[actix_web::test]
async fn a_mail_is_created_once_then_shown_and_changed() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let absent = problem(&get(&app, MAIL).await, 404);
        assert_eq!(absent["errorCode"], "inexistent_email_template");
        for method in [Method::PUT, Method::PATCH] {
            let answer = send(&app, method, MAIL, &mail("{{ link }}")).await;
            problem(&answer, 404);
        }
        let made = send(&app, Method::POST, MAILS, &mail("<p>{{ link }}</p>")).await;
        assert_eq!(made.expect(200).json(), mail("<p>{{ link }}</p>"));
        let again = send(&app, Method::POST, MAILS, &mail("{{ link }}")).await;
        assert_eq!(problem(&again, 409)["errorCode"], "email_template_exists");

        let change = json!({ "from": "Acme <mfa@acme.example>", "includeEmailInRedirect": false });
        let told = send(&app, Method::PATCH, MAIL, &change)
            .await
            .expect(200)
            .json();
        assert_eq!(told["from"], "Acme <mfa@acme.example>");
        assert_eq!(told["body"], "<p>{{ link }}</p>");
        assert_eq!(get(&app, MAIL).await.expect(200).json(), told);
        let mut whole = mail("<b>{{ ticket_url }}</b>");
        whole["urlLifetimeInSeconds"] = json!(432_000.0);
        whole["resultUrl"] = json!("");
        let told = send(&app, Method::PUT, MAIL, &whole)
            .await
            .expect(200)
            .json();
        assert_eq!(told, whole, "what was said before is gone");
    }
}

#[actix_web::test]
async fn a_mail_that_nobody_could_use_is_refused_by_name() {
    let app = TestApp::start().await;
    let with = |name: &str, value: Value| {
        let mut body = mail("{{ link }}");
        body[name] = value;
        body
    };
    let without = |name: &str| {
        let mut body = mail("{{ link }}");
        body.as_object_mut().unwrap().remove(name);
        body
    };
    for (body, named, told) in [
        (with("syntax", json!("liquid")), "syntax", "docs/liquid.md"),
        (with("syntax", Value::Null), "syntax", "tera"),
        (
            with("body", json!("<p>Hello")),
            "body",
            "put `{{ link }}` where it belongs",
        ),
        (
            with("body", json!("{{ link }}{{ url }}")),
            "body",
            "enrollment_email.body:1: unknown variable `url`",
        ),
        (
            with("body", json!("{{ link | append: 'x' }}")),
            "body",
            "is Liquid",
        ),
        (with("subject", json!("one\ntwo")), "subject", "one line"),
        (with("from", json!("nobody")), "from", "one mailbox"),
        (
            with("from", json!("{{ friendly_name }} <a@acme.example>")),
            "from",
            "taken as it is",
        ),
        (
            with("from", json!("a@acme.example, b@acme.example")),
            "from",
            "one mailbox",
        ),
        (with("enabled", Value::Null), "enabled", "true or false"),
        (
            with("resultUrl", json!("https://acme.example")),
            "resultUrl",
            "result_url",
        ),
        (
            with("urlLifetimeInSeconds", json!(3600)),
            "urlLifetimeInSeconds",
            "432000 seconds",
        ),
        (
            with("urlLifetimeInSeconds", json!(-1)),
            "urlLifetimeInSeconds",
            "number",
        ),
        (
            with("includeEmailInRedirect", json!(true)),
            "includeEmailInRedirect",
            "false",
        ),
        (with("html", json!("x")), "html", "not allowed"),
        (
            with("template", json!("verify_email")),
            "template",
            "does not send",
        ),
        (with("template", json!("pigeon")), "template", "one of"),
        (without("template"), "template", "Missing"),
        (without("from"), "from", "Missing"),
        (without("syntax"), "syntax", "Missing"),
    ] {
        let answer = send(&app, Method::POST, MAILS, &body).await;
        let (property, reason) = refusal(&answer);
        assert_eq!(property, named, "{reason}");
        assert!(reason.contains(told), "{told} in {reason}");
    }
    for name in ["verify_email", "mfa_oob_code"] {
        problem(&get(&app, &format!("{MAILS}/{name}")).await, 404);
    }
    let unknown = get(&app, &format!("{MAILS}/pigeon")).await;
    assert_eq!(problem(&unknown, 400)["errorCode"], "invalid_uri");

    send(&app, Method::POST, MAILS, &mail("{{ link }}"))
        .await
        .expect(200);
    let other = send(
        &app,
        Method::PATCH,
        MAIL,
        &json!({ "template": "verify_email" }),
    )
    .await;
    assert_eq!(property(&other), "template");
    let part = send(
        &app,
        Method::PUT,
        MAIL,
        &json!({ "template": "enrollment_email" }),
    )
    .await;
    assert_eq!(property(&part), "body");
    let weak = app.token_for(&[READ_MAILS, UPDATE_SETTINGS]).await;
    let answer = app
        .request(Method::PATCH, MAIL)
        .bearer(&weak)
        .json(&json!({}))
        .send()
        .await;
    problem(&answer, 403);
}
