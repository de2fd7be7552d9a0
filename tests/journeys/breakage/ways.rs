//! What can go wrong in a folder of templates.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{Folder, marked, shipped};

/// What goes wrong in a folder, and what the admin is told of it.
pub type Breakage = (&'static str, fn(&Folder<'_>), &'static str);

pub const BREAKAGES: &[Breakage] = &[
    (
        "a syntax error",
        |folder| folder.write_line("{% if %}"),
        "mfa.html:2:",
    ),
    (
        "a half-written file",
        |folder| {
            let whole = marked("broken");
            folder.write("mfa.html", &whole[..whole.len() / 2]);
        },
        "mfa.html:",
    ),
    (
        "a file that nobody may read",
        |folder| {
            fs::set_permissions(
                folder.path.join("mfa.html"),
                fs::Permissions::from_mode(0o000),
            )
            .unwrap();
        },
        "mfa.html: cannot be read",
    ),
    (
        "a folder that nobody may read",
        |folder| {
            fs::set_permissions(&folder.path, fs::Permissions::from_mode(0o000)).unwrap();
        },
        "cannot be read",
    ),
    (
        "a link to itself",
        |folder| {
            fs::remove_file(folder.path.join("mfa.html")).unwrap();
            symlink("mfa.html", folder.path.join("mfa.html")).unwrap();
        },
        "mfa.html: cannot be read",
    ),
    (
        "a folder that is a link to itself",
        |folder| {
            fs::remove_dir_all(&folder.path).unwrap();
            symlink(&folder.path, &folder.path).unwrap();
        },
        "cannot be read",
    ),
    (
        "a folder in itself",
        |folder| symlink("..", folder.path.join("again")).unwrap(),
        "again: is a link that leads out",
    ),
    (
        "no UTF-8",
        |folder| folder.write("mfa.html", b"\xff\xfe<\0m\0a\0i\0n\0"),
        "mfa.html: is not UTF-8",
    ),
    (
        "200 MiB",
        |folder| {
            folder.write("mfa.html", "");
            let file = File::options()
                .write(true)
                .open(folder.path.join("mfa.html"))
                .unwrap();
            file.set_len(200 * 1024 * 1024).unwrap();
        },
        "holds more than 16 MiB",
    ),
    (
        "200 MiB among the static files",
        |folder| {
            let folder = folder.path.parent().unwrap().join("static");
            fs::create_dir_all(&folder).unwrap();
            File::create(folder.join("huge.css"))
                .unwrap()
                .set_len(200 * 1024 * 1024)
                .unwrap();
        },
        "huge.css: is larger than 5 MiB",
    ),
    (
        "10,000 files",
        |folder| {
            for nth in 0..10_000 {
                folder.write(&format!("many/{nth}.txt"), "x");
            }
        },
        "holds more than 1000 files",
    ),
    (
        "a file that includes itself",
        |folder| {
            folder.write(
                "components/fields.html",
                "<i>\n{% include \"components/fields.html\" %}",
            );
        },
        "components/fields.html:2: includes itself",
    ),
    (
        "a component that calls itself",
        |folder| {
            folder.write_line(
                "{% component again() %}{{ <again /> }}{% endcomponent again %}{{ <again /> }}",
            );
        },
        "ended the check",
    ),
    (
        "a range without end",
        |folder| folder.write_line("{% for i in range(end=1000000000) %}{{ i }}{% endfor %}"),
        "mfa.html:2: Function `range`",
    ),
    (
        "a name that only an error asks for",
        |folder| {
            folder.write_line("{% if errors %}{{ nope }}{% endif %}");
        },
        "mfa.html:2: unknown variable `nope`",
    ),
    (
        "a form without its token",
        |folder| {
            folder.write(
                "screens/otp.html",
                shipped("screens/otp.html").replace("{% include \"components/fields.html\" %}", ""),
            );
        },
        "a form without its `csrf` input",
    ),
    (
        "words without end",
        |folder| {
            folder.write(
                "locales/en/mine.ftl",
                "otp-title = { otp-title }{ otp-title }\n",
            );
        },
        "otp-title",
    ),
];
