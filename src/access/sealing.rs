//! The sealing key: a file outside the database, which seals what the database must not show.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::core::seal::Place;
use crate::core::{Rng, Sealer};
use crate::store::Store;

/// What is sealed in the database to tell whether the key beside it is the right one.
const CHECK: &[u8] = b"tessera sealing key";
const CHECK_NAME: &str = "sealing_key_check";
const CHECK_PLACE: Place<'static> = Place {
    table: "meta",
    row: &[CHECK_NAME],
    column: "value",
};

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
    let key = match (read_key(&path)?, &check) {
        (Some(key), _) => key,
        (None, None) => create_key(&path, rng)?,
        (None, Some(_)) => bail!(
            "{} is missing, and the database was sealed with it; put the key back from its backup (a new key could open nothing)",
            path.display()
        ),
    };
    let sealer = Sealer::new(&key);
    let check = match check {
        Some(check) => check,
        None => {
            let mut tx = store.begin_write().await?;
            tx.insert_meta(CHECK_NAME, &sealer.seal(&CHECK_PLACE, CHECK, rng))
                .await?;
            let stored = tx
                .meta(CHECK_NAME)
                .await?
                .context("the key check was not stored")?;
            tx.commit().await?;
            stored
        }
    };
    if sealer.open(&CHECK_PLACE, &check).is_none() {
        bail!(
            "{} is not the key that the database was sealed with; put the right one there",
            path.display()
        );
    }
    Ok(sealer)
}

fn read_key(path: &Path) -> anyhow::Result<Option<Zeroizing<[u8; Sealer::KEY_BYTES]>>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!(
            "{} can be read by others (mode {:o}); run `chmod 600 {}`",
            path.display(),
            mode & 0o777,
            path.display()
        );
    }
    let bytes = HEXLOWER.decode(text.trim().as_bytes()).map(Zeroizing::new);
    let key = bytes
        .ok()
        .and_then(|bytes| <[u8; Sealer::KEY_BYTES]>::try_from(bytes.as_slice()).ok());
    match key {
        Some(key) => Ok(Some(Zeroizing::new(key))),
        None => bail!(
            "{} does not hold a key (64 hex digits); put the right one there",
            path.display()
        ),
    }
}

fn create_key(path: &Path, rng: &dyn Rng) -> anyhow::Result<Zeroizing<[u8; Sealer::KEY_BYTES]>> {
    let key = Zeroizing::new(rng.bytes::<{ Sealer::KEY_BYTES }>());
    let context = || format!("cannot create {}", path.display());
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(context)?;
    let text = Zeroizing::new(HEXLOWER.encode(key.as_slice()));
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .with_context(context)?;
    Ok(key)
}
