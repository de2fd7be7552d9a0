//! The sealing key: a file outside the database, which seals what the database must not show.
//!
//! The file may hold several versions of the key. Which one seals is written in the database: [`CHECK_NAME`] is sealed
//! with it, so that a wrong or missing key is told from the right one. A version that is about to be used stands beside
//! it ([`NEXT_NAME`]), so that every server has it before anybody seals with it (see [`super::rotation`]).

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::key_file;
use crate::core::seal::{KeyRing, Place, version_of};
use crate::core::{Result, Rng, Sealer};
use crate::store::Store;

/// What is sealed in the database to tell whether the key beside it is the right one.
pub(super) const CHECK: &[u8] = b"tessera sealing key";
/// Its name in the database.
pub const CHECK_NAME: &str = "sealing_key_check";
pub(super) const CHECK_PLACE: Place<'static> = Place {
    table: "meta",
    row: &[CHECK_NAME],
    column: "value",
};
/// The same, sealed with the version that is about to be used.
pub(super) const NEXT_NAME: &str = "sealing_key_next";

/// How often a server looks for a new version.
pub const FOLLOW_EVERY: Duration = Duration::from_secs(2);

/// Where the sealing key lies.
pub fn sealing_key_path(data_dir: &Path) -> PathBuf {
    data_dir.join("sealing.key")
}

/// Opens the sealing key of this installation; on the very first start, makes it (mode 0600).
///
/// # Errors
/// When the database was sealed with a key that is missing or another: never a silent new key.
pub async fn open_sealer(store: &Store, data_dir: &Path, rng: &dyn Rng) -> anyhow::Result<Sealer> {
    let path = sealing_key_path(data_dir);
    let check = store.begin_read().await?.meta(CHECK_NAME).await?;
    let keys = match (key_file::read(&path)?, &check) {
        (Some(keys), _) => keys,
        (None, None) => {
            let keys = KeyRing::from([(Sealer::FIRST_VERSION, key_file::new_key(rng))]);
            key_file::write(&path, &keys)?;
            keys
        }
        (None, Some(_)) => bail!(
            "{} is missing, and the database was sealed with it; put the key back from its backup (a new key could open nothing)",
            path.display()
        ),
    };
    let check = match check {
        Some(check) => check,
        None => store_check(store, &keys, &path, rng).await?,
    };
    sealer_for(&keys, &check, &path)
}

async fn store_check(
    store: &Store,
    keys: &KeyRing,
    path: &Path,
    rng: &dyn Rng,
) -> anyhow::Result<Vec<u8>> {
    let newest = keys.keys().next_back().copied();
    let sealer = newest
        .and_then(|newest| Sealer::of(keys, newest))
        .with_context(|| format!("{} holds no key", path.display()))?;
    let mut tx = store.begin_write().await?;
    tx.insert_meta(CHECK_NAME, &sealer.seal(&CHECK_PLACE, CHECK, rng))
        .await?;
    let stored = tx
        .meta(CHECK_NAME)
        .await?
        .context("the key check was not stored")?;
    tx.commit().await?;
    Ok(stored)
}

/// The sealer that the database asks for by `check`.
///
/// # Errors
/// When the file has not that version, or another key of it.
pub fn sealer_for(keys: &KeyRing, check: &[u8], path: &Path) -> anyhow::Result<Sealer> {
    let version = version_of(check).context("the key check in the database is empty")?;
    let Some(sealer) = Sealer::of(keys, version) else {
        bail!(
            "{} has no version {version} of the key, and the database is sealed with it; copy the file from an instance that has it, or from its backup",
            path.display()
        );
    };
    if sealer.open(&CHECK_PLACE, check).is_none() {
        bail!(
            "{} is not the key that the database was sealed with; put the right one there",
            path.display()
        );
    }
    Ok(sealer)
}

/// Checks that the file opens what a database was sealed with that has this `check`.
///
/// # Errors
/// When it is missing, or another.
pub fn check(data_dir: &Path, check: &[u8]) -> anyhow::Result<()> {
    let path = sealing_key_path(data_dir);
    let keys = key_file::read(&path)?.with_context(|| {
        format!(
            "{} is missing; put the key there that belongs to the database",
            path.display()
        )
    })?;
    sealer_for(&keys, check, &path).map(drop)
}

/// Whether this is still the key that the database is sealed with: another database may have been put in its place.
///
/// # Errors
/// Of the database.
pub async fn fits(store: &Store, sealer: &Sealer) -> Result<bool> {
    let check = store.begin_read().await?.meta(CHECK_NAME).await?;
    let opens = check.is_some_and(|check| sealer.open(&CHECK_PLACE, &check).is_some());
    Ok(opens && !sealer.is_behind())
}

/// What a look at the file and the database found.
#[derive(Debug, PartialEq, Eq)]
pub enum Followed {
    /// Nothing new.
    Same,
    /// Other versions than before: this one seals now.
    Changed {
        /// The version that seals.
        seals: u8,
    },
    /// A version is about to be used that the file lacks.
    Lacking {
        /// Which.
        version: u8,
    },
}

/// Gives `sealer` the keys that the file has and the version that the database asks for. One whose file lacks that
/// version falls behind, and nothing may be sealed or opened there until the file is right.
///
/// # Errors
/// When the file is not the one that the database asks for, or the database is out of reach.
pub async fn follow(store: &Store, sealer: &Sealer, data_dir: &Path) -> anyhow::Result<Followed> {
    let mut read = store.begin_read().await?;
    let check = read.meta(CHECK_NAME).await?;
    let next = read.meta(NEXT_NAME).await?;
    drop(read);
    let check = check.context("the key check is gone from the database")?;
    let path = sealing_key_path(data_dir);
    let (of_file, shown) = (path.clone(), path.clone());
    let keys = tokio::task::spawn_blocking(move || key_file::read(&of_file)).await?;
    let found = keys
        .and_then(|keys| keys.with_context(|| format!("{} is missing", shown.display())))
        .and_then(|keys| sealer_for(&keys, &check, &path));
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            // While the server itself has what is asked for, a file that is just being replaced harms nobody.
            if version_of(&check) != Some(sealer.version())
                || sealer.open(&CHECK_PLACE, &check).is_none()
            {
                sealer.fall_behind();
            }
            return Err(error);
        }
    };
    let next = next.filter(|next| found.open(&CHECK_PLACE, next).is_none());
    let lacking = next.as_deref().and_then(version_of);
    let changed = found.version() != sealer.version()
        || found.versions() != sealer.versions()
        || sealer.is_behind();
    if changed {
        sealer.take(&found);
    }
    Ok(match lacking {
        Some(version) => Followed::Lacking { version },
        None if changed => Followed::Changed {
            seals: found.version(),
        },
        None => Followed::Same,
    })
}
