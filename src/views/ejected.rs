//! What an override was copied from, so that what changed in the built-in since can be told from the admin's changes.
//!
//! `<folder>/.ejected/` holds each shipped file as it was when it was ejected, and `versions.toml` with its version and
//! digest. The loader passes over what begins with a dot, and it travels with the admin's templates.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::builtin::BuiltIns;
use super::check::label;
use super::files::{MAX_TEXT, Texts};
use super::overlay::OverlayError;
use super::problem::CheckError;
use super::replaced::put;

const FOLDER: &str = ".ejected";
const VERSIONS: &str = "versions.toml";
const HEADER: &str = "# Which built-in files yours were copied from: written by `tessera templates eject`.\n# Keep this folder with your templates.\n\n";

/// The version of the built-in files.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The built-in file that an override began as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Base {
    pub(super) version: String,
    pub(super) text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    version: String,
    sha256: String,
}

/// The records of one folder.
pub(super) struct Records {
    dir: PathBuf,
    records: BTreeMap<String, Record>,
}

impl Records {
    /// None are there before the first eject.
    ///
    /// # Errors
    /// When the list of them cannot be read.
    pub(super) fn of(templates: &Path) -> Result<Self, OverlayError> {
        let dir = templates.join(FOLDER);
        let path = dir.join(VERSIONS);
        let records = match read(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| OverlayError::Io {
                path,
                source: io::Error::new(ErrorKind::InvalidData, error.message().to_owned()),
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => return Err(OverlayError::Io { path, source }),
        };
        Ok(Self { dir, records })
    }

    /// What a shipped file's override was copied from; nothing if nobody wrote it down, or the copy was edited.
    pub(super) fn base(&self, name: &str) -> Option<Base> {
        let record = self.records.get(name)?;
        let text = read(&self.dir.join(name)).ok()?;
        (sha256(&text) == record.sha256).then(|| Base {
            version: record.version.clone(),
            text,
        })
    }

    /// Writes down what a file is copied from, or forgets it.
    pub(super) fn set(&mut self, name: &str, base: Option<&Base>) -> Result<(), OverlayError> {
        let path = self.dir.join(name);
        match base {
            Some(base) => {
                put(&path, base.text.as_bytes())?;
                let record = Record {
                    version: base.version.clone(),
                    sha256: sha256(&base.text),
                };
                self.records.insert(name.to_owned(), record);
            }
            None => {
                if self.records.remove(name).is_none() {
                    return Ok(());
                }
                match fs::remove_file(&path) {
                    Err(source) if source.kind() != ErrorKind::NotFound => {
                        return Err(OverlayError::Io { path, source });
                    }
                    _ => {}
                }
            }
        }
        let path = self.dir.join(VERSIONS);
        let list = toml::to_string(&self.records).map_err(|error| OverlayError::Io {
            path: path.clone(),
            source: io::Error::new(ErrorKind::InvalidData, error),
        })?;
        put(&path, format!("{HEADER}{list}").as_bytes())
    }

    /// The built-in that an override began as, if the built-in is another one by now.
    pub(super) fn outdated(&self, builtins: &BuiltIns, name: &str) -> Option<Base> {
        let shipped = builtins.text(name)?;
        self.base(name).filter(|base| base.text != shipped)
    }
}

/// The present built-in as a base.
pub(super) fn present(builtins: &BuiltIns, name: &str) -> Result<Base, OverlayError> {
    let text = builtins
        .text(name)
        .ok_or_else(|| OverlayError::unknown(builtins, name))?;
    Ok(Base {
        version: VERSION.to_owned(),
        text: text.to_owned(),
    })
}

/// A warning for each override that is older than its built-in, and whether it passes all the same.
pub(super) fn warnings(
    builtins: &BuiltIns,
    own: &Texts,
    dir: &Path,
    errors: &[CheckError],
) -> Vec<CheckError> {
    let shown = dir.display().to_string();
    let records = match Records::of(dir) {
        Ok(records) => records,
        Err(error) => {
            let message = format!("what your files were copied from is unknown: {error}");
            return vec![CheckError::new(label(&shown, FOLDER), None, message)];
        }
    };
    let mut found = Vec::new();
    for name in own.keys() {
        if let Some(base) = records.outdated(builtins, name) {
            let file = label(&shown, name);
            let holds = if errors.iter().any(|error| error.file == file) {
                "your file no longer passes"
            } else {
                "your file still passes"
            };
            let message = format!(
                "was ejected from {}, and the built-in has changed since; {holds}: see `tessera templates diff {name}`",
                base.version
            );
            found.push(CheckError::new(file, None, message));
        }
    }
    found
}

/// A plain file of a bearable size: a pipe would keep us waiting.
fn read(path: &Path) -> io::Result<String> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() || meta.len() > MAX_TEXT {
        return Err(ErrorKind::InvalidData.into());
    }
    fs::read_to_string(path)
}

fn sha256(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}
