//! `[templates]`: the folder whose files change pages, mails and words.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};

static DIR: Key = Key {
    section: "templates",
    name: "dir",
    kind: Kind::Text,
    shown: Shown::Default("\"templates\""),
    doc: "Your own pages, mails and words; what is not there is built in.",
};

pub(super) const SECTION: Section = Section {
    name: "templates",
    doc: "",
    keys: &[&DIR],
};

/// `[templates]`.
#[derive(Clone, Debug)]
pub struct Templates {
    /// The admin's folder; it need not exist.
    pub dir: PathBuf,
}

pub(super) fn read(reader: &mut Reader) -> Read<Templates> {
    let dir = reader.directory(&DIR)?;
    Ok(Templates { dir })
}

pub(super) fn describe(templates: &Templates) -> Vec<(Path, Value)> {
    vec![(DIR.path(), json!(templates.dir))]
}
