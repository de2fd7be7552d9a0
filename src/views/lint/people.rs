//! Whether everyone can use a page: with a screen reader, enlarged, in their language (WCAG 2.2).

use std::collections::BTreeSet;

use scraper::ElementRef;

use super::{Findings, Page, at, has, is_silent};
use crate::views::locale::Locale;

/// Attributes that name other elements by their ids.
const REFERENCES: [&str; 5] = [
    "for",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-errormessage",
];

/// The page says which language it is in, and which way that is written (3.1.1).
pub(super) fn language(locale: &Locale, page: &Page, findings: &mut Findings) {
    let html = page.html.root_element();
    let said = html.value().attr("lang").unwrap_or_default();
    let way = html.value().attr("dir").unwrap_or("ltr");
    if said != locale.as_str() || way != locale.dir() {
        findings.warning(
            at(html),
            "<html> does not say the language of the page and its direction: write <html lang=\"{{ locale }}\" dir=\"{{ dir }}\">",
        );
    }
}

/// Words may be missing in one language alone.
pub(super) fn says_something(page: &Page, findings: &mut Findings) {
    for element in page.named(&["h1", "h2", "h3", "h4", "h5", "h6", "label", "legend"]) {
        if !is_silent(element) && !has_words(element) {
            findings.warning(
                at(element),
                format!("<{}> without words", element.value().name()),
            );
        }
    }
}

pub(super) fn look(page: &Page, findings: &mut Findings) {
    head(page, findings);
    headings(page, findings);
    controls(page, findings);
    alternatives(page, findings);
    references(page, findings);
}

fn head(page: &Page, findings: &mut Findings) {
    // A picture's title is its own.
    let is_the_pages = |title: &ElementRef<'_>| {
        let parent = title.parent().and_then(ElementRef::wrap);
        parent.is_some_and(|parent| parent.value().name() == "head")
    };
    let title = page.named(&["title"]).find(is_the_pages);
    if title.is_none_or(|title| !has_words(title)) {
        findings.warning(
            title.and_then(at),
            "a page without <title>: nobody finds its tab again",
        );
    }
    for meta in page.named(&["meta"]) {
        let is_viewport = meta.value().attr("name") == Some("viewport");
        let content = meta.value().attr("content").unwrap_or_default();
        let content: String = content.split_whitespace().collect();
        let is_fixed = ["user-scalable=no", "user-scalable=0", "maximum-scale=1"]
            .iter()
            .any(|fixed| {
                content
                    .split(',')
                    .any(|part| part == *fixed || part.strip_prefix(fixed) == Some(".0"))
            });
        if is_viewport && is_fixed {
            findings.warning(
                at(meta),
                "a viewport that cannot be enlarged: leave out `user-scalable` and `maximum-scale`",
            );
        }
    }
}

/// One h1, and no level left out on the way down (1.3.1).
fn headings(page: &Page, findings: &mut Findings) {
    let mut before: Option<u8> = None;
    let mut has_first = false;
    for heading in page.named(&["h1", "h2", "h3", "h4", "h5", "h6"]) {
        let digit = heading.value().name().as_bytes().last();
        let level = digit.map_or(1, |digit| digit.saturating_sub(b'0'));
        has_first |= level == 1;
        if let Some(before) = before.filter(|before| level > before + 1) {
            findings.warning(
                at(heading),
                format!(
                    "<h{level}> after <h{before}>: a level is left out; use <h{}>",
                    before + 1
                ),
            );
        }
        before = Some(level);
    }
    if !has_first {
        findings.warning(
            None,
            "a page without <h1>: say with it what the page is for",
        );
    }
}

