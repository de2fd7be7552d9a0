//! Using a credential: what the browser is asked for, and whether its answer is right.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use webauthn_rs_core::proto::{AuthenticationState, PublicKeyCredential};
use zeroize::Zeroizing;

use super::key::{self, Material};
use super::registration::Begun;
use super::{ClientData, Envelope, LONGEST_ANSWER, RelyingParty, Verification, Wrong, broken};
use crate::core::Result;

/// The answer of a browser that used a credential.
#[derive(Clone)]
pub struct Assertion {
    answer: String,
}

impl Assertion {
    /// As the browser put it into JSON.
    pub fn new(answer: String) -> Self {
        Self { answer }
    }

    /// The credential that it claims to be of, as the column `credential_id` has it.
    pub fn credential_id(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        if self.answer.len() > LONGEST_ANSWER {
            return None;
        }
        let named: Named = serde_json::from_str(&self.answer).ok()?;
        Some(named.id)
    }
}

/// An assertion that was found right.
pub struct Asserted {
    /// The credential's material as it is from now on, with its new counter.
    pub material: Zeroizing<Vec<u8>>,
    /// Whether the person showed more than presence.
    pub user_verified: bool,
    /// Whether the key is kept elsewhere, too.
    pub backed_up: bool,
}

#[derive(Serialize, Deserialize)]
struct Ceremony {
    party: RelyingParty,
    verification: Verification,
    asked: Vec<String>,
    state: AuthenticationState,
}

/// Asks for one of the credentials in `materials`, which are a user's opened ones; `None` when none belongs to `party`.
///
/// # Errors
/// When a material is none of ours; of the library.
pub fn ask(
    party: &RelyingParty,
    verification: Verification,
    materials: &[&[u8]],
) -> Result<Option<Begun>> {
    let mut credentials = Vec::new();
    for bytes in materials {
        let material = Material::read(bytes)?;
        if material.relying_party == party.id {
            credentials.push(material.credential);
        }
    }
    if credentials.is_empty() {
        return Ok(None);
    }
    let asked = credentials.iter().map(|known| key::id_text(&known.cred_id));
    let asked = asked.collect();
    let core = party.core().map_err(|_| super::unusable(party))?;
    let builder = core
        .new_challenge_authenticate_builder(credentials, Some(verification.policy()))
        .map_err(broken)?;
    let (options, state) = core
        .generate_challenge_authenticate(builder)
        .map_err(broken)?;
    let ceremony = Ceremony {
        party: party.clone(),
        verification,
        asked,
        state,
    };
    Ok(Some(Begun {
        options: serde_json::to_value(&options.public_key).map_err(broken)?,
        payload: Zeroizing::new(serde_json::to_vec(&ceremony).map_err(broken)?),
    }))
}

/// Checks the answer against what was asked, and against the material of the enrollment as it is now, not as it was when
/// the ceremony began (Level 3, §7.2). Nothing of it may be stored before this returns.
///
/// # Errors
/// When challenge or material is none of ours.
pub fn verify(
    assertion: &Assertion,
    material: &[u8],
    payload: &[u8],
) -> Result<Result<Asserted, Wrong>> {
    let ceremony: Ceremony = serde_json::from_slice(payload).map_err(broken)?;
    let material = Material::read(material)?;
    Ok(judge(&assertion.answer, material, &ceremony))
}

fn judge(answer: &str, mut material: Material, ceremony: &Ceremony) -> Result<Asserted, Wrong> {
    let party = &ceremony.party;
    if answer.len() > LONGEST_ANSWER {
        return Err(Wrong::Unreadable);
    }
    let response: PublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| Wrong::Unreadable)?;
    let envelope = Envelope::read(answer, &response.raw_id)?;
    if !ceremony.asked.contains(&envelope.id) {
        return Err(Wrong::Refused);
    }
    ClientData::check(&response.response.client_data_json, party)?;
    let handle = response.response.user_handle.as_deref();
    let theirs = handle.map(|handle| BASE64URL_NOPAD.encode(handle));
    if theirs.is_some_and(|theirs| theirs != material.user_handle)
        || material.relying_party != party.id
    {
        return Err(Wrong::Refused);
    }
    let credential = &mut material.credential;
    let result =
        party
            .core()?
            .authenticate_single_credential(&response, &ceremony.state, credential)?;
    if ceremony.verification == Verification::Required && !result.user_verified() {
        return Err(Wrong::NotVerified);
    }
    credential.counter = result.counter();
    credential.backup_state = result.backup_state();
    Ok(Asserted {
        user_verified: result.user_verified(),
        backed_up: result.backup_state(),
        material: Zeroizing::new(serde_json::to_vec(&material).map_err(|_| Wrong::Refused)?),
    })
}
