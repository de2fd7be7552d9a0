//! Logins: proving a factor that is enrolled.

pub mod api;
pub mod associate;
pub mod browsers;
pub mod ceremony;
pub mod enrolling;
pub mod login;
pub mod methods;
pub mod purpose;
pub mod request;
pub mod send;
pub mod verify;

pub use ceremony::{Begun, CeremonyRequest, begin_ceremony};
pub use login::Authentication;
pub use purpose::{Purpose, StepUp};
pub use request::{Answer, Request};
pub use send::{Asked, CodeRequest, ask_phone, send_code};
pub use verify::{Shown, Verification, Verified, prove};
