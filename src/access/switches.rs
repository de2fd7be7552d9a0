//! Which factors are on, without a query a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::core::{Clock, Result, Timestamp};
use crate::factors::{Available, Switches};
use crate::store::Store;

/// How long another instance's change may go unnoticed.
const FRESH: Duration = Duration::from_secs(1);

/// The switches as they were read last.
pub struct SwitchCache {
    store: Store,
    clock: Arc<dyn Clock>,
    available: Available,
    /// Counts the changes made here: what was read before one is not believed after it.
    changes: AtomicU64,
    held: ArcSwapOption<Held>,
}

struct Held {
    at: Timestamp,
    changes: u64,
    switches: Arc<Switches>,
}

impl SwitchCache {
    /// Reads nothing yet.
    pub fn new(store: Store, clock: Arc<dyn Clock>, available: Available) -> Self {
        Self {
            store,
            clock,
            available,
            changes: AtomicU64::new(0),
            held: ArcSwapOption::empty(),
        }
    }

    /// The switches, a second old at most.
    ///
    /// # Errors
    /// Of the database.
    pub async fn get(&self) -> Result<Arc<Switches>> {
        let now = self.clock.now();
        let changes = self.changes.load(Ordering::Acquire);
        if let Some(held) = self.held.load().as_deref()
            && held.changes == changes
            && now >= held.at
            && now.since(held.at) < FRESH
        {
            return Ok(held.switches.clone());
        }
        // Boxed, as it is rare and large: every future around it is moved for each request.
        Box::pin(self.read(now, changes)).await
    }

    async fn read(&self, now: Timestamp, changes: u64) -> Result<Arc<Switches>> {
        let settings = self.store.begin_read().await?.factor_settings().await?;
        let (on, off): (Vec<_>, Vec<_>) = settings.into_iter().partition(|setting| setting.enabled);
        let names = |settings: Vec<crate::store::FactorSetting>| {
            settings.into_iter().map(|setting| setting.factor)
        };
        let switches = Arc::new(Switches::new(names(on), names(off), self.available));
        self.held.store(Some(Arc::new(Held {
            at: now,
            changes,
            switches: switches.clone(),
        })));
        Ok(switches)
    }

    /// Reads again next time: a switch was changed.
    pub fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}
