//! The server's edge against whoever is on the other side of the wire, over real sockets.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "../support/mod.rs"]
mod support;

/// Settings under which nobody is too frequent.
const UNLIMITED: [&str; 2] = ["--set", "limits.address_per_second=0"];

mod certificate;
mod corpus;
mod h2;
mod malformed;
mod pieces;
mod proxies;
mod raw;
mod slow;
mod tls;
