//! The hot paths of SQLite: statements in the caller's own thread.
//!
//! sqlx gives each connection of SQLite a thread of its own, and each statement is a hop there and back: four times what
//! a read of a page needs by itself. What is read for each page, and what writes tickets, goes this way instead.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, Row};

use super::conn::{DEADLINE, is_passing_sqlite};
use super::rows::Rows;
use crate::core::{Error, Result, Timestamp};

/// Statements that a connection remembers.
const STATEMENTS: usize = 64;
/// Pages that the writer keeps, in KiB (negative, as SQLite wants it): those of the indexes that are not in order.
const WRITER_CACHE: i64 = -16_384;

/// Connections to the database file, opened when they are first needed.
pub(super) struct Lite {
    file: PathBuf,
    /// Those that nobody uses now; none when the database was closed.
    readers: Mutex<Option<Vec<Connection>>>,
    writer: Mutex<Option<Connection>>,
}

impl Lite {
    pub(super) fn new(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            readers: Mutex::new(Some(Vec::new())),
            writer: Mutex::default(),
        }
    }

    /// Reads a few rows by their keys. There are never more connections than threads that read at the same time.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let free = match &mut *lock(&self.readers) {
            Some(readers) => readers.pop(),
            None => return Err(sqlx::Error::PoolClosed.into()),
        };
        let conn = free.map_or_else(|| self.open(), Ok)?;
        let found = work(&conn)?;
        if let Some(readers) = &mut *lock(&self.readers) {
            readers.push(conn);
        }
        Ok(found)
    }

    /// Begins a transaction, IMMEDIATE as all that writes does; the caller has the turn to write.
    pub(super) fn begin(&self) -> Result<LiteTx<'_>> {
        let free = lock(&self.writer).take();
        let conn = free.map_or_else(|| self.open_to_write(), Ok)?;
        conn.execute_batch("BEGIN IMMEDIATE")?;
        Ok(LiteTx {
            lite: self,
            conn: Some(conn),
        })
    }

    /// Lets go of all connections; nothing is read any more.
    pub(super) fn close(&self) {
        lock(&self.readers).take();
        lock(&self.writer).take();
    }

    fn open_to_write(&self) -> Result<Connection> {
        let conn = self.open()?;
        conn.pragma_update(None, "cache_size", WRITER_CACHE)?;
        Ok(conn)
    }

    /// As the connections of sqlx are set up, see [`super::Store::open_sqlite`].
    fn open(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&self.file, flags)?;
        conn.busy_timeout(DEADLINE)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "secure_delete", true)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(conn)
    }
}

/// A transaction; it is rolled back unless it is committed. (Not the library's, which no task could hold.)
pub(super) struct LiteTx<'a> {
    lite: &'a Lite,
    conn: Option<Connection>,
}

impl LiteTx<'_> {
    pub(super) fn rows(&mut self) -> Result<Rows<'_>> {
        let conn = self.conn.as_mut();
        conn.map(Rows::Lite)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("the transaction is over")))
    }

    /// Makes all of it durable.
    pub(super) fn commit(mut self) -> Result<()> {
        if let Some(conn) = &self.conn {
            conn.execute_batch("COMMIT")?;
        }
        *lock(&self.lite.writer) = self.conn.take();
        Ok(())
    }
}

impl Drop for LiteTx<'_> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        // A rollback that finds no room on the disk is not done: such a connection is let go.
        conn.execute_batch("ROLLBACK").ok();
        if conn.is_autocommit() {
            *lock(&self.lite.writer) = Some(conn);
        }
    }
}

/// The columns of a row, in order.
pub(super) struct Columns<'a, 'b> {
    row: &'a Row<'b>,
    next: usize,
}

impl<'a, 'b> Columns<'a, 'b> {
    pub(super) fn of(row: &'a Row<'b>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column.
    pub(super) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    pub(super) fn text(&mut self) -> rusqlite::Result<String> {
        self.take()
    }

    pub(super) fn time(&mut self) -> rusqlite::Result<Timestamp> {
        self.take().map(Timestamp::from_millis)
    }
}

/// What the lock holds is whole at every moment, whoever panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(code) if is_passing_sqlite(code.extended_code) => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}
