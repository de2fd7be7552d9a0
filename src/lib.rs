//! Tessera hands out single-use MFA enrollment tickets.
//!
//! # Rooms
//!
//! One crate; walls are modules, and `tests/boundaries.rs` guards them. Data flows one way:
//!
//! ```text
//! cli ─> web ─> pages, api, oidc ─> tickets · factors · logins · users · access ─> store ─> sqlx
//!  │      │         └──> views ─> tera                                  core: known by all
//!  │      └─> actix
//!  ├──> delivery ─> views, lettre, HTTP providers        (drains the outbox of store)
//!  └──> config
//! ```

pub mod access;
pub mod api;
pub mod cli;
pub mod config;
pub mod core;
pub mod delivery;
pub mod factors;
pub mod oidc;
pub mod pages;
pub mod store;
pub mod tickets;
pub mod users;
pub mod views;
pub mod web;
