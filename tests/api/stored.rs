//! An admin's tools store a page and a mail by the API.

use actix_web::http::Method;
use serde_json::{Value, json};
use tessera::views::Polled;

use crate::support::app::{Answer, Database, TestApp};
use crate::{problem, property};

const SETTINGS: &str = "/api/v2/tenants/settings";
pub const MAILS: &str = "/api/v2/email-templates";
pub const MAIL: &str = "/api/v2/email-templates/enrollment_email";

/// What each page has a place for.
const BLOCKS: &str = "{% block title %}{% endblock %}{% block head %}{% endblock %}{% block when %}{% endblock %}{% block work %}{% endblock %}";

/// A page that changes one block, and says whose it is.
fn page(mark: &str) -> String {
    format!(
        "{{% extends \"builtin/mfa.html\" %}}\n{{% block footer %}}<p>{mark}</p>{{{{ super() }}}}{{% endblock footer %}}"
    )
}

pub fn mail(body: &str) -> Value {
    json!({
        "template": "enrollment_email", "body": body, "from": null, "subject": "Hello, {{ user.name }}", "syntax": "tera",
        "enabled": true,
    })
}

pub async fn send(app: &TestApp, method: Method, path: &str, body: &Value) -> Answer {
    let request = app.request(method, path).bearer(&app.token().await);
    request.json(body).send().await
}

async fn patch(app: &TestApp, page: &Value) -> Answer {
    let body = json!({ "guardian_mfa_page": page });
    send(app, Method::PATCH, SETTINGS, &body).await
}

pub async fn get(app: &TestApp, path: &str) -> Answer {
    app.get(path).bearer(&app.token().await).send().await
}

/// What a visitor with a link that leads nowhere sees.
async fn seen(app: &TestApp) -> String {
    let page = app
        .get("/guardian/enroll?ticket=nothing")
        .header("host", "mfa.example.com")
        .send()
        .await;
    page.expect(404).text().to_owned()
}

/// A refusal: the property, and why. It names the engine, as its author has to.
#[track_caller]
pub fn refusal(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    let (reason, property) = message.rsplit_once(" on property ").unwrap();
    (property.to_owned(), reason.to_owned())
}

/// The reason of a refusal of the page.
async fn refused(app: &TestApp, html: &str) -> String {
    let answer = patch(app, &json!({ "enabled": true, "html": html })).await;
    let (property, reason) = refusal(&answer);
    assert_eq!(property, "guardian_mfa_page.html");
    reason
}

#[actix_web::test]
async fn a_stored_page_is_served_by_all_instances_until_it_is_switched_off() {
    for database in Database::each().await {
        let app = TestApp::on(database).await;
        let other = app.another().await;
        other.app.stored.look(&other.app).await.unwrap();
        let nothing = get(&app, SETTINGS).await.expect(200).json();
        assert_eq!(nothing["guardian_mfa_page"], json!({ "enabled": false }));
        assert_eq!(nothing["friendly_name"], "Example Bank");
        assert_eq!(nothing["enabled_locales"][0], "en");
        assert_eq!(nothing["support_email"], "help@example.com");
        let picture = nothing["picture_url"].as_str().unwrap();
        assert!(
            picture.starts_with("https://mfa.example.com/static/logo."),
            "{picture}"
        );

        let ours = json!({ "enabled": true, "html": page("ours") });
        let told = patch(&app, &ours).await.expect(200).json();
        assert_eq!(told["guardian_mfa_page"], ours);
        assert!(seen(&app).await.contains("<p>ours</p>"));
        assert!(!seen(&other).await.contains("<p>ours</p>"));
        other.app.stored.look(&other.app).await.unwrap();
        assert!(seen(&other).await.contains("<p>ours</p>"));
        let ready = app.get("/readyz").send().await.json();
        assert_eq!(ready["templates"]["stored"], json!(["mfa.html"]));

        let off = patch(&other, &json!({ "enabled": false }))
            .await
            .expect(200);
        assert_eq!(
            off.json()["guardian_mfa_page"],
            json!({ "enabled": false, "html": page("ours") })
        );
        assert!(!seen(&other).await.contains("<p>ours</p>"));
        app.app.stored.look(&app.app).await.unwrap();
        assert!(!seen(&app).await.contains("<p>ours</p>"));
        patch(&app, &json!({ "enabled": true })).await.expect(200);
        assert!(seen(&app).await.contains("<p>ours</p>"), "it was kept");

        let gone = patch(&app, &json!({ "html": "" })).await.expect(200).json();
        assert_eq!(gone["guardian_mfa_page"], json!({ "enabled": false }));
        patch(&app, &ours).await.expect(200);
        let gone = patch(&app, &Value::Null).await.expect(200).json();
        assert_eq!(gone["guardian_mfa_page"], json!({ "enabled": false }));
        assert!(!seen(&app).await.contains("<p>ours</p>"));
    }
}

