//! Drains the outbox: what a committed transaction promised is leased, written, handed to the next hop and settled.
//!
//! At least once: a message whose lease runs out, because its worker died, is due again and keeps its Message-ID. No
//! database connection is held while a mail server is spoken to. A mail waits alone for what is its own; while the mail
//! server takes nothing, all of them wait together, and have left within minutes of its return.

mod backoff;
mod failure;
mod judge;
mod mail;
mod message;
mod pause;
mod smtp;
mod transport;
mod worker;

pub use failure::Failure;
pub use transport::Mailer;
pub use worker::{Needs, Tally, Worker};

/// Examples of every mail, for the check of templates and the preview.
pub fn samples() -> Vec<crate::views::Sample> {
    mail::samples()
}
