//! The bytes of a mail: headers and the two parts.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::failure::Failure;
use super::mail::Words;
use crate::core::{Email, MessageId, Timestamp};

/// A mail as it leaves.
pub(super) struct Outgoing {
    /// Names its file and its Message-ID.
    pub(super) message_id: MessageId,
    /// From whom and to whom: one of each.
    pub(super) envelope: Envelope,
    /// Headers and parts, every line ended by CRLF.
    pub(super) bytes: Vec<u8>,
}

/// What every mail of this server has in common.
#[derive(Debug, Clone)]
pub(super) struct Letterhead {
    /// Whom mails are from.
    pub(super) from: Mailbox,
    /// What Message-IDs end with.
    pub(super) domain: String,
}

impl Letterhead {
    /// Puts words into an envelope to exactly one mailbox.
    pub(super) fn write(
        &self,
        message_id: &MessageId,
        to: &Email,
        words: Words,
        now: Timestamp,
    ) -> Result<Outgoing, Failure> {
        let address = to
            .as_str()
            .parse::<Address>()
            .map_err(|_| Failure::Permanent("the recipient's address cannot be mailed".into()))?;
        let from = match words.from {
            Some(stored) => stored
                .address
                .parse()
                .map(|email| Mailbox::new(stored.name, email)),
            None => Ok(self.from.clone()),
        };
        let from =
            from.map_err(|_| Failure::Ours("the sender that is stored cannot be written".into()))?;
        let envelope = Envelope::new(Some(from.email.clone()), vec![address.clone()])
            .map_err(|_| Failure::Permanent("the recipient's address cannot be mailed".into()))?;
        // A boundary that follows from the message: a repeated try is the same mail, byte for byte.
        let parts = MultiPart::alternative()
            .boundary(format!("{message_id}_parts"))
            .singlepart(part(ContentType::TEXT_PLAIN, &words.text))
            .singlepart(part(ContentType::TEXT_HTML, &words.html));
        let mail = Message::builder()
            .from(from)
            .to(Mailbox::new(None, address))
            .subject(words.subject)
            .date(system_time(now))
            .message_id(Some(format!("<{message_id}@{}>", self.domain)))
            .raw_header(automatic())
            .multipart(parts)
            .map_err(|error| Failure::Ours(format!("the mail cannot be written: {error}")))?;
        Ok(Outgoing {
            message_id: message_id.clone(),
            envelope,
            bytes: mail.formatted(),
        })
    }
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).body(with_crlf(text))
}

/// Tells mail programs not to answer with an absence note (RFC 3834 §5).
fn automatic() -> HeaderValue {
    HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    )
}

/// Every line ends with CRLF and no CR or LF stands alone: what lies after a lone one would not be dot-stuffed
/// (RUSTSEC-2026-0561).
fn with_crlf(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 32);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                rest.next_if_eq(&'\n');
                lines.push_str("\r\n");
            }
            '\n' => lines.push_str("\r\n"),
            '\0' => {}
            other => lines.push(other),
        }
    }
    lines
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_end_stands_alone() {
        assert_eq!(
            with_crlf("a\nb\r\nc\rd\n\re\r\r\n"),
            "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\n"
        );
        assert_eq!(with_crlf("\n.\nMAIL FROM"), "\r\n.\r\nMAIL FROM");
        assert_eq!(with_crlf(""), "");
    }
}
