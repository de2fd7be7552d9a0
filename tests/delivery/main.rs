//! The outbox worker: every promised mail arrives once, and nothing that should not.
#![expect(
    clippy::unwrap_used,
    reason = "a broken helper must stop the test that leans on it"
)]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod house;
mod outages;
mod privacy;
mod promises;
mod retries;
mod words;

use support::recorder;
