//! What visitors see while an admin edits.

use std::fs;

use serde_json::json;
use tessera::views::{Polled, Source, Status, Views};

use crate::support::*;

#[test]
fn an_empty_folder_serves_the_shipped_pages() {
    let admin = Admin::new();
    let views = admin.starts_the_server();
    let page = otp_page(&views);
    assert!(page.contains("Welcome, ada@example.com"), "{page}");
    assert!(page.contains("<b>JBSW</b><b>Y3DP</b>"), "{page}");
    assert_eq!(
        views.status(),
        Status::Healthy {
            source: Source::BuiltIn
        }
    );
}

#[tokio::test]
async fn a_good_save_is_live_and_deleting_it_falls_back() {
    let admin = Admin::new();
    let views = admin.starts_the_server();
    admin.writes(
        "mfa.html",
        "<h1>{{ site.name }}</h1>{% block work %}{% endblock %}",
    );
    assert_eq!(next_change(&views).await, Polled::Swapped);
    assert!(otp_page(&views).starts_with("<h1>Acme</h1>"));

    fs::remove_dir_all(admin.path("templates")).unwrap();
    assert_eq!(next_change(&views).await, Polled::Swapped);
    assert!(otp_page(&views).contains("Welcome, ada@example.com"));
    assert_eq!(
        views.status(),
        Status::Healthy {
            source: Source::BuiltIn
        }
    );
    assert_eq!(next_change(&views).await, Polled::Unchanged);
}

#[test]
fn an_override_extends_what_it_replaces_and_changes_one_block() {
    let admin = Admin::new();
    admin.writes(
        "screens/result.html",
        "{% extends \"builtin/screens/result.html\" %}{% block work %}<hr>{{ super() }}{% endblock %}",
    );
    let views = admin.starts_the_server();
    let page = views
        .render("screens/result.html", &locale("en"), &result_context())
        .unwrap();
    assert!(page.contains("<hr><p>This link was used</p>"), "{page}");
    assert!(page.contains("Welcome back"), "{page}");
}

#[test]
fn a_byte_identical_copy_counts_as_shipped() {
    let admin = Admin::new();
    admin.writes("screens/otp.html", OTP);
    assert_eq!(
        admin.starts_the_server().status(),
        Status::Healthy {
            source: Source::BuiltIn
        }
    );
}

#[tokio::test]
async fn a_broken_save_never_reaches_a_visitor() {
    let admin = Admin::new();
    admin.writes(
        "screens/otp.html",
        OTP.replace("<b>", "<i>").replace("</b>", "</i>"),
    );
    let views = admin.starts_the_server();
    admin.writes(
        "screens/otp.html",
        "{% extends \"mfa.html\" %}\n{% block work %}{% if %}",
    );
    assert_eq!(next_change(&views).await, Polled::Refused);
    assert!(otp_page(&views).contains("<i>JBSW</i>"));
    let told = admin.told(&errors(&views));
    assert!(told[0].starts_with("screens/otp.html:2: "), "{told:?}");

    // The same broken set is not judged again at every look.
    assert_eq!(next_change(&views).await, Polled::Unchanged);

    admin.writes("screens/otp.html", OTP);
    assert_eq!(next_change(&views).await, Polled::Swapped);
    assert!(otp_page(&views).contains("<b>JBSW</b>"));
}

#[tokio::test]
async fn a_save_of_the_same_length_in_the_same_instant_is_seen() {
    let admin = Admin::new();
    admin.writes("mfa.html", "<i>one</i>{% block work %}{% endblock %}");
    let views = admin.starts_the_server();
    let before = fs::metadata(admin.template("mfa.html"))
        .unwrap()
        .modified()
        .unwrap();
    admin.writes("mfa.html", "<i>two</i>{% block work %}{% endblock %}");
    let file = fs::File::options()
        .write(true)
        .open(admin.template("mfa.html"))
        .unwrap();
    file.set_modified(before).unwrap();
    assert_eq!(next_change(&views).await, Polled::Swapped);
    assert!(otp_page(&views).contains("<i>two</i>"));
}

#[test]
fn a_restart_with_a_broken_folder_serves_what_last_passed() {
    let admin = Admin::new();
    admin.writes(
        "mfa.html",
        "<i>mine</i>{{ asset(path=\"own.css\") }}{% block work %}{% endblock %}",
    );
    admin.writes_static("own.css", "i { color: red }");
    drop(admin.starts_the_server());

    admin.writes("mfa.html", "{{ usr }}");
    let views = admin.starts_the_server();
    assert!(otp_page(&views).starts_with("<i>mine</i>/static/own.css?v="));
    assert!(matches!(
        views.status(),
        Status::Degraded {
            serving: Source::LastGood,
            ..
        }
    ));
}

#[test]
fn a_first_start_with_a_broken_folder_serves_the_shipped_pages() {
    let admin = Admin::new();
    admin.writes("mfa.html", "{{ usr }}");
    let views = admin.starts_the_server();
    assert!(otp_page(&views).contains("Welcome, ada@example.com"));
    assert!(matches!(
        views.status(),
        Status::Degraded {
            serving: Source::BuiltIn,
            ..
        }
    ));
}

#[test]
fn what_people_type_stays_text() {
    let admin = Admin::new();
    let views = admin.starts_the_server();
    let mut context = otp_context();
    context["userData"]["email"] = json!("{{ 7*7 }}<script>{% include \"mfa.html\" %}");
    let page = views
        .render("screens/otp.html", &locale("en"), &context)
        .unwrap();
    assert!(page.contains("{{ 7*7 }}&lt;script&gt;{% include"), "{page}");
}

#[test]
fn endless_output_is_cut_off() {
    let admin = Admin::new();
    let views = admin.starts_the_server();
    let mut context = otp_context();
    context["userData"]["email"] = json!("x".repeat(2 * 1024 * 1024));
    let error = views
        .render("screens/otp.html", &locale("en"), &context)
        .unwrap_err();
    assert!(error.to_string().contains("more than 1 MiB"), "{error}");
}

#[test]
fn the_admins_static_files_win_and_links_carry_their_content() {
    let admin = Admin::new();
    let shipped = admin.starts_the_server();
    let before = shipped.asset("look.css").unwrap();
    assert_eq!(before.mime, "text/css; charset=utf-8");
    assert!(otp_page(&shipped).contains(&format!("/static/look.css?v={}", before.version())));

    admin.writes_static("look.css", "body { color: teal }");
    admin.writes_static(".secret.css", "hidden");
    let views = admin.starts_the_server();
    let after = views.asset("look.css").unwrap();
    assert_eq!(&after.bytes[..], b"body { color: teal }");
    assert_ne!(before.version(), after.version());
    assert!(otp_page(&views).contains(&format!("/static/look.css?v={}", after.version())));
    assert!(views.asset(".secret.css").is_none());
    assert!(views.asset("../templates/mfa.html").is_none());
}

#[test]
fn broken_shipped_templates_end_the_start() {
    let admin = Admin::new();
    let mut options = admin.options();
    options.builtins = tessera::views::BuiltIns::from_files([("mfa.html", "{% if %}")], []);
    let error = Views::load(options, Vec::new()).err().unwrap();
    assert!(error.to_string().contains("builtin/mfa.html:1"), "{error}");
}
