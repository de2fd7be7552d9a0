//! Opening a database.

use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::Instant;

use super::conn::{DEADLINE, Pool, Store, within};
use super::lite::Lite;
use super::page_reads::{self, PageReads};
use super::together::Together;
use super::turns::Turns;

/// PostgreSQL ends by itself what its caller no longer waits for, so that the connection is of use again.
const STATEMENT_TIMEOUT: &str = "3s";
/// After so long a statement of ours is over, whatever it waited for: a line that says nothing leads nowhere.
const SILENCE: Duration = Duration::from_secs(4);
/// PostgreSQL gives up a transaction whose instance vanished without a word: nobody waits for its locks for long.
const IDLE_TRANSACTION_TIMEOUT: &str = "10s";
const SQLITE_READERS: u32 = 4;
/// What an instance holds open at most, the lanes of the page reads among them.
const POSTGRES_CONNECTIONS: u32 = 16;

/// How many single transactions an instance has under way on PostgreSQL, however few cores it has.
const LEAST_AT_ONCE: usize = 4;

impl Store {
    /// Opens a SQLite file; creates it (mode 0600) if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open_sqlite(path: &Path) -> anyhow::Result<Self> {
        let context = || format!("cannot open the database file {}", path.display());
        create_private(path).with_context(context)?;
        // Of two that turn one new file to WAL, SQLite refuses one without a wait.
        let alone = lock_beside(path).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Another process may hold the file.
            .busy_timeout(DEADLINE)
            .foreign_keys(true)
            // What was blanked must not survive in a free page.
            .pragma("secure_delete", "on");
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                // It was looked at when it came back, and a file does not hang up.
                .test_before_acquire(false)
                // A rollback that found no room on the disk is one: its connection would begin nothing any more.
                .before_acquire(|conn, _| {
                    let usable = !conn.is_in_transaction();
                    Box::pin(async move { Ok(usable) })
                })
                .acquire_timeout(DEADLINE)
        };
        let write = pool(1)
            .connect_with(options.clone())
            .await
            .with_context(context)?;
        drop(alone);
        let read = pool(SQLITE_READERS)
            .connect_with(options)
            .await
            .with_context(context)?;
        let (lite, turns) = (Arc::new(Lite::new(path)), Turns::new(1, 1));
        Ok(Self(Pool::Sqlite {
            write,
            read,
            together: Arc::new(Together::new(Arc::clone(&lite), turns.clone())),
            lite,
            turns,
        }))
    }

    /// Connects to the PostgreSQL of this URL.
    ///
    /// # Errors
    /// When the URL is none, or the server is out of reach.
    pub async fn open_postgres(url: &str) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| {
                anyhow::anyhow!(
                    "database.url is not a PostgreSQL URL; say postgres://user@host/name"
                )
            })?
            .application_name("tessera")
            .options([
                ("statement_timeout", STATEMENT_TIMEOUT),
                ("lock_timeout", STATEMENT_TIMEOUT),
                (
                    "idle_in_transaction_session_timeout",
                    IDLE_TRANSACTION_TIMEOUT,
                ),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS - page_reads::LANES)
            .acquire_timeout(DEADLINE)
            // sqlx looks at what comes back, and would wait for ever where a line fell silent.
            .after_release(|conn, _| {
                Box::pin(async {
                    let answer = within(Instant::now() + SILENCE, conn.ping()).await;
                    answer.map(|()| true)
                })
            })
            .connect_with(options.clone())
            .await
            .context("PostgreSQL (database.url) is out of reach")?;
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self(Pool::Postgres {
            pool,
            turns: Turns::new(LEAST_AT_ONCE.max(2 * cores), POSTGRES_CONNECTIONS as usize),
            pages: Arc::new(PageReads::start(&options)),
        }))
    }
}

/// The file is made before SQLite would make it, so that nobody else can ever read it; the WAL inherits its mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;

    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

/// The lock of whoever makes a database file or brings it forward. Waits off the runtime: the start that holds it may
/// need this very thread.
pub(super) async fn lock_beside(database: &Path) -> anyhow::Result<File> {
    let path = database.with_file_name("migrate.lock");
    tokio::task::spawn_blocking(move || {
        let file =
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(file)
    })
    .await?
}
