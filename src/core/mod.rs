//! Known by every room: clock, randomness, identifiers, contacts, secrets and the error enum.

pub mod actor;
pub mod algorithm;
pub mod certificate;
pub mod clock;
pub mod contact;
pub mod error;
pub mod fault;
pub mod fill;
pub mod ids;
pub mod language;
#[cfg(test)]
mod properties;
pub mod rng;
pub mod seal;
pub mod secret;
pub mod urls;
pub mod webpush;

pub use actor::Actor;
pub use algorithm::Algorithm;
pub use clock::{Clock, SystemClock, Timestamp};
pub use contact::Email;
pub use error::{Error, Refusal, Result};
pub use fill::Fill;
pub use ids::{
    AttemptId, ChallengeId, ClientId, EnrollmentId, EventId, LoginId, MessageId, RequestId,
    TicketId, UserId,
};
pub use rng::{OsRng, Rng};
pub use seal::Sealer;
pub use secret::{BearerSecret, Digest, PairingCode, RecoveryCode, Seed, TicketSecret};
pub use urls::Urls;
