//! A new sealing key in the place of the old one, while servers run.
//!
//! 1. *Announce*: the file gets the next version, and the database tells of it. Servers open with it from then on.
//! 2. *Switch*: the database asks for it. Servers seal with it from then on.
//! 3. *Reseal*: what the old version sealed is sealed anew, row by row, each only if it is still what was read.
//! 4. *Remove*: the old version leaves the file, once no row needs it and the cookies that it sealed have ended.
//!
//! Each step can be broken off anywhere and taken again.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use super::attempt::TOTAL;
use super::key_file;
use super::sealing::{CHECK, CHECK_NAME, CHECK_PLACE, FOLLOW_EVERY, NEXT_NAME, sealing_key_path};
use crate::core::seal::{KeyRing, Place, version_of};
use crate::core::{Actor, Error, Result, Rng, Sealer, Timestamp};
use crate::store::{Event, SealedTable, Store, Write};

/// When the last step was taken, in milliseconds.
const STEP_NAME: &str = "sealing_key_step";
/// There from the switch until all is sealed anew.
const UNFINISHED_NAME: &str = "sealing_key_unfinished";
/// After a step, every server that runs has noticed it.
pub const NOTICED: Duration = Duration::from_secs(3 * FOLLOW_EVERY.as_secs());
/// After the switch, every cookie that the old version sealed has ended; with some minutes for clocks that differ.
const COOKIES_ENDED: Duration = Duration::from_secs(TOTAL.as_secs() + 10 * 60);
const BATCH: i64 = 200;

/// Where a rotation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The version that the database asks for.
    pub seals: u8,
    /// The version that is announced.
    pub next: Option<u8>,
    /// Whether there may be rows that are not sealed anew yet.
    pub is_unfinished: bool,
    /// When the last step was taken; never in a new installation.
    pub step_at: Option<Timestamp>,
}

impl Standing {
    /// Asks the database.
    ///
    /// # Errors
    /// Of the database.
    pub async fn of(store: &Store) -> Result<Self> {
        let mut read = store.begin_read().await?;
        let check = read.meta(CHECK_NAME).await?;
        let missing = || Error::internal(anyhow::anyhow!("the key check is gone"));
        let step = read.meta(STEP_NAME).await?;
        Ok(Self {
            seals: check.as_deref().and_then(version_of).ok_or_else(missing)?,
            next: read.meta(NEXT_NAME).await?.as_deref().and_then(version_of),
            is_unfinished: read.meta(UNFINISHED_NAME).await?.is_some(),
            step_at: step
                .and_then(|millis| String::from_utf8(millis).ok()?.parse().ok())
                .map(Timestamp::from_millis),
        })
    }

    /// From when on a version may be removed that does not seal any more, if no row needs it.
    pub fn removable_from(&self) -> Option<Timestamp> {
        self.step_at.map(|at| at + COOKIES_ENDED)
    }
}

/// Who takes a step, and when.
pub struct Cause<'a> {
    /// For the event.
    pub actor: &'a Actor,
    /// The moment.
    pub now: Timestamp,
    /// Makes keys and names events.
    pub rng: &'a dyn Rng,
}

impl Cause<'_> {
    /// Notes that a step was taken, in the same transaction.
    async fn note(&self, tx: &mut Write, kind: &'static str, version: u8) -> Result<()> {
        let step = self.now.millis().to_string();
        tx.set_meta(STEP_NAME, step.as_bytes()).await?;
        let event = Event::new(kind, self.actor, self.now, self.rng).detail("version", version);
        tx.record(&[event]).await
    }
}

/// Makes the next version, in the file and known to the database; says which it is.
///
/// # Errors
/// When the file cannot be written, a rotation is under way, or of the database.
pub async fn announce(store: &Store, data_dir: &Path, cause: &Cause<'_>) -> anyhow::Result<u8> {
    let standing = Standing::of(store).await?;
    let path = sealing_key_path(data_dir);
    let mut keys = read(&path)?;
    // One that the file has already is of an announcement that was broken off.
    let made = keys
        .keys()
        .copied()
        .find(|version| *version > standing.seals);
    let Some(next) = made.or(standing.seals.checked_add(1)) else {
        bail!("there is no version after {}", standing.seals);
    };
    if made.is_none() {
        keys.insert(next, key_file::new_key(cause.rng));
        key_file::write(&path, &keys)?;
    }
    let sealer = Sealer::of(&keys, next).context("the new version is not in the file")?;
    let mut tx = store.begin_write().await?;
    let announced = sealer.seal(&CHECK_PLACE, CHECK, cause.rng);
    ensure!(
        tx.insert_meta(NEXT_NAME, &announced).await?,
        "another rotation is under way; `tessera keys list` shows it"
    );
    cause.note(&mut tx, "sealing_key.announced", next).await?;
    tx.commit().await?;
    Ok(next)
}

fn read(path: &Path) -> anyhow::Result<KeyRing> {
    key_file::read(path)?.with_context(|| format!("{} is missing", path.display()))
}

