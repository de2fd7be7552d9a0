//! Writing together: transactions that are asked for at the same moment share one commit on SQLite, where a commit by
//! itself costs more than all that they write.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

use super::conn::{Pool, Store, Write};
use super::deadline::Piece;
use super::lite::Lite;
use super::sql::sql;
use super::turns::Turns;
use crate::core::{Error, Result};

/// How many pieces of work share a commit at most: tickets wait no longer for their turn than it takes.
const BATCH: usize = 64;
/// How many may wait before callers are told to come back.
const WAITING: usize = 4096;

/// Tells a caller what became of the work, once that is durable or not.
type Tell = Box<dyn FnOnce(Result<()>) + Send>;
/// Work in a transaction; nobody is told by it when it failed, which its caller then knows.
type Work = Box<dyn for<'t> FnOnce(&'t mut Write) -> BoxFuture<'t, Option<Tell>> + Send>;

/// The thread that writes for many, once somebody asked.
pub(super) struct Together {
    lite: Arc<Lite>,
    turns: Turns,
    sender: OnceLock<mpsc::Sender<Work>>,
}

impl Store {
    /// Does `work` in a transaction, and answers when it is durable. What fails leaves nothing, and takes nobody with it.
    ///
    /// On SQLite others share the commit: what they did before is seen, as if it had been committed. On PostgreSQL it has
    /// a transaction of its own.
    ///
    /// # Errors
    /// Of the work; [`Error::Unavailable`] when too many wait already, or it was not done in time.
    pub async fn together<T: Send + 'static>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Write) -> BoxFuture<'t, Result<T>> + Send + 'static,
    ) -> Result<T> {
        match &self.0 {
            Pool::Sqlite { together, .. } => together.ask(work).await,
            Pool::Postgres { .. } => {
                let alone = Box::pin(async {
                    let mut tx = self.begin_write().await?;
                    let done = work(&mut tx).await?;
                    tx.commit().await?;
                    Ok(done)
                });
                alone.await
            }
        }
    }
}

impl Together {
    pub(super) fn new(lite: Arc<Lite>, turns: Turns) -> Self {
        Self {
            lite,
            turns,
            sender: OnceLock::new(),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Write) -> BoxFuture<'t, Result<T>> + Send + 'static,
    ) -> Result<T> {
        let piece = Piece::begin();
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |tx| Box::pin(done(tx, work, answer)));
        let sender = self.sender.get_or_init(|| self.start());
        sender
            .try_send(work)
            .map_err(|_| unavailable("too many transactions wait already"))?;
        timeout_at(piece.until, answered)
            .await
            .map_err(|_| unavailable("the transaction was not done in time"))?
            .map_err(|_| unavailable("the transaction was not begun"))?
    }

    /// Starts the thread, whose commits hold up nothing but it; it ends with the last [`Store`].
    fn start(&self) -> mpsc::Sender<Work> {
        let (sender, mut waiting) = mpsc::channel(WAITING);
        let (lite, turns, runtime) = (
            Arc::clone(&self.lite),
            self.turns.clone(),
            Handle::current(),
        );
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let mut batch = Vec::with_capacity(BATCH);
                while waiting.recv_many(&mut batch, BATCH).await > 0 {
                    write(&lite, &turns, batch.drain(..)).await;
                }
            });
        });
        sender
    }
}

/// Does the work, unless nobody waits for it any more.
async fn done<T: Send + 'static>(
    tx: &mut Write,
    work: impl for<'t> FnOnce(&'t mut Write) -> BoxFuture<'t, Result<T>> + Send,
    answer: oneshot::Sender<Result<T>>,
) -> Option<Tell> {
    if answer.is_closed() {
        return None;
    }
    // A panic is its caller's, and not everybody's.
    match AssertUnwindSafe(work(tx)).catch_unwind().await {
        Ok(Ok(done)) => Some(Box::new(move |committed: Result<()>| {
            answer.send(committed.map(|()| done)).ok();
        })),
        Ok(Err(error)) => {
            answer.send(Err(error)).ok();
            None
        }
        Err(_) => {
            let error = Error::internal(anyhow::anyhow!("the work in a transaction panicked"));
            answer.send(Err(error)).ok();
            None
        }
    }
}

/// Does the work in one transaction, and tells of it.
async fn write(lite: &Lite, turns: &Turns, works: impl Iterator<Item = Work>) {
    let mut tells = Vec::with_capacity(BATCH);
    let committed = write_all(lite, turns, works, &mut tells).await;
    let failed = committed.err().map(|error| format!("{error:#}"));
    for tell in tells {
        tell(match &failed {
            None => Ok(()),
            Some(words) => Err(unavailable(words)),
        });
    }
}

async fn write_all(
    lite: &Lite,
    turns: &Turns,
    works: impl Iterator<Item = Work>,
    tells: &mut Vec<Tell>,
) -> Result<()> {
    let piece = Piece::begin();
    let turn = turns.in_line(piece.until).await?;
    let mut tx = Write::lite(lite, turn, piece)?;
    for work in works {
        sql("SAVEPOINT work", &[]).run(&mut tx).await?;
        match work(&mut tx).await {
            Some(tell) => {
                tells.push(tell);
            }
            // Fails where SQLite rolled back all of it by itself, as on a full disk.
            None => drop(sql("ROLLBACK TO work", &[]).run(&mut tx).await?),
        }
        sql("RELEASE work", &[]).run(&mut tx).await?;
    }
    tx.commit().await
}

fn unavailable(words: &str) -> Error {
    Error::Unavailable(anyhow::anyhow!("{words}"))
}
