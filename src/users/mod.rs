//! The people who enroll.

pub mod methods;
pub mod profile;
pub mod recovery;
pub mod reset;

pub use profile::{Profile, profile_of_new};
