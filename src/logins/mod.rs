//! Proving a factor that is enrolled.

pub mod ceremony;
pub mod send;
pub mod verify;

pub use ceremony::{Begun, CeremonyRequest, begin_ceremony};
pub use send::{Asked, CodeRequest, ask_phone, send_code};
pub use verify::{Shown, StepUp, Verification, Verified, step_up, verify};
