//! What proves an enrolled factor, one arm a factor: the counterpart of what is proved while enrolling.

use super::{Factor, otp};
use crate::core::{Seed, Timestamp};

/// What a person shows of an enrolled factor.
#[derive(Clone)]
pub enum Answer {
    /// A code of the authenticator app.
    Otp(otp::Code),
}

impl Answer {
    /// The factor that it proves.
    pub fn factor(&self) -> Factor {
        match self {
            Self::Otp(_) => Factor::Otp,
        }
    }
}

/// What an answer is checked against.
pub struct Known<'a> {
    /// The seed or key of the enrollment, opened.
    pub material: &'a [u8],
    /// The time step of the last code that was taken.
    pub last_step: Option<i64>,
}

/// An answer that was found right: what changes with its use.
pub struct Used {
    /// The time step of its code (RFC 6238 §5.2).
    pub last_step: Option<i64>,
}

/// The one check of an answer against an enrollment; `logins::verify` alone calls it.
pub fn verify(answer: &Answer, known: &Known<'_>, now: Timestamp) -> Option<Used> {
    match answer {
        Answer::Otp(code) => {
            let seed = Seed::from_bytes(known.material.to_vec());
            let step = otp::check(&seed, code, known.last_step, now)?;
            Some(Used {
                last_step: Some(step),
            })
        }
    }
}
