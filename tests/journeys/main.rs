//! Journeys: what people live through with Tessera, told from outside, over real HTTP.
#![expect(clippy::unwrap_used, reason = "a journey that stumbles has failed")]

#[path = "../support/mod.rs"]
mod support;

mod links;
mod order;
mod otp;
mod races;
