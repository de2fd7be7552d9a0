//! Overrides that were reset: each is kept, so that it can come back.
//!
//! `<kept>/<name>/<time>` holds the content that `<name>` had until then, `<time>.base` what it was ejected from.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::builtin::BuiltIns;
use super::ejected::Records;
use super::overlay::OverlayError;
use crate::core::Timestamp;

/// Beside a kept version: what it was ejected from.
const BASE: &str = ".base";

/// Which version comes into effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetTo {
    /// The shipped one.
    Default,
    /// The one that the last reset replaced.
    Last,
}

/// What a reset did.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reset {
    /// Where the content lies that was in effect until now; nothing if it was the shipped one.
    pub kept: Option<PathBuf>,
    /// Where the content came from that is in effect from now on; nothing if it is the shipped one.
    pub restored: Option<PathBuf>,
}

/// Takes the folder's `name` out of effect, and keeps it in `kept`.
///
/// # Errors
/// When there is nothing to reset, or a folder cannot be written; then nothing has changed.
pub fn reset(
    builtins: &BuiltIns,
    name: &str,
    to: ResetTo,
    dir: &Path,
    kept: &Path,
    now: Timestamp,
) -> Result<Reset, OverlayError> {
    if builtins.text(name).is_none() {
        return Err(OverlayError::unknown(builtins, name));
    }
    let path = dir.join(name);
    let versions = kept.join(name);
    let current = in_effect(&path)?;
    let restored = match to {
        ResetTo::Default => None,
        ResetTo::Last => Some(newest(&versions)?.ok_or_else(|| OverlayError::NothingKept {
            name: name.to_owned(),
            kept: kept.to_owned(),
        })?),
    };
    if current.is_none() && restored.is_none() {
        return Err(OverlayError::NotOverridden {
            name: name.to_owned(),
            path,
        });
    }
    let mut records = Records::of(dir)?;
    let now_kept = match current {
        Some(content) => {
            let version = versions.join(now.to_iso());
            put(&version, &content)?;
            if let Some(base) = records.base(name) {
                let base = serde_json::to_vec(&base).unwrap_or_default();
                put(&base_of(&version), &base)?;
            }
            Some(version)
        }
        None => None,
    };
    match &restored {
        Some(version) => put(&path, &read(version)?)?,
        None => fs::remove_file(&path).map_err(at(&path))?,
    }
    let base = restored.as_deref().and_then(|version| {
        let base = fs::read(base_of(version)).ok()?;
        serde_json::from_slice(&base).ok()
    });
    records.set(name, base.as_ref())?;
    Ok(Reset {
        kept: now_kept,
        restored,
    })
}

fn base_of(version: &Path) -> PathBuf {
    let mut path = version.as_os_str().to_owned();
    path.push(BASE);
    PathBuf::from(path)
}

fn in_effect(path: &Path) -> Result<Option<Vec<u8>>, OverlayError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

fn newest(versions: &Path) -> Result<Option<PathBuf>, OverlayError> {
    let entries = match fs::read_dir(versions) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(versions)(error)),
    };
    let files = entries.flatten().map(|entry| entry.path());
    Ok(files
        .filter(|path| path.is_file())
        .filter(|path| {
            path.extension()
                .is_none_or(|end| end != "part" && end != "base")
        })
        .max())
}

/// Writes a file whole or not at all.
pub(super) fn put(path: &Path, content: &[u8]) -> Result<(), OverlayError> {
    let mut half = path.as_os_str().to_owned();
    half.push(".part");
    let half = PathBuf::from(half);
    let written = || -> io::Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(&half)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&half, path)
    };
    written().map_err(at(path))
}

fn read(path: &Path) -> Result<Vec<u8>, OverlayError> {
    fs::read(path).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> OverlayError {
    let path = path.to_owned();
    |source| OverlayError::Io { path, source }
}
