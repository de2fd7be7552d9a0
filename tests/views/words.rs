//! Languages: which is chosen, what it falls back to, how it is written.

use tessera::views::Views;

use crate::support::*;

#[test]
fn words_fall_back_from_region_to_language_to_default() {
    let admin = Admin::new();
    admin.writes("locales/de-CH/own.ftl", "back = Grüezi wieder\n");
    let views = admin.starts_the_server();
    let swiss = locale("de-CH");
    assert_eq!(views.translate(&swiss, "back", &[]), "Grüezi wieder");
    assert_eq!(
        views.translate(&swiss, "welcome", &[("email", "ada")]),
        "Willkommen, ada"
    );
    assert_eq!(
        views.translate(&swiss, "only-english", &[]),
        "Only in English"
    );
    assert_eq!(views.translate(&swiss, "nowhere", &[]), "nowhere");
    assert_eq!(views.translate(&locale("fr"), "back", &[]), "Welcome back");
}

#[test]
fn an_own_words_file_changes_some_words_and_keeps_the_rest() {
    let admin = Admin::new();
    admin.writes("locales/en/all.ftl", "back = Hello again\n");
    let views = admin.starts_the_server();
    let en = locale("en");
    assert_eq!(views.translate(&en, "back", &[]), "Hello again");
    assert_eq!(
        views.translate(&en, "welcome", &[("email", "ada")]),
        "Welcome, ada"
    );
}

#[test]
fn numbers_choose_plural_forms_and_codes_stay_as_typed() {
    let views = Admin::new().starts_the_server();
    let en = locale("en");
    assert_eq!(
        views.translate(&en, "minutes", &[("count", "1")]),
        "one minute"
    );
    assert_eq!(
        views.translate(&en, "minutes", &[("count", "3")]),
        "3 minutes"
    );
    assert_eq!(
        views.translate(&en, "welcome", &[("email", "012345")]),
        "Welcome, 012345"
    );
}

#[test]
fn the_best_available_language_is_chosen() {
    let views = Admin::new().starts_the_server();
    let chosen = |wanted: &[&str]| views.negotiate(wanted).to_string();
    assert_eq!(chosen(&["de-CH", "en"]), "de");
    assert_eq!(chosen(&["fr", "de"]), "de");
    assert_eq!(chosen(&["%%%", "", "{{ 7*7 }}", "ar-EG"]), "ar");
    assert_eq!(chosen(&["xx"]), "en");
    assert_eq!(chosen(&[]), "en");
    let names: Vec<String> = views
        .locales()
        .iter()
        .map(|locale| views.translate(locale, "language-name", &[]))
        .collect();
    assert_eq!(names, ["العربية", "Deutsch", "English"]);
}

#[test]
fn a_default_language_without_words_is_stood_in_for() {
    let admin = Admin::new();
    let mut options = admin.options();
    options.default_locale = locale("fr");
    let views = Views::load(options, samples()).unwrap();
    assert_eq!(views.negotiate(&["xx"]).as_str(), "en");
}

#[test]
fn direction_follows_the_script() {
    for (tag, dir) in [
        ("ar", "rtl"),
        ("he", "rtl"),
        ("yi", "rtl"),
        ("az", "ltr"),
        ("de-CH", "ltr"),
        ("az-Arab", "rtl"),
    ] {
        assert_eq!(locale(tag).dir(), dir, "{tag}");
    }
    let views = Admin::new().starts_the_server();
    let page = views
        .render("screens/result.html", &locale("ar"), &result_context())
        .unwrap();
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"), "{page}");
}

#[test]
fn dates_are_written_in_the_language_and_name_their_zone() {
    let admin = Admin::new();
    admin.writes(
        "screens/result.html",
        "{{ date(at=1700000000000) }}|{{ date_time(at=1700000000000) }}",
    );
    let views = admin.starts_the_server();
    let page = |tag: &str| {
        views
            .render("screens/result.html", &locale(tag), &result_context())
            .unwrap()
            .replace('\u{202f}', " ")
    };
    assert_eq!(
        page("en"),
        "November 14, 2023|November 14, 2023 at 10:13 PM UTC"
    );
    assert_eq!(
        page("de"),
        "14. November 2023|14. November 2023 um 22:13 UTC"
    );
    assert_eq!(
        views.format_date(&locale("de"), 1_700_000_000_000),
        "14. November 2023"
    );
}
