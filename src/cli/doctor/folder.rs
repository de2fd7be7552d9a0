//! The data folder: there, private, writable, with room.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Finding, Level};

const ABOUT: &str = "data folder";
/// Below this, nothing works for long; below ten times as much, somebody should know.
const LITTLE_ROOM: u64 = 100 * 1024 * 1024;

pub(super) fn look(data_dir: &Path) -> Vec<Finding> {
    let shown = data_dir.display();
    let about_it = match fs::metadata(data_dir) {
        Ok(about_it) => about_it,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return vec![Finding::new(
                Level::Hint,
                ABOUT,
                format!("{shown} does not exist"),
                "the first start makes it",
            )];
        }
        Err(error) => {
            return vec![Finding::new(
                Level::Error,
                ABOUT,
                format!("{shown} cannot be read: {error}"),
                "run this as the user of the server",
            )];
        }
    };
    let mut findings = Vec::new();
    let mode = about_it.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        findings.push(Finding::new(
            Level::Warning,
            ABOUT,
            format!("{shown} is open to others (mode {mode:o})"),
            format!("chmod 700 {shown}"),
        ));
    }
    if let Err(error) = try_to_write(data_dir) {
        findings.push(Finding::new(
            Level::Error,
            ABOUT,
            format!("{shown} cannot be written: {error}"),
            "give it to the user of the server, and run this as that user",
        ));
    }
    findings.extend(room(data_dir));
    if findings.is_empty() {
        findings.push(Finding::ok(
            ABOUT,
            format!("{shown} is private and writable"),
        ));
    }
    findings
}

fn try_to_write(data_dir: &Path) -> std::io::Result<()> {
    let file = data_dir.join(".doctor");
    fs::write(&file, b"")?;
    fs::remove_file(&file)
}

fn room(data_dir: &Path) -> Option<Finding> {
    let disk = rustix::fs::statvfs(data_dir).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let level = match free {
        _ if free < LITTLE_ROOM => Level::Error,
        _ if free < 10 * LITTLE_ROOM => Level::Warning,
        _ => return None,
    };
    Some(Finding::new(
        level,
        ABOUT,
        format!("{} has {} MiB left", data_dir.display(), free / 1024 / 1024),
        "make room: a full disk stops everything that writes",
    ))
}
