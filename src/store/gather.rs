//! Gathering: tickets that are asked for at the same time share one commit.

use std::slice;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout_at;

use super::conn::{Pool, Store, Write};
use super::create_tickets::{self, Created, NewTicket};
use super::deadline::Piece;
use super::replies::{self, Home, Tell};
use super::together::{behind_savepoint, first_of_all};
use crate::core::{Error, Result};

/// How many tickets share a commit at most.
pub(super) const BATCH: usize = 256;
/// How many batches are under way at the same time on PostgreSQL.
const LANES: usize = 2;
/// How many may wait before callers are told to come back.
pub(super) const WAITING: usize = 4096;

/// A ticket that somebody waits for.
pub(super) struct Wanted {
    ticket: NewTicket,
    answer: oneshot::Sender<Result<Created>>,
    home: Home,
}

/// Hands tickets to what writes them, which ends when nobody is left who could ask. Clones share it.
#[derive(Clone)]
pub struct TicketGatherer(mpsc::Sender<Wanted>);

impl TicketGatherer {
    /// Starts what writes: on SQLite the thread that writes for many ([`Store::together`]); on PostgreSQL a few tasks, so
    /// that one gathers and writes while the commit of another reaches the disk.
    pub fn start(store: &Store) -> Self {
        if let Pool::Sqlite { together, .. } = &store.0 {
            return Self(together.tickets());
        }
        let (sender, waiting) = mpsc::channel::<Wanted>(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..LANES {
            tokio::spawn(write_all(store.clone(), Arc::clone(&waiting)));
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
        let wanted = Wanted {
            ticket,
            answer,
            home: Home::here(),
        };
        self.0.try_send(wanted).map_err(|_| {
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
        let mut tells = Vec::new();
        let batch = std::mem::take(&mut batch);
        let written = write(batch, Place::Store(&store), &mut tells).await;
        if written.is_ok() {
            replies::tell(tells, None);
        }
    }
}

/// Where tickets are written.
pub(super) enum Place<'w> {
    /// In a transaction of their own.
    Store(&'w Store),
    /// In one that they share, and may begin.
    Transaction { tx: &'w mut Write, is_begun: bool },
}

impl Place<'_> {
    async fn create(&mut self, tickets: &[NewTicket]) -> Result<Result<Vec<Created>>> {
        match self {
            Self::Store(store) => Ok(store.create_tickets(tickets).await),
            Self::Transaction { tx, is_begun } => {
                let create = async |tx: &mut Write| create_tickets::write(tx, tickets).await;
                match std::mem::replace(is_begun, true) {
                    true => behind_savepoint(tx, create).await,
                    false => first_of_all(tx, create).await,
                }
            }
        }
    }
}

/// Writes a batch; when it fails, each ticket by itself, so that a bad one takes nobody with it. Who no longer waits
/// gets no ticket. Whoever has one is told by `tells`, once it is durable.
///
/// # Errors
/// Where the transaction that they share is lost.
pub(super) async fn write(
    batch: Vec<Wanted>,
    mut place: Place<'_>,
    tells: &mut Vec<(Home, Tell)>,
) -> Result<()> {
    let (tickets, answers): (Vec<NewTicket>, Vec<_>) = batch
        .into_iter()
        .filter(|wanted| !wanted.answer.is_closed())
        .map(|wanted| (wanted.ticket, (wanted.home, wanted.answer)))
        .unzip();
    if tickets.is_empty() {
        return Ok(());
    }
    let tell = |(home, answer): (Home, oneshot::Sender<Result<Created>>), outcome| {
        let tell: Tell = Box::new(move |committed: Result<()>| {
            answer.send(committed.map(|()| outcome)).ok();
        });
        (home, tell)
    };
    match place.create(&tickets).await? {
        Ok(outcomes) => {
            let told = answers.into_iter().zip(outcomes);
            tells.extend(told.map(|(answer, outcome)| tell(answer, outcome)));
        }
        Err(Error::Unavailable(error)) => {
            let words = format!("{error:#}");
            for (_, answer) in answers {
                let error = Error::Unavailable(anyhow::anyhow!("{words}"));
                answer.send(Err(error)).ok();
            }
        }
        Err(_) => {
            for (ticket, (home, answer)) in tickets.iter().zip(answers) {
                match place.create(slice::from_ref(ticket)).await? {
                    Ok(outcomes) => tells.push(tell((home, answer), outcomes[0])),
                    Err(error) => drop(answer.send(Err(error))),
                }
            }
        }
    }
    Ok(())
}
