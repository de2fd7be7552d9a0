//! A small product with two pages and a mail, and an admin's folder over it.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tessera::views::{
    BuiltIns, CheckError, CheckMode, ChildCheck, Locale, Options, Polled, Sample, SampleKind,
    Status, Views,
};

pub const FRAME: &str = r#"<!doctype html>
<html lang="{{ locale }}" dir="{{ dir }}">
<head><title>{{ site.name }}</title><link rel="stylesheet" href="{{ asset(path="look.css") }}"></head>
<body>
{% if ticket %}<h1>{{ t(key="welcome", email=userData.email) }}</h1>{% else %}<h1>{{ t(key="back") }}</h1>{% endif %}
{% block work %}{% endblock %}
</body></html>
"#;

pub const OTP: &str = r#"{% extends "mfa.html" %}
{% block work %}
{% for group in key_groups %}<b>{{ group }}</b>{% endfor %}
{% for error in errors %}<p>{{ error.message }}</p>{% endfor %}
<form method="post" action="{{ form.action }}">{% include "components/fields.html" %}<label>Code <input name="code"></label></form>
{% endblock %}
"#;

pub const FIELDS: &str = r#"<input type="hidden" name="csrf" value="{{ csrf }}"><input type="hidden" name="attempt" value="{{ attempt }}">"#;

const RESULT: &str =
    r#"{% extends "mfa.html" %}{% block work %}<p>{{ t(key="result-" ~ code) }}</p>{% endblock %}"#;

const EN: &str = "language-name = English
welcome = Welcome, { $email }
back = Welcome back
result-used = This link was used
result-expired = This link expired
minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
subject = Your link for { $site }
only-english = Only in English
";

const DE: &str = "language-name = Deutsch
welcome = Willkommen, { $email }
back = Willkommen zurück
result-used = Dieser Link wurde benutzt
result-expired = Dieser Link ist abgelaufen
subject = Ihr Link für { $site }
";

const AR: &str = "language-name = العربية
back = مرحبا
";

pub fn builtins() -> BuiltIns {
    BuiltIns::from_files(
        [
            ("mfa.html", FRAME),
            ("screens/otp.html", OTP),
            ("screens/result.html", RESULT),
            ("components/fields.html", FIELDS),
            (
                "mail/enrollment/subject.txt",
                "{{ t(key=\"subject\", site=site.name) }}\n",
            ),
            ("locales/en/all.ftl", EN),
            ("locales/de/all.ftl", DE),
            ("locales/ar/all.ftl", AR),
        ],
        [("look.css", b"body { color: black }".as_slice())],
    )
}

pub fn otp_context() -> Value {
    json!({
        "site": { "name": "Acme", "logo": null },
        "ticket": { "id": "gten_1", "factors": ["otp"] },
        "userData": { "email": "ada@example.com", "userId": "auth0|ada" },
        "csrf": "csrf-sample",
        "attempt": "attempt-sample",
        "form": { "action": "/guardian/enroll/otp" },
        "errors": [],
        "key_groups": ["JBSW", "Y3DP"],
    })
}

pub fn result_context() -> Value {
    json!({
        "site": { "name": "Acme", "logo": null },
        "userData": { "email": "", "userId": "" },
        "code": "used",
    })
}

pub fn samples() -> Vec<Sample> {
    let mut wrong_code = otp_context();
    wrong_code["errors"] = json!([{ "code": "code-wrong", "message": "Wrong" }]);
    let sample = |template: &str, name: &str, context: Value, fields: &[&str], kind| Sample {
        template: template.to_owned(),
        name: name.to_owned(),
        context,
        required_fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        kind,
    };
    vec![
        sample(
            "screens/otp.html",
            "fresh",
            otp_context(),
            &["code"],
            SampleKind::Page,
        ),
        sample(
            "screens/otp.html",
            "wrong-code",
            wrong_code,
            &["code"],
            SampleKind::Page,
        ),
        sample(
            "screens/result.html",
            "used",
            result_context(),
            &[],
            SampleKind::Page,
        ),
        sample(
            "mail/enrollment/subject.txt",
            "plain",
            json!({ "site": { "name": "Acme" } }),
            &[],
            SampleKind::MailSubject,
        ),
    ]
}

/// An admin and the folders they edit.
pub struct Admin {
    home: TempDir,
}

impl Admin {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("templates")).unwrap();
        Self { home }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn template(&self, name: &str) -> PathBuf {
        self.path("templates").join(name)
    }

    pub fn writes(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.template(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn writes_static(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path("static").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn options(&self) -> Options {
        Options {
            templates_dir: self.path("templates"),
            static_dir: self.path("static"),
            good_dir: self.path("data/templates.good"),
            default_locale: locale("en"),
            check: CheckMode::InProcess,
            builtins: builtins(),
        }
    }

    pub fn starts_the_server(&self) -> Views {
        Views::load(self.options(), samples()).unwrap()
    }

    /// What the admin is told about the folder as it is, one line each.
    pub fn complaints(&self) -> Vec<String> {
        let report = tessera::views::overlay::check(&self.options(), &samples());
        self.told(&report.errors)
    }

    pub fn warnings(&self) -> Vec<String> {
        let report = tessera::views::overlay::check(&self.options(), &samples());
        self.told(&report.warnings)
    }

    /// Paths below the folder, so that expectations do not name a temporary one.
    pub fn told(&self, errors: &[CheckError]) -> Vec<String> {
        let home = format!("{}/", self.home.path().display());
        errors
            .iter()
            .map(|error| error.to_string().replace(&home, ""))
            .collect()
    }
}

/// A server whose sets are judged by a process of its own, as in production.
pub fn with_child(mut options: Options) -> Options {
    let program = env!("CARGO_BIN_EXE_tessera");
    let mut check = ChildCheck::calling(program.into(), ["templates", "check-child"]);
    check.cpu_seconds = 2;
    options.check = CheckMode::Child(check);
    options
}

pub fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap()
}

pub fn otp_page(views: &Views) -> String {
    views
        .render("screens/otp.html", &locale("en"), &otp_context())
        .unwrap()
}

pub fn errors(views: &Views) -> Vec<CheckError> {
    match views.status() {
        Status::Degraded { errors, .. } => errors,
        Status::Healthy { .. } => Vec::new(),
    }
}

/// Polls as the watcher does, until a change was judged.
pub async fn next_change(views: &Views) -> Polled {
    for _ in 0..3 {
        let polled = views.poll_once().await;
        if polled != Polled::Unchanged {
            return polled;
        }
    }
    Polled::Unchanged
}
