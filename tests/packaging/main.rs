//! What lies in `packaging/` works as it is shipped: with the real proxies and the real systemd.
#![expect(
    clippy::unwrap_used,
    reason = "a package that does not hold has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod proxies;
mod service;
