//! The server's edge against whoever is on the other side of the wire, over real sockets.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "../support/mod.rs"]
mod support;

mod certificate;
mod tls;
