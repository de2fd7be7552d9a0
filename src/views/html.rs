//! Looks at a rendered page or mail as a browser would: are its forms whole, does it reach beyond this server.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use css_inline::{CSSInliner, InlineError};
use scraper::node::Element;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use super::sample::{Sample, SampleKind};

/// Inputs that every POST form carries, and the context's name for their value.
const ALWAYS: [&str; 2] = ["csrf", "attempt"];

/// What is wrong with a rendering.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Looks at one rendering of a sample.
pub(super) fn inspect(sample: &Sample, rendered: &str) -> Findings {
    let mut findings = Findings::default();
    match sample.kind {
        SampleKind::Page => {
            let page = Html::parse_document(rendered);
            forms(sample, &page, &mut findings.errors);
            reach(&page, true, &mut findings.warnings);
        }
        SampleKind::MailHtml => {
            // Also for its time: what takes forever here would hold up all other mails.
            if let Err(error) = inline_styles(rendered) {
                let told = format!("its styles cannot be put into the mail: {error}");
                findings.errors.push(told);
            }
            reach(
                &Html::parse_document(rendered),
                false,
                &mut findings.warnings,
            );
        }
        SampleKind::MailText => {}
        SampleKind::MailSubject => {
            let line = rendered.trim();
            if line.is_empty() || line.chars().any(char::is_control) {
                findings
                    .errors
                    .push("a subject must be one line of text".to_owned());
            }
        }
    }
    findings
}

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

fn forms(sample: &Sample, page: &Html, errors: &mut Vec<String>) {
    let mut best_missing: Option<Vec<&str>> = None;
    for form in elements(page, "form") {
        let method = form.value().attr("method").unwrap_or_default();
        if !method.eq_ignore_ascii_case("post") {
            continue;
        }
        let inputs = inputs(page, form);
        for name in ALWAYS {
            let expected = sample.context.get(name).and_then(Value::as_str);
            let found = inputs.iter().find(|(own, _)| own == name);
            match (found, expected) {
                (None, _) => errors.push(format!(
                    "a form without its `{name}` input; include the shipped fields in every POST form"
                )),
                (Some((_, value)), Some(expected)) if value != expected => errors.push(format!(
                    "the `{name}` input of a form does not carry `{{{{ {name} }}}}`"
                )),
                _ => {}
            }
        }
        let missing: Vec<&str> = sample
            .required_fields
            .iter()
            .map(String::as_str)
            .filter(|field| !inputs.iter().any(|(own, _)| own == field))
            .collect();
        if best_missing
            .as_ref()
            .is_none_or(|best| missing.len() < best.len())
        {
            best_missing = Some(missing);
        }
    }
    let missing =
        best_missing.unwrap_or_else(|| sample.required_fields.iter().map(String::as_str).collect());
    for field in missing {
        errors.push(format!("no POST form has the input `{field}`"));
    }
}

/// The named inputs of a form with their values, those that join it by its id included.
fn inputs(page: &Html, form: ElementRef<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for element in elements(page, "input, select, textarea, button") {
        let belongs = match element.value().attr("form") {
            Some(id) => form.value().attr("id") == Some(id),
            None => element.ancestors().any(|node| node.id() == form.id()),
        };
        if let (true, Some(name)) = (belongs, element.value().attr("name")) {
            let value = element.value().attr("value").unwrap_or_default();
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

fn reach(page: &Html, is_page: bool, warnings: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for element in elements(page, "*") {
        let tag = element.value();
        for (name, value) in tag.attrs() {
            if name.starts_with("on") {
                seen.insert(format!(
                    "`{name}` on <{}>: browsers block inline handlers here; use a script file",
                    tag.name()
                ));
            }
            if let Some(origin) = foreign(tag, name, value) {
                seen.insert(format!(
                    "<{} {name}> reaches {origin}: another server would learn of the visit; browsers block it here",
                    tag.name()
                ));
            }
        }
        if is_page && tag.attr("style").is_some() {
            seen.insert(format!(
                "`style` on <{}>: browsers block inline styles here; use a style sheet",
                tag.name()
            ));
        }
        match tag.name() {
            "style" if is_page => {
                seen.insert("<style>: browsers block it here; use a style sheet".to_owned());
            }
            "script" if tag.attr("src").is_none() => {
                seen.insert(
                    "<script> without `src`: browsers block it here; use a script file".to_owned(),
                );
            }
            _ => {}
        }
    }
    warnings.extend(seen);
}

/// The other server that merely opening the page would reach.
fn foreign(tag: &Element, attribute: &str, value: &str) -> Option<String> {
    let loads = match attribute {
        "src" | "srcset" | "poster" | "background" | "data" | "action" | "formaction" => true,
        "href" => matches!(tag.name(), "link" | "base" | "image" | "use"),
        _ => false,
    };
    let value = value.trim();
    let absolute = value.starts_with("//")
        || value
            .get(..5)
            .is_some_and(|s| s.eq_ignore_ascii_case("http:"))
        || value
            .get(..6)
            .is_some_and(|s| s.eq_ignore_ascii_case("https:"));
    let origin = value.split(['?', '#', ' ']).next().unwrap_or(value);
    (loads && absolute).then(|| origin.to_owned())
}

fn elements<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    // The selectors are literals of this file.
    Selector::parse(selector)
        .map(|selector| page.select(&selector).collect())
        .unwrap_or_default()
}
