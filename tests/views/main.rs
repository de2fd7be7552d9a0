//! An admin restyles pages in a folder: what is served, what is refused, and what they are told.

#![expect(
    clippy::unwrap_used,
    reason = "a stage that cannot be set fails the test"
)]

mod bombs;
mod checks;
mod folder;
mod gallery;
mod lints;
mod reference;
mod sabotage;
mod serving;
mod shipped;
mod support;
mod words;
