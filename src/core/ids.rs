//! Identifiers: each kind is a type of its own, made from the injected clock and rng, time-ordered, and safe to log.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use uuid::Builder;

use super::clock::Timestamp;
use super::error::{Error, Result};
use super::rng::Rng;

/// Counts within a millisecond, so that what one process does in order also reads in order.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A version 7 UUID in simple hex, the 26 bits after the time a counter (RFC 9562 §5.7, §6.2 method 1).
fn time_ordered(now: Timestamp, rng: &dyn Rng) -> String {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let mut bytes: [u8; 10] = rng.bytes();
    // The version takes the first four bits, the variant the two before the last 14 of these.
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let [high, low] = [count >> 14, count & 0x3fff];
    bytes[..4].copy_from_slice(&((high & 0x0fff) << 16 | low).to_be_bytes());
    Builder::from_unix_timestamp_millis(millis, &bytes)
        .into_uuid()
        .simple()
        .to_string()
}

macro_rules! generated_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A fresh, time-ordered identifier.
            pub fn new(now: Timestamp, rng: &dyn Rng) -> Self {
                Self(concat!($prefix, "_").to_owned() + &time_ordered(now, rng))
            }

            /// The identifier as it is written everywhere.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                let digits = text.strip_prefix(concat!($prefix, "_")).unwrap_or_default();
                let hex = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                if digits.len() == 32 && hex {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Error::invalid_path("id", concat!("an identifier is ", $prefix, "_ and 32 lower-case hex digits")))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

generated_id!(
    /// Names a ticket; redeems nothing (design §3).
    TicketId, "gten"
);
generated_id!(
    /// Names one factor of one user; the API also writes it `<type>|dev_…` (contract §1.3).
    EnrollmentId, "dev"
);
generated_id!(
    /// Names one browser working on one ticket.
    AttemptId, "att"
);
generated_id!(
    /// Names one challenge: a sent code, a ceremony, a prompt.
    ChallengeId, "chl"
);
generated_id!(
    /// Names one run of the authenticate pages, or of the MFA API, for one user.
    LoginId, "lgn"
);
generated_id!(
    /// Names an API client.
    ClientId, "cli"
);
generated_id!(
    /// Names one line of what happened.
    EventId, "evt"
);
generated_id!(
    /// Names one message of the outbox.
    MessageId, "msg"
);
generated_id!(
    /// Names one request, in its answer and in the log.
    RequestId, "req"
);

impl EventId {
    /// What the identifiers that are made at this moment begin with, behind their prefix.
    pub fn time_part(at: Timestamp) -> String {
        format!("{:012x}", at.millis().max(0))
    }
}

/// The back end's name for a person: 1 to 255 characters, compared byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserId(String);

impl UserId {
    /// The longest identifier, in characters.
    pub const MAX_CHARS: usize = 255;

    /// The identifier, exactly as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the connection's prefix: `abc` of `auth0|abc`. Never empty: pages show it.
    pub fn friendly(&self) -> &str {
        let (_, tail) = self.0.rsplit_once('|').unwrap_or_default();
        if tail.is_empty() { &self.0 } else { tail }
    }
}

impl FromStr for UserId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let chars = text.chars().count();
        if chars == 0 {
            return Err(Error::invalid("user_id", "must not be empty"));
        }
        if chars > Self::MAX_CHARS {
            return Err(Error::invalid(
                "user_id",
                "must have 255 characters at most",
            ));
        }
        if text.chars().any(|c| c.is_control() || is_bidi_control(c)) {
            return Err(Error::invalid(
                "user_id",
                "must not contain control or text-direction characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for UserId {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters that reorder the text around them (Unicode UAX #9), or that cannot be seen and make two ids look alike.
pub(crate) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::OsRng;

    #[test]
    fn ids_order_by_time_and_read_back() {
        let early = TicketId::new(Timestamp::from_millis(1_000), &OsRng);
        let late = TicketId::new(Timestamp::from_millis(2_000), &OsRng);
        assert!(early < late);
        assert_eq!(early.as_str().parse::<TicketId>().unwrap(), early);
    }

    #[test]
    fn ids_of_one_millisecond_order_as_they_were_made() {
        let made: Vec<EventId> = (0..20_000)
            .map(|_| EventId::new(Timestamp::from_millis(1_000), &OsRng))
            .collect();
        assert!(made.is_sorted());
    }

    #[test]
    fn an_id_begins_with_its_time() {
        let at = Timestamp::from_millis(1_767_225_600_123);
        let id = EventId::new(at, &OsRng);
        let head = |at| format!("evt_{}", EventId::time_part(at));
        assert!(id.as_str().starts_with(&head(at)));
        assert!(*id.as_str() < *head(Timestamp::from_millis(1_767_225_600_124)));
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "gten_",
            "gten_ABCDEF",
            "dev_0123456789abcdef0123456789abcdef",
            "gten_0123456789abcdef0123456789abcdeg",
        ] {
            assert!(text.parse::<TicketId>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_friendly_part_is_never_empty() {
        for (id, friendly) in [
            ("auth0|a", "a"),
            ("a|b|c", "c"),
            ("a", "a"),
            ("auth0|", "auth0|"),
            ("|", "|"),
        ] {
            assert_eq!(id.parse::<UserId>().unwrap().friendly(), friendly);
        }
    }

    #[test]
    fn user_ids_are_byte_exact() {
        for text in [
            "0",
            "00",
            "0e1",
            "auth0|abc",
            "Ünïcödé",
            "'; DROP TABLE users; --",
            " x ",
        ] {
            assert_eq!(text.parse::<UserId>().unwrap().as_str(), text);
        }
        for text in ["", "a\0b", "a\nb", "a\u{202e}b", "a\u{7f}", "\u{200b}"] {
            assert!(text.parse::<UserId>().is_err(), "{text:?}");
        }
        assert!("é".repeat(255).parse::<UserId>().is_ok());
        assert!("é".repeat(256).parse::<UserId>().is_err());
    }
}
