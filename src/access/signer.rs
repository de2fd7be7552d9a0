//! A key that signs tokens: made, or opened once and then ready for each of them.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters,
    EllipticCurveKeyType, Jwk, PublicKeyUse, RSAKeyParameters, RSAKeyType,
};
use jsonwebtoken::{DecodingKey, Header};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::core::{Algorithm, Digest, Error, Result, Timestamp};

/// How long the coordinates of a point are (RFC 7518 §6.2.1.2), in bytes.
const COORDINATE: usize = 32;

/// A signing key, ready to use. The private half is gone from memory when it is dropped.
pub struct Signer {
    /// Its name in the header of a token.
    pub kid: String,
    /// How it signs, and nothing else verifies.
    pub alg: Algorithm,
    /// When it was made.
    pub created_at: Timestamp,
    /// Verifies.
    pub decoding: DecodingKey,
    /// The public half, as it is published.
    pub public: Jwk,
    pair: Pair,
}

impl Signer {
    /// The key of this private half (PKCS#8); nothing, when it is none of this algorithm.
    pub(super) fn open(
        kid: &str,
        alg: Algorithm,
        private: &[u8],
        created_at: Timestamp,
    ) -> Option<Self> {
        let pair = Pair::open(alg, private)?;
        let public = Jwk {
            common: CommonParameters {
                public_key_use: Some(PublicKeyUse::Signature),
                key_algorithm: Some(jsonwebtoken::Algorithm::from(alg).into()),
                key_id: Some(kid.to_owned()),
                ..CommonParameters::default()
            },
            algorithm: pair.parameters()?,
        };
        Some(Self {
            kid: kid.to_owned(),
            alg,
            created_at,
            decoding: DecodingKey::from_jwk(&public).ok()?,
            public,
            pair,
        })
    }

    /// The claims as a token of this type (RFC 7515 §5.1).
    ///
    /// The library would open the key anew for each token, which costs more than its signature.
    ///
    /// # Errors
    /// When the claims are no JSON, or the key does not sign.
    pub fn token(&self, typ: &str, claims: &impl Serialize) -> Result<String> {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(self.alg.into())
        };
        let mut token = part(&header)?;
        token.push('.');
        token.push_str(&part(claims)?);
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }

    /// The signature of these bytes, as tokens carry it (RFC 7518 §3.3, §3.4).
    ///
    /// # Errors
    /// When the key does not sign.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let failed = |_| Error::internal(anyhow::anyhow!("signing key {} does not sign", self.kid));
        self.pair.sign(message).map_err(failed)
    }
}

/// A new key: its name, and its private half (PKCS#8).
///
/// # Errors
/// When none can be made.
pub(super) fn generate(alg: Algorithm) -> Result<(String, Zeroizing<Vec<u8>>)> {
    let made = Pair::generate(alg).and_then(|pair| {
        let kid = HEXLOWER.encode(&Digest::of(pair.public_key()).as_bytes()[..10]);
        Ok((kid, pair.private()?))
    });
    made.map_err(|_| Error::internal(anyhow::anyhow!("no {} key could be made", alg.name())))
}

fn part(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value).map_err(Error::internal)?;
    Ok(BASE64URL_NOPAD.encode(&json))
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(alg: Algorithm) -> Self {
        match alg {
            Algorithm::Rs256 => Self::RS256,
            Algorithm::Es256 => Self::ES256,
        }
    }
}

/// Both halves. The library wipes what it frees.
enum Pair {
    Rsa(rsa::KeyPair),
    Ec(EcdsaKeyPair),
}

impl Pair {
    fn generate(alg: Algorithm) -> Result<Self, Unspecified> {
        Ok(match alg {
            Algorithm::Rs256 => Self::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048)?),
            Algorithm::Es256 => Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
        })
    }

    fn open(alg: Algorithm, private: &[u8]) -> Option<Self> {
        match alg {
            Algorithm::Rs256 => rsa::KeyPair::from_pkcs8(private).ok().map(Self::Rsa),
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private);
                pair.ok().map(Self::Ec)
            }
        }
    }

    fn private(&self) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        let private = match self {
            Self::Rsa(pair) => pair.as_der()?.as_ref().to_vec(),
            Self::Ec(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(private))
    }

    fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::Ec(pair) => pair.public_key().as_ref(),
        }
    }

    fn parameters(&self) -> Option<AlgorithmParameters> {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        Some(match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                AlgorithmParameters::RSA(RSAKeyParameters {
                    key_type: RSAKeyType::RSA,
                    n: text(public.modulus().big_endian_without_leading_zero()),
                    e: text(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Self::Ec(pair) => {
                // Both coordinates, behind a byte that says so (SEC 1 §2.3.3).
                let point = pair.public_key().as_ref().strip_prefix(&[4])?;
                let (x, y) = point.split_at_checked(COORDINATE)?;
                AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
                    key_type: EllipticCurveKeyType::EC,
                    curve: EllipticCurve::P256,
                    x: text(x),
                    y: text(y),
                })
            }
        })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ec(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
        }
    }
}
