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
use super::gather::{self, Place, Wanted};
use super::lite::Lite;
use super::replies::{self, Home, Tell};
use super::sql::sql;
use super::turns::Turns;
use crate::core::fault::dies_at;
use crate::core::{Error, Result};

/// How many pieces of work share a commit at most.
const BATCH: usize = 64;
/// How many of them share one with tickets, of which nobody waits for long behind the work of others.
const BESIDE_TICKETS: usize = 8;
/// How many may wait before callers are told to come back.
const WAITING: usize = 4096;

/// Work in a transaction; nobody is told by it when it failed, which its caller then knows.
type Work = Box<dyn for<'t> FnOnce(&'t mut Write) -> BoxFuture<'t, Option<(Home, Tell)>> + Send>;

/// The thread that writes for many, once somebody asked.
pub(super) struct Together {
    lite: Arc<Lite>,
    turns: Turns,
    senders: OnceLock<Senders>,
}

struct Senders {
    tickets: mpsc::Sender<Wanted>,
    work: mpsc::Sender<Work>,
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
            senders: OnceLock::new(),
        }
    }

    /// Where tickets go that are to be written.
    pub(super) fn tickets(&self) -> mpsc::Sender<Wanted> {
        self.senders().tickets.clone()
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Write) -> BoxFuture<'t, Result<T>> + Send + 'static,
    ) -> Result<T> {
        let piece = Piece::begin();
        let (answer, answered) = oneshot::channel();
        let home = Home::here();
        let work: Work =
            Box::new(move |tx| Box::pin(async { Some((home, done(tx, work, answer).await?)) }));
        let sent = self.senders().work.try_send(work);
        sent.map_err(|_| unavailable("too many transactions wait already"))?;
        timeout_at(piece.until, answered)
            .await
            .map_err(|_| unavailable("the transaction was not done in time"))?
            .map_err(|_| unavailable("the transaction was not begun"))?
    }

    fn senders(&self) -> &Senders {
        self.senders.get_or_init(|| self.start())
    }

    /// Starts the thread, whose commits hold up nothing but it; it ends when nobody is left who could ask.
    fn start(&self) -> Senders {
        let (tickets, wanted) = mpsc::channel(gather::WAITING);
        let (work, waiting) = mpsc::channel(WAITING);
        let (lite, turns) = (Arc::clone(&self.lite), self.turns.clone());
        let runtime = Handle::current();
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let mut queues = Queues::new(wanted, waiting);
                while queues.wait().await {
                    write(&lite, &turns, &mut queues).await;
                }
            });
        });
        Senders { tickets, work }
    }
}

/// What waits to be written.
struct Queues {
    wanted: mpsc::Receiver<Wanted>,
    waiting: mpsc::Receiver<Work>,
    next_tickets: Vec<Wanted>,
    next_work: Option<Work>,
}

impl Queues {
    fn new(wanted: mpsc::Receiver<Wanted>, waiting: mpsc::Receiver<Work>) -> Self {
        Self {
            wanted,
            waiting,
            next_tickets: Vec::with_capacity(gather::BATCH),
            next_work: None,
        }
    }

    /// Waits until there is something to write; `false` when nobody is left who could ask.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            biased;
            1.. = self.wanted.recv_many(&mut self.next_tickets, gather::BATCH) => true,
            Some(work) = self.waiting.recv() => {
                self.next_work = Some(work);
                true
            }
            else => false,
        }
    }

    /// The tickets that wait, and no more than so many.
    fn tickets(&mut self, most: usize) -> Vec<Wanted> {
        let mut tickets = std::mem::take(&mut self.next_tickets);
        while tickets.len() < most
            && let Ok(next) = self.wanted.try_recv()
        {
            tickets.push(next);
        }
        tickets
    }

    /// Lets go of what was next, where it could not even be begun: who waits for it is told to come back.
    fn forget(&mut self) {
        self.next_tickets.clear();
        self.next_work = None;
    }

    fn work(&mut self) -> Option<Work> {
        let next = self.next_work.take();
        next.or_else(|| self.waiting.try_recv().ok())
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

/// Writes what waits in one transaction, and tells of it.
async fn write(lite: &Lite, turns: &Turns, queues: &mut Queues) {
    let mut tells = Vec::with_capacity(BATCH);
    let committed = write_all(lite, turns, queues, &mut tells).await;
    let failed = committed.err().map(|error| format!("{error:#}"));
    if failed.is_some() {
        queues.forget();
    }
    replies::tell(tells, failed.as_deref());
}

async fn write_all(
    lite: &Lite,
    turns: &Turns,
    queues: &mut Queues,
    tells: &mut Vec<(Home, Tell)>,
) -> Result<()> {
    let piece = Piece::begin();
    let turn = turns.at_once(piece.until).await?;
    let mut tx = Write::lite(lite, turn, piece)?;
    let (mut tickets, mut done) = (0, 0);
    loop {
        // Before each piece of work: tickets wait for what is under way, and not for all who showed a code before.
        let batch = queues.tickets(gather::BATCH - tickets);
        if !batch.is_empty() {
            let place = Place::Transaction {
                is_begun: tickets + done > 0,
                tx: &mut tx,
            };
            tickets += batch.len();
            gather::write(batch, place, tells).await?;
        }
        let most = if tickets > 0 { BESIDE_TICKETS } else { BATCH };
        if done >= most {
            break;
        }
        let Some(work) = queues.work() else { break };
        let tell = behind_savepoint(&mut tx, async |tx| work(tx).await.ok_or(())).await?;
        tells.extend(tell.ok());
        done += 1;
    }
    tx.commit().await?;
    if tickets > 0 {
        dies_at!("create::committed");
    }
    Ok(())
}

/// Does what a transaction begins with, and leaves nothing where it fails. Behind a savepoint SQLite would keep a copy of
/// each page that is changed.
///
/// # Errors
/// Where no transaction could be begun in its place.
pub(super) async fn first_of_all<T>(
    tx: &mut Write,
    work: impl AsyncFnOnce(&mut Write) -> Result<T>,
) -> Result<Result<T>> {
    let done = work(tx).await;
    if done.is_err() {
        // Fails where SQLite rolled it back by itself, as on a full disk.
        sql("ROLLBACK", &[]).run(tx).await.ok();
        sql("BEGIN IMMEDIATE", &[]).run(tx).await?;
    }
    Ok(done)
}

/// Does what leaves nothing where it fails.
///
/// # Errors
/// Where SQLite rolled back all of the transaction by itself, as on a full disk.
pub(super) async fn behind_savepoint<T, E>(
    tx: &mut Write,
    work: impl AsyncFnOnce(&mut Write) -> Result<T, E>,
) -> Result<Result<T, E>> {
    sql("SAVEPOINT work", &[]).run(tx).await?;
    let done = work(tx).await;
    if done.is_err() {
        sql("ROLLBACK TO work", &[]).run(tx).await?;
    }
    sql("RELEASE work", &[]).run(tx).await?;
    Ok(done)
}

pub(super) fn unavailable(words: &str) -> Error {
    Error::Unavailable(anyhow::anyhow!("{words}"))
}
