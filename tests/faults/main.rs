//! Broken for real, and nothing lost: the program is killed, starved and cut off from what it needs, under load. A
//! driver keeps a journal of what it asked, what it was answered and what mail arrived; afterwards an oracle compares
//! journal, database and mails.
//!
//! `TESSERA_FAULTS_LONG=1` does ten times as much; `TESSERA_FAULTS_BINARY` names another program to break, such as a
//! release, which has no named points to die at and is killed at random moments alone.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, its helpers too; what was measured is told"
)]

#[path = "../support/mod.rs"]
mod support;

mod client;
mod cluster;
mod disk;
mod installation;
mod journal;
mod kills;
mod line;
mod oracle;
mod pairs;
mod postgres;
mod quiet;
mod rows;
mod silent;
mod stops;