#[actix_web::test]
async fn a_page_that_a_visitor_could_not_use_is_refused_by_line() {
    let app = TestApp::start().await;
    let told = refused(&app, "<html>\n<h1>Welcome</h1></html>").await;
    assert!(
        told.contains("put `{% block work %}{% endblock work %}`"),
        "{told}"
    );
    let told = refused(&app, "{% block work %}{% endblock %}").await;
    assert!(
        told.contains(
            "guardian_mfa_page.html: lacks blocks that the screens fill: `head`, `title`, `when`;"
        ),
        "{told}"
    );
    for (line, expected) in [
        (
            "{{ userData.emial }}",
            "guardian_mfa_page.html:2: unknown field `emial` of `userData`; available: email, ",
        ),
        (
            "{% if tickt %}x{% endif %}",
            "guardian_mfa_page.html:2: unknown variable `tickt`",
        ),
        (
            "{{ get_env(name='HOME') }}",
            "guardian_mfa_page.html:2: Unknown function `get_env`",
        ),
        ("{% if %}", "guardian_mfa_page.html:2: "),
        (
            "{% include \"mfa.html\" %}",
            "guardian_mfa_page.html:2: includes itself",
        ),
        (
            "{% unless ticket %}x{% endunless %}",
            "guardian_mfa_page.html:2: `unless` is Liquid; Tera says `if not …`: docs/liquid.md",
        ),
    ] {
        let html = format!("<html>\n{line}\n{BLOCKS}</html>");
        let told = refused(&app, &html).await;
        assert!(told.contains(expected), "{expected} in {told}");
    }
    let bare = json!({ "enabled": true, "html": BLOCKS });
    patch(&app, &bare).await.expect(200);
    let long = "x".repeat(256 * 1024);
    let answer = patch(&app, &json!({ "enabled": true, "html": long })).await;
    assert!(
        problem(&answer, 413)["message"]
            .as_str()
            .unwrap()
            .contains("262144")
    );

    for (body, named) in [
        (json!({ "friendly_name": "Acme" }), "friendly_name"),
        (json!({ "enabled_locales": ["en"] }), "enabled_locales"),
        (json!({ "session_lifetime": 1 }), "session_lifetime"),
        (json!({ "guardian_mfa_page": "x" }), "guardian_mfa_page"),
        (
            json!({ "guardian_mfa_page": { "html": 1 } }),
            "guardian_mfa_page.html",
        ),
        (
            json!({ "guardian_mfa_page": { "enabled": "yes" } }),
            "guardian_mfa_page.enabled",
        ),
        (
            json!({ "guardian_mfa_page": { "enabled": true, "html": "" } }),
            "guardian_mfa_page.enabled",
        ),
        (
            json!({ "guardian_mfa_page": { "file": "x" } }),
            "guardian_mfa_page.file",
        ),
    ] {
        let answer = send(&app, Method::PATCH, SETTINGS, &body).await;
        assert_eq!(property(&answer), named);
    }
    send(&app, Method::PATCH, SETTINGS, &json!({}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn what_does_not_pass_any_more_is_left_out_and_told_and_takes_nothing_along() {
    let app = TestApp::start().await;
    send(
        &app,
        Method::POST,
        MAILS,
        &mail("<a href=\"{{ link }}\">Go</a>"),
    )
    .await
    .expect(200);
    // As if a later version knew less than the page asks for.
    let old = json!({ "enabled": true, "html": "{% block title %}{% endblock %}{% block head %}{% endblock %}{% block when %}{% endblock %}{% block work %}{% endblock %}{{ was_known_once }}" });
    let mut tx = app.app.store.begin_write().await.unwrap();
    let now = app.app.now();
    tx.replace_setting("guardian_mfa_page", None, &old.to_string(), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.app.stored.look(&app.app).await.unwrap();
    let ready = app.get("/readyz").send().await.expect(200).json();
    assert_eq!(ready["status"], "degraded");
    let errors = ready["templates"]["errors"].to_string();
    assert!(
        errors.contains("guardian_mfa_page.html: was stored by the API"),
        "{errors}"
    );
    assert!(
        errors.contains("guardian_mfa_page.html:1: unknown variable `was_known_once`"),
        "{errors}"
    );
    let stored = json!(["mail/enrollment/subject.txt", "mail/enrollment/body.html"]);
    assert_eq!(
        ready["templates"]["stored"], stored,
        "the mail is as good as before"
    );
    assert!(seen(&app).await.contains("</html>"));

    let folder = app.folder.path().join("templates/locales/en");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("mine.ftl"),
        "result-invalid-title = Nothing here\n",
    )
    .unwrap();
    while app.app.views.poll_once().await != Polled::Swapped {}
    assert!(
        seen(&app).await.contains("Nothing here"),
        "files are as live as ever"
    );
    assert_eq!(app.get("/readyz").send().await.json()["status"], "degraded");

    patch(&app, &json!({ "enabled": false })).await.expect(200);
    let ready = app.get("/readyz").send().await.json();
    assert_eq!(ready["status"], "ok", "{ready}");
}

#[actix_web::test]
async fn a_page_over_a_broken_file_hides_it_and_its_end_brings_back_what_works() {
    let app = TestApp::start().await;
    patch(&app, &json!({ "enabled": true, "html": page("ours") }))
        .await
        .expect(200);
    let folder = app.folder.path().join("templates");
    std::fs::create_dir_all(&folder).unwrap();
    let broken = format!("{BLOCKS}{{{{ nobody_knows }}}}");
    std::fs::write(folder.join("mfa.html"), broken).unwrap();
    app.app.views.poll_once().await;
    app.app.views.poll_once().await;
    assert!(seen(&app).await.contains("<p>ours</p>"));
    patch(&app, &json!({ "enabled": false })).await.expect(200);
    let page = seen(&app).await;
    assert!(
        page.contains("</html>") && !page.contains("<p>ours</p>"),
        "{page}"
    );
    let ready = app.get("/readyz").send().await.json();
    assert!(
        ready["templates"]["errors"]
            .to_string()
            .contains("mfa.html:1: unknown variable"),
        "{ready}"
    );
}
