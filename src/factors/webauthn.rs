//! `webauthn-roaming` and `webauthn-platform`: credentials of security keys and of the device itself (Web Authentication
//! Level 3). The ceremonies' checks are the library's; what it leaves to the relying party is checked here besides.

mod assertion;
mod key;
mod registration;
mod settings;

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_proto::{
    AuthenticatorAttachment, PublicKeyCredentialHints, ResidentKeyRequirement,
    UserVerificationPolicy,
};

pub use assertion::{Asserted, Assertion, ask, verify};
pub use registration::{Begun, Registration, begin, check};
pub use settings::Settings;

use super::{Factor, Pending, Proved};
use crate::core::{Error, Result, Urls};

/// How long an answer to a ceremony is taken.
pub const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long the browser tries: what it still gets in time must arrive in time, too.
const TIMEOUT: Duration = Duration::from_secs(4 * 60 + 45);
/// A longer answer is not read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// A credential's id has so many bytes at most (Level 3, §7.1 step 25).
const LONGEST_ID: usize = 1023;

/// Whom credentials belong to: they work for this domain and for no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelyingParty {
    /// The domain.
    pub id: String,
    /// What the browser calls it.
    pub name: String,
    /// The pages whose ceremonies count, each exactly as a browser writes its origin.
    pub origins: Vec<String>,
}

impl RelyingParty {
    /// `None` when we are reached by an IP address, which credentials cannot belong to.
    pub fn new(urls: &Urls, rp_id: Option<&str>, origins: &[Url], name: &str) -> Option<Self> {
        if !has_name(urls) {
            return None;
        }
        let further = origins.iter().map(|url| url.origin().ascii_serialization());
        Some(Self {
            id: rp_id.unwrap_or(urls.host()).to_owned(),
            name: name.to_owned(),
            origins: std::iter::once(urls.origin().to_owned())
                .chain(further)
                .collect(),
        })
    }

    /// The same with another id, for a factor whose settings say so.
    pub fn with_id(&self, id: Option<&str>) -> Self {
        let mut party = self.clone();
        if let Some(id) = id {
            id.clone_into(&mut party.id);
        }
        party
    }

    /// Whether credentials of `id` work on all of the pages.
    pub fn may_be(&self, id: &str) -> bool {
        let covers = |origin: &String| {
            let url = Url::parse(origin).ok();
            url.and_then(|url| url.host_str().map(|host| covers(id, host)))
                .unwrap_or_default()
        };
        self.origins.iter().all(covers)
    }

    fn core(&self) -> Result<WebauthnCore, Wrong> {
        let origins = self.origins.iter().map(|origin| Url::parse(origin));
        let origins: Result<Vec<Url>, _> = origins.collect();
        Ok(WebauthnCore::new_unsafe_experts_only(
            &self.name,
            &self.id,
            origins.map_err(|_| Wrong::Refused)?,
            TIMEOUT,
            Some(false),
            Some(false),
        ))
    }
}

/// Whether browsers reach us by a name.
fn has_name(urls: &Urls) -> bool {
    matches!(Host::parse(urls.host()), Ok(Host::Domain(_)))
}

/// Whether a page on `host` may use credentials of `id`: its own, or those of a domain above. Whether that is one that
/// anybody can register under, like `co.uk`, only the browser knows.
fn covers(id: &str, host: &str) -> bool {
    let above = || {
        let rest = host.strip_suffix(id);
        id.contains('.') && rest.is_some_and(|rest| rest.ends_with('.'))
    };
    matches!(Host::parse(id), Ok(Host::Domain(name)) if name == id) && (host == id || above())
}

/// Whether the person shows more than presence: a PIN, a finger, a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// Only if the key insists.
    Discouraged,
    /// If the key can.
    Preferred,
    /// Always.
    Required,
}

impl Verification {
    fn policy(self) -> UserVerificationPolicy {
        match self {
            Self::Discouraged => UserVerificationPolicy::Discouraged_DO_NOT_USE,
            Self::Preferred => UserVerificationPolicy::Preferred,
            Self::Required => UserVerificationPolicy::Required,
        }
    }
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is no answer of a browser.
    Unreadable,
    /// It is an answer to another question, or of another page, or it was changed on its way.
    Refused,
    /// The person was to be verified and was not.
    NotVerified,
    /// It is from a key where the device was asked for, or the other way round.
    OtherKind,
    /// The credential is enrolled already.
    AlreadyRegistered,
    /// The signature is right, and its counter is not: there may be a copy of the key.
    Copied,
}

