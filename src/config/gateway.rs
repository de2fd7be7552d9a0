//! `[phone] http_…`: a request for each message, to whatever gateway there is.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Shown};
use super::phone::PROVIDER;
use super::reader::{Read, Reader, Reported};
use super::twilio::private_url;
use crate::core::Fill;

/// What an URL and a body may have places for.
pub const PLACES: [&str; 9] = [
    "number",
    "digits",
    "text",
    "code",
    "channel",
    "locale",
    "from",
    "message_id",
    "secret",
];
/// What a header may have places for: nothing that a person typed.
const HEADER_PLACES: [&str; 2] = ["secret", "message_id"];

pub(super) static URL: Key = Key {
    section: "phone",
    name: "http_url",
    kind: Kind::Text,
    shown: Shown::Example(
        "\"http://127.0.0.1:13013/cgi-bin/sendsms?to={{ number }}&text={{ text }}\"",
    ),
    doc: "Where a gateway takes a message. Here and in http_body there are places for number (+49…), digits\n\
          (49…), text, code, channel (sms, voice), locale, from, message_id and secret, each escaped as its\n\
          surroundings need it.",
};

pub(super) static METHOD: Key = Key {
    section: "phone",
    name: "http_method",
    kind: Kind::Text,
    shown: Shown::Default("\"POST\""),
    doc: "POST, PUT or GET.",
};

pub(super) static HEADERS: Key = Key {
    section: "phone",
    name: "http_headers",
    kind: Kind::TextList,
    shown: Shown::Default("[]"),
    doc: "Like [\"Authorization: Bearer {{ secret }}\"]; there are places for secret and message_id.",
};

pub(super) static BODY_TYPE: Key = Key {
    section: "phone",
    name: "http_body_type",
    kind: Kind::Text,
    shown: Shown::Default("\"json\""),
    doc: "json or form.",
};

pub(super) static BODY: Key = Key {
    section: "phone",
    name: "http_body",
    kind: Kind::Text,
    shown: Shown::Example("'{\"to\": \"{{ number }}\", \"text\": \"{{ text }}\"}'"),
    doc: "What a POST or PUT carries.",
};

pub(super) static CALLS: Key = Key {
    section: "phone",
    name: "http_calls",
    kind: Kind::Flag,
    shown: Shown::Default("false"),
    doc: "Whether it also calls, when channel is voice.",
};

pub(super) static SECRET: Key = Key {
    section: "phone",
    name: "http_secret",
    kind: Kind::Secret,
    shown: Shown::Example("\"…\""),
    doc: "What {{ secret }} stands for.",
};

pub(super) static SECRET_FILE: Key = Key {
    section: "phone",
    name: "http_secret_file",
    kind: Kind::SecretFile,
    shown: Shown::Example("\"/run/secrets/gateway\""),
    doc: "A file that holds it.",
};

/// A gateway that takes a request for each message.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// Where to.
    pub url: Fill,
    /// With these headers.
    pub headers: Vec<(String, Fill)>,
    /// With this body.
    pub body: Option<(BodyType, Fill)>,
    /// What `{{ secret }}` stands for.
    pub secret: Option<SecretString>,
    /// Whom messages are from.
    pub from: Option<String>,
    /// Whether it can call.
    pub calls: bool,
    shown: Shows,
}

/// What a body is, and so how what is put into it is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyType {
    /// Within the quotes of a JSON text.
    Json,
    /// As the value of a form's field.
    Form,
}

/// As it stands in the file: there are no secrets in it but by their place.
#[derive(Clone, Debug)]
struct Shows {
    host: String,
}

pub(super) fn read(reader: &mut Reader, from: Option<String>) -> Read<Gateway> {
    let Some((url, host)) = reader.optional(&URL, url)? else {
        return Err(reader.refuse(
            &PROVIDER,
            "needs http_url; say there where your gateway takes a message, with {{ number }} and {{ text }}",
        ));
    };
    let method = reader.parse(&METHOD, |text| match text {
        "GET" | "POST" | "PUT" => Ok(text.to_owned()),
        _ => Err("is no way to send a message; say POST, PUT or GET".to_owned()),
    })?;
    let headers = reader.list(&HEADERS, header)?;
    let kind = reader.parse(&BODY_TYPE, |text| match text {
        "json" => Ok(BodyType::Json),
        "form" => Ok(BodyType::Form),
        _ => Err("is unknown; say json or form".to_owned()),
    })?;
    let body = reader.optional(&BODY, |text| body(text, kind))?;
    let is_get = method == "GET";
    if body.is_some() && is_get {
        return Err(reader.refuse(
            &BODY,
            "is not sent by GET; leave it out, or say http_method = \"POST\"",
        ));
    }
    let secret = reader.secret(&SECRET, &SECRET_FILE)?;
    let gateway = Gateway {
        method,
        url,
        headers,
        body: body.map(|body| (kind, body)),
        secret,
        from,
        calls: reader.flag(&CALLS)?,
        shown: Shows { host },
    };
    gateway.check(reader)?;
    Ok(gateway)
}

