//! Pages, mails and words in the admin's folder.

use crate::place::Place;

#[test]
fn an_admin_ejects_a_page_edits_it_and_checks_it() {
    let place = Place::new();
    let list = place.ok(&["templates", "list"]);
    assert!(list.contains("mfa.html") && !list.contains("your folder"));

    place.ok(&["templates", "eject", "mfa.html"]);
    let page = std::fs::read_to_string(place.path("templates/mfa.html")).unwrap();
    assert!(place.ok(&["templates", "check"]).contains(": good ("));
    assert!(
        place
            .ok(&["templates", "list"])
            .contains("the same as the built-in")
    );
    let why = place.refused(&["templates", "eject", "mfa.html"]);
    assert!(why.contains("exists already"), "{why}");
    let why = place.refused(&["templates", "eject", "mfa.htm"]);
    assert!(why.contains("mfa.html"), "{why}");

    place.write(
        "templates/mfa.html",
        &format!("{page}\n{{{{ userDta.email }}}}\n"),
    );
    let ran = place.run(&["templates", "check"]);
    assert_eq!(ran.status.code(), Some(1));
    let place_of_it = format!("mfa.html:{}: ", page.lines().count() + 2);
    assert!(
        ran.out.contains(&place_of_it) && ran.out.contains("userDta"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn what_the_api_stored_is_listed_and_checked_and_survives_a_restart() {
    let place = Place::new();
    let server = place.serve();
    let token = place.ok(&["token"]);
    let html =
        "{% extends \"builtin/mfa.html\" %}{% block footer %}<p>stored</p>{% endblock footer %}";
    let body = serde_json::json!({ "guardian_mfa_page": { "enabled": true, "html": html } });
    let http = reqwest::Client::new();
    let call = http
        .patch(server.url("/api/v2/tenants/settings"))
        .json(&body);
    let answer = call.bearer_auth(token.trim()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let list = place.ok(&["templates", "list"]);
    let line = list.lines().find(|line| line.starts_with("mfa.html"));
    assert!(line.unwrap().contains("stored by the API"), "{list}");
    let ran = place.run(&["templates", "check"]);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.out);
    assert!(
        ran.err.contains("mfa.html: stored by the API"),
        "{}",
        ran.err
    );
    drop(server);

    let server = place.serve();
    let page = reqwest::get(server.url("/guardian/enroll?ticket=nothing")).await;
    let page = page.unwrap().text().await.unwrap();
    assert!(page.contains("<p>stored</p>"), "{page}");
}

#[test]
fn another_folder_can_be_checked() {
    let place = Place::new();
    place.write("draft/screens/otp.html", "{% if %}");
    let ran = place.run(&["templates", "check", "draft", "--json"]);
    assert_eq!(ran.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["errors"][0]["line"], 1);
    place.ok(&["templates", "check"]);
    assert!(
        place
            .refused(&["templates", "check", "nowhere"])
            .contains("nowhere")
    );
}

#[test]
fn what_an_upgrade_would_hide_is_shown_as_a_difference() {
    let place = Place::new();
    assert_eq!(place.ok(&["templates", "diff"]), "");
    place.ok(&["templates", "eject", "mfa.html", "screens/done.html"]);
    assert_eq!(place.ok(&["templates", "diff"]), "");

    let page = std::fs::read_to_string(place.path("templates/mfa.html")).unwrap();
    place.write("templates/mfa.html", &format!("{page}<p>ours</p>\n"));
    let ran = place.run(&["templates", "diff"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(
        ran.out
            .starts_with("--- builtin/mfa.html\n+++ mfa.html\n@@ "),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("\n+<p>ours</p>\n"), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'), "no colours in a pipe");

    let ran = place.run(&["templates", "diff", "--json", "mfa.html"]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told[0]["name"], "mfa.html");
    assert_eq!(place.ok(&["templates", "diff", "screens/done.html"]), "");
    let why = place.refused(&["templates", "diff", "mfa.htm"]);
    assert!(why.contains("mfa.html"), "{why}");
}

#[test]
fn a_version_that_was_reset_comes_back() {
    let place = Place::new();
    let mine = "{% extends \"builtin/mfa.html\" %}";
    let path = place.path("templates/mfa.html");
    let why = place.refused(&["templates", "reset", "mfa.html"]);
    assert!(why.contains("is the built-in one already"), "{why}");
    let why = place.refused(&["templates", "reset", "mfa.html", "--last"]);
    assert!(why.contains("templates.replaced"), "{why}");
    let why = place.refused(&["templates", "reset", "mfa.htm"]);
    assert!(why.contains("mfa.html"), "{why}");

    place.write("templates/mfa.html", mine);
    let told = place.ok(&["templates", "reset", "mfa.html"]);
    assert!(told.contains("the built-in one is in effect"), "{told}");
    assert!(!path.exists());

    place.ok(&["templates", "reset", "mfa.html", "--last"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mine);

    // Whatever is replaced is kept, also by a version that comes back.
    place.write("templates/mfa.html", "{% extends \"builtin/mfa.html\" %} ");
    let told = place.json(&["templates", "reset", "mfa.html", "--last"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mine);
    let kept = std::path::PathBuf::from(told["kept"].as_str().unwrap());
    assert!(std::fs::read_to_string(kept).unwrap().ends_with(' '));
    assert!(place.ok(&["templates", "check"]).contains(": good ("));
}
