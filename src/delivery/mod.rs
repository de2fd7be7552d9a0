//! Drains the outbox: what a committed transaction promised is leased, written, handed to the next hop and settled.
//!
//! At least once: a message whose lease runs out, because its worker died, is due again and keeps its Message-ID. No
//! database connection is held while a mail server is spoken to. A mail waits alone for what is its own; while the mail
//! server takes nothing, all of them wait together, and have left within minutes of its return.

mod backoff;
mod calls;
mod failure;
mod judge;
mod lane;
mod language;
mod mail;
mod message;
mod pause;
mod smtp;
mod text;
mod transport;
mod worker;

pub use calls::{CallNeeds, Caller};
pub use failure::Failure;
pub use text::{TEXT_DEADLINE, TextNeeds, TextTally, TextWorker};
pub use transport::Mailer;
pub use worker::{Needs, Tally, Worker};

/// Examples of every mail and message, for the check of templates and the preview.
pub fn samples() -> Vec<crate::views::Sample> {
    let mut samples = mail::samples();
    samples.extend(text::samples());
    samples
}
