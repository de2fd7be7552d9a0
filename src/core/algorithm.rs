//! How tokens are signed.

use std::str::FromStr;

use super::error::{Error, Result};

/// How a token is signed (RFC 7518 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// RSA of 2048 bits, which every library of OpenID Connect takes (Discovery §3).
    #[default]
    Rs256,
    /// The elliptic curve P-256, at a fraction of what RSA costs.
    Es256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// Its name in the header of a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.name() == name)
            .ok_or_else(|| Error::invalid("alg", "must be RS256 or ES256"))
    }
}

impl TryFrom<String> for Algorithm {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        name.parse()
    }
}