/// Makes the announced version the one that seals.
///
/// # Errors
/// When the file here has another key of that version, or of the database.
pub async fn switch(store: &Store, data_dir: &Path, cause: &Cause<'_>) -> anyhow::Result<u8> {
    let path = sealing_key_path(data_dir);
    let keys = read(&path)?;
    let mut tx = store.begin_write().await?;
    let (check, next) = (tx.meta(CHECK_NAME).await?, tx.meta(NEXT_NAME).await?);
    let (Some(check), Some(next)) = (check, next) else {
        bail!("no version is announced");
    };
    let sealer = super::sealing::sealer_for(&keys, &next, &path)?;
    let taken = tx.replace_meta(CHECK_NAME, &check, &next).await?
        && tx.delete_meta(NEXT_NAME, &next).await?;
    ensure!(taken, "somebody else took this step just now");
    tx.set_meta(UNFINISHED_NAME, b"").await?;
    cause
        .note(&mut tx, "sealing_key.switched", sealer.version())
        .await?;
    tx.commit().await?;
    Ok(sealer.version())
}

/// What became of a batch of rows.
#[derive(Debug, Default)]
pub struct Batch {
    /// The last row of it; none when there is no more.
    pub last: Option<String>,
    /// How many were sealed anew.
    pub sealed: u64,
    /// How many no key opens.
    pub broken: u64,
}

/// Seals the next rows of a table anew, those behind `after`, in one transaction.
///
/// # Errors
/// Of the database; then none of them is changed.
pub async fn reseal(
    store: &Store,
    sealer: &Sealer,
    table: SealedTable,
    after: &str,
    rng: &dyn Rng,
) -> Result<Batch> {
    let version = sealer.version();
    let mut read = store.begin_read().await?;
    read.take_its_time().await?;
    let rows = read.rows_sealed_otherwise(table, version, after, BATCH);
    let rows = rows.await?;
    drop(read);
    let mut batch = Batch {
        last: rows.last().map(|row| row.id.clone()),
        ..Batch::default()
    };
    let mut anew = Vec::with_capacity(rows.len());
    for row in &rows {
        let key: Vec<&str> = row
            .owner
            .iter()
            .chain([&row.id])
            .map(String::as_str)
            .collect();
        let place = Place {
            table: table.name(),
            row: &key,
            column: table.column(),
        };
        match sealer.open(&place, &row.sealed) {
            Some(plain) => anew.push((row, sealer.seal(&place, &plain, rng))),
            None => batch.broken += 1,
        }
    }
    if !anew.is_empty() {
        let mut tx = store.begin_write().await?;
        for (row, sealed) in anew {
            batch.sealed += u64::from(tx.reseal(table, row, &sealed).await?);
        }
        tx.commit().await?;
    }
    Ok(batch)
}

/// How many rows of a table are sealed with each version.
///
/// # Errors
/// Of the database.
pub async fn counted(store: &Store, table: SealedTable) -> Result<Vec<(u8, i64)>> {
    let mut read = store.begin_read().await?;
    read.take_its_time().await?;
    read.count_sealed(table).await
}

/// How many rows are sealed with another version than this.
///
/// # Errors
/// Of the database.
pub async fn count_others(store: &Store, version: u8) -> Result<u64> {
    let mut others = 0;
    for table in SealedTable::ALL {
        for (sealed_with, rows) in counted(store, table).await? {
            if sealed_with != version {
                others += u64::try_from(rows).unwrap_or(0);
            }
        }
    }
    Ok(others)
}

/// Notes that all is sealed anew.
///
/// # Errors
/// Of the database.
pub async fn finish(store: &Store, version: u8, cause: &Cause<'_>) -> Result<()> {
    let mut tx = store.begin_write().await?;
    if tx.delete_meta(UNFINISHED_NAME, b"").await? {
        let event = Event::new("sealing_key.resealed", cause.actor, cause.now, cause.rng);
        tx.record(&[event.detail("version", version)]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes a version from the file.
///
/// # Errors
/// When it is still needed, saying what for and until when; or of the file and the database.
pub async fn remove(
    store: &Store,
    data_dir: &Path,
    version: u8,
    cause: &Cause<'_>,
) -> anyhow::Result<()> {
    let path = sealing_key_path(data_dir);
    let mut keys = read(&path)?;
    ensure!(
        keys.contains_key(&version),
        "{} has no version {version}; `tessera keys list` shows them",
        path.display()
    );
    let standing = Standing::of(store).await?;
    ensure!(
        version != standing.seals && Some(version) != standing.next,
        "version {version} is in use; make another first, with `tessera keys rotate sealing`"
    );
    for table in SealedTable::ALL {
        let counted = counted(store, table).await?;
        if let Some((_, rows)) = counted.iter().find(|(with, _)| *with == version) {
            bail!(
                "version {version} seals {rows} rows of {} still; `tessera keys rotate sealing` goes on with them",
                table.name()
            );
        }
    }
    if let Some(from) = standing.removable_from().filter(|from| cause.now < *from) {
        bail!("cookies that version {version} sealed are valid still; remove it after {from}");
    }
    keys.remove(&version);
    key_file::write(&path, &keys)?;
    let event = Event::new("sealing_key.removed", cause.actor, cause.now, cause.rng);
    store.record(&[event.detail("version", version)]).await?;
    Ok(())
}
