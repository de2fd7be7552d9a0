//! A newer product ships other templates: an admin learns which of their files that concerns, and what changed.

use std::fs;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use crate::place::Place;

/// An admin whose `mfa.html` was ejected from a former version, which had another viewport, and edited since.
fn of_a_former_version() -> Place {
    let place = Place::new();
    place.ok(&["templates", "eject", "mfa.html", "screens/done.html"]);
    let versions = fs::read_to_string(place.path("templates/.ejected/versions.toml")).unwrap();
    let shipped = fs::read_to_string(place.path("templates/mfa.html")).unwrap();
    let former = shipped.replace("width=device-width", "width=320");
    assert_ne!(former, shipped);
    let sha256 = |text: &str| HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref());
    let present = format!(
        "version = \"{}\"\nsha256 = \"{}\"",
        env!("CARGO_PKG_VERSION"),
        sha256(&shipped)
    );
    assert!(versions.contains(&present), "{versions}");
    let then = format!("version = \"0.0.9\"\nsha256 = \"{}\"", sha256(&former));
    place.write(
        "templates/.ejected/versions.toml",
        &versions.replace(&present, &then),
    );
    place.write("templates/.ejected/mfa.html", &former);
    place.write("templates/mfa.html", &format!("{former}<!-- ours -->\n"));
    place
}

#[test]
fn an_override_of_a_former_version_is_told_with_what_changed_since() {
    let place = of_a_former_version();
    let told = place.ok(&["templates", "check"]);
    assert!(
        told.contains("templates/mfa.html: was ejected from 0.0.9, and the built-in has changed since; your file still passes: see `tessera templates diff mfa.html`"),
        "{told}"
    );
    assert!(
        told.contains("0 errors, 1 warnings"),
        "done.html is as shipped: {told}"
    );
    let list = place.ok(&["templates", "list"]);
    assert!(
        list.contains("which has changed since you ejected it from 0.0.9"),
        "{list}"
    );

    let ran = place.run(&["templates", "diff", "mfa.html"]);
    assert_eq!((ran.status.code(), ran.err.as_str()), (Some(1), ""));
    let (ours, theirs) = ran
        .out
        .split_once("# mfa.html: what changed in the built-in")
        .unwrap();
    assert!(
        ours.starts_with("# mfa.html: what you changed since you ejected it from 0.0.9\n--- builtin/mfa.html 0.0.9\n+++ mfa.html\n"),
        "{ours}"
    );
    assert!(
        ours.contains("\n+<!-- ours -->\n") && !ours.contains("device-width"),
        "{ours}"
    );
    let version = env!("CARGO_PKG_VERSION");
    let header = format!("\n--- builtin/mfa.html 0.0.9\n+++ builtin/mfa.html {version}\n");
    assert!(theirs.contains(&header), "{theirs}");
    assert!(
        theirs.contains("\n-<meta name=\"viewport\" content=\"width=320"),
        "{theirs}"
    );
    assert!(
        theirs.contains("\n+<meta name=\"viewport\" content=\"width=device-width"),
        "{theirs}"
    );
    let told = place.run(&["templates", "diff", "--json"]).out;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told[0]["ejected_from"], "0.0.9");
    assert!(told[0]["since"].as_str().unwrap().contains("device-width"));

    place.ok(&["templates", "seen", "mfa.html"]);
    assert!(
        place
            .ok(&["templates", "check"])
            .contains("0 errors, 0 warnings")
    );
    let told = place.run(&["templates", "diff"]).out;
    assert!(
        told.starts_with("--- builtin/mfa.html\n+++ mfa.html\n"),
        "{told}"
    );
    assert!(
        place
            .ok(&["templates", "list"])
            .contains(&format!("(ejected from {version})"))
    );
    let why = place.refused(&["templates", "seen", "screens/otp.html"]);
    assert!(why.contains("is the built-in one already"), "{why}");
}

#[test]
fn an_override_that_the_contract_left_behind_is_told_to_fail() {
    let place = of_a_former_version();
    let page = fs::read_to_string(place.path("templates/mfa.html")).unwrap();
    place.write(
        "templates/mfa.html",
        &format!("{page}{{{{ userData.shoeSize }}}}\n"),
    );
    let ran = place.run(&["templates", "check"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.out.contains("unknown field `shoeSize`"), "{}", ran.out);
    assert!(
        ran.out
            .contains("changed since; your file no longer passes: see"),
        "{}",
        ran.out
    );
}

#[test]
fn what_a_file_was_ejected_from_goes_and_comes_with_it() {
    let place = of_a_former_version();
    place.ok(&["templates", "reset", "mfa.html"]);
    assert!(!place.path("templates/.ejected/mfa.html").exists());
    place.ok(&["templates", "reset", "mfa.html", "--last"]);
    assert!(
        place
            .ok(&["templates", "check"])
            .contains("was ejected from 0.0.9")
    );
}

#[test]
fn without_a_record_the_present_built_in_is_what_there_is_to_compare_with() {
    let place = of_a_former_version();
    place.write(
        "templates/.ejected/mfa.html",
        "edited by a tool that replaces words in all files",
    );
    assert!(place.ok(&["templates", "check"]).contains("0 warnings"));
    let ran = place.run(&["templates", "diff"]);
    assert!(
        ran.err
            .contains("mfa.html: nobody wrote down which built-in it was copied from"),
        "{}",
        ran.err
    );
    assert!(
        ran.out.starts_with("--- builtin/mfa.html\n+++ mfa.html\n"),
        "{}",
        ran.out
    );

    place.write("templates/.ejected/versions.toml", "= nothing");
    let told = place.ok(&["templates", "check"]);
    assert!(
        told.contains("what your files were copied from is unknown"),
        "{told}"
    );
}
