//! A lane of the outbox, with kinds of its own: drained while something is due, then looked at until told to stop.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::{Notify, watch};

use crate::core::Result;
use crate::store::Leased;

/// So many messages of a batch are under way at the same time.
const AT_ONCE: usize = 8;

/// What delivers the messages of a lane.
pub(super) trait Lane {
    /// How long a message of another process waits at most to be noticed.
    const LOOK_EVERY: Duration;

    /// Leases one batch of what is due, delivers it and settles it; says how many there were.
    fn drain(&self, stop: &watch::Receiver<bool>) -> impl Future<Output = Result<usize>> + Send;

    /// How long nothing will be due, as far as is known.
    fn until_next(&self) -> impl Future<Output = Duration> + Send;
}

/// Delivers until `stop` says true, or its sender is gone. `wake` says that something was promised.
pub(super) async fn run<L: Lane>(lane: &L, mut stop: watch::Receiver<bool>, wake: Arc<Notify>) {
    while !*stop.borrow() {
        let pause = match lane.drain(&stop).await {
            Ok(0) => lane.until_next().await,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(%error, "the outbox is out of reach");
                L::LOOK_EVERY
            }
        };
        tokio::select! {
            _ = wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            changed = stop.changed() => if changed.is_err() { break },
        }
    }
}

/// Handles each message of a leased batch by itself, so that nobody waits for a slow one; says how many there were.
pub(super) async fn each<F>(batch: Vec<Leased>, handle: impl Fn(Leased) -> F) -> Result<usize>
where
    F: Future<Output = Result<()>>,
{
    let leased = batch.len();
    let handled = stream::iter(batch).map(handle).buffer_unordered(AT_ONCE);
    let outcomes: Vec<Result<()>> = handled.collect().await;
    outcomes.into_iter().collect::<Result<()>>()?;
    Ok(leased)
}
