//! `[users]`: how users come to be.

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

pub(super) const SECTION: Section = Section {
    name: "users",
    doc: "",
    keys: &[&AUTO_CREATE],
};

/// `[users]`.
#[derive(Clone, Debug)]
pub struct Users {
    /// Whether a ticket may make its user.
    pub auto_create: bool,
}

pub(super) fn read(reader: &mut Reader) -> Read<Users> {
    let auto_create = reader.flag(&AUTO_CREATE)?;
    Ok(Users { auto_create })
}

pub(super) fn describe(users: &Users) -> Vec<(Path, Value)> {
    vec![(AUTO_CREATE.path(), json!(users.auto_create))]
}
