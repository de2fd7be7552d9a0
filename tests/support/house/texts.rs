//! The codes that a house sends to phones.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tessera::delivery::{TEXT_DEADLINE, TextNeeds, TextWorker};

use super::{House, Setup};
use crate::support::postgres::Postgres;

impl Setup {
    /// With codes to phones as files.
    pub fn texting(self) -> Self {
        self.set("TESSERA_PHONE__PROVIDER", "file")
    }
}

impl House {
    /// With codes to phones, on each database.
    pub async fn texting_on_each() -> Vec<Self> {
        let mut houses = vec![Setup::new().texting().start().await];
        if let Some(database) = Postgres::fresh().await {
            let setup = Setup {
                database: Some(database),
                ..Setup::new().texting()
            };
            houses.push(setup.start().await);
        }
        houses
    }

    /// Delivers all codes that are due, and says how many tries it took.
    pub async fn text(&self) -> usize {
        self.text_within(TEXT_DEADLINE).await
    }

    /// The same with a provider that has only so long.
    pub async fn text_within(&self, deadline: Duration) -> usize {
        let app = &self.app;
        let worker = TextWorker::new(TextNeeds {
            store: app.store.clone(),
            phone: self.config.phone.clone(),
            views: app.views.clone(),
            sealer: app.sealer.clone(),
            clock: Arc::clone(&app.clock),
            rng: Arc::clone(&app.rng),
            site: self.config.site.clone(),
            urls: app.urls.clone(),
            deadline,
            tally: {
                let metrics = Arc::clone(&app.metrics);
                Arc::new(move |channel, result| metrics.texted(channel, result))
            },
        });
        let worker = worker.unwrap();
        let mut tried = 0;
        loop {
            match worker.drain_once().await.unwrap() {
                0 => return tried,
                some => tried += some,
            }
        }
    }

    /// The messages that were written for phones, the oldest first.
    pub fn texts(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.dir.path().join("data/texts")) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let read = |file| std::fs::read_to_string(file).unwrap();
        files.into_iter().map(read).collect()
    }
}
