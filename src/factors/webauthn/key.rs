//! What is kept of a credential, and what may be told of it.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::{Deserialize, Serialize};
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use webauthn_rs_core::crypto::compute_sha256;
use webauthn_rs_core::proto::{COSEKeyType, Credential, ECDSACurve};

use super::RelyingParty;
use crate::core::{Error, Result};

/// A credential as it is sealed: what later assertions are checked against.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Material {
    pub credential: Credential,
    /// The name that we gave its user, base64url: a discoverable credential says it again.
    pub user_handle: String,
    /// Whom it belongs to.
    pub relying_party: String,
}

impl Material {
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(Error::internal)
    }
}

/// A credential's id as tables and options write it.
pub(super) fn id_text(id: &[u8]) -> String {
    BASE64URL_NOPAD.encode(id)
}

/// What may be told of a new credential; nothing here opens anything.
pub(super) fn facts(
    credential: &Credential,
    attestation: &[u8],
    party: &RelyingParty,
    attachment: Option<&str>,
) -> Value {
    let device_type = if credential.backup_eligible {
        "multi_device"
    } else {
        "single_device"
    };
    json!({
        "key_id": id_text(&credential.cred_id),
        "public_key": public_key(credential).map(|key| BASE64.encode(&key)),
        "aaguid": aaguid(attestation, &party.id, &credential.cred_id),
        "backed_up": credential.backup_state,
        "device_type": device_type,
        // What the browser claims: nobody proves it.
        "attachment": attachment,
        "user_verified": credential.user_verified,
        "relying_party": party.id,
    })
}

/// The model of the authenticator, which most browsers blank out. The library keeps it only when it is attested, so it is
/// read where it must stand in the authenticator data: after the hash of the relying party, flags and counter, and before
/// the credential's id (Level 3, §6.1 and §6.5.1).
fn aaguid(attestation: &[u8], rp_id: &str, credential_id: &[u8]) -> Option<String> {
    let length = u16::try_from(credential_id.len()).ok()?.to_be_bytes();
    let hash = compute_sha256(rp_id.as_bytes());
    let windows = attestation.windows(32 + 5 + 16 + 2 + credential_id.len());
    let data = windows.into_iter().find(|window| {
        window.starts_with(&hash)
            && window.get(53..55) == Some(&length)
            && window.get(55..) == Some(credential_id)
    })?;
    let aaguid: [u8; 16] = data.get(37..53)?.try_into().ok()?;
    (aaguid != [0; 16]).then(|| uuid_text(&aaguid))
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    let hex = data_encoding::HEXLOWER.encode(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    parts.join("-")
}

/// The public key as a COSE_Key (RFC 9052 §7, RFC 8230 §4).
fn public_key(credential: &Credential) -> Option<Vec<u8>> {
    let number = |number: i128| Cbor::Integer(number);
    let bytes = |bytes: &[u8]| Cbor::Bytes(bytes.to_vec());
    let parts = match &credential.cred.key {
        COSEKeyType::EC_EC2(key) => {
            let (algorithm, curve) = match key.curve {
                ECDSACurve::SECP256R1 => (-7, 1),
                ECDSACurve::SECP384R1 => (-35, 2),
                ECDSACurve::SECP521R1 => (-36, 3),
            };
            vec![
                (1, number(2)),
                (3, number(algorithm)),
                (-1, number(curve)),
                (-2, bytes(&key.x)),
                (-3, bytes(&key.y)),
            ]
        }
        COSEKeyType::RSA(key) => vec![
            (1, number(3)),
            (3, number(-257)),
            (-1, bytes(&key.n)),
            (-2, bytes(&key.e)),
        ],
        COSEKeyType::EC_OKP(_) => return None,
    };
    let parts = parts.into_iter().map(|(label, part)| (number(label), part));
    serde_cbor_2::to_vec(&Cbor::Map(parts.collect())).ok()
}
