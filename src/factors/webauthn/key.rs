//! What is kept of a credential, and what may be told of it.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::{Deserialize, Serialize};
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

/// The public key as a COSE_Key (RFC 9052 §7, RFC 8230 §4), in canonical CBOR.
fn public_key(credential: &Credential) -> Option<Vec<u8>> {
    let mut cose = Vec::new();
    match &credential.cred.key {
        COSEKeyType::EC_EC2(key) => {
            let (algorithm, curve): (&[u8], u8) = match key.curve {
                ECDSACurve::SECP256R1 => (&[0x26], 1),
                ECDSACurve::SECP384R1 => (&[0x38, 34], 2),
                ECDSACurve::SECP521R1 => (&[0x38, 35], 3),
            };
            cose.extend([0xa5, 0x01, 0x02, 0x03]);
            cose.extend(algorithm);
            cose.extend([0x20, curve, 0x21]);
            byte_string(&mut cose, &key.x)?;
            cose.push(0x22);
            byte_string(&mut cose, &key.y)?;
        }
        COSEKeyType::RSA(key) => {
            cose.extend([0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20]);
            byte_string(&mut cose, &key.n)?;
            cose.push(0x21);
            byte_string(&mut cose, &key.e)?;
        }
        COSEKeyType::EC_OKP(_) => return None,
    }
    Some(cose)
}

/// A byte string of CBOR (RFC 8949 §3.1).
fn byte_string(cbor: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    match u16::try_from(bytes.len()).ok()? {
        short @ ..24 => cbor.push(0x40 | u8::try_from(short).ok()?),
        middle @ 24..256 => cbor.extend([0x58, u8::try_from(middle).ok()?]),
        long => {
            cbor.push(0x59);
            cbor.extend(long.to_be_bytes());
        }
    }
    cbor.extend(bytes);
    Some(())
}
