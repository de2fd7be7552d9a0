//! The hot paths of SQLite: statements in the caller's own thread.
//!
//! sqlx gives each connection of SQLite a thread of its own, and each statement is a hop there and back: four times what
//! a read of a page needs by itself. What is looked up for each page, and what shares a commit, goes this way instead.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Mutex as AsyncMutex, OwnedMappedMutexGuard, OwnedMutexGuard, TryLockError};

use super::conn::{DEADLINE, is_passing_sqlite};
use crate::core::{Error, Result};

/// Statements that a connection remembers.
const STATEMENTS: usize = 64;
/// Pages that the writer keeps, in KiB (negative, as SQLite wants it): those of the indexes that are not in order.
const WRITER_CACHE: i64 = -16_384;

/// Connections to the database file, opened when they are first needed.
pub(super) struct Lite {
    file: PathBuf,
    /// Those that read; none when the database was closed.
    readers: Mutex<Option<Vec<Arc<AsyncMutex<Connection>>>>>,
    /// One at a time has it: whose turn it is to write.
    writer: Arc<AsyncMutex<Option<Connection>>>,
}

impl Lite {
    pub(super) fn new(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            readers: Mutex::new(Some(Vec::new())),
            writer: Arc::default(),
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Reads a few rows by their keys.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let reader = self.reader()?;
        work(&reader)
    }

    /// A connection that nobody uses now; another one where all are in use.
    pub(super) fn reader(&self) -> Result<OwnedMutexGuard<Connection>> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let readers = readers.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        let mut known = readers.iter();
        if let Some(free) = known.find_map(|reader| Arc::clone(reader).try_lock_owned().ok()) {
            return Ok(free);
        }
        let reader = Arc::new(AsyncMutex::new(self.open()?));
        readers.push(Arc::clone(&reader));
        reader.try_lock_owned().map_err(in_use)
    }

    /// Begins a transaction, IMMEDIATE as all that writes does; the caller has the turn to write.
    pub(super) fn begin(&self) -> Result<LiteTx> {
        let writer = Arc::clone(&self.writer).try_lock_owned();
        let mut writer = writer.map_err(in_use)?;
        // A rollback that finds no room on the disk is not done: such a connection is let go.
        if !writer.as_ref().is_some_and(Connection::is_autocommit) {
            *writer = Some(self.open_to_write()?);
        }
        let conn = OwnedMutexGuard::try_map(writer, Option::as_mut);
        let tx = LiteTx(conn.map_err(|_| sqlx::Error::PoolClosed)?);
        tx.0.execute_batch("BEGIN IMMEDIATE")?;
        Ok(tx)
    }

    /// Lets go of all connections; nothing is read any more.
    pub(super) fn close(&self) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.take();
        if let Ok(mut writer) = self.writer.try_lock() {
            writer.take();
        }
    }

    fn open_to_write(&self) -> Result<Connection> {
        let conn = self.open()?;
        conn.pragma_update(None, "cache_size", WRITER_CACHE)?;
        // Behind a savepoint a copy of each page that is changed is kept, beyond 64 KiB in a file that is made for it.
        conn.pragma_update(None, "temp_store", "memory")?;
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
pub(super) struct LiteTx(OwnedMappedMutexGuard<Option<Connection>, Connection>);

impl LiteTx {
    pub(super) fn conn(&mut self) -> &mut Connection {
        &mut self.0
    }

    /// Makes all of it durable.
    pub(super) fn commit(self) -> Result<()> {
        Ok(self.0.execute_batch("COMMIT")?)
    }
}

impl Drop for LiteTx {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            self.0.execute_batch("ROLLBACK").ok();
        }
    }
}

fn in_use(error: TryLockError) -> Error {
    Error::internal(anyhow::Error::new(error).context("a connection is in use"))
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(code) if is_passing_sqlite(code.extended_code) => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}
