//! What became of a try to send a code, and what follows from it.

use super::{FIRST_WAIT, TRIES};
use crate::core::Timestamp;
use crate::store::{Leased, Settlement};

/// What became of a try. Its words are fit for logs and the API: no number, no code, no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The provider has it.
    Taken,
    /// The provider may have it: it did not say in time.
    Perhaps,
    /// The provider has it not, and may take it later.
    Later(String),
    /// Nothing will change that.
    Refused(String),
    /// Nobody waits for it any more.
    Dropped(&'static str),
}

impl Fate {
    /// What it is counted as, and how the message is settled.
    pub(super) fn settle(&self, message: &Leased, now: Timestamp) -> (&'static str, Settlement) {
        match self {
            Self::Taken => ("sent", Settlement::Sent),
            Self::Perhaps => ("perhaps_sent", Settlement::Sent),
            Self::Dropped(reason) => {
                let reason = (*reason).to_owned();
                ("dropped", Settlement::Dropped { reason })
            }
            Self::Later(error) if message.attempts < TRIES => {
                let tries = u32::try_from(message.attempts.max(1) - 1).unwrap_or(0);
                let at = (now + FIRST_WAIT * 3_u32.pow(tries)).min(message.expires_at);
                let error = error.clone();
                ("deferred", Settlement::Retry { at, error })
            }
            Self::Later(error) | Self::Refused(error) => {
                let error = error.clone();
                ("failed", Settlement::Dead { error })
            }
        }
    }

    /// Why it was not simply taken.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Taken => None,
            Self::Perhaps => Some("no answer in time: perhaps sent"),
            Self::Later(why) | Self::Refused(why) => Some(why),
            Self::Dropped(why) => Some(why),
        }
    }
}
