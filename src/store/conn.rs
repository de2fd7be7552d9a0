//! Two databases as one: an enum of two pools, and what is lent from them.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, timeout_at};

pub(super) use super::deadline::DEADLINE;
use super::deadline::Piece;
use super::lite::{Lite, LiteTx};
use super::page_reads::PageReads;
use super::sql::{bind, sql};
use super::together::Together;
use super::turns::{Turn, Turns};
use crate::core::{Error, Result};

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
        together: Arc<Together>,
    },
    Postgres {
        pool: PgPool,
        turns: Turns,
        pages: Arc<PageReads>,
    },
}

impl Store {
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

    /// The same for rows that are found by their keys: on SQLite they are read in the caller's own thread.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none is free in time.
    pub async fn begin_lookup(&self) -> Result<Read> {
        match &self.0 {
            Pool::Sqlite { lite, .. } => Ok(Read {
                conn: Conn::Lookup(lite.reader()?),
                piece: Piece::begin(),
            }),
            Pool::Postgres { .. } => Box::pin(self.begin_read()).await,
        }
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

    /// The same for what many wait for together: it stands in no line. On SQLite it holds up its thread, for the length of
    /// a commit at most.
    pub(super) async fn begin_batch(&self) -> Result<Write> {
        let piece = Piece::begin();
        let turn = self.turns().at_once(piece.until).await?;
        match &self.0 {
            Pool::Sqlite { lite, .. } => Write::lite(lite, turn, piece),
            Pool::Postgres { .. } => self.begin_in_turn(piece, turn).await,
        }
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
        sql("SELECT 1", &bind![]).run(&mut read).await?;
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
                ..
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

pub(super) enum Conn {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>, Turn),
    /// In the caller's own thread.
    Lite(LiteTx, Turn),
    Lookup(OwnedMutexGuard<rusqlite::Connection>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>, Turn),
}

pub(super) enum ConnMut<'a> {
    Lite(&'a mut rusqlite::Connection),
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
            Conn::Lite(tx, _) => ConnMut::Lite(tx.conn()),
            Conn::Lookup(conn) => ConnMut::Lite(conn),
            Conn::Postgres(conn) => ConnMut::Postgres(conn),
            Conn::PostgresTx(tx, _) => ConnMut::Postgres(tx),
        }
    }
}

/// A transaction that writes, and reads what it wrote. Dropped without [`Write::commit`], it never was.
pub struct Write(Read);

impl Write {
    /// A transaction of SQLite in this thread.
    pub(super) fn lite(lite: &Lite, turn: Turn, piece: Piece) -> Result<Self> {
        let conn = Conn::Lite(lite.begin()?, turn);
        Ok(Self(Read { conn, piece }))
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database did not confirm it.
    pub async fn commit(self) -> Result<()> {
        let Read { conn, piece } = self.0;
        match conn {
            Conn::SqliteTx(tx, _turn) => tx.commit().await?,
            Conn::Lite(tx, _turn) => tx.commit()?,
            Conn::PostgresTx(tx, _turn) => within(piece.until, tx.commit()).await?,
            Conn::Sqlite(_) | Conn::Lookup(_) | Conn::Postgres(_) => {}
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
