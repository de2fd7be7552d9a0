//! In which language a page speaks: what was chosen on it, what the back end asked for, what the browser prefers.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header as _, Preference};
use serde::Serialize;
use url::form_urlencoded;

use super::cookies::{self, Name};
use crate::views::{Locale, Views};
use crate::web::App;

/// The parameter of the language switch.
const PARAMETER: &str = "lang";

/// The parameter of links: the languages to speak, the best first, separated by spaces (OpenID Connect Core §3.1.2.1).
const WISHES: &str = "ui_locales";

/// A link asks for so many languages at most; what comes after is not looked at.
const MOST_WISHES: usize = 8;

/// Longer tags name no language that there are words for.
const LONGEST_TAG: usize = 35;

/// One entry of the language switch.
#[derive(Debug, Clone, Serialize)]
pub struct Language {
    code: String,
    name: String,
    url: String,
    current: bool,
}

/// The language of one page.
#[derive(Debug, Clone)]
pub struct Speech {
    /// The language.
    pub locale: Locale,
    /// The language that was chosen with this very request, to be remembered.
    pub chosen: Option<String>,
    /// Whether it answers a form: what stands at this very address may be another page, or none.
    is_posted: bool,
    /// Whether another language may be chosen: not where the address is a secret.
    switches: bool,
}

impl Speech {
    /// The language for this request, given what the back end asked for.
    pub fn of(request: &HttpRequest, app: &App, asked: &[String]) -> Self {
        let chosen = parameter(request, PARAMETER).filter(|tag| Locale::parse(tag).is_ok());
        let remembered = cookies::read(request, Name::Language, &app.urls);
        let preferred = AcceptLanguage::parse(request)
            .map(|accept| accept.ranked())
            .unwrap_or_default();
        let preferred: Vec<String> = preferred
            .into_iter()
            .filter_map(|preference| match preference {
                Preference::Specific(tag) => Some(tag.to_string()),
                Preference::Any => None,
            })
            .collect();
        let carries_ticket = form_urlencoded::parse(request.query_string().as_bytes())
            .any(|(name, _)| name == "ticket");
        let wishes = wishes(request).filter(|_| carries_ticket);
        let wanted: Vec<&str> = [chosen.as_deref(), remembered.as_deref()]
            .into_iter()
            .flatten()
            .chain(split(wishes.as_deref()))
            .chain(asked.iter().map(String::as_str))
            .chain(preferred.iter().map(String::as_str))
            .collect();
        Self {
            locale: app.views.negotiate(&wanted),
            is_posted: !request.method().is_safe(),
            switches: !carries_ticket,
            chosen,
        }
    }

    /// The language switch of a page whose form posts to `action`. What a form was answered with is asked for anew.
    pub fn switch(&self, views: &Views, action: &str) -> Vec<Language> {
        let page = if self.is_posted { action } else { "" };
        if !self.switches || (self.is_posted && page.is_empty()) {
            return Vec::new();
        }
        let entry = |locale: Locale| Language {
            name: views.translate(&locale, "language-name", &[]),
            url: in_language(page, locale.as_str()),
            current: locale == self.locale,
            code: locale.to_string(),
        };
        views.locales().into_iter().map(entry).collect()
    }
}

impl Language {
    /// The switch of the samples.
    pub fn samples() -> Vec<Self> {
        let entry = |code: &str, name: &str, current| Self {
            code: code.to_owned(),
            name: name.to_owned(),
            url: in_language("", code),
            current,
        };
        vec![entry("de", "Deutsch", false), entry("en", "English", true)]
    }
}

/// A page of ours in another language; the empty one is the page itself. Relative: a path that a stranger made up may
/// lead elsewhere (`//evil.example`).
fn in_language(page: &str, locale: &str) -> String {
    format!("{page}?{PARAMETER}={locale}")
}

/// The languages that a link asks for, separated by spaces; what is no language tag is left out.
pub fn wishes(request: &HttpRequest) -> Option<String> {
    let sent = parameter(request, WISHES)?;
    let tags: Vec<&str> = sent
        .split_ascii_whitespace()
        .take(MOST_WISHES)
        .filter(|tag| tag.len() <= LONGEST_TAG && Locale::parse(tag).is_ok())
        .collect();
    (!tags.is_empty()).then(|| tags.join(" "))
}

/// The single tags of a list.
pub fn split(tags: Option<&str>) -> impl Iterator<Item = &str> {
    tags.unwrap_or_default().split_ascii_whitespace()
}

/// The value of a parameter of the query string that comes exactly once.
pub fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    let mut values =
        form_urlencoded::parse(request.query_string().as_bytes()).filter(|(sent, _)| sent == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}
