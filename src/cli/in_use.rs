//! Who uses the database: everything that opens it holds a share; only a restore must have it alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::config::{Config, DatabaseKind};

/// Beside the file that it is about; for PostgreSQL, in the folder of this instance.
fn lock_file(config: &Config) -> PathBuf {
    match &config.database.kind {
        DatabaseKind::Sqlite(path) => beside(path, ".lock"),
        DatabaseKind::Postgres => config.data_dir.join("use.lock"),
    }
}

/// A restore of PostgreSQL that broke off leaves this behind: what it put back must not be used as it is.
pub(super) fn unfinished_restore(config: &Config) -> PathBuf {
    config.data_dir.join("restore.unfinished")
}

/// The same path with more at its end.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A share in the database, held as long as the value lives.
pub(super) fn share(config: &Config) -> anyhow::Result<File> {
    let unfinished = unfinished_restore(config);
    if unfinished.exists() {
        bail!(
            "a restore broke off ({}); run `tessera restore FILE` again, or `tessera restore --restored-elsewhere` if the database is right",
            unfinished.display()
        );
    }
    let (file, path) = open(config)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("the database is being restored; try again when that is done")
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// The database for this process alone.
pub(super) fn alone(config: &Config) -> anyhow::Result<File> {
    let (file, path) = open(config)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "the database is in use ({}); stop the server and all other commands first",
            path.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

fn open(config: &Config) -> anyhow::Result<(File, PathBuf)> {
    super::house::make_private(&config.data_dir)?;
    let path = lock_file(config);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    Ok((file, path))
}
