//! What proves an enrolled factor, one arm a factor: the counterpart of what is proved while enrolling.

use zeroize::Zeroizing;

use super::{Factor, otp, phone, push, webauthn};
use crate::core::{EnrollmentId, Result, Seed, Timestamp};

/// What a person shows of an enrolled factor.
#[derive(Clone)]
pub enum Answer {
    /// A code of the authenticator app.
    Otp(otp::Code),
    /// A browser used a credential.
    Webauthn(Ceremony),
    /// A phone answered the prompt of this login.
    Push(String),
    /// A code that was sent to a phone.
    Phone(Typed),
}

/// What a browser says of a credential.
#[derive(Clone)]
pub struct Ceremony {
    /// Which of the two factors.
    pub factor: Factor,
    /// What it says.
    pub assertion: webauthn::Assertion,
    /// The login that asked for it.
    pub login: String,
}

/// A code that a person got and typed.
#[derive(Clone)]
pub struct Typed {
    /// It.
    pub code: phone::Code,
    /// The login that it is typed in.
    pub login: String,
}

impl Answer {
    /// The factor that it proves.
    pub fn factor(&self) -> Factor {
        match self {
            Self::Otp(_) => Factor::Otp,
            Self::Webauthn(ceremony) => ceremony.factor,
            Self::Push(_) => Factor::PushNotification,
            Self::Phone(_) => Factor::Phone,
        }
    }

    /// The login that it is shown in: what it answers was begun by that one, and no other.
    pub fn login(&self) -> Option<&str> {
        match self {
            Self::Otp(_) => None,
            Self::Webauthn(ceremony) => Some(&ceremony.login),
            Self::Push(login) => Some(login),
            Self::Phone(typed) => Some(&typed.login),
        }
    }

    /// The one credential that it can be of, if it names one.
    pub fn credential_id(&self) -> Option<String> {
        match self {
            Self::Otp(_) | Self::Push(_) | Self::Phone(_) => None,
            Self::Webauthn(ceremony) => {
                Some(ceremony.assertion.credential_id().unwrap_or_default())
            }
        }
    }
}

/// What an answer is checked against.
pub struct Known<'a> {
    /// The enrollment.
    pub enrollment_id: &'a EnrollmentId,
    /// The seed or key of the enrollment, opened.
    pub material: &'a [u8],
    /// The time step of the last code that was taken.
    pub last_step: Option<i64>,
    /// What the login's challenge keeps, opened.
    pub challenge: Option<&'a [u8]>,
    /// How many answers to it were wrong.
    pub failures: i64,
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
pub struct Used {
    /// How it was proved, by the names of RFC 8176.
    pub amr: &'static str,
    /// The time step of its code (RFC 6238 §5.2).
    pub last_step: Option<i64>,
    /// The material from now on, where it is another: it has the key's counter.
    pub material: Option<Zeroizing<Vec<u8>>>,
    /// The number that its code was sent to: that it was entered counts for the number's prefix.
    pub number: Option<Zeroizing<String>>,
}

impl Used {
    fn by(amr: &'static str) -> Self {
        Self {
            amr,
            last_step: None,
            material: None,
            number: None,
        }
    }
}

/// The one check of an answer against an enrollment; `logins::verify` alone calls it.
///
/// # Errors
/// When the material, or what the challenge keeps, is none of ours.
pub fn verify(answer: &Answer, known: &Known<'_>, now: Timestamp) -> Result<Judged> {
    let right = match answer {
        Answer::Otp(code) => {
            let seed = Seed::from_bytes(known.material.to_vec());
            let step = otp::check(&seed, code, known.last_step, now);
            step.map(|step| Used {
                last_step: Some(step),
                ..Used::by("otp")
            })
        }
        Answer::Webauthn(ceremony) => {
            let payload = known.challenge.unwrap_or_default();
            match webauthn::verify(&ceremony.assertion, known.material, payload)? {
                Ok(asserted) => Some(Used {
                    material: Some(asserted.material),
                    // What is kept elsewhere, too, is in no hardware of its own.
                    ..Used::by(if asserted.backed_up { "swk" } else { "hwk" })
                }),
                Err(webauthn::Wrong::Copied) => return Ok(Judged::Copied),
                Err(_) => None,
            }
        }
        Answer::Push(_) => {
            let payload = push::Payload::read(known.challenge.unwrap_or_default())?;
            let approved = push::check(&payload);
            let is_this = approved.is_some_and(|asked| asked.device.is_of(known.material));
            is_this.then(|| Used::by("swk"))
        }
        Answer::Phone(typed) => phone::verify(&typed.code, known).map(|(number, channel)| Used {
            number: Some(number),
            ..Used::by(channel.amr())
        }),
    };
    Ok(right.map_or(Judged::Wrong, Judged::Right))
}
