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
