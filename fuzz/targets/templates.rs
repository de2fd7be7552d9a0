//! An admin's folder: whatever lies in it, the check finds faults or the set renders, and what people typed comes out
//! escaped.
//!
//! Input: files, each begun by a line `=== name`. The process that judges in production is bounded in time; here the
//! input is: loops over ranges and loops in loops are left out.
#![no_main]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::json;
use tempfile::TempDir;
use tessera::views::{
    BuiltIns, CheckMode, Locale, Options, Sample, SampleKind, Source, Status, Views, overlay,
};

/// What no page may carry as it is.
const CANARY: &str = "<x7q>";
const FRAME: &str = r#"<!doctype html><html lang="{{ locale }}" dir="{{ dir }}"><title>{{ site.name }}</title>
<link rel="stylesheet" href="{{ asset(path="look.css") }}">
{% if ticket %}{{ t(key="welcome", email=userData.email) }}{% else %}{{ t(key="back") }}{% endif %}
{% block work %}{% endblock %}</html>"#;
const OTP: &str = r#"{% extends "mfa.html" %}{% block work %}{% for group in key_groups %}<b>{{ group }}</b>{% endfor %}
<form method="post" action="{{ form.action }}">{% include "components/fields.html" %}<input name="code"></form>{% endblock %}"#;
const FIELDS: &str = r#"<input type="hidden" name="csrf" value="{{ csrf }}"><input type="hidden" name="attempt" value="{{ attempt }}">"#;
const WORDS: &str = "language-name = English
welcome = Welcome, { $email }
back = Welcome back
minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
";
const MOST_LOOPS: usize = 2;
const LONGEST: usize = 4096;

struct House {
    folder: TempDir,
    samples: Vec<Sample>,
}

static HOUSE: LazyLock<House> = LazyLock::new(|| House {
    folder: tempfile::tempdir().unwrap(),
    samples: samples(),
});

fn samples() -> Vec<Sample> {
    let typed = format!("{CANARY}\"'&");
    let page = json!({
        "site": { "name": "Acme" },
        "ticket": { "id": "gten_1", "factors": ["otp"] },
        "userData": { "email": typed, "userId": typed },
        "csrf": "csrf-sample",
        "attempt": "attempt-sample",
        "form": { "action": "/guardian/enroll/otp" },
        "errors": [{ "code": "code-wrong", "message": typed }],
        "key_groups": ["JBSW", typed],
    });
    let sample = |template: &str, context, fields: &[&str], kind| Sample {
        template: template.to_owned(),
        name: "fuzzed".to_owned(),
        context,
        required_fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        kind,
    };
    let subject = json!({ "site": { "name": "Acme" } });
    vec![
        sample("screens/otp.html", page, &["code"], SampleKind::Page),
        sample("mail/subject.txt", subject, &[], SampleKind::MailSubject),
    ]
}

fn options(folder: &Path) -> Options {
    let templates = [
        ("mfa.html", FRAME),
        ("screens/otp.html", OTP),
        ("components/fields.html", FIELDS),
        ("mail/subject.txt", "{{ site.name }}\n"),
        ("locales/en/all.ftl", WORDS),
    ];
    Options {
        templates_dir: folder.join("templates"),
        static_dir: folder.join("static"),
        good_dir: folder.join("good"),
        default_locale: Locale::parse("en").unwrap(),
        check: CheckMode::InProcess,
        builtins: BuiltIns::from_files(templates, [("look.css", b"body {}".as_slice())]),
    }
}

fuzz_target!(|input: &str| -> Corpus {
    let words = || input.split(|c: char| !c.is_alphanumeric());
    let loops = words().filter(|word| *word == "for").count();
    if input.len() > LONGEST || loops > MOST_LOOPS || words().any(|word| word == "range") {
        return Corpus::Reject;
    }
    let house = &*HOUSE;
    let options = options(house.folder.path());
    let _ = fs::remove_dir_all(&options.templates_dir);
    for (name, text) in files(input) {
        let path = options.templates_dir.join(name);
        // A name that is a folder's, too: the file system refuses it for an admin as well.
        let made = path
            .parent()
            .is_some_and(|folder| fs::create_dir_all(folder).is_ok());
        let _ = made.then(|| fs::write(&path, text));
    }
    let report = overlay::check(&options, &house.samples);
    let templates_dir = options.templates_dir.clone();
    let views = Views::load(options, house.samples.clone()).unwrap();
    let refused = matches!(views.status(), Status::Degraded { .. });
    assert_eq!(refused, !report.errors.is_empty(), "{:?}", report.errors);
    if refused {
        return Corpus::Keep;
    }
    let served = templates_dir.exists();
    let own = matches!(
        views.status(),
        Status::Healthy {
            source: Source::Admin
        }
    );
    assert!(served || !own);
    let told = report
        .warnings
        .iter()
        .any(|told| told.message.contains("`safe`"));
    let page = &house.samples[0];
    let locale = Locale::parse("en").unwrap();
    let rendered = views
        .render(&page.template, &locale, &page.context)
        .unwrap();
    assert!(told || !rendered.contains(CANARY), "{rendered}");
    Corpus::Keep
});

/// The files of an input; names that leave the folder are no admin's.
fn files(input: &str) -> impl Iterator<Item = (&str, &str)> {
    input.split("=== ").skip(1).filter_map(|file| {
        let (name, text) = file.split_once('\n')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let inside = name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'));
        (name.len() < 64 && inside && name.chars().all(plain)).then_some((name, text))
    })
}
