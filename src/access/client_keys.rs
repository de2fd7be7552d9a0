//! The public keys that a client proves itself with (RFC 7517): parsed when they are registered, and when they are used.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// So many keys a client has at most: the one in use, the next, and some for machines of their own.
const MOST: usize = 10;
/// Members that only a private or a shared key has (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How an assertion may be signed: never by what both sides know, never not at all.
pub const ALGORITHMS: [(&str, Algorithm); 4] = [
    ("RS256", Algorithm::RS256),
    ("PS256", Algorithm::PS256),
    ("ES256", Algorithm::ES256),
    ("EdDSA", Algorithm::EdDSA),
];

/// A client's keys.
pub struct ClientKeys(Vec<Jwk>);

impl ClientKeys {
    /// The keys in a JWK set.
    ///
    /// # Errors
    /// Why they are none that a client can prove itself with.
    pub fn parse(set: &Value) -> Result<Self, String> {
        let keys = set["keys"].as_array();
        let keys = keys.ok_or("must be a JWK set: an object with an array `keys`")?;
        if keys.is_empty() || keys.len() > MOST {
            return Err(format!("must have 1 to {MOST} keys"));
        }
        let secret = |key: &Value| PRIVATE.iter().any(|member| !key[member].is_null());
        if keys.iter().any(secret) {
            return Err(
                "must have public keys alone; keep the private half to yourself".to_owned(),
            );
        }
        let set: JwkSet = serde_json::from_value(set.clone())
            .map_err(|error| format!("must be a JWK set: {error}"))?;
        for (index, key) in set.keys.iter().enumerate() {
            check(key).map_err(|why| format!("keys.{index} {why}"))?;
            let named = |other: &Jwk| {
                key.common.key_id.is_some() && other.common.key_id == key.common.key_id
            };
            if set.keys[..index].iter().any(named) {
                return Err(format!("keys.{index} has the kid of another"));
            }
        }
        Ok(Self(set.keys))
    }

    /// The keys that an assertion of this algorithm, and of this name if it has one, may be signed with.
    pub fn fitting(&self, algorithm: Algorithm, kid: Option<&str>) -> Vec<DecodingKey> {
        let fitting = self.0.iter().filter(|key| {
            fits(key, algorithm) && kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid))
        });
        fitting
            .filter_map(|key| DecodingKey::from_jwk(key).ok())
            .collect()
    }
}

/// A key is for one kind of algorithm, whatever an assertion says (RFC 8725 §3.1).
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(algorithm, Algorithm::RS256 | Algorithm::PS256),
        AlgorithmParameters::EllipticCurve(_) => algorithm == Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(_) => algorithm == Algorithm::EdDSA,
        _ => false,
    };
    let only = key.common.key_algorithm.as_ref().map(ToString::to_string);
    let named = |name: &str| ALGORITHMS.contains(&(name, algorithm));
    kind && only.as_deref().is_none_or(named)
}

fn check(key: &Jwk) -> Result<(), &'static str> {
    if key
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|purpose| *purpose != PublicKeyUse::Signature)
    {
        return Err("must be for signatures (use: sig)");
    }
    let length = |text: &str| {
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map(|bytes| significant(&bytes))
    };
    let right = match &key.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            length(&rsa.n).is_ok_and(|bytes| (256..=1024).contains(&bytes))
                && length(&rsa.e).is_ok()
        }
        AlgorithmParameters::EllipticCurve(point) => {
            point.curve == EllipticCurve::P256 && coordinate(&point.x) && coordinate(&point.y)
        }
        AlgorithmParameters::OctetKeyPair(point) => {
            point.curve == EllipticCurve::Ed25519 && coordinate(&point.x)
        }
        _ => false,
    };
    if !right {
        return Err("must be an RSA key of 2048 to 8192 bits, or of the curve P-256 or Ed25519");
    }
    if !ALGORITHMS
        .iter()
        .any(|(_, algorithm)| fits(key, *algorithm))
    {
        return Err("must be for RS256, PS256, ES256 or EdDSA");
    }
    Ok(())
}

/// How many bytes a number has, leading zeros aside.
fn significant(bytes: &[u8]) -> usize {
    bytes.iter().skip_while(|byte| **byte == 0).count()
}

fn coordinate(text: &str) -> bool {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .is_ok_and(|bytes| bytes.len() == 32)
}
