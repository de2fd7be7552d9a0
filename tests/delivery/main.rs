//! The outbox worker: every promised mail arrives once, and nothing that should not.

#[path = "../support/mod.rs"]
mod support;

mod house;
mod privacy;
mod promises;
mod recorder;
mod retries;
mod words;
