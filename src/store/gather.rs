//! Gathering: tickets that are asked for at the same time share one commit.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout_at;

use super::conn::Store;
use super::create_tickets::{Created, NewTicket};
use super::deadline::Piece;
use crate::core::{Error, Result};

/// How many tickets share a commit at most.
const BATCH: usize = 256;
/// How many batches are under way at the same time on PostgreSQL.
const LANES: usize = 2;
/// How many may wait before callers are told to come back.
const WAITING: usize = 4096;

struct Wanted {
    ticket: NewTicket,
    answer: oneshot::Sender<Result<Created>>,
}

/// Hands tickets to what writes them. Clones share it; it ends with the last of them.
#[derive(Clone)]
pub struct TicketGatherer(mpsc::Sender<Wanted>);

impl TicketGatherer {
    /// Starts what writes: on SQLite a thread, whose commits hold up nothing but it; on PostgreSQL a few tasks, so that one
    /// gathers and writes while the commit of another reaches the disk.
    pub fn start(store: Store) -> Self {
        let (sender, waiting) = mpsc::channel::<Wanted>(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        if store.is_embedded() {
            let runtime = Handle::current();
            std::thread::spawn(move || runtime.block_on(write_all(store, waiting)));
        } else {
            for _ in 0..LANES {
                tokio::spawn(write_all(store.clone(), Arc::clone(&waiting)));
            }
        }
        Self(sender)
    }

    /// Creates a ticket and answers when it is durable.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many wait already, or it was not written in time; else of the database.
    pub async fn create(&self, ticket: NewTicket) -> Result<Created> {
        let piece = Piece::begin();
        let (answer, answered) = oneshot::channel();
        self.0.try_send(Wanted { ticket, answer }).map_err(|_| {
            Error::Unavailable(anyhow::anyhow!("too many tickets wait to be written"))
        })?;
        timeout_at(piece.until, answered)
            .await
            .map_err(|_| Error::Unavailable(anyhow::anyhow!("the ticket was not written in time")))?
            .map_err(|_| Error::Unavailable(anyhow::anyhow!("the writer of tickets is gone")))?
    }
}

/// Writes what waits, a batch after the other, until nobody is left who could ask.
async fn write_all(store: Store, waiting: Arc<Mutex<mpsc::Receiver<Wanted>>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.lock().await.recv_many(&mut batch, BATCH).await > 0 {
        write(&store, std::mem::take(&mut batch)).await;
    }
}

/// Writes a batch; when it fails, each ticket by itself, so that a bad one takes nobody with it. Who no longer waits
/// gets no ticket.
async fn write(store: &Store, batch: Vec<Wanted>) {
    let (tickets, answers): (Vec<NewTicket>, Vec<_>) = batch
        .into_iter()
        .filter(|wanted| !wanted.answer.is_closed())
        .map(|wanted| (wanted.ticket, wanted.answer))
        .unzip();
    if tickets.is_empty() {
        return;
    }
    match store.create_tickets(&tickets).await {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                answer.send(Ok(outcome)).ok();
            }
        }
        Err(Error::Unavailable(error)) => {
            let words = format!("{error:#}");
            for answer in answers {
                answer
                    .send(Err(Error::Unavailable(anyhow::anyhow!("{words}"))))
                    .ok();
            }
        }
        Err(_) => {
            for (ticket, answer) in tickets.into_iter().zip(answers) {
                let alone = store.create_tickets(std::slice::from_ref(&ticket)).await;
                answer.send(alone.map(|outcomes| outcomes[0])).ok();
            }
        }
    }
}
