//! The product's own templates, judged as an admin's are; and what an admin makes of its mails and texts.

use serde_json::Value;

use crate::place::Place;

/// What the check tells, one line each, by files below the place; errors and warnings apart.
fn told(place: &Place) -> [Vec<String>; 2] {
    let ran = place.run(&["templates", "check", "--json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let home = format!("{}/", place.path("").display()).replace("//", "/");
    let lines = |list: &str| -> Vec<String> {
        let found = report[list].as_array().unwrap().iter();
        let line = |found: &Value| {
            let line = found["line"].as_u64().map(|line| format!(":{line}"));
            format!(
                "{}{}: {}",
                found["file"].as_str().unwrap().replace(&home, ""),
                line.unwrap_or_default(),
                found["message"].as_str().unwrap()
            )
        };
        found.map(line).collect()
    };
    let all = [lines("errors"), lines("warnings")];
    assert_eq!(ran.status.success(), all[0].is_empty());
    all
}

#[test]
fn nothing_is_wrong_with_what_is_shipped_in_any_language() {
    let place = Place::new();
    assert_eq!(told(&place), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn mails_and_texts_that_miss_their_point_are_told() {
    let place = Place::new();
    for (name, text) in [
        ("mail/enrollment/body.txt", "Hello\n"),
        (
            "mail/factor-added/body.txt",
            "{% if userData.email == 'x' %}x{% endif %}\n",
        ),
        (
            "mail/enrollment/body.html",
            "{% extends \"builtin/mail/enrollment/body.html\" %}\n{% block work %}\n<p style=\"color: #aaa\">{{ ticket_url }}</p><img src=\"https://cdn.example/a.png\">\n{% endblock work %}",
        ),
        (
            "mail/recovery-code-used/subject.txt",
            "one\n{{ site.name }}",
        ),
        (
            "sms/enrollment.txt",
            "{{ code }} – {{ tenant.friendly_name }} sends this code so that nobody has to be afraid of a stranger.",
        ),
        ("sms/verification.txt", "Your code is on its way"),
    ] {
        place.write(&format!("templates/{name}"), text);
    }
    let [errors, warnings] = told(&place);
    let starts = |told: &[String], wanted: &[&str]| {
        for start in wanted {
            let found = told.iter().any(|told| told.starts_with(start));
            assert!(found, "{start}: {told:#?}");
        }
        assert_eq!(told.len(), wanted.len(), "{told:#?}");
    };
    starts(
        &errors,
        &[
            "templates/mail/enrollment/body.txt: does not show `{{ ticket_url }}`",
            "templates/mail/factor-added/body.txt: is empty",
            "templates/mail/recovery-code-used/subject.txt: a subject must be one line of text",
            "templates/sms/verification.txt: does not show `{{ code }}`",
        ],
    );
    starts(
        &warnings,
        &[
            "templates/mail/enrollment/body.html:3: text in #aaa on #ffffff has a contrast of 2.3",
            "templates/mail/enrollment/body.html:3: <img> without an alternative text",
            "templates/mail/enrollment/body.html:3: <img src> reaches https://cdn.example/a.png",
            "templates/sms/enrollment.txt: goes out as 2 texts, and costs as many: 84 characters, for `–` is not in the GSM alphabet (one text holds 70)",
        ],
    );
}
