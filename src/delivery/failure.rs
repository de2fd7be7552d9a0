//! Why a mail was not taken, in words that hold neither an address nor a secret.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp;

/// Why a mail was not taken. Its text is fit for logs and the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing will change that: the next hop refuses the recipient or the mail.
    #[error("{0}")]
    Permanent(String),
    /// The next hop does not want this mail now: try it again later.
    #[error("{0}")]
    Transient(String),
    /// The conversation broke when it was about this mail: the reason may be the mail or the next hop.
    #[error("{0}")]
    Interrupted(String),
    /// The next hop is busy or out of reach, for every mail.
    #[error("{0}")]
    Away(String),
    /// Our own settings are wrong, for every mail: try again when an admin had time to look.
    #[error("{0}")]
    Ours(String),
    /// The mail cannot be written, for its template is wrong: try again when an admin had time to look.
    #[error("{0}")]
    Unwritten(String),
}

/// The server closes its door, wherever in the conversation it says so (RFC 5321 §3.8).
const CLOSING: u16 = 421;

/// Where in the conversation with a mail server something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    Greeting,
    Tls,
    Login,
    Sender,
    Recipient,
    Content,
}

impl Stage {
    fn words(self) -> &'static str {
        match self {
            Self::Connect => "connecting to the mail server failed",
            Self::Greeting => "the mail server did not greet",
            Self::Tls => "the mail server offers no TLS that can be trusted",
            Self::Login => "the mail server refused the login of mail.url",
            Self::Sender => "the mail server refused the sender, mail.from",
            Self::Recipient => "the mail server refused the recipient",
            Self::Content => "the mail server did not take the mail",
        }
    }

    /// Whether a refusal at this stage says something about this one mail.
    fn is_about_the_mail(self) -> bool {
        matches!(self, Self::Recipient | Self::Content)
    }
}

impl Failure {
    /// The server took too long.
    pub(super) fn silence(stage: Stage) -> Self {
        Self::broken(stage, "no answer in time")
    }

    fn broken(stage: Stage, what: &str) -> Self {
        let said = format!("{}: {what}", stage.words());
        if stage.is_about_the_mail() {
            Self::Interrupted(said)
        } else {
            Self::Away(said)
        }
    }

    /// The connection broke, or never was.
    pub(super) fn network(stage: Stage, error: &io::Error) -> Self {
        match certificate_fault(error) {
            Some(fault) => Self::Ours(format!("{}: {fault}", Stage::Tls.words())),
            None => Self::broken(stage, &error.to_string()),
        }
    }

    /// The server answered, or the conversation broke. A reply can quote the address: only its codes are kept.
    pub(super) fn smtp(stage: Stage, error: &smtp::Error) -> Self {
        let Some(code) = error.status() else {
            return match (io_source(error), stage) {
                (Some(io), _) => Self::network(stage, io),
                // lettre refuses by itself, for want of a STARTTLS or AUTH offer.
                (None, Stage::Tls | Stage::Login) => Self::Ours(stage.words().to_owned()),
                (None, _) => Self::broken(stage, "unreadable answer"),
            };
        };
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        let said = match enhanced_code(&text) {
            Some(enhanced) => format!("{code} {enhanced} {}", stage.words()),
            None => format!("{code} {}", stage.words()),
        };
        match (error.is_permanent(), stage.is_about_the_mail()) {
            (true, true) => Self::Permanent(said),
            (true, false) => Self::Ours(said),
            (false, true) if u16::from(code) != CLOSING => Self::Transient(said),
            (false, _) => Self::Away(said),
        }
    }
}

fn io_source(error: &smtp::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref() {
            return Some(io);
        }
        source = error.source();
    }
    None
}

/// What TLS found wrong; it names hosts at most.
fn certificate_fault(error: &io::Error) -> Option<String> {
    let fault = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(fault.to_string())
}

/// The enhanced status code that a reply begins with (RFC 2034): `5.1.1`.
fn enhanced_code(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    let mut parts = word.split('.');
    let digits = |part: Option<&str>| {
        part.is_some_and(|part| (1..=3).contains(&part.len()) && is_digits(part))
    };
    (digits(parts.next()) && digits(parts.next()) && digits(parts.next()) && parts.next().is_none())
        .then_some(word)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_is_kept_of_a_reply() {
        assert_eq!(
            enhanced_code("5.1.1 <ada@example.com>: unknown"),
            Some("5.1.1")
        );
        assert_eq!(enhanced_code("4.7.1 Greylisted"), Some("4.7.1"));
        for text in [
            "",
            "ada@example.com",
            "5.1 x",
            "5.1.1.1",
            "1.2.3456",
            "5.1.a",
        ] {
            assert_eq!(enhanced_code(text), None, "{text}");
        }
    }
}
