//! What a check finds, and how it tells.

use std::time::Duration;

use tessera::views::{CheckMode, Polled, Source, Status, Views, overlay};

use crate::support::*;

/// The only complaint about a folder with this one file.
fn complaint(name: &str, text: &str) -> String {
    let admin = Admin::new();
    admin.writes(name, text);
    let told = admin.complaints();
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

fn frame_with(line: &str) -> String {
    format!("<p>\n{line}\n</p>{{% block work %}}{{% endblock %}}")
}

#[test]
fn the_shipped_set_passes() {
    let admin = Admin::new();
    assert_eq!(admin.complaints(), Vec::<String>::new());
    assert_eq!(admin.warnings(), Vec::<String>::new());
}

#[test]
fn a_misspelt_variable_is_found_with_the_names_that_exist() {
    let told = complaint("mfa.html", &frame_with("{{ usrData.email }}"));
    assert!(
        told.starts_with("templates/mfa.html:2: unknown variable `usrData`; available: userData, "),
        "{told}"
    );
}

#[test]
fn a_misspelt_name_in_a_condition_is_found_though_the_engine_lets_it_pass() {
    let told = complaint("mfa.html", &frame_with("{% if tiket %}x{% endif %}"));
    assert!(
        told.starts_with("templates/mfa.html:2: unknown variable `tiket`; available: ticket, "),
        "{told}"
    );
    let told = complaint(
        "mfa.html",
        &frame_with("{% if userData.emial %}x{% endif %}"),
    );
    assert_eq!(
        told,
        "templates/mfa.html:2: unknown field `emial` of `userData`; available: email, userId"
    );
    let told = complaint(
        "screens/otp.html",
        &OTP.replace("error.message", "error.mesage")
            .replace("{{ error", "{{ \"\" if not error")
            .replace("mesage }}", "mesage else 1 }}"),
    );
    assert!(
        told.starts_with("templates/screens/otp.html:4: unknown field `mesage` of `errors[]`"),
        "{told}"
    );
}

#[test]
fn names_of_loops_sets_and_comprehensions_are_the_templates_own() {
    let admin = Admin::new();
    admin.writes(
        "screens/otp.html",
        OTP.replace(
            "{% for group in key_groups %}",
            "{% set mine = [g | upper for g in key_groups if g] %}{% for k, v in userData %}{{ k }}{{ v }}{{ loop.index }}{% endfor %}{{ mine | join(sep='-') }}{% raw %}{{ nobody }}{% endraw %}{# {{ nobody }} #}{% if ticket?.id is defined and site['name'] is not undefined %}{{ key_groups[0] }}{% endif %}{% for group in key_groups %}",
        ),
    );
    assert_eq!(admin.complaints(), Vec::<String>::new());
}

#[test]
fn the_snippet_of_both_modes_works_in_any_page() {
    let snippet = "{% if ticket %}\n<h4 class=\"message\">Welcome, {{ userData.email }}, enroll your device below</h4>\n{% else %}\n<h4 class=\"message\">Welcome back, {{ userData.email }}, authenticate below</h4>\n{% endif %}\n";
    let admin = Admin::new();
    admin.writes("screens/result.html", snippet);
    admin.writes(
        "mfa.html",
        format!("{snippet}{{% block work %}}{{% endblock %}}"),
    );
    assert_eq!(admin.complaints(), Vec::<String>::new());
}

#[test]
fn every_syntax_error_is_told_at_once() {
    let admin = Admin::new();
    admin.writes("mfa.html", "\n\n{% if %}");
    admin.writes("components/fields.html", "{{ csrf ");
    let told = admin.complaints();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("templates/components/fields.html:1: "),
        "{told:?}"
    );
    assert!(told[1].starts_with("templates/mfa.html:3: "), "{told:?}");
}

#[test]
fn nothing_reaches_the_environment_or_files() {
    let told = complaint("mfa.html", &frame_with("{{ get_env(name=\"HOME\") }}"));
    assert_eq!(told, "templates/mfa.html:2: Unknown function `get_env`");
}

#[test]
fn a_file_that_includes_itself_is_told_with_its_line() {
    let told = complaint(
        "components/fields.html",
        "<i>\n{% include \"components/fields.html\" %}",
    );
    assert!(
        told.starts_with("templates/components/fields.html:2: includes itself"),
        "{told}"
    );
    let told = complaint("mfa.html", "\n{% extends \"mfa.html\" %}");
    assert_eq!(told, "templates/mfa.html:2: extends itself in the end");
    let told = complaint("mfa.html", "\n{% extends \"nowhere.html\" %}");
    assert_eq!(
        told,
        "templates/mfa.html:2: extends `nowhere.html`, which does not exist"
    );
    let told = complaint("mfa.html", &frame_with("{% include \"nowhere.html\" %}"));
    assert!(
        told.starts_with("templates/mfa.html:2: Unknown template `nowhere.html`"),
        "{told}"
    );
}

