//! Looks at what was rendered as those would who get it: a browser, a mail program, a phone, a screen reader.

mod colours;
mod forms;
mod mail;
mod messages;
mod people;
mod reach;

use std::collections::BTreeSet;

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::locale::Locale;
use super::marks::{Place, place_of};
use super::sample::{Sample, SampleKind};

pub(super) use colours::{Sheet, judge as judge_colours};
pub(super) use forms::{ALWAYS, judge_probe, probe};
pub use mail::inline_styles;

/// What is wrong with a rendering, and where that stands in the templates if it is known.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<(Option<Place>, String)>,
    pub(super) warnings: Vec<(Option<Place>, String)>,
}

impl Findings {
    fn error(&mut self, place: Option<Place>, message: impl Into<String>) {
        self.errors.push((place, message.into()));
    }

    fn warning(&mut self, place: Option<Place>, message: impl Into<String>) {
        self.warnings.push((place, message.into()));
    }
}

/// One sample in one language.
pub(super) struct Rendering<'r> {
    pub(super) sample: &'r Sample,
    pub(super) locale: &'r Locale,
    pub(super) text: &'r str,
    /// Other languages are looked at for what can differ in them: words, direction, and whether forms are whole.
    pub(super) is_first_language: bool,
}

/// Looks at a rendering.
pub(super) fn inspect(rendering: &Rendering<'_>) -> Findings {
    let mut findings = Findings::default();
    match rendering.sample.kind {
        SampleKind::Page => {
            let page = Page::parse(rendering.text);
            forms::whole(rendering.sample, &page, &mut findings);
            people::language(rendering.locale, &page, &mut findings);
            people::says_something(&page, &mut findings);
            if rendering.is_first_language {
                reach::look(rendering.sample, &page, &mut findings);
                people::look(&page, &mut findings);
            }
        }
        SampleKind::MailHtml => mail::look(rendering, &mut findings),
        SampleKind::MailText => messages::text(rendering, &mut findings),
        SampleKind::MailSubject => messages::subject(rendering.text, &mut findings),
    }
    findings
}

/// A parsed rendering.
struct Page {
    html: Html,
}

impl Page {
    fn parse(text: &str) -> Self {
        Self {
            html: Html::parse_document(text),
        }
    }

    fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        let nodes = self.html.root_element().descendants();
        nodes.filter_map(ElementRef::wrap)
    }

    fn named<'p>(&'p self, names: &'p [&str]) -> impl Iterator<Item = ElementRef<'p>> {
        self.elements()
            .filter(|element| names.contains(&element.value().name()))
    }

    fn ids(&self) -> BTreeSet<&str> {
        self.elements()
            .filter_map(|element| element.value().attr("id"))
            .collect()
    }
}

/// Whether the element or one around it is kept from those who listen to the page.
fn is_silent(element: ElementRef<'_>) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    std::iter::once(element)
        .chain(around)
        .any(|element| element.value().attr("aria-hidden") == Some("true"))
}

fn has(element: ElementRef<'_>, attribute: &str) -> bool {
    let value = element.value().attr(attribute);
    value.is_some_and(|value| !value.trim().is_empty())
}

/// Whether somewhere in the context stands this very text: then it is not the template's own doing.
fn is_given(context: &Value, text: &str) -> bool {
    match context {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| is_given(item, text)),
        Value::Object(fields) => fields.values().any(|field| is_given(field, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn at(element: ElementRef<'_>) -> Option<Place> {
    place_of(element)
}
