//! Journeys: what people live through with Tessera, told from outside, over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a journey that stumbles has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod axe;
mod breakage;
mod browser;
mod description;
mod docs;
mod elsewhere;
mod example_app;
mod files;
mod foreign;
mod forgery;
mod guesses;
mod hostile;
mod hosts;
mod inputs;
mod kannel;
mod languages;
mod links;
mod log;
mod login;
mod look;
mod mail;
mod mfa_api;
mod oidc;
mod order;
mod otp;
mod pages;
mod phone;
mod phone_costs;
mod phone_login;
mod phone_providers;
mod pictures;
mod push;
mod races;
mod samples;
mod sdk;
mod secrets;
mod serial;
mod several;
mod step_up;
mod stored;
mod story;
mod templates;
mod verify;
mod webauthn;