impl Gateway {
    /// Whether a message gets there whole.
    fn check(&self, reader: &mut Reader) -> Result<(), Reported> {
        let has = |name: &str| {
            self.url.has(name) || self.body.as_ref().is_some_and(|(_, body)| body.has(name))
        };
        let header_has = |name| self.headers.iter().any(|(_, value)| value.has(name));
        if !has("number") && !has("digits") {
            return Err(reader.refuse(
                &URL,
                "says nowhere whom to; put {{ number }} into it or into http_body",
            ));
        }
        if !has("text") && !has("code") {
            return Err(reader.refuse(
                &URL,
                "says nowhere what; put {{ text }} into it or into http_body",
            ));
        }
        if (has("secret") || header_has("secret")) && self.secret.is_none() {
            return Err(reader.refuse(
                &URL,
                "has {{ secret }}, or http_headers have; say http_secret or http_secret_file",
            ));
        }
        Ok(())
    }
}

fn url(text: &str) -> Result<(Fill, String), String> {
    let fill = Fill::parse(text, &PLACES)?;
    let sample = private_url(&fill.with(|_| "0".to_owned()))?;
    let other = private_url(&fill.with(|_| "1".to_owned()))?;
    // A place in the host would lead codes to whom the place names.
    if sample.origin() != other.origin() {
        return Err("has a place before the path; write scheme and host out".to_owned());
    }
    Ok((fill, sample.origin().ascii_serialization()))
}

fn header(text: &str) -> Result<(String, Fill), String> {
    let hint = "is no header; say it like X-Key: {{ secret }}";
    let (name, value) = text.split_once(':').ok_or(hint)?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_name || value.chars().any(char::is_control) {
        return Err(hint.to_owned());
    }
    let fill = Fill::parse(value.trim(), &HEADER_PLACES)?;
    Ok((name.to_owned(), fill))
}

fn body(text: &str, kind: BodyType) -> Result<Fill, String> {
    let fill = Fill::parse(text, &PLACES)?;
    // A value with a quote in it shows a place that stands outside of quotes.
    let sample = fill.with(|_| "x\\\"y".to_owned());
    if kind == BodyType::Json && serde_json::from_str::<Value>(&sample).is_err() {
        return Err(
            "is not JSON; put each place between quotes, like {\"to\": \"{{ number }}\"}"
                .to_owned(),
        );
    }
    Ok(fill)
}

pub(super) fn describe(gateway: Option<&Gateway>) -> Vec<(Path, Value)> {
    let hidden = |there: bool| json!(there.then_some("***"));
    vec![
        // Whoever put a password into the address would find it shown.
        (
            URL.path(),
            json!(gateway.map(|gateway| format!("{}/***", gateway.shown.host))),
        ),
        (METHOD.path(), json!(gateway.map(|gateway| &gateway.method))),
        (
            HEADERS.path(),
            json!(gateway.map(|gateway| {
                gateway
                    .headers
                    .iter()
                    .map(|(name, _)| format!("{name}: ***"))
                    .collect::<Vec<_>>()
            })),
        ),
        (
            BODY_TYPE.path(),
            json!(
                gateway
                    .and_then(|gateway| gateway.body.as_ref())
                    .map(|(kind, _)| match kind {
                        BodyType::Json => "json",
                        BodyType::Form => "form",
                    })
            ),
        ),
        (
            BODY.path(),
            hidden(gateway.is_some_and(|gateway| gateway.body.is_some())),
        ),
        (CALLS.path(), json!(gateway.map(|gateway| gateway.calls))),
        (
            SECRET.path(),
            hidden(gateway.is_some_and(|gateway| gateway.secret.is_some())),
        ),
    ]
}
