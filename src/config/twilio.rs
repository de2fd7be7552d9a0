//! `[phone] twilio_…`: an account at Twilio, or at who speaks its REST API.

use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::key::{Key, Kind, Path, Shown};
use super::reader::{Read, Reader};
use super::value;

pub(super) static SID: Key = Key {
    section: "phone",
    name: "twilio_sid",
    kind: Kind::Text,
    shown: Shown::Example("\"AC0123456789abcdef0123456789abcdef\""),
    doc: "The account. Left out, with its token: what was set by the API is used.",
};

pub(super) static TOKEN: Key = Key {
    section: "phone",
    name: "twilio_token",
    kind: Kind::Secret,
    shown: Shown::Example("\"…\""),
    doc: "Its auth token.",
};

pub(super) static TOKEN_FILE: Key = Key {
    section: "phone",
    name: "twilio_token_file",
    kind: Kind::SecretFile,
    shown: Shown::Example("\"/run/secrets/twilio-token\""),
    doc: "A file that holds it.",
};

pub(super) static SERVICE: Key = Key {
    section: "phone",
    name: "twilio_messaging_service",
    kind: Kind::Text,
    shown: Shown::Example("\"MG0123456789abcdef0123456789abcdef\""),
    doc: "A messaging service, in the place of `from` in text messages. Calls need `from`.",
};

pub(super) static URL: Key = Key {
    section: "phone",
    name: "twilio_url",
    kind: Kind::Text,
    shown: Shown::Default("\"https://api.twilio.com\""),
    doc: "Where the API is.",
};

/// An account at Twilio.
#[derive(Clone, Debug)]
pub struct Twilio {
    /// Where the API is.
    pub url: Url,
    /// The account and its token; nothing when they are set by the API.
    pub account: Option<(String, SecretString)>,
    /// Whom messages are from.
    pub from: Option<String>,
    /// The messaging service that text messages are from.
    pub messaging_service: Option<String>,
}

pub(super) fn read(reader: &mut Reader, from: Option<String>) -> Read<Twilio> {
    let url = reader.parse(&URL, private_url)?;
    let id = |text: &str| match text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        true => value::line(text, 64),
        false => Err("has more than letters and digits; copy it from the console".to_owned()),
    };
    let sid = reader.optional(&SID, id)?;
    let token = reader.secret(&TOKEN, &TOKEN_FILE)?;
    let messaging_service = reader.optional(&SERVICE, id)?;
    let account = match (sid, token) {
        (Some(sid), Some(token)) => Some((sid, token)),
        (None, None) => None,
        (Some(_), None) => {
            return Err(reader.refuse(&SID, "is of no use alone; say twilio_token too"));
        }
        (None, Some(_)) => {
            return Err(reader.refuse(&TOKEN, "is of no use alone; say twilio_sid too"));
        }
    };
    if account.is_some() && from.is_none() && messaging_service.is_none() {
        return Err(reader.refuse(
            &SID,
            "has nobody to send from; say from, or twilio_messaging_service",
        ));
    }
    Ok(Twilio {
        url,
        account,
        from,
        messaging_service,
    })
}

/// What codes and passwords travel to: by https, or no further than this machine.
pub(super) fn private_url(text: &str) -> Result<Url, String> {
    let url = value::web_url(text)?;
    if url.scheme() == "https" || value::is_loopback(&url) {
        Ok(url)
    } else {
        Err("would show codes and passwords to the network; say https://".to_owned())
    }
}

pub(super) fn describe(twilio: Option<&Twilio>) -> Vec<(Path, Value)> {
    let account = twilio.and_then(|twilio| twilio.account.as_ref());
    vec![
        (SID.path(), json!(account.map(|(sid, _)| sid))),
        (TOKEN.path(), json!(account.map(|_| "***"))),
        (
            SERVICE.path(),
            json!(twilio.and_then(|twilio| twilio.messaging_service.as_ref())),
        ),
        (URL.path(), json!(twilio.map(|twilio| twilio.url.as_str()))),
    ]
}
