//! What the admin's folder overrides, for the command line.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::builtin::BuiltIns;
use super::child;
use super::ejected::{self, Records, VERSION};
use super::files::{Folder, Listing};
use super::problem::{Report, nearest};
use super::sample::Sample;
use super::stored::Stored;
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
    /// Stored by the API; it wins over the folder.
    Stored,
}

/// One template or words file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// Its plain name: `screens/otp.html`.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The version of the built-in file that it was copied from, where that is known.
    pub ejected_from: Option<String>,
    /// The built-in file has changed since.
    pub outdated: bool,
}

/// How a file of the folder differs from the shipped one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Its plain name.
    pub name: String,
    /// What the admin changed, as a unified diff: from the shipped file as it was when it was ejected, or from the
    /// present one where nobody knows.
    pub diff: String,
    /// The version that it was ejected from.
    pub ejected_from: Option<String>,
    /// What changed in the built-in file since, as a unified diff; nothing if it is the same.
    pub since: Option<String>,
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
    let records = match Records::of(dir) {
        Ok(records) => Some(records),
        Err(error) => {
            let dir = dir.display().to_string();
            folder
                .errors
                .push(CheckError::new(dir, None, error.to_string()));
            None
        }
    };
    let entry = |name: &str| {
        let origin = origin(name);
        let records = records.as_ref().filter(|_| origin == Origin::Overridden);
        Entry {
            name: name.to_owned(),
            origin,
            ejected_from: records
                .and_then(|records| records.base(name))
                .map(|base| base.version),
            outdated: records.is_some_and(|records| records.outdated(builtins, name).is_some()),
        }
    };
    (names.into_iter().map(entry).collect(), folder.errors)
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
    let records = Records::of(dir)?;
    let asked = |name: &String| names.is_empty() || names.contains(name);
    let differences = folder
        .texts
        .iter()
        .filter(|(name, _)| asked(name))
        .filter_map(|(name, own)| {
            let shipped = builtins.text(name).filter(|shipped| shipped != own)?;
            let builtin = format!("builtin/{name}");
            Some(match records.base(name) {
                None => Difference {
                    name: name.clone(),
                    diff: unified((&builtin, shipped), (name, own)),
                    ejected_from: None,
                    since: None,
                },
                Some(base) => {
                    let is_present = base.text == shipped;
                    let then = if is_present {
                        builtin.clone()
                    } else {
                        format!("{builtin} {}", base.version)
                    };
                    let now = format!("{builtin} {VERSION}");
                    Difference {
                        name: name.clone(),
                        diff: unified((&then, &base.text), (name, own)),
                        since: (!is_present).then(|| unified((&then, &base.text), (&now, shipped))),
                        ejected_from: Some(base.version),
                    }
                }
            })
        })
        .collect();
    Ok((differences, folder.errors))
}

fn unified((from, before): (&str, &str), (to, after): (&str, &str)) -> String {
    TextDiff::from_lines(before, after)
        .unified_diff()
        .header(from, to)
        .to_string()
}

/// Notes that the folder's files have taken over what changed in the built-in ones: they count as copied from these.
///
/// # Errors
/// For a name that is not shipped or not overridden, and when the folder cannot be written.
pub fn seen(builtins: &BuiltIns, names: &[String], dir: &Path) -> Result<(), OverlayError> {
    let mut bases = Vec::new();
    for name in names {
        let path = dir.join(name);
        let base = ejected::present(builtins, name)?;
        if !path.is_file() {
            let name = name.clone();
            return Err(OverlayError::NotOverridden { name, path });
        }
        bases.push((name, base));
    }
    let mut records = Records::of(dir)?;
    for (name, base) in bases {
        records.set(name, Some(&base))?;
    }
    Ok(())
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
    let mut records = Records::of(dir)?;
    for name in names {
        records.set(name, Some(&ejected::present(builtins, name)?))?;
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
    check_with(options, samples, &Stored::default())
}

/// The same, and what is stored over them.
pub fn check_with(options: &Options, samples: &[Sample], stored: &Stored) -> Report {
    let folder = Folder::read(
        &Listing::of(&options.templates_dir),
        &Listing::of(&options.static_dir),
        &options.builtins,
    );
    let judge = |stored: &Stored| {
        let set = candidate(options, &folder, &options.templates_dir, samples, stored);
        child::check(&options.check, set)
    };
    // By itself too: a page over a file hides what is wrong with it.
    let mut report = judge(&Stored::default());
    if !stored.is_empty() {
        let mut whole = judge(stored);
        whole.errors.extend(stored.faults());
        stored.explain(&mut whole);
        report.errors.extend(whole.errors);
        report.warnings.extend(whole.warnings);
    }
    report.errors.extend(folder.errors);
    report.warnings.extend(folder.warnings);
    let dir = &options.templates_dir;
    let aged = ejected::warnings(&options.builtins, &folder.texts, dir, &report.errors);
    report.warnings.extend(aged);
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