/// What can be operated has a name (1.3.1, 4.1.2).
fn controls(page: &Page, findings: &mut Findings) {
    let labelled: BTreeSet<&str> = page
        .named(&["label"])
        .filter(|label| has_words(*label))
        .filter_map(|label| label.value().attr("for"))
        .collect();
    let has_label = |element: ElementRef<'_>| {
        let id = element.value().attr("id");
        let around = element.ancestors().filter_map(ElementRef::wrap);
        id.is_some_and(|id| labelled.contains(id))
            || around
                .filter(|element| element.value().name() == "label")
                .any(has_words)
    };
    for element in page.named(&["input", "select", "textarea", "button", "a"]) {
        let tag = element.value();
        let kind = match tag.name() {
            "input" => tag.attr("type").unwrap_or("text"),
            other => other,
        };
        let is_fine = match kind.to_ascii_lowercase().as_str() {
            "hidden" | "submit" | "reset" | "image" => true,
            "a" => tag.attr("href").is_none() || has_words(element),
            "button" => has_words(element) || has(element, "value"),
            _ => has_label(element),
        };
        if !(is_fine || is_named(page, element) || is_silent(element)) {
            let name = tag
                .attr("name")
                .map(|name| format!(" name=\"{name}\""))
                .unwrap_or_default();
            let way_out = match tag.name() {
                "a" | "button" => "put words into it, or an aria-label on it",
                _ => "give it an `id` and a <label for=…>",
            };
            findings.warning(
                at(element),
                format!(
                    "<{}{name}> has no name that a screen reader could say: {way_out}",
                    tag.name()
                ),
            );
        }
    }
}

/// Pictures say what they show, or that they are decoration (1.1.1).
pub(super) fn alternatives(page: &Page, findings: &mut Findings) {
    for element in page.named(&["img", "input", "area", "svg"]) {
        let tag = element.value();
        let (is_fine, way_out) = match tag.name() {
            "svg" => (
                has(element, "aria-label") || is_named(page, element) || has_title(element),
                "aria-hidden=\"true\" if it is decoration, else role=\"img\" and an aria-label",
            ),
            "input" => (
                tag.attr("type") != Some("image") || has(element, "alt"),
                "alt=\"…\" with what it does",
            ),
            _ => (
                tag.attr("alt").is_some(),
                "alt=\"\" if it is decoration, else alt=\"…\" with what it shows",
            ),
        };
        let is_bare = matches!(tag.attr("role"), Some("presentation" | "none"));
        if !(is_fine || is_bare || is_silent(element)) {
            findings.warning(
                at(element),
                format!("<{}> without an alternative text: {way_out}", tag.name()),
            );
        }
    }
}

/// Ids are there once, and what points to one finds it.
fn references(page: &Page, findings: &mut Findings) {
    let ids = page.ids();
    let mut seen = BTreeSet::new();
    for element in page.elements() {
        if let Some(id) = element.value().attr("id")
            && !seen.insert(id)
        {
            findings.warning(at(element), format!("a second element with the id `{id}`"));
        }
        for name in REFERENCES {
            let Some(wanted) = element.value().attr(name) else {
                continue;
            };
            for id in wanted.split_whitespace().filter(|id| !ids.contains(id)) {
                findings.warning(
                    at(element),
                    format!("`{name}` points to `{id}`, and nothing has this id"),
                );
            }
        }
    }
}

fn is_named(page: &Page, element: ElementRef<'_>) -> bool {
    if has(element, "aria-label") || has(element, "title") {
        return true;
    }
    let names = element.value().attr("aria-labelledby").unwrap_or_default();
    names.split_whitespace().any(|id| {
        page.elements()
            .any(|named| named.value().attr("id") == Some(id) && has_words(named))
    })
}

/// Words, or a picture that has some.
fn has_words(element: ElementRef<'_>) -> bool {
    element.text().any(|text| !text.trim().is_empty())
        || element
            .descendants()
            .filter_map(ElementRef::wrap)
            .any(|inner| has(inner, "aria-label") || has(inner, "alt"))
}

fn has_title(element: ElementRef<'_>) -> bool {
    let mut inner = element.descendants().filter_map(ElementRef::wrap);
    inner.any(|inner| inner.value().name() == "title" && has_words(inner))
}
