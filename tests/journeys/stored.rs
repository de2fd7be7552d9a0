//! An admin brings page and mail along from elsewhere, by API.

use mail_parser::MessageParser;
use reqwest::Method;
use serde_json::{Value, json};
use tessera::tickets::Asked;

use crate::support::house::{House, Setup, asked};
use crate::support::visitor::Visitor;

/// The page of the documentation that says how templates of elsewhere are written here.
const DOCS: &str = include_str!("../../docs/liquid.md");

/// The templates that it tells people to use.
fn pages() -> Vec<&'static str> {
    let begun = DOCS.split("```html\n").skip(1);
    begun
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

async fn call(house: &House, method: Method, path: &str, body: &Value) {
    let client = reqwest::Client::new();
    let asking = client.request(method, house.url(&format!("/api/v2{path}")));
    let token = house.admin_token().await;
    let answer = asking.bearer_auth(token).json(body).send().await.unwrap();
    let status = answer.status();
    assert_eq!(status, 200, "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn the_pages_of_the_documentation_are_accepted_and_serve_both_modes() {
    let house = House::start().await;
    assert_eq!(pages().len(), 2);
    for (at, html) in pages().into_iter().enumerate() {
        let body = json!({ "guardian_mfa_page": { "enabled": true, "html": html } });
        call(&house, Method::PATCH, "/tenants/settings", &body).await;
        let mut ada = Visitor::at(&house.link_for(&format!("auth0|ada{at}")).await).await;
        assert_eq!(
            ada.text("h4.message"),
            "Welcome, ada@example.com, enroll your device below"
        );
        ada.confirm(&house).await;
        ada.save_recovery_code().await;
        assert_eq!(ada.status, 200, "{}", ada.html);

        let nobody = Visitor::at(&house.url("/guardian/enroll?ticket=nothing")).await;
        assert!(
            nobody.text("h4.message").starts_with("Welcome back,"),
            "{}",
            nobody.html
        );
    }
}

/// The mail that was delivered last: its sender, subject, text and HTML.
fn last_mail(house: &House) -> [String; 4] {
    let folder = std::fs::read_dir(house.dir.path().join("data/mail")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let raw = std::fs::read(files.last().unwrap()).unwrap();
    let mail = MessageParser::default().parse(&raw).unwrap();
    let from = mail.header_raw("From").unwrap().trim().to_owned();
    let text = mail.body_text(0).unwrap().into_owned();
    assert_eq!(mail.text_body_count(), 1, "{text}");
    [
        from,
        mail.subject().unwrap().to_owned(),
        text,
        mail.body_html(0).unwrap().into_owned(),
    ]
}

#[tokio::test]
async fn a_stored_mail_is_sent_in_both_parts_from_its_own_sender_until_it_is_switched_off() {
    let house = Setup::new()
        .set("TESSERA_SITE__NAME", "Example Bank")
        .set("TESSERA_SITE__SUPPORT_EMAIL", "help@example.com")
        .start()
        .await;
    let body = "<!doctype html><html><head><title>x</title><style>h1{color:#123456}</style></head><body>\n\
        <h1>{% set language = request_language[:2] %}{% if language == \"fr\" %}Bonjour{% else %}Hello{% endif %}, {{ user.name }}</h1>\n\
        <p>{{ friendly_name }} asks you to <a href=\"{{ link }}\">protect your account</a>{{ support_url }}.</p>\n\
        <p>{{ t(key=\"mail-enrollment-title\") }}</p><p>{{ support_email }} {{ tenant }} {{ custom_domain.domain }}</p>\n\
        </body></html>";
    let mail = json!({
        "template": "enrollment_email", "syntax": "tera", "enabled": true, "body": body,
        "subject": "Your account at {{ friendly_name }}", "from": "Security <security@example.com>",
    });
    call(&house, Method::POST, "/email-templates", &mail).await;
    let mailed = |user_id: &str| Asked {
        send_mail: true,
        email: Some("eve@example.com".to_owned()),
        email_locale: Some("fr-CA".to_owned()),
        ..asked(user_id)
    };
    let issued = house.ticket(mailed("auth0|eve")).await;
    assert_eq!(house.deliver().await, 1);
    let [from, subject, text, html] = last_mail(&house);
    assert!(
        from.ends_with("Security\" <security@example.com>")
            || from == "Security <security@example.com>",
        "{from}"
    );
    assert_eq!(subject, "Your account at Example Bank");
    assert!(html.contains("style=\"color: #123456"), "{html}");
    assert!(html.contains("Bonjour, eve@example.com"), "{html}");
    let link = house.link(&issued);
    for told in [
        "Bonjour, eve@example.com",
        "Example Bank asks you to",
        &link,
        "help@example.com localhost",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    for markup in ["<", "123456", "{{"] {
        assert!(!text.contains(markup), "{text}");
    }

    // What a person typed is text, and a name is no header.
    let user = json!({ "name": "<b>Mallory</b> {{ 7*7 }}", "email": "mallory@example.com", "user_id": "mallory",
        "connection": "Username-Password-Authentication" });
    let client = reqwest::Client::new();
    let asking = client.post(house.url("/api/v2/users")).json(&user);
    let made = asking
        .bearer_auth(house.admin_token().await)
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), 201);
    house.ticket(mailed("auth0|mallory")).await;
    assert_eq!(house.deliver().await, 1);
    let [_, _, text, html] = last_mail(&house);
    assert!(
        html.contains("&lt;b&gt;Mallory&lt;/b&gt; {{ 7*7 }}"),
        "{html}"
    );
    assert!(text.contains("<b>Mallory</b> {{ 7*7 }}"), "{text}");

    let off = json!({ "enabled": false });
    call(
        &house,
        Method::PATCH,
        "/email-templates/enrollment_email",
        &off,
    )
    .await;
    house.ticket(mailed("auth0|grace")).await;
    assert_eq!(house.deliver().await, 1);
    let [from, subject, ..] = last_mail(&house);
    assert!(from.contains("no-reply@localhost"), "{from}");
    assert_ne!(subject, "Your account at Example Bank");
}
