//! What an application asked for, and how it is answered: the one place that leads a browser back to it.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::core::{Error, Result};
use crate::store::Login;

/// A pushed authorization request (RFC 9126), after all of it was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Where the browser is led back to: one of the client's addresses, letter by letter.
    pub redirect_uri: String,
    /// What the client wants to read.
    pub scope: String,
    /// What comes back with the answer.
    pub state: Option<String>,
    /// What comes back in the ID token.
    pub nonce: Option<String>,
    /// SHA-256 of the verifier that redeems the code, base64url (RFC 7636).
    pub code_challenge: String,
    /// How the client would like it proved, separated by spaces, the best first.
    pub acr_values: Option<String>,
    /// How long ago it may have been proved, in seconds.
    pub max_age: Option<u64>,
    /// `login` or `none`.
    pub prompt: Option<String>,
    /// The languages of the user, the best first, separated by spaces.
    pub ui_locales: Option<String>,
    /// Whether a user who has no factor may enroll one on the way: the client vouches for the first.
    #[serde(default)]
    pub allow_enrollment: bool,
}

/// What an application is told.
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// The code.
    Code(&'a str),
    /// Why there is none (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
    Error {
        /// The error.
        code: &'static str,
        /// What it means, for the developer.
        description: &'static str,
    },
}

impl Request {
    /// What the login's client asked for.
    ///
    /// # Errors
    /// When it is a login of the MFA API.
    pub fn of(login: &Login) -> Result<Self> {
        serde_json::from_str(&login.request).map_err(Error::internal)
    }

    /// Where the browser goes with the answer; `iss` names us (RFC 9207).
    ///
    /// # Errors
    /// When the address, which was checked when it was registered, is none.
    pub fn answer(&self, issuer: &str, answer: Answer<'_>) -> Result<Url> {
        let mut url = Url::parse(&self.redirect_uri).map_err(Error::internal)?;
        let mut query = url.query_pairs_mut();
        match answer {
            Answer::Code(code) => {
                query.append_pair("code", code);
            }
            Answer::Error { code, description } => {
                query.append_pair("error", code);
                query.append_pair("error_description", description);
            }
        }
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", issuer);
        drop(query);
        Ok(url)
    }

    /// The origin that a form's answer may lead to.
    pub fn origin(&self) -> Option<String> {
        let url = Url::parse(&self.redirect_uri).ok()?;
        Some(url.origin().ascii_serialization())
    }
}
