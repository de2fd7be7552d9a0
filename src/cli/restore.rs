//! `tessera restore`

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde_json::json;

use super::backup::sync_folder_of;
use super::house::open_store;
use super::in_use::{self, beside};
use super::progress::Progress;
use super::{Context, pg_tools};
use crate::access::sealing;
use crate::config::{Config, DatabaseKind};
use crate::core::Actor;
use crate::store::{SchemaError, Store, check_sqlite};
use crate::tickets::restored::{self, TakenBack};

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct Restore {
    /// The backup
    file: Option<PathBuf>,
    /// The database was put back by other means: only revoke what must not work again
    #[arg(long)]
    restored_elsewhere: bool,
}

/// How long connections of a server that was just stopped are waited for.
const HANGING_UP: Duration = Duration::from_secs(3);

/// What became of it.
struct Restored {
    taken: TakenBack,
    /// Where the database is that was replaced.
    kept: Option<PathBuf>,
}

pub(super) async fn run(restore: &Restore, context: &Context) -> anyhow::Result<()> {
    let config = context.config()?;
    let _alone = in_use::alone(&config)?;
    let done = match (&restore.file, &config.database.kind) {
        (None, _) => elsewhere(&config, context).await?,
        (Some(file), DatabaseKind::Sqlite(database)) => {
            sqlite(file, database, &config, context).await?
        }
        (Some(file), DatabaseKind::Postgres) => postgres(file, &config, context).await?,
    };
    let TakenBack { tickets, links } = done.taken;
    let told = json!({
        "restored": restore.file,
        "replaced_kept_at": done.kept,
        "tickets_revoked": tickets,
        "links_dropped": links,
    });
    context.out.answer(&told, || {
        let kept = done.kept.map_or_else(String::new, |kept| {
            format!("The database that was replaced is kept: {}\n", kept.display())
        });
        format!(
            "The database is restored: {tickets} open tickets were revoked and {links} unsent links dropped, for they may have been used since.\n\
             {kept}What was deleted, blocked or reset since the backup is back: look at `tessera client list`, `tessera keys list`, and your users.\n\
             Authenticator apps show their next acceptable code within a minute."
        )
    })
}

/// All is done to a copy, which takes the place of the database in the end: whatever breaks before changes nothing.
async fn sqlite(
    file: &Path,
    database: &Path,
    config: &Config,
    context: &Context,
) -> anyhow::Result<Restored> {
    let copy = beside(database, ".restoring");
    remove(&copy)?;
    let prepared = prepare(file, &copy, config, context).await;
    let swapped = match prepared {
        Ok(taken) => {
            fold(database).await;
            swap(&copy, database, context).map(|kept| Restored { taken, kept })
        }
        Err(error) => Err(error),
    };
    if swapped.is_err() {
        remove(&copy).ok();
    }
    swapped
}

async fn prepare(
    file: &Path,
    copy: &Path,
    config: &Config,
    context: &Context,
) -> anyhow::Result<TakenBack> {
    let (from, to) = (file.to_owned(), copy.to_owned());
    let copying = Progress::waiting("copying");
    tokio::task::spawn_blocking(move || copy_private(&from, &to))
        .await?
        .with_context(|| format!("cannot copy {}", file.display()))?;
    drop(copying);
    let _progress = Progress::waiting("checking the backup");
    let named = || file.display().to_string();
    check_sqlite(copy).await.with_context(named)?;
    let store = Store::open_sqlite(copy).await.with_context(named)?;
    let taken = take_back(&store, config, context).await.with_context(named);
    store.close().await;
    taken
}

/// Brings the schema forward, checks the key, and takes back what may have been used.
async fn take_back(store: &Store, config: &Config, context: &Context) -> anyhow::Result<TakenBack> {
    if let Err(error) = store.check_schema().await {
        match error.downcast_ref::<SchemaError>() {
            Some(SchemaError::Old { found: 0, .. }) => bail!("this is no database of Tessera"),
            Some(SchemaError::Old { .. }) => store.migrate().await?,
            _ => return Err(error),
        }
    }
    let check = store.begin_read().await?.meta(sealing::CHECK_NAME).await?;
    if let Some(check) = check {
        sealing::check(&config.data_dir, &check)?;
    }
    let actor = Actor::command_line();
    Ok(restored::take_back(store, &actor, context.now(), context.rng()).await?)
}

