//! An admin at the command line: starting, stopping, looking after clients, tickets, users, templates and settings.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "../support/mod.rs"]
mod support;

use support::place;

mod backup;
mod checking;
mod clients;
mod doctor;
mod keys;
mod outbox;
mod postgres;
mod preview;
mod privacy;
mod process;
mod readme;
mod sealing;
mod settings;
mod start;
mod templates;
mod tickets;
mod upgrades;
mod watching;
