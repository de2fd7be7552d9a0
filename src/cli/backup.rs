//! `tessera backup`

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;

use super::house::open_store;
use super::progress::Progress;
use super::{Context, in_use, pg_tools};
use crate::config::Config;
use crate::store::{Store, check_sqlite};

#[derive(Args)]
pub(super) struct Backup {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

pub(super) async fn run(backup: &Backup, context: &Context) -> anyhow::Result<()> {
    let (config, file) = (context.config()?, &backup.file);
    let _share = in_use::share(&config)?;
    ensure!(
        !file.exists(),
        "{} is there already; name another file",
        file.display()
    );
    let store = open_store(&config).await?;
    store.check_schema().await?;
    // Written beside and then named: a file of this name is a whole backup.
    let half = in_use::beside(file, ".part");
    claim(&half)?;
    let written = write(&store, &config, &half).await;
    store.close().await;
    if let Err(error) = written.and_then(|()| name(&half, file)) {
        std::fs::remove_file(&half).ok();
        return Err(error);
    }
    let bytes = std::fs::metadata(file)?.len();
    let key = crate::access::sealing::sealing_key_path(&config.data_dir);
    let told = json!({ "file": file, "bytes": bytes, "sealing_key": key });
    context.out.answer(&told, || {
        format!(
            "Wrote {} ({}).\n\
             The sealing key is not in it: keep a copy of {} apart from it. Without the key, the backup opens nothing.",
            file.display(),
            indicatif::HumanBytes(bytes),
            key.display()
        )
    })
}

fn claim(half: &Path) -> anyhow::Result<()> {
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(half)
        .with_context(|| {
            format!(
                "cannot create {} (another backup may be under way, or have broken off)",
                half.display()
            )
        })?;
    Ok(())
}

async fn write(store: &Store, config: &Config, half: &Path) -> anyhow::Result<()> {
    if !store.is_embedded() {
        return pg_tools::dump(&config.database, half).await;
    }
    let progress = Progress::bytes("copying", store.size().await?);
    let copying = store.copy_into(half);
    tokio::pin!(copying);
    loop {
        tokio::select! {
            copied = &mut copying => break copied?,
            () = tokio::time::sleep(Duration::from_millis(200)) => {
                progress.set(std::fs::metadata(half).map_or(0, |about| about.len()));
            }
        }
    }
    drop(progress);
    let _progress = Progress::waiting("checking the copy");
    check_sqlite(half).await
}

fn name(half: &Path, file: &Path) -> anyhow::Result<()> {
    let named = || {
        File::open(half)?.sync_all()?;
        std::fs::rename(half, file)?;
        sync_folder_of(file)
    };
    named().with_context(|| format!("cannot write {}", file.display()))
}

/// Makes a new name in a folder durable.
pub(super) fn sync_folder_of(file: &Path) -> std::io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
