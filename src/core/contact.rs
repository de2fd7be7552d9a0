//! Contacts: an address is parsed once, at the door, to exactly one mailbox.

use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use unicode_normalization::{is_nfc, is_nfkc};

use super::error::{Error, Result};
use super::ids::is_bidi_control;

/// One mailbox: `local@domain`, the domain in lower-case ASCII (IDNA). Mail goes to exactly these bytes.
///
/// `Debug` is redacted: an address is personal data and no part of a log line.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The longest address, in bytes (RFC 5321 §4.5.3.1.3).
    const MAX_BYTES: usize = 254;

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl FromStr for Email {
    type Err = Error;

    /// Normalizes first, then validates: what is checked is what is stored (CVE-2026-73420 class).
    fn from_str(text: &str) -> Result<Self> {
        let refuse = |reason: &'static str| Err(Error::invalid("email", reason));
        if text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || is_bidi_control(c) || is_unseen(c))
        {
            return refuse("must not contain spaces, control or invisible characters");
        }
        if !is_nfc(text) || !is_nfkc(text) {
            return refuse(
                "contains characters that look like others; write them in their plain form",
            );
        }
        let Some((local, domain)) = text.rsplit_once('@') else {
            return refuse("must be one address such as ada@example.com");
        };
        if local.contains([
            '"', '(', ')', '%', '!', ',', ':', ';', '<', '>', '[', ']', '\\', '@',
        ]) {
            return refuse(
                "must have a plain part before the @, without quotes, comments or routes",
            );
        }
        if domain.starts_with('[') {
            return refuse("must have a domain name after the @, not an IP address");
        }
        let Ok(domain) = idna::domain_to_ascii_strict(domain) else {
            return refuse("must have a valid domain name after the @");
        };
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX_BYTES {
            return refuse("must have 254 characters at most");
        }
        let plain = Options::default()
            .without_display_text()
            .without_domain_literal();
        match EmailAddress::parse_with_options(&address, plain) {
            Ok(_) => Ok(Self(address)),
            Err(_) => refuse("must be one address such as ada@example.com"),
        }
    }
}

/// What is not seen, and what IDNA drops from a domain without a word: two addresses would look like one
/// (Unicode's Default_Ignorable_Code_Point, beyond those that change the direction of text).
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

impl TryFrom<String> for Email {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_kept_as_it_is() {
        for text in [
            "ada@example.com",
            "a.b+c@example.co.uk",
            "o'neil@example.com",
            "x@localhost",
            "ünï@example.com",
        ] {
            assert_eq!(text.parse::<Email>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn the_domain_becomes_ascii() {
        assert_eq!(
            "Ada@BÜCHER.example".parse::<Email>().unwrap().as_str(),
            "Ada@xn--bcher-kva.example"
        );
    }

    #[test]
    fn anything_but_one_plain_mailbox_is_refused() {
        let hostile = [
            "",
            "@",
            "a",
            "a@",
            "@b",
            "a@b@c",
            "a b@c.de",
            "a@b c",
            "a@b.de\r\nRCPT TO:<x@y.de>",
            "a@b.de\n",
            "a\0@b.de",
            "\"a b\"@c.de",
            "a(comment)@b.de",
            "a@b.de,c@d.de",
            "a@b.de;c@d.de",
            "<a@b.de>",
            "Ada <a@b.de>",
            "a%b@c.de",
            "a!b@c.de",
            "a@[127.0.0.1]",
            "a@-b.de",
            "a@b-.de",
            "a＠b.de",
            "a@ｂ.de",
            "ﬁ@b.de",
            "a@b..de",
            ".a@b.de",
            "a.@b.de",
            "a\u{202e}@b.de",
            "a\u{200b}@b.de",
            "group:a@b.de;",
            "a\u{0301}@b.de",
            "a@b.de\u{2028}",
            "a@b\u{ad}.de",
            "a\u{115f}@b.de",
            "a@b\u{fe0f}.de",
        ];
        for text in hostile {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
        let long = format!("{}@example.com", "a".repeat(300));
        assert!(long.parse::<Email>().is_err());
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(
            format!("{:?}", "ada@example.com".parse::<Email>().unwrap()),
            "Email(…)"
        );
    }
}