impl From<WebauthnError> for Wrong {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::UserNotVerified => Self::NotVerified,
            WebauthnError::CredentialPossibleCompromise => Self::Copied,
            WebauthnError::ParseJSONFailure(_)
            | WebauthnError::ParseCBORFailure(_)
            | WebauthnError::ParseBase64Failure(_)
            | WebauthnError::ParseNOMFailure
            | WebauthnError::ParseInsufficientBytesAvailable => Self::Unreadable,
            _ => Self::Refused,
        }
    }
}

/// Checks a browser's answer against the ceremony that its attempt began.
pub(super) fn prove(
    pending: &Pending<'_>,
    registration: &Registration,
) -> Result<Result<Proved, super::Wrong>> {
    match pending.challenge {
        None => Ok(Err(super::Wrong::Ended)),
        Some(payload) => Ok(check(registration, payload)?.map_err(super::Wrong::Webauthn)),
    }
}

/// What the library leaves unread of an answer, and what it reads leniently.
#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "authenticatorAttachment")]
    attachment: Option<String>,
}

impl Envelope {
    /// Reads it and checks that it is of the credential whose id is `raw_id`.
    fn read(answer: &str, raw_id: &[u8]) -> Result<Self, Wrong> {
        let envelope: Self = serde_json::from_str(answer).map_err(|_| Wrong::Unreadable)?;
        if raw_id.is_empty() || raw_id.len() > LONGEST_ID {
            return Err(Wrong::Refused);
        }
        if envelope.kind != "public-key" || envelope.id != BASE64URL_NOPAD.encode(raw_id) {
            return Err(Wrong::Refused);
        }
        Ok(envelope)
    }
}

/// What the browser says of the page that asked (Level 3, §5.8.1).
#[derive(Deserialize)]
struct ClientData {
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: Option<bool>,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<serde_json::Value>,
}

impl ClientData {
    /// The page is one of ours, letter by letter, and in no frame of another's.
    fn check(client_data: &[u8], party: &RelyingParty) -> Result<(), Wrong> {
        let data: Self = serde_json::from_slice(client_data).map_err(|_| Wrong::Unreadable)?;
        let framed = data.cross_origin == Some(true) || data.top_origin.is_some();
        if framed || !party.origins.contains(&data.origin) {
            return Err(Wrong::Refused);
        }
        Ok(())
    }
}

/// What a factor asks of the browser.
struct Asks {
    attachment: AuthenticatorAttachment,
    attachment_name: &'static str,
    resident_key: ResidentKeyRequirement,
    hint: PublicKeyCredentialHints,
}

fn asks(factor: Factor) -> Asks {
    if factor == Factor::WebauthnPlatform {
        Asks {
            attachment: AuthenticatorAttachment::Platform,
            attachment_name: "platform",
            resident_key: ResidentKeyRequirement::Preferred,
            hint: PublicKeyCredentialHints::ClientDevice,
        }
    } else {
        Asks {
            attachment: AuthenticatorAttachment::CrossPlatform,
            attachment_name: "cross-platform",
            // A key has few places for these, and we know who the person is.
            resident_key: ResidentKeyRequirement::Discouraged,
            hint: PublicKeyCredentialHints::SecurityKey,
        }
    }
}

/// A fault of ours in the middle of a ceremony.
fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal(error)
}

fn unusable(party: &RelyingParty) -> Error {
    let id = &party.id;
    Error::internal(anyhow::anyhow!(
        "an origin of the relying party {id} is no URL"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_covers_its_own_hosts_and_those_below() {
        for (id, host) in [
            ("mfa.example.com", "mfa.example.com"),
            ("example.com", "mfa.example.com"),
            ("localhost", "localhost"),
        ] {
            assert!(covers(id, host), "{id} {host}");
        }
        for (id, host) in [
            ("example.com", "badexample.com"),
            ("mfa.example.com", "example.com"),
            ("com", "example.com"),
            (".com", "example.com"),
            ("", "example.com"),
            ("example.com.", "mfa.example.com"),
            ("Example.com", "mfa.example.com"),
            ("0.1", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1"),
            ("[::1]", "[::1]"),
        ] {
            assert!(!covers(id, host), "{id} {host}");
        }
    }

    #[test]
    fn an_ip_address_has_no_credentials() {
        let party = |url: &str| {
            let urls = Urls::new(&Url::parse(url).unwrap());
            RelyingParty::new(&urls, None, &[], "Us").map(|party| (party.id, party.origins))
        };
        assert_eq!(party("http://127.0.0.1:8080"), None);
        assert_eq!(party("https://[2001:db8::1]"), None);
        let named = party("https://mfa.example.com:8443").unwrap();
        assert_eq!(named.0, "mfa.example.com");
        assert_eq!(named.1, ["https://mfa.example.com:8443"]);
    }
}
