//! `[static]`: the folder that `/static/` serves.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};

static DIR: Key = Key {
    section: "static",
    name: "dir",
    kind: Kind::Text,
    shown: Shown::Default("\"static\""),
    doc: "Your own images, styles and scripts; everybody can read them.",
};

pub(super) const SECTION: Section = Section {
    name: "static",
    doc: "",
    keys: &[&DIR],
};

/// `[static]`.
#[derive(Clone, Debug)]
pub struct Static {
    /// The admin's folder; it need not exist.
    pub dir: PathBuf,
}

pub(super) fn read(reader: &mut Reader) -> Read<Static> {
    let dir = reader.directory(&DIR)?;
    Ok(Static { dir })
}

pub(super) fn describe(static_: &Static) -> Vec<(Path, Value)> {
    vec![(DIR.path(), json!(static_.dir))]
}
