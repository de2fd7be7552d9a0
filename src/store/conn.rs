//! Two databases as one: an enum of two pools, and a macro that writes the two arms of each query.

use std::num::NonZero;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool,
    Transaction,
};
use tokio::time::{Instant, timeout_at};

pub(super) use super::deadline::DEADLINE;
use super::deadline::Piece;
use super::lite::Lite;
use super::page_reads::{self, PageReads};
use super::turns::{Turn, Turns};
use crate::core::{Error, Result};

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

/// The database.
#[derive(Clone)]
pub struct Store(pub(super) Pool);

#[derive(Clone)]
pub(super) enum Pool {
    /// One writer at a time, so that writes queue for their turn and not at the file's lock; readers never wait for it
    /// (WAL).
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
        lite: Arc<Lite>,
        turns: Turns,
    },
    Postgres {
        pool: PgPool,
        turns: Turns,
        pages: Arc<PageReads>,
    },
}

impl Store {
    /// Opens a SQLite file; creates it (mode 0600) if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open_sqlite(path: &Path) -> anyhow::Result<Self> {
        let context = || format!("cannot open the database file {}", path.display());
        create_private(path).with_context(context)?;
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
        let read = pool(SQLITE_READERS)
            .connect_with(options)
            .await
            .with_context(context)?;
        Ok(Self(Pool::Sqlite {
            write,
            read,
            lite: Arc::new(Lite::new(path)),
            turns: Turns::new(1, 1),
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

    /// A connection for one or a few reads.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none is free in time.
    pub async fn begin_read(&self) -> Result<Read> {
        let piece = Piece::begin();
        let conn = match &self.0 {
            Pool::Sqlite { read, .. } => Conn::Sqlite(within(piece.until, read.acquire()).await?),
            Pool::Postgres { pool, .. } => {
                Conn::Postgres(within(piece.until, pool.acquire()).await?)
            }
        };
        Ok(Read { conn, piece })
    }

    /// A transaction: nothing of it is done until [`Write::commit`].
    ///
    /// On SQLite it begins IMMEDIATE: a plain BEGIN that reads first and writes later fails under concurrency.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time.
    pub async fn begin_write(&self) -> Result<Write> {
        let piece = Piece::begin();
        let turn = self.turns().in_line(piece.until).await?;
        self.begin_in_turn(piece, turn).await
    }

    /// The same for what many wait for together: it stands in no line.
    pub(super) async fn begin_batch(&self) -> Result<Write> {
        let piece = Piece::begin();
        let turn = self.turns().at_once(piece.until).await?;
        self.begin_in_turn(piece, turn).await
    }

    fn turns(&self) -> &Turns {
        match &self.0 {
            Pool::Sqlite { turns, .. } | Pool::Postgres { turns, .. } => turns,
        }
    }

    async fn begin_in_turn(&self, piece: Piece, turn: Turn) -> Result<Write> {
        let conn = match &self.0 {
            Pool::Sqlite { write, .. } => {
                let tx = within(piece.until, write.begin_with("BEGIN IMMEDIATE")).await?;
                Conn::SqliteTx(tx, turn)
            }
            Pool::Postgres { pool, .. } => {
                Conn::PostgresTx(within(piece.until, pool.begin()).await?, turn)
            }
        };
        Ok(Write(Read { conn, piece }))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        let mut read = self.begin_read().await?;
        on!(read, conn => sqlx::query("SELECT 1").execute(conn).await.map(drop))?;
        Ok(())
    }

    /// Waits for what is under way and closes all connections.
    pub async fn close(&self) {
        match &self.0 {
            Pool::Sqlite {
                write,
                read,
                lite,
                turns,
            } => {
                turns.close();
                lite.close();
                read.close().await;
                write.close().await;
            }
            Pool::Postgres { pool, pages, turns } => {
                turns.close();
                pages.close().await;
                pool.close().await;
            }
        }
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

pub(super) enum Conn {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>, Turn),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>, Turn),
}

pub(super) enum ConnMut<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// A connection that reads.
pub struct Read {
    conn: Conn,
    // Dropped after the connection.
    piece: Piece,
}

impl Read {
    /// When its time with the database is over.
    pub(super) fn until(&self) -> Instant {
        self.piece.until
    }

    pub(super) fn conn(&mut self) -> ConnMut<'_> {
        match &mut self.conn {
            Conn::Sqlite(conn) => ConnMut::Sqlite(conn),
            Conn::SqliteTx(tx, _) => ConnMut::Sqlite(tx),
            Conn::Postgres(conn) => ConnMut::Postgres(conn),
            Conn::PostgresTx(tx, _) => ConnMut::Postgres(tx),
        }
    }
}

/// A transaction that writes, and reads what it wrote. Dropped without [`Write::commit`], it never was.
pub struct Write(Read);

impl Write {
    /// Makes all of it durable.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database did not confirm it.
    pub async fn commit(self) -> Result<()> {
        let Read { conn, piece } = self.0;
        match conn {
            Conn::SqliteTx(tx, _turn) => tx.commit().await?,
            Conn::PostgresTx(tx, _turn) => within(piece.until, tx.commit()).await?,
            Conn::Sqlite(_) | Conn::Postgres(_) => {}
        }
        Ok(())
    }
}

impl Deref for Write {
    type Target = Read;
    fn deref(&self) -> &Read {
        &self.0
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.0
    }
}

/// Writes the two arms of one query: `on!(tx, conn => query.fetch_all(conn).await)`.
macro_rules! on {
    ($tx:expr, $conn:ident => $query:expr) => {{
        let until = $tx.until();
        match $tx.conn() {
            $crate::store::conn::ConnMut::Sqlite($conn) => $query,
            $crate::store::conn::ConnMut::Postgres($conn) => {
                $crate::store::conn::within(until, async { $query }).await
            }
        }
    }};
}
pub(super) use on;

/// A server elsewhere can fall silent; a file of our own cannot.
pub(super) async fn within<T>(
    until: Instant,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout_at(until, work)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as Sql;
        let out_of_reach = match &error {
            // A proxy that takes the connection and finds no server behind it answers nothing: a protocol error.
            Sql::Io(_)
            | Sql::Tls(_)
            | Sql::Protocol(_)
            | Sql::PoolTimedOut
            | Sql::PoolClosed
            | Sql::WorkerCrashed => true,
            Sql::Database(database) => database.code().is_some_and(|code| is_passing(&code)),
            _ => false,
        };
        if out_of_reach {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Whether a database's own error code says "not now" and not "not so".
fn is_passing(code: &str) -> bool {
    // PostgreSQL's have five characters: connection, rollback (a deadlock), resources, operator, read-only.
    if code.len() == 5 {
        return ["25006", LOCK_NOT_AVAILABLE].contains(&code)
            || ["08", "40", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class));
    }
    code.parse().is_ok_and(is_passing_sqlite)
}

pub(super) fn is_passing_sqlite(code: i32) -> bool {
    // Extended codes carry the primary one in their low byte: busy, locked, read-only, I/O, full.
    const BUSY_LOCKED_READONLY_IOERR_FULL: [i32; 5] = [5, 6, 8, 10, 13];
    BUSY_LOCKED_READONLY_IOERR_FULL.contains(&(code & 0xff))
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn what_passes_is_told_from_what_is_wrong() {
        for code in [
            "5", "517", "8", "1032", "10", "13", "40P01", "53100", "57P01", "57014", "08006",
            "25006", "55P03",
        ] {
            assert!(is_passing(code), "{code}");
        }
        for code in ["1", "19", "2067", "23505", "42P01", "22001", ""] {
            assert!(!is_passing(code), "{code}");
        }
    }
}
