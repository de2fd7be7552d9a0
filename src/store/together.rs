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

/// How many pieces of work share a commit at most; fewer where tickets wait for their turn to write.
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
                while let Some(first) = waiting.recv().await {
                    write(&lite, &turns, first, &mut waiting).await;
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

/// Does the work, and what waits beside it, in one transaction, and tells of it.
async fn write(lite: &Lite, turns: &Turns, first: Work, waiting: &mut mpsc::Receiver<Work>) {
    let mut tells = Vec::with_capacity(BATCH);
    let committed = write_all(lite, turns, first, waiting, &mut tells).await;
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
    first: Work,
    waiting: &mut mpsc::Receiver<Work>,
    tells: &mut Vec<Tell>,
) -> Result<()> {
    let piece = Piece::begin();
    let turn = turns.in_line(piece.until).await?;
    let mut tx = Write::lite(lite, turn, piece)?;
    let mut work = first;
    let mut done = 0;
    loop {
        sql("SAVEPOINT work", &[]).run(&mut tx).await?;
        match work(&mut tx).await {
            Some(tell) => tells.push(tell),
            // Fails where SQLite rolled back all of it by itself, as on a full disk.
            None => drop(sql("ROLLBACK TO work", &[]).run(&mut tx).await?),
        }
        sql("RELEASE work", &[]).run(&mut tx).await?;
        done += 1;
        // Tickets, which share a turn too, wait for one piece of work and the commit, and not for all of them.
        if done == BATCH || turns.batch_waits() {
            break;
        }
        match waiting.try_recv() {
            Ok(next) => work = next,
            Err(_) => break,
        }
    }
    tx.commit().await
}

fn unavailable(words: &str) -> Error {
    Error::Unavailable(anyhow::anyhow!("{words}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    #[tokio::test]
    async fn tickets_wait_for_one_piece_of_work_and_not_for_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tessera.db");
        drop(rusqlite::Connection::open(&file).unwrap());
        let turns = Turns::new(1, 1);
        let together = Together::new(Arc::new(Lite::new(&file)), turns.clone());
        let (begun, is_begun) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let mut first = Box::pin(together.ask(move |_| {
            Box::pin(async move {
                begun.send(()).unwrap();
                may_go_on.await.unwrap();
                Ok(())
            })
        }));
        assert!(first.as_mut().now_or_never().is_none());
        is_begun.await.unwrap();

        let is_done = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&is_done);
        let mut second = Box::pin(together.ask(move |_| {
            done.store(true, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        }));
        assert!(second.as_mut().now_or_never().is_none());
        let mut tickets = Box::pin(turns.at_once(Instant::now() + Duration::from_secs(60)));
        assert!(tickets.as_mut().now_or_never().is_none());
        go_on.send(()).unwrap();
        let turn = tickets.await.unwrap();
        assert!(!is_done.load(Ordering::SeqCst));
        first.await.unwrap();
        drop(turn);
        second.await.unwrap();
        assert!(is_done.load(Ordering::SeqCst));
    }
}
