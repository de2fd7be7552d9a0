//! Calls to phones.

use std::sync::Arc;

use tessera::delivery::{CallNeeds, Caller};

use super::House;

impl House {
    /// Calls all phones that are due, and says how many calls it was.
    pub async fn call(&self) -> usize {
        let app = &self.app;
        let caller = Caller::new(CallNeeds {
            store: app.store.clone(),
            hosts: app.push.hosts.clone(),
            subject: "mailto:help@example.com".to_owned(),
            views: app.views.clone(),
            site: app.site.name().to_owned(),
            sealer: app.sealer.clone(),
            clock: Arc::clone(&app.clock),
            rng: Arc::clone(&app.rng),
            tally: {
                let metrics = Arc::clone(&app.metrics);
                Arc::new(move |result| metrics.called(result))
            },
        });
        let caller = caller.unwrap();
        let mut called = 0;
        loop {
            match caller.drain_once().await.unwrap() {
                0 => return called,
                some => called += some,
            }
        }
    }
}
