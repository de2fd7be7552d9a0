//! `push-notification`: a phone's browser holds a key (ECDSA, P-256) that never leaves it, and signs the number that the
//! person carries over from the other screen. There is no app to install and nobody in between.

pub mod exchange;
pub mod prompts;

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Pending, Proved, Wrong};
use crate::core::secret::same;
use crate::core::webpush::Subscription;
use crate::core::{ChallengeId, EnrollmentId, Error, PairingCode, Result, Rng, Timestamp};

/// How long a phone may take to be paired.
pub const PAIRING: Duration = Duration::from_secs(5 * 60);
/// How long a prompt waits for its answer, and a pairing with it (at most 10 minutes, NIST SP 800-63B §3.1.3).
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// So many wrong numbers end a prompt.
pub const MOST_WRONG: u8 = 3;
/// The time in a phone's request may differ from ours by so much.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);
/// The longest name of a phone, in characters (contract §2.2).
pub const LONGEST_NAME: usize = 20;

/// Where a challenge stands: nobody is paired yet, the number is asked, it was answered.
pub const WAITING: &str = "waiting";
/// The phone asks for the number.
pub const ASKED: &str = "asked";
/// The right number was signed.
pub const APPROVED: &str = "approved";
/// It was denied, or the number was wrong too often.
pub const DENIED: &str = "denied";

/// What the person says to a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// That it is them.
    Approve,
    /// That it shall not go on.
    Deny,
    /// That somebody else is at it.
    NotMe,
}

impl Decision {
    /// Its name in what is signed, in requests and in events.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::NotMe => "not-me",
        }
    }

    /// The decision of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Approve, Self::Deny, Self::NotMe]
            .into_iter()
            .find(|decision| decision.name() == name)
    }
}

/// A phone's browser, as it presents itself: what later proofs are checked against.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its public key (P-256, uncompressed: 65 bytes), base64url.
    pub public_key: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// How to call it while its page is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Subscription>,
}

impl Device {
    /// Whether its key is the one that an enrollment's material keeps.
    pub fn is_of(&self, material: &[u8]) -> bool {
        serde_json::from_slice::<Self>(material)
            .is_ok_and(|enrolled| enrolled.public_key == self.public_key)
    }

    /// Whether `signature` (r‖s, base64url) over `text` was made with its key.
    pub fn has_signed(&self, text: &str, signature: &str) -> bool {
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        let (Some(key), Some(made)) = (decode(&self.public_key), decode(signature)) else {
            return false;
        };
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(text.as_bytes(), &made)
            .is_ok()
    }
}

/// Whether `text` is an uncompressed point of P-256 (65 bytes), base64url.
pub fn is_point(text: &str) -> bool {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
    bytes.is_ok_and(|bytes| {
        bytes.len() == 65 && ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &bytes).is_ok()
    })
}

/// What a phone is asked.
#[derive(Clone, Serialize, Deserialize)]
pub struct Asked {
    /// By which challenge.
    pub challenge_id: ChallengeId,
    /// As which enrollment.
    pub enrollment_id: EnrollmentId,
    /// By which site.
    pub origin: String,
    /// The two digits that the other screen shows.
    pub number: String,
    /// The phone.
    pub device: Device,
    /// What its owner calls it.
    pub name: String,
    /// How many wrong numbers were signed.
    pub wrong: u8,
}

impl Asked {
    /// What the phone signs: everything that the answer is about, in one canonical form.
    pub fn statement(&self, decision: Decision, number: &str) -> String {
        format!(
            "tessera-push-answer-v1\n{}\n{}\n{}\n{}\n{number}",
            self.origin,
            self.challenge_id,
            self.enrollment_id,
            decision.name(),
        )
    }

    /// What an answer says.
    pub fn judge(&self, answer: &Answer) -> Judged {
        let statement = self.statement(answer.decision, &answer.number);
        if !self.device.has_signed(&statement, &answer.signature) {
            return Judged::Forged;
        }
        match answer.decision {
            Decision::Deny | Decision::NotMe => Judged::Denied,
            Decision::Approve if same(answer.number.as_bytes(), self.number.as_bytes()) => {
                Judged::Approved
            }
            Decision::Approve => Judged::WrongNumber,
        }
    }
}

/// What a phone answers.
#[derive(Clone, Serialize, Deserialize)]
pub struct Answer {
    /// What the person said.
    pub decision: Decision,
    /// The number that they typed; empty unless they approve.
    pub number: String,
    /// Over [`Asked::statement`]: r‖s, base64url.
    pub signature: String,
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// The phone's owner approved, and read the right number.
    Approved,
    /// The number is not the one on the other screen.
    WrongNumber,
    /// The phone's owner denied.
    Denied,
    /// The phone did not sign this.
    Forged,
}

/// What a challenge keeps, sealed: the code that pairs, then what is asked, then the answer.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Payload {
    /// The code that a phone is paired with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the paired phone is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// The answer that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

impl Payload {
    /// That of a pairing that begins.
    pub fn waiting(code: &PairingCode) -> Self {
        Self {
            code: Some(code.expose().to_owned()),
            ..Self::default()
        }
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes)
            .map_err(|_| Error::internal(anyhow::anyhow!("a prompt's payload cannot be read")))
    }

    /// As it is sealed.
    pub fn write(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// What the paired phone is asked, once there is one.
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.as_ref()
    }
}

/// Checks the stored answer of a challenge once more, against the stored phone.
pub fn check(payload: &Payload) -> Option<&Asked> {
    let (asked, answer) = (payload.asked.as_ref()?, payload.answer.as_ref()?);
    (asked.judge(answer) == Judged::Approved).then_some(asked)
}

/// Proves a phone that is just paired by the answer that its challenge keeps.
///
/// # Errors
/// When the challenge cannot be read.
pub fn prove(pending: &Pending<'_>) -> Result<Result<Proved, Wrong>> {
    let Some(payload) = pending.challenge else {
        return Ok(Err(Wrong::Ended));
    };
    let payload = Payload::read(payload)?;
    Ok(check(&payload).ok_or(Wrong::Push).map(|asked| Proved {
        amr: "swk",
        material: Zeroizing::new(serde_json::to_vec(&asked.device).unwrap_or_default()),
        last_step: None,
        credential_id: None,
        name: Some(asked.name.clone()),
        facts: json!({ "user_agent": asked.device.user_agent }),
    }))
}

/// What a phone signs to ask for its prompts.
pub fn list_statement(origin: &str, enrollment_id: &EnrollmentId, time: Timestamp) -> String {
    format!(
        "tessera-push-list-v1\n{origin}\n{enrollment_id}\n{}",
        time.millis()
    )
}

/// Two digits; the first is none that could be left out.
pub fn new_number(rng: &dyn Rng) -> String {
    (10 + u32::from_be_bytes(rng.bytes()) % 90).to_string()
}

#[cfg(test)]
mod tests;
