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
    /// Whether another language may be chosen: not where that would lose the page.
    switches: bool,
}

impl Speech {
    /// The language for this request, given what the back end asked for.
    pub fn of(request: &HttpRequest, app: &App, asked: &[&str]) -> Self {
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
        let wanted: Vec<&str> = [chosen.as_deref(), remembered.as_deref()]
            .into_iter()
            .flatten()
            .chain(asked.iter().copied())
            .chain(preferred.iter().map(String::as_str))
            .collect();
        let carries_ticket = form_urlencoded::parse(request.query_string().as_bytes())
            .any(|(name, _)| name == "ticket");
        Self {
            locale: app.views.negotiate(&wanted),
            switches: !carries_ticket,
            chosen,
        }
    }

    /// The language switch of this page.
    pub fn switch(&self, views: &Views) -> Vec<Language> {
        if !self.switches {
            return Vec::new();
        }
        let entry = |locale: Locale| Language {
            name: views.translate(&locale, "language-name", &[]),
            url: same_page(locale.as_str()),
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
            url: same_page(code),
            current,
        };
        vec![entry("de", "Deutsch", false), entry("en", "English", true)]
    }
}

/// The page itself in another language. Relative: a path that a stranger made up may lead elsewhere (`//evil.example`).
fn same_page(locale: &str) -> String {
    format!("?{PARAMETER}={locale}")
}

/// The value of a parameter of the query string that comes exactly once.
pub fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    let mut values =
        form_urlencoded::parse(request.query_string().as_bytes()).filter(|(sent, _)| sent == name);
    let value = values.next()?.1.into_owned();
    values.next().is_none().then_some(value)
}