/// What the log of the present database holds goes into its file, if it can be read at all.
async fn fold(database: &Path) {
    if database.exists()
        && let Ok(store) = Store::open_sqlite(database).await
    {
        store.close().await;
    }
}

/// Keeps the present database under another name, then puts the copy in its place: there always is one.
fn swap(copy: &Path, database: &Path, context: &Context) -> anyhow::Result<Option<PathBuf>> {
    let swapped = || {
        let mut kept = None;
        if database.exists() {
            let name = beside(database, &format!(".replaced-{}", context.now().seconds()));
            for end in ["-wal", "-shm"] {
                present(std::fs::rename(beside(database, end), beside(&name, end)))?;
            }
            std::fs::hard_link(database, &name).or_else(|_| std::fs::rename(database, &name))?;
            kept = Some(name);
        }
        std::fs::rename(copy, database)?;
        sync_folder_of(database)?;
        Ok::<_, io::Error>(kept)
    };
    swapped().with_context(|| format!("cannot replace {}", database.display()))
}

/// What is not there needs no handling.
fn present(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn remove(copy: &Path) -> anyhow::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let path = beside(copy, end);
        present(std::fs::remove_file(&path))
            .with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut to = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}

/// The tools of PostgreSQL replace the tables in one transaction; until the tickets are revoked, too, a mark keeps
/// this instance from starting.
async fn postgres(file: &Path, config: &Config, context: &Context) -> anyhow::Result<Restored> {
    let about = pg_tools::about(file).await?;
    ensure!(
        about.schema > 0,
        "{} is no dump of a database of Tessera",
        file.display()
    );
    let store = open_store(config).await?;
    nobody_else(&store).await?;
    let present = store.schema_version().await?;
    let known = Store::newest_schema();
    if about.schema > known {
        let found = about.schema;
        return Err(SchemaError::New { found, known }.into());
    }
    ensure!(
        present == 0 || present <= about.schema,
        "the database is at schema {present}, the backup at {}: restore it into an empty database, and name that in database.url",
        about.schema
    );
    if let Some(check) = &about.check {
        sealing::check(&config.data_dir, check)?;
    }
    store.close().await;
    let mut kept = None;
    if present > 0 {
        let name = format!("replaced-{}.dump", context.now().seconds());
        let replaced = config.data_dir.join(name);
        drop(
            OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(&replaced)?,
        );
        pg_tools::dump(&config.database, &replaced).await?;
        kept = Some(replaced);
    }
    let mark = in_use::unfinished_restore(config);
    File::create(&mark)?.sync_all()?;
    sync_folder_of(&mark)?;
    pg_tools::restore(&config.database, file).await?;
    let done = elsewhere(config, context).await?;
    Ok(Restored { kept, ..done })
}

/// A database that others put back.
async fn elsewhere(config: &Config, context: &Context) -> anyhow::Result<Restored> {
    let store = open_store(config).await?;
    nobody_else(&store).await?;
    let taken = take_back(&store, config, context).await;
    store.close().await;
    let taken = taken?;
    self::present(std::fs::remove_file(in_use::unfinished_restore(config)))?;
    Ok(Restored { taken, kept: None })
}

async fn nobody_else(store: &Store) -> anyhow::Result<()> {
    let mut others = store.other_connections().await?;
    // A server that was just stopped may take a moment to hang up.
    for _ in 0..10 {
        if others == 0 {
            break;
        }
        tokio::time::sleep(HANGING_UP / 10).await;
        others = store.other_connections().await?;
    }
    ensure!(
        others == 0,
        "{others} connections of Tessera use the database; stop every server and command first"
    );
    Ok(())
}
