//! Whose turn it is to write.
//!
//! Single transactions stand in line, and so many of them are under way at the same time. What many wait for together, a
//! batch, passes the line: it waits for what is under way, and not for all who came before. So a flood of wrong codes, each
//! of which is a transaction of PostgreSQL, holds up nobody but those who show codes.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// The line, and how many may write at the same time.
#[derive(Clone)]
pub(super) struct Turns {
    line: Arc<Semaphore>,
    writing: Arc<Semaphore>,
}

/// A turn; it ends when it is dropped.
pub(super) struct Turn {
    _writing: OwnedSemaphorePermit,
    _in_line: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// `single` transactions at the same time, and with batches `writing` in all.
    pub(super) fn new(single: usize, writing: usize) -> Self {
        Self {
            line: Arc::new(Semaphore::new(single)),
            writing: Arc::new(Semaphore::new(writing)),
        }
    }

    /// The turn of a single transaction.
    pub(super) async fn in_line(&self, until: Instant) -> Result<Turn, sqlx::Error> {
        let in_line = wait(&self.line, until).await?;
        Ok(Turn {
            _writing: wait(&self.writing, until).await?,
            _in_line: Some(in_line),
        })
    }

    /// The turn of a batch.
    pub(super) async fn at_once(&self, until: Instant) -> Result<Turn, sqlx::Error> {
        Ok(Turn {
            _writing: wait(&self.writing, until).await?,
            _in_line: None,
        })
    }

    /// Nobody gets a turn any more.
    pub(super) fn close(&self) {
        self.line.close();
        self.writing.close();
    }
}

async fn wait(for_: &Arc<Semaphore>, until: Instant) -> Result<OwnedSemaphorePermit, sqlx::Error> {
    let permit = timeout_at(until, Arc::clone(for_).acquire_owned()).await;
    permit
        .map_err(|_| sqlx::Error::PoolTimedOut)?
        .map_err(|_| sqlx::Error::PoolClosed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_batch_waits_for_what_is_under_way_and_for_nobody_else() {
        let turns = Turns::new(1, 1);
        let until = Instant::now() + Duration::from_secs(60);
        let first = turns.in_line(until).await.unwrap();
        let mut others: Vec<_> = (0..100).map(|_| Box::pin(turns.in_line(until))).collect();
        for other in &mut others {
            assert!(other.as_mut().now_or_never().is_none());
        }
        let mut batch = Box::pin(turns.at_once(until));
        assert!(batch.as_mut().now_or_never().is_none());
        drop(first);
        let batch = batch.now_or_never().expect("it is next").unwrap();
        assert!(others[0].as_mut().now_or_never().is_none());
        // One of the others is next, before another batch.
        let mut next = Box::pin(turns.at_once(until));
        assert!(next.as_mut().now_or_never().is_none());
        drop(batch);
        assert!(next.as_mut().now_or_never().is_none());
        let turn = others.remove(0).now_or_never().expect("it is next");
        drop(turn.unwrap());
        drop(next);
        assert!(turns.at_once(until).now_or_never().is_some());
        turns.close();
        assert!(turns.in_line(until).await.is_err());
    }
}
