//! The `oob_code`: which message or prompt a client means. It is sealed for its login, so that no other can use it.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::core::seal::Place;
use crate::core::{ChallengeId, LoginId, Rng, Sealer};
use crate::factors::Factor;
use crate::store::Challenge;

/// What an `oob_code` says.
#[derive(Serialize, Deserialize)]
pub struct OobCode {
    /// The challenge that is meant: when another took its place, it is over.
    #[serde(rename = "c")]
    pub challenge_id: ChallengeId,
    #[serde(rename = "f")]
    factor: String,
    /// Whether it was begun to add a factor.
    #[serde(rename = "a")]
    pub associates: bool,
}

fn place<'a>(row: &'a [&'a str; 1]) -> Place<'a> {
    Place {
        table: "oob_code",
        row,
        column: "value",
    }
}

impl OobCode {
    /// The code of a challenge, as text.
    pub fn seal(
        login_id: &LoginId,
        challenge: &Challenge,
        associates: bool,
        sealer: &Sealer,
        rng: &dyn Rng,
    ) -> String {
        let code = Self {
            challenge_id: challenge.challenge_id.clone(),
            factor: challenge.factor.clone(),
            associates,
        };
        let plain = serde_json::to_vec(&code).unwrap_or_default();
        BASE64URL_NOPAD.encode(&sealer.seal(&place(&[login_id.as_str()]), &plain, rng))
    }

    /// What a text says, if it is a code of this login.
    pub fn open(text: &str, login_id: &LoginId, sealer: &Sealer) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let plain = sealer.open(&place(&[login_id.as_str()]), &sealed)?;
        serde_json::from_slice(&plain).ok()
    }

    /// The factor that was asked for.
    pub fn factor(&self) -> Option<Factor> {
        self.factor.parse().ok()
    }
}
