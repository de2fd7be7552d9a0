//! Making a credential: what the browser is asked for, and whether its answer is one.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs_core::proto::{RegisterPublicKeyCredential, RegistrationState};
use webauthn_rs_proto::{
    AttestationConveyancePreference, AuthenticatorTransport, PublicKeyCredentialDescriptor,
};
use zeroize::Zeroizing;

use super::key::{self, Material};
use super::{
    ClientData, Envelope, LONGEST_ANSWER, RelyingParty, Verification, Wrong, asks, broken,
};
use crate::core::{Result, Rng};
use crate::factors::{Factor, Proved};

/// A name has so many characters at most (contract §2.3).
const LONGEST_NAME: usize = 20;
/// There are fewer ways to talk to a key.
const MOST_TRANSPORTS: usize = 8;

/// The answer of a browser that made a credential.
#[derive(Clone)]
pub struct Registration {
    factor: Factor,
    answer: String,
    name: String,
}

impl Registration {
    /// `answer` as the browser put it into JSON; `name` as its owner typed it, `or` what we call it.
    pub fn new(factor: Factor, answer: String, name: &str, or: &str) -> Self {
        let clean = |name: &str| {
            let visible: String = name.chars().filter(|c| !c.is_control()).collect();
            let short: String = visible.trim().chars().take(LONGEST_NAME).collect();
            short.trim_end().to_owned()
        };
        let mut called = clean(name);
        if called.is_empty() {
            called = clean(or);
        }
        Self {
            factor,
            answer,
            name: called,
        }
    }

    /// Which of the two factors it enrolls.
    pub fn factor(&self) -> Factor {
        self.factor
    }
}

/// A ceremony that began.
pub struct Begun {
    /// What the browser is asked for: `PublicKeyCredentialCreationOptionsJSON`.
    pub options: Value,
    /// What its answer is checked against.
    pub payload: Zeroizing<Vec<u8>>,
}

/// What was asked, so that nothing of it is believed of the answer.
#[derive(Serialize, Deserialize)]
struct Ceremony {
    party: RelyingParty,
    verification: Verification,
    user_handle: String,
    known: Vec<String>,
    state: RegistrationState,
}

/// Asks for a new credential of `account`, on a key or device that has none of `known`, which are columns `credential_id`.
///
/// # Errors
/// Of the library.
pub fn begin(
    factor: Factor,
    party: &RelyingParty,
    verification: Verification,
    account: &str,
    known: &[String],
    rng: &dyn Rng,
) -> Result<Begun> {
    let core = party.core().map_err(|_| super::unusable(party))?;
    let asks = asks(factor);
    let account = if account.is_empty() {
        &party.id
    } else {
        account
    };
    // Says nothing about the person, also not to who reads the key.
    let user_handle = rng.bytes::<32>();
    let builder = core
        .new_challenge_register_builder(&user_handle, account, account)
        .map_err(broken)?
        .attestation(AttestationConveyancePreference::None)
        .user_verification_policy(verification.policy())
        .authenticator_attachment(Some(asks.attachment))
        .hints(Some(vec![asks.hint]));
    let (mut options, state) = core.generate_challenge_register(builder).map_err(broken)?;
    let ids = known
        .iter()
        .filter_map(|id| BASE64URL_NOPAD.decode(id.as_bytes()).ok());
    let excluded = ids.map(|id| PublicKeyCredentialDescriptor {
        type_: "public-key".to_owned(),
        id,
        transports: None,
    });
    options.public_key.exclude_credentials = Some(excluded.collect());
    if let Some(selection) = &mut options.public_key.authenticator_selection {
        selection.resident_key = Some(asks.resident_key);
    }
    let ceremony = Ceremony {
        party: party.clone(),
        verification,
        user_handle: key::id_text(&user_handle),
        known: known.to_vec(),
        state,
    };
    Ok(Begun {
        options: serde_json::to_value(&options.public_key).map_err(broken)?,
        payload: Zeroizing::new(serde_json::to_vec(&ceremony).map_err(broken)?),
    })
}

/// Checks the answer against what was asked (Level 3, §7.1).
///
/// # Errors
/// When the challenge is none of ours.
pub fn check(registration: &Registration, payload: &[u8]) -> Result<Result<Proved, Wrong>> {
    let ceremony: Ceremony = serde_json::from_slice(payload).map_err(broken)?;
    Ok(judge(registration, ceremony))
}

fn judge(registration: &Registration, ceremony: Ceremony) -> Result<Proved, Wrong> {
    let Ceremony {
        party,
        verification,
        user_handle,
        known,
        state,
    } = ceremony;
    let answer = &registration.answer;
    if answer.len() > LONGEST_ANSWER {
        return Err(Wrong::Unreadable);
    }
    let response: RegisterPublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| Wrong::Unreadable)?;
    let envelope = Envelope::read(answer, &response.raw_id)?;
    ClientData::check(&response.response.client_data_json, &party)?;
    let mut credential = party.core()?.register_credential(&response, &state, None)?;
    if credential.cred_id != response.raw_id {
        return Err(Wrong::Refused);
    }
    if verification == Verification::Required && !credential.user_verified {
        return Err(Wrong::NotVerified);
    }
    let asked = asks(registration.factor).attachment_name;
    if envelope
        .attachment
        .as_deref()
        .is_some_and(|claimed| claimed != asked)
    {
        return Err(Wrong::OtherKind);
    }
    let credential_id = key::id_text(&credential.cred_id);
    if known.contains(&credential_id) {
        return Err(Wrong::AlreadyRegistered);
    }
    // A hint for the browser, kept whether or not it is attested.
    credential.transports = response.response.transports.clone().map(|mut transports| {
        transports.retain(|transport| *transport != AuthenticatorTransport::Unknown);
        transports.truncate(MOST_TRANSPORTS);
        transports
    });
    let attestation = &response.response.attestation_object;
    let facts = key::facts(
        &credential,
        attestation,
        &party,
        envelope.attachment.as_deref(),
    );
    let amr = if credential.backup_state {
        "swk"
    } else {
        "hwk"
    };
    let material = Material {
        credential,
        user_handle,
        relying_party: party.id,
    };
    Ok(Proved {
        amr,
        material: Zeroizing::new(serde_json::to_vec(&material).map_err(|_| Wrong::Refused)?),
        last_step: None,
        credential_id: Some(credential_id),
        name: Some(registration.name.clone()),
        facts,
    })
}
