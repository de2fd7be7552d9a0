//! What pages read of PostgreSQL: those who ask at the same moment share a statement.
//!
//! One read by itself is a round trip for its statement and two for the pool, which looks at a connection when it is taken
//! and when it comes back. A few lanes have a connection of their own instead, take whatever waits and ask for all of it at
//! once; a lone page waits for nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::conn::{DEADLINE, within};
use super::deadline::Piece;
use super::guesses::{GuessLimit, refused_since};
use super::opened::{OpenedLink, opened};
use super::sql::{Columns, Record as _, Row, record};
use super::tickets::ticket_columns;
use crate::core::{Digest, Error, Result, TicketId};

/// How many statements are under way at the same time: a slow one does not hold up everybody.
pub(super) const LANES: u32 = 2;
/// How many pages share a statement at most.
const BATCH: usize = 256;
/// How many may wait before callers are told to come back.
const WAITING: usize = 4096;
/// A connection that says nothing for so long is given up, and another one asked.
const PATIENCE: Duration = Duration::from_secs(1);

/// The read of a page for many tickets; `n` counts them from one.
const MANY: &str = opened!(
    concat!(
        ", (",
        refused_since!(
            "q.address",
            "q.everybody",
            "q.since",
            "q.most",
            "q.attack",
            "q.most_in_attack"
        ),
        ") AS refused_since, q.n"
    ),
    "JOIN UNNEST($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY
        AS q (ticket_id, address, everybody, since, most, attack, most_in_attack, n) ON q.ticket_id = t.ticket_id"
);

/// The pages' way to PostgreSQL.
pub(super) struct PageReads {
    /// None when the database was closed.
    running: Mutex<Option<Running>>,
}

struct Running {
    sender: mpsc::Sender<Asked>,
    lanes: Vec<JoinHandle<()>>,
}

struct Asked {
    ticket_id: TicketId,
    limit: Option<GuessLimit>,
    answer: oneshot::Sender<Result<Option<OpenedLink>>>,
}

impl PageReads {
    /// Starts the lanes; they connect when they are first needed, and end with the store.
    pub(super) fn start(options: &PgConnectOptions) -> Self {
        let (sender, waiting) = mpsc::channel(WAITING);
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        // The plan is made once, for any number of tickets: by keys, also when the tables were small at the time.
        let options = options.clone().options([
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ]);
        let lanes = (0..LANES).map(|_| {
            let lane = Lane {
                options: options.clone(),
                conn: None,
            };
            tokio::spawn(lane.run(Arc::clone(&waiting)))
        });
        Self {
            running: Mutex::new(Some(Running {
                lanes: lanes.collect(),
                sender,
            })),
        }
    }

    /// The ticket as a page needs it, and whether `limit` turns away who asks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many wait already, or there was no answer in time; else of the database.
    pub(super) async fn ask(
        &self,
        ticket_id: &TicketId,
        limit: Option<&GuessLimit>,
    ) -> Result<Option<OpenedLink>> {
        let piece = Piece::begin();
        let (answer, answered) = oneshot::channel();
        let asked = Asked {
            ticket_id: ticket_id.clone(),
            limit: limit.cloned(),
            answer,
        };
        let sent = match &*self.lock() {
            Some(running) => running.sender.try_send(asked),
            None => return Err(sqlx::Error::PoolClosed.into()),
        };
        sent.map_err(|_| Error::Unavailable(anyhow::anyhow!("too many pages wait to be read")))?;
        timeout_at(piece.until, answered)
            .await
            .map_err(|_| Error::Unavailable(anyhow::anyhow!("the page was not read in time")))?
            .map_err(|_| Error::Unavailable(anyhow::anyhow!("the reader of pages is gone")))?
    }

    /// Lets what is under way end, and hangs up; nothing is read any more.
    pub(super) async fn close(&self) {
        let running = self.lock().take();
        if let Some(Running { sender, lanes }) = running {
            drop(sender);
            join_all(lanes).await;
        }
    }

    /// What the lock holds is whole at every moment, whoever panicked.
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, and where another one is to be had.
struct Lane {
    options: PgConnectOptions,
    conn: Option<PgConnection>,
}

/// A row of [`MANY`].
struct Found {
    n: i64,
    link: OpenedLink,
}
record!(Found: ..link, n);

impl Lane {
    async fn run(mut self, waiting: Arc<tokio::sync::Mutex<mpsc::Receiver<Asked>>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while waiting.lock().await.recv_many(&mut batch, BATCH).await > 0 {
            // Who no longer waits is not read for.
            batch.retain(|asked: &Asked| !asked.answer.is_closed());
            if !batch.is_empty() {
                self.serve(std::mem::take(&mut batch)).await;
            }
        }
        if let Some(conn) = self.conn {
            conn.close().await.ok();
        }
    }

    /// Answers all of them.
    async fn serve(&mut self, batch: Vec<Asked>) {
        match self.read(&batch).await {
            Ok(rows) => {
                let mut found: Vec<Option<OpenedLink>> = batch.iter().map(|_| None).collect();
                for row in rows {
                    let place = usize::try_from(row.n - 1).ok();
                    if let Some(place) = place.and_then(|place| found.get_mut(place)) {
                        *place = Some(row.link);
                    }
                }
                for (asked, found) in batch.into_iter().zip(found) {
                    asked.answer.send(Ok(found)).ok();
                }
            }
            Err(error) => {
                let is_passing = matches!(error, Error::Unavailable(_));
                for asked in batch {
                    let error = anyhow::anyhow!("{error:#}");
                    let error = match is_passing {
                        true => Error::Unavailable(error),
                        false => Error::internal(error),
                    };
                    asked.answer.send(Err(error)).ok();
                }
            }
        }
    }

    /// Reads; once more, on another connection, when this one has gone or fell silent.
    async fn read(&mut self, batch: &[Asked]) -> Result<Vec<Found>> {
        let begun = Instant::now();
        let read = self.read_once(batch, begun + PATIENCE).await;
        match read {
            Err(Error::Unavailable(_)) => self.read_once(batch, begun + DEADLINE).await,
            found => found,
        }
    }

    /// A connection that failed is never used again.
    async fn read_once(&mut self, batch: &[Asked], until: Instant) -> Result<Vec<Found>> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => within(until, PgConnection::connect_with(&self.options)).await?,
        };
        fn all<'a, T>(batch: &'a [Asked], of: impl Fn(&'a Asked) -> T) -> Vec<T> {
            batch.iter().map(of).collect()
        }
        fn limits<'a, T>(batch: &'a [Asked], of: impl Fn(&'a GuessLimit) -> T) -> Vec<Option<T>> {
            all(batch, |asked| asked.limit.as_ref().map(&of))
        }
        let read = sqlx::query(MANY)
            .bind(all(batch, |asked| asked.ticket_id.as_str()))
            .bind(limits(batch, |limit| digest(&limit.address)))
            .bind(limits(batch, |limit| digest(&limit.everybody)))
            .bind(limits(batch, |limit| limit.since.millis()))
            .bind(limits(batch, |limit| limit.most))
            .bind(limits(batch, |limit| limit.attack))
            .bind(limits(batch, |limit| limit.most_in_attack));
        let rows = within(until, read.fetch_all(&mut conn)).await?;
        self.conn = Some(conn);
        let rows = rows.iter();
        rows.map(|row| Found::of(&mut Columns::of(Row::Postgres(row))))
            .collect()
    }
}

fn digest(digest: &Digest) -> &[u8] {
    digest.as_bytes()
}
