//! Journeys: what people live through with Tessera, told from outside, over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a journey that stumbles has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod browser;
<<<<<<< HEAD
mod description;
=======
mod docs;
>>>>>>> 267b8d9 (Metrics and readiness for those who run the server, an outbox that can be tried again, a reader of the API)
mod elsewhere;
mod files;
mod foreign;
mod hostile;
mod hosts;
mod links;
mod mail;
mod order;
mod otp;
mod pages;
mod pictures;
mod races;
mod samples;
mod sdk;
mod secrets;
mod story;
mod templates;
