//! Addresses and user ids: what is accepted is one mailbox by another parser, and stays what it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mail_parser::{Address, MessageParser};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tessera::core::{Email, UserId};

fuzz_target!(|text: &str| {
    if let Ok(email) = text.parse::<Email>() {
        is_one_mailbox(text, &email);
    }
    if let Ok(id) = text.parse::<UserId>() {
        is_kept(text, &id);
    }
});

fn is_one_mailbox(text: &str, email: &Email) {
    let kept = email.as_str();
    assert_eq!(kept.parse::<Email>().unwrap(), *email, "normal forms stay");
    assert!(kept.len() <= 254);
    let (local, domain) = kept.split_once('@').unwrap();
    assert_eq!(local, text.rsplit_once('@').unwrap().0, "byte for byte");
    assert_eq!(local, email.local_part());
    assert!(domain.is_ascii() && domain == domain.to_ascii_lowercase());
    // What would end a RCPT command or begin another parameter of it (RFC 5321 §4.1.1.3).
    assert!(
        !kept
            .contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;:\"\\()[]".contains(c))
    );
    let header = format!("To: <{kept}>\r\n\r\n");
    let message = MessageParser::new().parse(header.as_bytes()).unwrap();
    let Some(Address::List(list)) = message.to() else {
        panic!("not one list: {:?}", message.to());
    };
    let [only] = list.as_slice() else {
        panic!("{} mailboxes", list.len());
    };
    assert_eq!(only.address(), Some(kept));
    let json = serde_json::to_string(email).unwrap();
    assert_eq!(serde_json::from_str::<Email>(&json).unwrap(), *email);
}

fn is_kept(text: &str, id: &UserId) {
    assert_eq!(id.as_str(), text, "byte for byte");
    assert!((1..=255).contains(&text.chars().count()));
    assert!(!text.contains(char::is_control));
    let path = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let back = percent_decode_str(&path).decode_utf8().unwrap();
    assert_eq!(back.parse::<UserId>().unwrap(), *id);
    let json = serde_json::to_string(id).unwrap();
    assert_eq!(serde_json::from_str::<UserId>(&json).unwrap(), *id);
    assert!(text.ends_with(id.friendly()));
}
