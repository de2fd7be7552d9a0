//! Proving a factor that is enrolled.

pub mod send;
pub mod verify;

pub use send::{Asked, CodeRequest, send_code};
pub use verify::{Shown, Verification, Verified, verify};