#[test]
fn a_form_without_its_fields_is_refused() {
    let bare = OTP.replace("{% include \"components/fields.html\" %}", "");
    let admin = Admin::new();
    admin.writes("screens/otp.html", bare);
    let told = admin.complaints();
    assert_eq!(told.len(), 2, "{told:?}");
    for (told, field) in told.iter().zip(["attempt", "csrf"]) {
        assert!(
            told.starts_with(&format!(
                "templates/screens/otp.html:5: a form without its `{field}` input"
            )),
            "{told}"
        );
        assert!(told.contains("(sample `fresh` in `"), "{told}");
    }
    let told = complaint(
        "screens/otp.html",
        &OTP.replace("name=\"code\"", "name=\"kode\""),
    );
    assert!(
        told.starts_with("templates/screens/otp.html:5: no POST form has the input `code`"),
        "{told}"
    );
    let told = complaint(
        "components/fields.html",
        &FIELDS.replace("{{ csrf }}", "fixed"),
    );
    assert!(told.contains("does not carry `{{ csrf }}`"), "{told}");
}

#[test]
fn a_frame_without_the_blocks_of_its_screens_is_told_once() {
    assert_eq!(
        complaint("mfa.html", "<p>nothing else</p>"),
        "templates/mfa.html: lacks blocks that the screens fill: `work`; put each where it belongs, like `{% block title %}{% endblock title %}`"
    );
}

#[test]
fn a_block_of_nobody_is_told_with_those_that_there_are() {
    let screen = OTP.replace("{% block work %}", "{% block wrok %}");
    assert_eq!(
        complaint("screens/otp.html", &screen),
        "templates/screens/otp.html:2: `wrok` is no block of `templates/mfa.html`: it has `work`"
    );
}

#[test]
fn a_subject_is_one_line() {
    let told = complaint("mail/enrollment/subject.txt", "Dear\nall {{ site.name }}");
    assert!(
        told.starts_with("templates/mail/enrollment/subject.txt: a subject must be one line"),
        "{told}"
    );
}

#[test]
fn missing_words_and_files_are_told_where_they_are_used() {
    let told = complaint(
        "mfa.html",
        &frame_with("{{ t(key=\"welcom\", email=\"x\") }}"),
    );
    assert!(
        told.starts_with(
            "templates/mfa.html:2: no words for `welcom` in any language; available: welcome, "
        ),
        "{told}"
    );
    // Also in a branch that no sample takes.
    let told = complaint(
        "mfa.html",
        &frame_with("{% if site.logo %}{{ asset(path=\"lok.css\") }}{% endif %}"),
    );
    assert_eq!(
        told,
        "templates/mfa.html:2: no static file `lok.css`; available: look.css"
    );
    let told = complaint("mfa.html", &frame_with("{{ t(key=\"welcome\") }}"));
    assert!(told.starts_with("templates/mfa.html:2: "), "{told}");
    assert!(told.contains("email"), "{told}");
}

#[test]
fn broken_words_are_told_with_their_line() {
    let told = complaint(
        "locales/en/mine.ftl",
        "welcome = Hello, { $email }\nback = { $\n",
    );
    assert!(told.starts_with("templates/locales/en/mine.ftl:"), "{told}");
}

#[test]
fn what_is_never_served_is_a_warning() {
    let admin = Admin::new();
    admin.writes("screens/opt.html", "never rendered");
    admin.writes_static("logo.psd", "x");
    assert_eq!(admin.complaints(), Vec::<String>::new());
    let told = admin.warnings().join("\n");
    for part in [
        "screens/opt.html: nothing renders",
        "screens/otp.html",
        "static/logo.psd: is not served",
    ] {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
}

#[tokio::test]
async fn a_good_set_passes_in_its_own_process() {
    let admin = Admin::new();
    admin.writes("mfa.html", frame_with("{{ site.name }}"));
    let views = Views::load(with_child(admin.options()), samples()).unwrap();
    assert_eq!(
        views.status(),
        Status::Healthy {
            source: Source::Admin
        }
    );
    admin.writes("mfa.html", frame_with("{% if tiket %}{% endif %}"));
    assert_eq!(next_change(&views).await, Polled::Refused);
    assert!(admin.told(&errors(&views))[0].starts_with("mfa.html:2: unknown variable"));
}

#[test]
fn a_check_that_hangs_or_cannot_start_refuses_the_set() {
    let admin = Admin::new();
    admin.writes("mfa.html", frame_with("{{ site.name }}"));
    let mut options = with_child(admin.options());
    if let CheckMode::Child(check) = &mut options.check {
        check.program = "/bin/sleep".into();
        check.args = vec!["60".into()];
        check.wall = Duration::from_millis(200);
    }
    let report = overlay::check(&options, &samples());
    assert!(
        report.errors[0].message.contains("took longer than"),
        "{report:?}"
    );
    if let CheckMode::Child(check) = &mut options.check {
        check.program = "/nowhere/tessera".into();
    }
    let report = overlay::check(&options, &samples());
    assert!(
        report.errors[0].message.contains("could not be run"),
        "{report:?}"
    );
}
