//! The permission to enroll: creating, opening, redeeming, resending and revoking it (design §3).

pub mod aftermath;
pub mod call;
pub mod create;
pub mod link;
pub mod manage;
pub mod open;
pub mod redeem;
pub mod restored;
pub mod retry;
pub mod send;
pub mod start;

pub use call::KeyedCall;
pub use create::{Asked, CreateTicket, Issued, Policy, written};
pub use link::Link;
pub use open::{Admission, Phase};
pub use redeem::{Redeemed, Redemption};
pub use retry::Retried;
pub use start::{NewPayload, Starting};

use std::time::Duration;

/// The longest life of a ticket: 5 days (contract §1.6).
pub const LONGEST_LIFETIME: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// How long the attempt that spent a ticket for several factors may go on.
pub const HOLD: Duration = Duration::from_secs(30 * 60);
