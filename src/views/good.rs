//! Keeps the last set that passed, so that a restart with a broken folder still serves it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::builtin::BuiltIns;
use super::files::{Folder, Listing};
use crate::core::fault::dies_at;

/// Writes a set that passed, in whole: a reader sees the former or this one.
pub(super) fn save(dir: &Path, folder: &Folder) -> io::Result<()> {
    if is_nowhere(dir) {
        return Ok(());
    }
    let fresh = beside(dir, "new");
    let former = beside(dir, "old");
    remove(&fresh)?;
    for (name, text) in &folder.texts {
        write(&fresh.join("templates").join(name), text.as_bytes())?;
    }
    for (name, asset) in folder.assets.iter() {
        write(&fresh.join("static").join(name), &asset.bytes)?;
    }
    remove(&former)?;
    match fs::rename(dir, &former) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    dies_at!("templates::between");
    fs::rename(&fresh, dir)?;
    dies_at!("templates::kept");
    remove(&former)
}

/// Reads the last set that passed; nothing if there is none.
pub(super) fn read(dir: &Path, shipped: &BuiltIns) -> Option<Folder> {
    if is_nowhere(dir) {
        return None;
    }
    // A stop between the two renames leaves only the former.
    let former = beside(dir, "old");
    let kept = if dir.exists() { dir } else { &former };
    let folder = Folder::read(
        &Listing::of(&kept.join("templates")),
        &Listing::of(&kept.join("static")),
        shipped,
    );
    (!folder.is_plain() && folder.errors.is_empty()).then_some(folder)
}

/// Forgets it: the shipped set is the last good one.
pub(super) fn forget(dir: &Path) -> io::Result<()> {
    if is_nowhere(dir) {
        return Ok(());
    }
    remove(&beside(dir, "old"))?;
    remove(dir)
}

/// A look at the folder that keeps nothing.
fn is_nowhere(dir: &Path) -> bool {
    dir.as_os_str().is_empty()
}

fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, bytes)
}

fn remove(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
