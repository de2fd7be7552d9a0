//! What proves an enrolled factor, one arm a factor: the counterpart of what is proved while enrolling.

use zeroize::Zeroizing;

use super::{Factor, otp, push, webauthn};
use crate::core::{ChallengeId, Result, Seed, Timestamp};

/// What a person shows of an enrolled factor.
#[derive(Clone)]
pub enum Answer {
    /// A code of the authenticator app.
    Otp(otp::Code),
    /// A browser used a credential.
    Webauthn(Ceremony),
    /// A phone answered a prompt.
    Push(Prompt),
}

/// A prompt that its phone answered.
#[derive(Clone)]
pub struct Prompt {
    /// The challenge, which is over with its use.
    pub challenge_id: ChallengeId,
    /// What it keeps, opened: the phone's answer is in it.
    pub payload: Zeroizing<Vec<u8>>,
}

/// What a browser says of a credential, and the challenge that it says it to.
#[derive(Clone)]
pub struct Ceremony {
    /// Which of the two factors.
    pub factor: Factor,
    /// What it says.
    pub assertion: webauthn::Assertion,
    /// The challenge, which is over with the answer, right or wrong.
    pub challenge_id: ChallengeId,
    /// What the challenge keeps, opened.
    pub payload: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// The factor that it proves.
    pub fn factor(&self) -> Factor {
        match self {
            Self::Otp(_) => Factor::Otp,
            Self::Webauthn(ceremony) => ceremony.factor,
            Self::Push(_) => Factor::PushNotification,
        }
    }

    /// The challenge that it answers.
    pub fn challenge(&self) -> Option<&ChallengeId> {
        match self {
            Self::Otp(_) => None,
            Self::Webauthn(ceremony) => Some(&ceremony.challenge_id),
            Self::Push(prompt) => Some(&prompt.challenge_id),
        }
    }

    /// The one credential that it can be of, if it names one.
    pub fn credential_id(&self) -> Option<String> {
        match self {
            Self::Otp(_) | Self::Push(_) => None,
            Self::Webauthn(ceremony) => {
                Some(ceremony.assertion.credential_id().unwrap_or_default())
            }
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

/// What was found of an answer.
pub enum Judged {
    /// It is right.
    Right(Used),
    /// It is wrong.
    Wrong,
    /// It is wrong, and may come from a copy of the key: the counter does not fit, the signature does.
    Copied,
}

/// An answer that was found right: what changes with its use.
#[derive(Default)]
pub struct Used {
    /// The time step of its code (RFC 6238 §5.2).
    pub last_step: Option<i64>,
    /// The material from now on, where it is another: it has the key's counter.
    pub material: Option<Zeroizing<Vec<u8>>>,
}

/// The one check of an answer against an enrollment; `logins::verify` alone calls it.
///
/// # Errors
/// When the material, or what the challenge keeps, is none of ours.
pub fn verify(answer: &Answer, known: &Known<'_>, now: Timestamp) -> Result<Judged> {
    match answer {
        Answer::Otp(code) => {
            let seed = Seed::from_bytes(known.material.to_vec());
            Ok(match otp::check(&seed, code, known.last_step, now) {
                None => Judged::Wrong,
                step => Judged::Right(Used {
                    last_step: step,
                    ..Used::default()
                }),
            })
        }
        Answer::Webauthn(ceremony) => {
            let judged = webauthn::verify(&ceremony.assertion, known.material, &ceremony.payload)?;
            Ok(match judged {
                Ok(asserted) => Judged::Right(Used {
                    material: Some(asserted.material),
                    ..Used::default()
                }),
                Err(webauthn::Wrong::Copied) => Judged::Copied,
                Err(_) => Judged::Wrong,
            })
        }
        Answer::Push(prompt) => {
            let payload = push::Payload::read(&prompt.payload)?;
            let is_this =
                push::check(&payload).is_some_and(|asked| asked.device.is_of(known.material));
            Ok(if is_this {
                Judged::Right(Used::default())
            } else {
                Judged::Wrong
            })
        }
    }
}
