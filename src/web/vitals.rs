//! How the server is, for those who watch it: asked of the database now and then, however many ask.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::App;
use super::lately::Lately;
use crate::core::{Result, Timestamp};
use crate::store::{OutboxVitals, TicketCounts};

/// The outbox stalls when a message waited this long and none was delivered in that time.
pub const STALL: Duration = Duration::from_secs(10 * 60);

/// What is known of the server's state.
#[derive(Default)]
pub struct Vitals {
    draining: AtomicBool,
    outbox: Lately<OutboxVitals>,
    tickets: Lately<TicketCounts>,
}

impl Vitals {
    /// From now on the server is not ready: it stops soon.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Whether the server is about to stop.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// How the outbox stands.
    ///
    /// # Errors
    /// When the database does not answer in time.
    pub async fn outbox(&self, app: &App) -> Result<OutboxVitals> {
        let (store, now) = (app.store.clone(), app.now());
        let ask = async move { store.begin_read().await?.outbox_vitals(now - STALL).await };
        self.outbox.get(now, ask).await
    }

    /// How many tickets stand where.
    ///
    /// # Errors
    /// When the database does not answer in time.
    pub async fn tickets(&self, app: &App) -> Result<TicketCounts> {
        let (store, now) = (app.store.clone(), app.now());
        let ask = async move { store.begin_read().await?.ticket_counts(now).await };
        self.tickets.get(now, ask).await
    }
}

/// Whether messages wait and none leaves.
pub fn stalls(outbox: &OutboxVitals, now: Timestamp) -> bool {
    let waits = outbox.oldest.map(Timestamp::from_millis);
    !outbox.delivers && waits.is_some_and(|since| now.since(since) >= STALL)
}
