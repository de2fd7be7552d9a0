//! What the admin's folder overrides, for the command line.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::builtin::BuiltIns;
use super::child;
use super::files::{Folder, Listing};
use super::problem::{Report, nearest};
use super::sample::Sample;
use super::watch::candidate;
use super::{CheckError, Options};

/// Where a template comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Shipped, and not in the folder.
    BuiltIn,
    /// In the folder, unlike the shipped one.
    Overridden,
    /// In the folder, byte for byte the shipped one; it counts as shipped.
    Identical,
    /// In the folder only.
    Own,
}

/// One template or words file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// Its plain name: `screens/otp.html`.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// How a file of the folder differs from the shipped one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Its plain name.
    pub name: String,
    /// From the shipped file to the folder's, as a unified diff.
    pub diff: String,
}

/// Why the folder was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// No such template.
    #[error("no template `{name}`; the nearest: {nearest}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Names that exist.
        nearest: String,
    },
    /// The folder has it already.
    #[error("{} exists already; remove it first, or edit it", .0.display())]
    Exists(PathBuf),
    /// The folder does not have it.
    #[error("{} does not exist: `{name}` is the built-in one already", .path.display())]
    NotOverridden {
        /// The name that was asked for.
        name: String,
        /// Where it would be.
        path: PathBuf,
    },
    /// Nothing was replaced that could come back.
    #[error("no former `{name}` is kept in {}", .kept.display())]
    NothingKept {
        /// The name that was asked for.
        name: String,
        /// Where replaced files are kept.
        kept: PathBuf,
    },
    /// A folder cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file that failed.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl OverlayError {
    pub(super) fn unknown(builtins: &BuiltIns, name: &str) -> Self {
        Self::Unknown {
            name: name.to_owned(),
            nearest: nearest(name, builtins.names()),
        }
    }
}

/// Every template and words file of both layers, sorted; files that are refused are in the errors.
pub fn list(builtins: &BuiltIns, dir: &Path) -> (Vec<Entry>, Vec<CheckError>) {
    let mut folder = Folder::default();
    Listing::of(dir).read_texts(&mut folder);
    let origin = |name: &str| match (builtins.text(name), folder.texts.get(name)) {
        (Some(_), None) => Origin::BuiltIn,
        (Some(shipped), Some(own)) if shipped == own => Origin::Identical,
        (Some(_), Some(_)) => Origin::Overridden,
        (None, _) => Origin::Own,
    };
    let mut names: Vec<&str> = builtins.names();
    names.extend(folder.texts.keys().map(String::as_str));
    names.sort_unstable();
    names.dedup();
    let entries = names
        .into_iter()
        .map(|name| Entry {
            name: name.to_owned(),
            origin: origin(name),
        })
        .collect();
    (entries, folder.errors)
}

/// How the folder's files differ from the shipped ones of the same name; with names, only those.
///
/// # Errors
/// For a name that is not shipped.
pub fn diff(
    builtins: &BuiltIns,
    names: &[String],
    dir: &Path,
) -> Result<(Vec<Difference>, Vec<CheckError>), OverlayError> {
    if let Some(unknown) = names.iter().find(|name| builtins.text(name).is_none()) {
        return Err(OverlayError::unknown(builtins, unknown));
    }
    let mut folder = Folder::default();
    Listing::of(dir).read_texts(&mut folder);
    let asked = |name: &String| names.is_empty() || names.contains(name);
    let differences = folder
        .texts
        .iter()
        .filter(|(name, _)| asked(name))
        .filter_map(|(name, own)| {
            let shipped = builtins.text(name).filter(|shipped| shipped != own)?;
            let diff = TextDiff::from_lines(shipped, own)
                .unified_diff()
                .header(&format!("builtin/{name}"), name)
                .to_string();
            Some(Difference {
                name: name.clone(),
                diff,
            })
        })
        .collect();
    Ok((differences, folder.errors))
}

/// Copies shipped files into the folder, all or none; overwrites nothing. Returns what it wrote.
pub fn eject(
    builtins: &BuiltIns,
    names: &[String],
    dir: &Path,
) -> Result<Vec<PathBuf>, OverlayError> {
    let mut copies = Vec::new();
    for name in names {
        let text = builtins
            .text(name)
            .ok_or_else(|| OverlayError::unknown(builtins, name))?;
        let path = dir.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(OverlayError::Exists(path));
        }
        copies.push((path, text));
    }
    copies
        .into_iter()
        .map(|(path, text)| match write_new(&path, text) {
            Ok(()) => Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(OverlayError::Exists(path))
            }
            Err(source) => Err(OverlayError::Io { path, source }),
        })
        .collect()
}

/// Judges the folders as a running server would, without serving them.
pub fn check(options: &Options, samples: &[Sample]) -> Report {
    let folder = Folder::read(
        &Listing::of(&options.templates_dir),
        &Listing::of(&options.static_dir),
        &options.builtins,
    );
    let set = candidate(options, &folder, &options.templates_dir, samples);
    let mut report = child::check(&options.check, set);
    report.errors.extend(folder.errors);
    report.warnings.extend(folder.warnings);
    report.tidy();
    report
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(text.as_bytes())
}
