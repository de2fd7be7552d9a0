//! Proving a factor that is enrolled.

pub mod verify;

pub use verify::{Shown, Verification, Verified, verify};
