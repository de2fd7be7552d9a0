//! Twilio's REST API: `Messages` and `Calls` of an account, with a form and the auth token.

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use super::fate::Fate;
use super::provider::{Text, ask};
use crate::config;
use crate::core::Sealer;
use crate::core::seal::Place;
use crate::store::{PHONE_TWILIO, Store};

/// An account at Twilio.
pub(super) struct Twilio {
    configured: config::Twilio,
    client: Client,
    store: Store,
    sealer: Sealer,
}

/// Who sends.
struct Account {
    sid: String,
    token: SecretString,
    from: Option<String>,
    messaging_service: Option<String>,
}

/// What was set by the API, but for the token.
#[derive(Deserialize)]
struct Stored {
    sid: Option<String>,
    from: Option<String>,
    messaging_service_sid: Option<String>,
}

impl Twilio {
    pub(super) fn new(
        configured: config::Twilio,
        client: Client,
        store: Store,
        sealer: Sealer,
    ) -> Self {
        Self {
            configured,
            client,
            store,
            sealer,
        }
    }

    pub(super) async fn send(&self, text: &Text<'_>) -> Fate {
        let account = match self.account().await {
            Ok(Some(account)) => account,
            Ok(None) => {
                return Fate::Refused(
                    "no Twilio account is configured or set by the API".to_owned(),
                );
            }
            Err(error) => return Fate::Later(error.label().to_owned()),
        };
        let resource = if text.is_call { "Calls" } else { "Messages" };
        let Some(url) = self.url(&account.sid, resource) else {
            return Fate::Refused("[phone] twilio_url leads nowhere".to_owned());
        };
        let spoken = Zeroizing::new(spoken(text.words, text.locale));
        let mut form = vec![("To", text.number)];
        match (&account.messaging_service, &account.from, text.is_call) {
            (Some(service), _, false) => form.push(("MessagingServiceSid", service)),
            (_, Some(from), _) => form.push(("From", from)),
            _ => return Fate::Refused("[phone] from is missing: calls need a number".to_owned()),
        }
        form.push(match text.is_call {
            true => ("Twiml", &spoken),
            false => ("Body", text.words),
        });
        let Ok(body) = serde_urlencoded::to_string(&form) else {
            return Fate::Refused("the message cannot be written as a form".to_owned());
        };
        let request = self
            .client
            .post(url)
            .basic_auth(&account.sid, Some(account.token.expose_secret()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        ask(request).await
    }

    fn url(&self, sid: &str, resource: &str) -> Option<Url> {
        let mut url = self.configured.url.clone();
        let file = format!("{resource}.json");
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(["2010-04-01", "Accounts", sid, &file]);
        Some(url)
    }

    /// The configured account; without one, what was set by the API.
    async fn account(&self) -> crate::core::Result<Option<Account>> {
        if let Some((sid, token)) = &self.configured.account {
            return Ok(Some(Account {
                sid: sid.clone(),
                token: token.clone(),
                from: self.configured.from.clone(),
                messaging_service: self.configured.messaging_service.clone(),
            }));
        }
        let Some(setting) = self.store.begin_read().await?.setting(PHONE_TWILIO).await? else {
            return Ok(None);
        };
        let place = Place {
            table: "settings",
            row: &[PHONE_TWILIO],
            column: "value_sealed",
        };
        let opened = setting
            .value_sealed
            .and_then(|sealed| self.sealer.open(&place, &sealed));
        let token = opened.and_then(|token| String::from_utf8(token.to_vec()).ok());
        let stored: Option<Stored> = serde_json::from_str(&setting.value).ok();
        Ok(stored.zip(token).and_then(|(stored, token)| {
            Some(Account {
                sid: stored.sid?,
                token: SecretString::from(token),
                from: stored.from,
                messaging_service: stored.messaging_service_sid,
            })
        }))
    }
}

/// Lines that are read out, with a second between them (TwiML).
fn spoken(words: &str, locale: &str) -> String {
    let language = match voice_of(locale) {
        Some(language) => format!(" language=\"{language}\""),
        None => String::new(),
    };
    let lines: Vec<String> = words
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("<Say{language}>{}</Say>", escaped(line.trim())))
        .collect();
    format!(
        "<Response>{}</Response>",
        lines.join("<Pause length=\"1\"/>")
    )
}

/// The language as Twilio names it: with a region, but for standard Arabic.
fn voice_of(locale: &str) -> Option<String> {
    match locale {
        "en" => Some("en-US".to_owned()),
        "de" | "fr" | "es" | "it" | "nl" | "pl" | "pt" | "fi" | "ru" => {
            Some(format!("{locale}-{}", locale.to_uppercase()))
        }
        "ar" => Some("arb".to_owned()),
        "ja" => Some("ja-JP".to_owned()),
        _ if locale.contains('-')
            && locale
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
        {
            Some(locale.to_owned())
        }
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_says_line_by_line_what_is_escaped() {
        assert_eq!(
            spoken("A & <B>\n\n 1. 2. 3. \n", "de"),
            "<Response><Say language=\"de-DE\">A &amp; &lt;B&gt;</Say><Pause length=\"1\"/>\
             <Say language=\"de-DE\">1. 2. 3.</Say></Response>"
        );
        assert_eq!(
            spoken("x", "en-GB"),
            "<Response><Say language=\"en-GB\">x</Say></Response>"
        );
        assert_eq!(
            spoken("رمزك", "ar"),
            "<Response><Say language=\"arb\">رمزك</Say></Response>"
        );
        assert_eq!(
            spoken("x", "ja"),
            "<Response><Say language=\"ja-JP\">x</Say></Response>"
        );
        assert_eq!(spoken("x", "sw"), "<Response><Say>x</Say></Response>");
    }
}
