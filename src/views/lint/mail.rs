//! The HTML part of mails: its styles are put on the elements, and must be readable there.

use std::sync::LazyLock;

use css_inline::{CSSInliner, InlineError};
use scraper::{ElementRef, Node};

use super::colours::{Colour, TEXT, contrast};
use super::{Findings, Page, Rendering, at, messages, people, reach};

/// Mail programs drop style sheets. What cannot be put on the elements, such as the dark scheme, stays in a style block;
/// nothing is fetched.
static INLINER: LazyLock<CSSInliner<'static>> = LazyLock::new(|| {
    CSSInliner::options()
        .keep_at_rules(true)
        .load_remote_stylesheets(false)
        .build()
});

/// A mail with its styles on the elements that they are for.
///
/// # Errors
/// When its styles are none.
pub fn inline_styles(html: &str) -> Result<String, InlineError> {
    INLINER.inline(html)
}

pub(super) fn look(rendering: &Rendering<'_>, findings: &mut Findings) {
    // Also for its time: what takes forever here would hold up all other mails.
    let inlined = match inline_styles(rendering.text) {
        Ok(inlined) => inlined,
        Err(error) => {
            let told = format!("its styles cannot be put into the mail: {error}");
            return findings.error(None, told);
        }
    };
    let page = Page::parse(&inlined);
    people::language(rendering.locale, &page, findings);
    let links = page
        .elements()
        .filter_map(|element| element.value().attr("href"));
    let shown: Vec<&str> = page.html.root_element().text().chain(links).collect();
    if page
        .html
        .root_element()
        .text()
        .all(|text| text.trim().is_empty())
    {
        findings.error(None, "is empty");
    }
    messages::points(rendering, &shown.join(" "), findings);
    if rendering.is_first_language {
        reach::look(rendering.sample, &page, findings);
        people::alternatives(&page, findings);
        readable(&page, findings);
    }
}

/// The contrast of each text with what it stands on, as the elements' styles have it in the light scheme.
fn readable(page: &Page, findings: &mut Findings) {
    for node in page.html.root_element().descendants() {
        let Node::Text(text) = node.value() else {
            continue;
        };
        let Some(parent) = node.parent().and_then(ElementRef::wrap) else {
            continue;
        };
        if text.trim().is_empty() || matches!(parent.value().name(), "style" | "title" | "script") {
            continue;
        }
        let own = |names: &[&str]| {
            let around = parent.ancestors().filter_map(ElementRef::wrap);
            std::iter::once(parent)
                .chain(around)
                .find_map(|element| declared(element, names))
        };
        let (Some(ink), Some(ground)) = (own(&["color"]), own(&["background-color", "background"]))
        else {
            continue;
        };
        let (Some(ink_colour), Some(ground_colour)) = (Colour::parse(&ink), Colour::parse(&ground))
        else {
            continue;
        };
        let reached = contrast(ink_colour, ground_colour);
        if reached < TEXT {
            findings.warning(
                at(parent),
                format!("text in {ink} on {ground} has a contrast of {reached:.1}; {TEXT} can be read by everyone"),
            );
        }
    }
}

/// The last value of one of these properties in the element's own style.
fn declared(element: ElementRef<'_>, names: &[&str]) -> Option<String> {
    let style = element.value().attr("style")?;
    let mut values = style.split(';').filter_map(|one| one.split_once(':'));
    let mut found = None;
    for (name, value) in values.by_ref() {
        if names.contains(&name.trim().to_ascii_lowercase().as_str()) {
            found = Some(
                value
                    .trim()
                    .trim_end_matches("!important")
                    .trim()
                    .to_owned(),
            );
        }
    }
    found
}
