//! Any gateway that takes a request for each message, as `[phone] http_…` writes it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use secrecy::ExposeSecret as _;

use super::fate::Fate;
use super::provider::{Text, ask};
use crate::config::{BodyType, Gateway};

/// A gateway.
pub(super) struct Http {
    gateway: Gateway,
    client: Client,
}

impl Http {
    pub(super) fn new(gateway: Gateway, client: Client) -> Self {
        Self { gateway, client }
    }

    pub(super) async fn send(&self, text: &Text<'_>) -> Fate {
        let gateway = &self.gateway;
        let value = |name: &str| self.value(name, text);
        let url = gateway.url.with(|name| percent_encoded(value(name)));
        let method = match gateway.method.as_str() {
            "GET" => Method::GET,
            "PUT" => Method::PUT,
            _ => Method::POST,
        };
        let mut request = self.client.request(method, url);
        for (name, fill) in &gateway.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let header = HeaderValue::from_str(&fill.with(value));
            let (Ok(name), Ok(mut header)) = (name, header) else {
                return Fate::Refused(
                    "a header of [phone] http_headers cannot be written".to_owned(),
                );
            };
            header.set_sensitive(true);
            request = request.header(name, header);
        }
        if let Some((kind, body)) = &gateway.body {
            let (content_type, body) = match kind {
                BodyType::Json => ("application/json", body.with(|name| in_json(value(name)))),
                BodyType::Form => (
                    "application/x-www-form-urlencoded",
                    body.with(|name| percent_encoded(value(name))),
                ),
            };
            let named = gateway
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !named {
                request = request.header(CONTENT_TYPE, content_type);
            }
            request = request.body(body);
        }
        ask(request).await
    }

    fn value<'s>(&'s self, name: &str, text: &'s Text<'_>) -> &'s str {
        let gateway = &self.gateway;
        match name {
            "number" => text.number,
            "digits" => text.number.trim_start_matches('+'),
            "text" => text.words,
            "code" => text.code,
            "channel" if text.is_call => "voice",
            "channel" => "sms",
            "locale" => text.locale,
            "from" => gateway.from.as_deref().unwrap_or_default(),
            "message_id" => text.message_id.as_str(),
            "secret" => gateway
                .secret
                .as_ref()
                .map_or("", |secret| secret.expose_secret()),
            _ => "",
        }
    }
}

/// Every byte but letters and digits: right in a path, a query and a form.
fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Between the quotes of a JSON text.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_stays_inside() {
        let hostile = "a\"b\\c&d=e\nf%g{h}ü";
        let json = format!("{{\"to\":\"{}\"}}", in_json(hostile));
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["to"], hostile);
        let form = format!("to={}&x=1", percent_encoded(hostile));
        let read: Vec<(String, String)> = serde_urlencoded::from_str(&form).unwrap();
        assert_eq!(
            read,
            [
                ("to".to_owned(), hostile.to_owned()),
                ("x".to_owned(), "1".to_owned())
            ]
        );
    }
}
