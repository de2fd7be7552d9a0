//! What a message says: the templates `sms/…` and `voice/…`, or the text that was set by the API in their place.

use serde::Serialize;
use serde_json::Value;
use zeroize::{Zeroize as _, Zeroizing};

use super::fate::Fate;
use crate::config;
use crate::core::fill::MESSAGE_PLACES;
use crate::core::{Fill, Urls};
use crate::store::{PHONE_TEMPLATES, Store};
use crate::views::{Sample, SampleKind, Site, Views};

/// In a call, a line is a sentence with a pause behind it.
const PAUSE: &str = "\n";

/// The context of `sms/…` and `voice/…`, named as in the contract.
#[derive(Serialize)]
struct Context<'a> {
    code: String,
    message_type: &'a str,
    #[serde(rename = "requestInfo")]
    request_info: RequestInfo<'a>,
    tenant: Tenant<'a>,
    pause: &'static str,
    custom_domain: CustomDomain<'a>,
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        self.code.zeroize();
    }
}

#[derive(Serialize)]
struct RequestInfo<'a> {
    lang: &'a str,
}

#[derive(Serialize)]
struct Tenant<'a> {
    friendly_name: &'a str,
    #[serde(rename = "friendlyName")]
    also_friendly_name: &'a str,
}

#[derive(Serialize)]
struct CustomDomain<'a> {
    domain: &'a str,
}

impl<'a> Context<'a> {
    fn new(channel: &'a str, lang: &'a str, code: &str, site: &'a str, host: &'a str) -> Self {
        let code = match channel {
            // Dots make a voice slow.
            "voice" => code
                .chars()
                .map(|digit| format!("{digit}. "))
                .collect::<String>()
                .trim_end()
                .to_owned(),
            _ => code.to_owned(),
        };
        Self {
            code,
            message_type: channel,
            request_info: RequestInfo { lang },
            tenant: Tenant {
                friendly_name: site,
                also_friendly_name: site,
            },
            pause: PAUSE,
            custom_domain: CustomDomain { domain: host },
        }
    }

    /// The value of a place of a text that was set by the API.
    fn value<'s>(&'s self, place: &str, locale: &'s str) -> &'s str {
        match place {
            "code" => &self.code,
            "message_type" => self.message_type,
            "locale" => locale,
            "requestInfo.lang" => self.request_info.lang,
            "tenant.friendly_name" | "tenant.friendlyName" => self.tenant.friendly_name,
            "pause" => self.pause,
            "custom_domain.domain" => self.custom_domain.domain,
            _ => "",
        }
    }
}

/// Writes messages.
pub(super) struct Words {
    views: Views,
    site: String,
    host: String,
    store: Store,
}

impl Words {
    pub(super) fn new(views: Views, site: &config::Site, urls: &Urls, store: Store) -> Self {
        Self {
            views,
            site: site.name.clone(),
            host: urls.host().to_owned(),
            store,
        }
    }

    /// What a message says, in its person's language.
    pub(super) async fn write(
        &self,
        channel: &str,
        purpose: &str,
        lang: &str,
        code: &str,
    ) -> Result<Zeroizing<String>, Fate> {
        let context = Context::new(channel, lang, code, &self.site, &self.host);
        let locale = self.views.negotiate(&[lang]);
        let words = Zeroizing::new(match self.set_by_api(purpose).await? {
            Some(fill) => fill.with(|place| context.value(place, locale.as_str())),
            None => self
                .views
                .render(&template(channel, purpose), &locale, &context)
                .map_err(|error| {
                    tracing::error!(%error, "a message to a phone cannot be written");
                    Fate::Later("the template cannot be rendered".to_owned())
                })?,
        });
        Ok(Zeroizing::new(words.trim().to_owned()))
    }

    async fn set_by_api(&self, purpose: &str) -> Result<Option<Fill>, Fate> {
        let read = async {
            self.store
                .begin_read()
                .await?
                .setting(PHONE_TEMPLATES)
                .await
        };
        let setting = read
            .await
            .map_err(|error| Fate::Later(error.label().to_owned()))?;
        let texts = setting.and_then(|setting| serde_json::from_str::<Value>(&setting.value).ok());
        let text = texts
            .as_ref()
            .and_then(|texts| texts.get(format!("{purpose}_message"))?.as_str());
        Ok(text.and_then(|text| Fill::parse(text, &MESSAGE_PLACES).ok()))
    }
}

fn template(channel: &str, purpose: &str) -> String {
    let channel = if channel == "voice" { "voice" } else { "sms" };
    let purpose = if purpose == "verification" {
        purpose
    } else {
        "enrollment"
    };
    format!("{channel}/{purpose}.txt")
}

/// Every message as a person would get it.
pub(in crate::delivery) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (name, site) in ["full", "bare-site"]
        .into_iter()
        .zip(Site::samples("https://mfa.example.com"))
    {
        for channel in ["sms", "voice"] {
            for purpose in ["enrollment", "verification"] {
                let context = Context::new(channel, "en", "012345", site.name(), "mfa.example.com");
                samples.push(Sample {
                    template: template(channel, purpose),
                    name: name.to_owned(),
                    // A map of texts has a JSON form.
                    context: serde_json::to_value(&context).unwrap_or_default(),
                    required_fields: Vec::new(),
                    kind: SampleKind::MailText,
                });
            }
        }
    }
    samples
}
