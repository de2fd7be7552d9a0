//! What a folder may hold, and the commands that show and fill it.

use std::fs;
use std::os::unix::fs::symlink;

use tessera::views::overlay::{self, Origin, OverlayError};
use tessera::views::{Polled, Source, Status};

use crate::support::*;

#[tokio::test]
async fn a_config_map_is_a_folder_of_links() {
    let admin = Admin::new();
    let dir = admin.path("templates");
    let frame = |text: &str| format!("<i>{text}</i>{{% block work %}}{{% endblock %}}");
    admin.writes("..2026_01/mfa.html", frame("one"));
    symlink("..2026_01", dir.join("..data")).unwrap();
    symlink("..data/mfa.html", dir.join("mfa.html")).unwrap();
    let views = admin.starts_the_server();
    assert_eq!(
        views.status(),
        Status::Healthy {
            source: Source::Admin
        }
    );
    assert!(otp_page(&views).starts_with("<i>one</i>"));

    admin.writes("..2026_02/mfa.html", frame("two"));
    symlink("..2026_02", dir.join("..data_tmp")).unwrap();
    fs::rename(dir.join("..data_tmp"), dir.join("..data")).unwrap();
    assert_eq!(next_change(&views).await, Polled::Swapped);
    assert!(otp_page(&views).starts_with("<i>two</i>"));
}

#[test]
fn a_link_out_of_the_folder_is_refused() {
    let admin = Admin::new();
    fs::write(admin.path("secret.html"), "secret").unwrap();
    symlink(admin.path("secret.html"), admin.template("mfa.html")).unwrap();
    symlink("/etc", admin.template("screens")).unwrap();
    let told = admin.complaints();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("templates/mfa.html: is a link that leads out of the folder"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("templates/screens: is a link that leads out"),
        "{told:?}"
    );
}

#[test]
fn what_is_no_template_is_refused_by_name() {
    let admin = Admin::new();
    admin.writes("a.html.tera", "x");
    admin.writes("b", "x");
    admin.writes("builtin/mfa.html", "x");
    admin.writes("c.html", [0xff, 0xfe]);
    admin.writes("d.txt", vec![b'x'; 1024 * 1024 + 1]);
    admin.writes("e.ftl", "a = b");
    admin.writes("locales/not a language/f.ftl", "a = b");
    std::os::unix::net::UnixListener::bind(admin.template("g.html")).unwrap();
    symlink("h", admin.template("h")).unwrap();
    symlink("..", admin.template("i")).unwrap();
    fs::create_dir(admin.template("loop")).unwrap();
    symlink("..", admin.template("loop/again")).unwrap();
    let told = admin.complaints().join("\n");
    for part in [
        "templates/a.html.tera: is not a template",
        "templates/b: is not a template",
        "templates/builtin/mfa.html: the folder `builtin` is reserved",
        "templates/c.html: is not UTF-8",
        "templates/d.txt: is larger than 1 MiB",
        "templates/e.ftl: words belong in `locales/<language>/`",
        "templates/locales/not a language/f.ftl: `not a language` is not a language tag",
        "templates/g.html: is neither a file nor a folder",
        "templates/h: cannot be read",
        "templates/i: is a link that leads out of the folder",
        "templates/loop/again: folders are nested without end",
    ] {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
}

#[test]
fn more_than_a_thousand_files_are_refused() {
    let admin = Admin::new();
    for n in 0..1001 {
        admin.writes(&format!("{n}.txt"), "x");
    }
    let told = admin.complaints().join("\n");
    assert!(told.contains("holds more than 1000 files"), "{told}");
}

#[test]
fn editors_leftovers_and_papers_are_passed_over() {
    let admin = Admin::new();
    for name in [
        ".mfa.html.swp",
        "mfa.html~",
        "#mfa.html#",
        "README.md",
        "LICENSE-MIT",
        "LICENSE",
        ".git/config",
    ] {
        admin.writes(name, "{% if %}");
    }
    assert_eq!(admin.complaints(), Vec::<String>::new());
}

#[test]
fn the_list_tells_where_each_file_comes_from() {
    let admin = Admin::new();
    admin.writes("mfa.html", "mine");
    admin.writes("screens/otp.html", OTP);
    admin.writes("components/own.html", "mine");
    let (entries, errors) = overlay::list(&builtins(), &admin.path("templates"));
    assert!(errors.is_empty());
    let origin = |name: &str| {
        entries
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.origin)
    };
    assert_eq!(origin("mfa.html"), Some(Origin::Overridden));
    assert_eq!(origin("screens/otp.html"), Some(Origin::Identical));
    assert_eq!(origin("screens/result.html"), Some(Origin::BuiltIn));
    assert_eq!(origin("components/own.html"), Some(Origin::Own));
    assert_eq!(origin("locales/de/all.ftl"), Some(Origin::BuiltIn));
}

#[test]
fn eject_copies_but_never_overwrites() {
    let admin = Admin::new();
    let dir = admin.path("templates");
    let eject = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        overlay::eject(&builtins(), &names, &dir)
    };
    let written = eject(&["screens/otp.html", "locales/en/all.ftl"]).unwrap();
    assert_eq!(written.len(), 2);
    assert_eq!(fs::read_to_string(&written[0]).unwrap(), OTP);

    admin.writes("screens/otp.html", "mine");
    assert!(matches!(
        eject(&["mfa.html", "screens/otp.html"]),
        Err(OverlayError::Exists(_))
    ));
    assert!(!admin.template("mfa.html").exists(), "all or none");
    assert_eq!(
        fs::read_to_string(admin.template("screens/otp.html")).unwrap(),
        "mine"
    );

    let error = eject(&["screens/opt.html"]).unwrap_err();
    assert!(
        error.to_string().contains("nearest: screens/otp.html"),
        "{error}"
    );
}
