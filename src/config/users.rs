//! `[users]`: how users come to be, and what they are spared.

use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};

static AUTO_CREATE: Key = Key {
    section: "users",
    name: "auto_create",
    kind: Kind::Flag,
    shown: Shown::Default("true"),
    doc: "A ticket for an unknown user with an email makes the user.",
};

static REMEMBER_BROWSERS: Key = Key {
    section: "users",
    name: "remember_browsers",
    kind: Kind::Flag,
    shown: Shown::Default("false"),
    doc: "Whether people may have a browser remembered for 30 days, in which applications then ask for no second factor.",
};

pub(super) const SECTION: Section = Section {
    name: "users",
    doc: "",
    keys: &[&AUTO_CREATE, &REMEMBER_BROWSERS],
};

/// `[users]`.
#[derive(Clone, Debug)]
pub struct Users {
    /// Whether a ticket may make its user.
    pub auto_create: bool,
    /// Whether a browser may be remembered.
    pub remember_browsers: bool,
}

pub(super) fn read(reader: &mut Reader) -> Read<Users> {
    let auto_create = reader.flag(&AUTO_CREATE);
    let remember_browsers = reader.flag(&REMEMBER_BROWSERS);
    Ok(Users {
        auto_create: auto_create?,
        remember_browsers: remember_browsers?,
    })
}

pub(super) fn describe(users: &Users) -> Vec<(Path, Value)> {
    vec![
        (AUTO_CREATE.path(), json!(users.auto_create)),
        (REMEMBER_BROWSERS.path(), json!(users.remember_browsers)),
    ]
}
