//! What a page would run or load, and browsers block: the server allows scripts and styles of its own files alone.

use scraper::ElementRef;
use scraper::node::Element;

use super::{Findings, Page, at, is_given};
use crate::views::marks::MARK;
use crate::views::sample::{Sample, SampleKind};

/// Scripts are errors on a page: somebody counts on what never runs. The rest is told.
pub(super) fn look(sample: &Sample, page: &Page, findings: &mut Findings) {
    let is_page = sample.kind == SampleKind::Page;
    for element in page.elements() {
        let tag = element.value();
        for (name, value) in tag.attrs().filter(|(name, _)| *name != MARK) {
            let value = value.trim();
            if name.starts_with("on") {
                let told = format!(
                    "`{name}` on <{}>: browsers block inline handlers here; use a script file",
                    tag.name()
                );
                scripted(is_page, element, told, findings);
            } else if is_link(name) && has_scheme(value, "javascript:") {
                let told = format!(
                    "`{name}` of <{}> is a script: browsers block it here; use a script file",
                    tag.name()
                );
                scripted(is_page, element, told, findings);
            } else if loads(tag, name) && leads_away(value) && !is_given(&sample.context, value) {
                let origin = value.split(['?', '#', ' ']).next().unwrap_or(value);
                let told = format!(
                    "<{} {name}> reaches {origin}: another server would learn of the visit; browsers block it here",
                    tag.name()
                );
                let is_script = matches!(tag.name(), "script" | "iframe" | "object" | "embed");
                scripted(is_page && is_script, element, told, findings);
            }
        }
        inline(is_page, element, findings);
    }
}

fn inline(is_page: bool, element: ElementRef<'_>, findings: &mut Findings) {
    let tag = element.value();
    if is_page && tag.attr("style").is_some() {
        findings.warning(
            at(element),
            format!(
                "`style` on <{}>: browsers block inline styles here; use a style sheet",
                tag.name()
            ),
        );
    }
    match tag.name() {
        "style" if is_page => findings.warning(
            at(element),
            "<style>: browsers block it here; use a style sheet",
        ),
        "script" if tag.attr("src").is_none() => {
            let told = "<script> without `src`: browsers block it here; use a script file";
            scripted(is_page, element, told.to_owned(), findings);
        }
        _ => {}
    }
}

fn scripted(is_grave: bool, element: ElementRef<'_>, message: String, findings: &mut Findings) {
    if is_grave {
        findings.error(at(element), message);
    } else {
        findings.warning(at(element), message);
    }
}

fn is_link(attribute: &str) -> bool {
    matches!(attribute, "href" | "src" | "xlink:href")
}

/// Whether merely opening the page fetches what the attribute names. Forms have their own rule.
fn loads(tag: &Element, attribute: &str) -> bool {
    match attribute {
        "src" | "srcset" | "poster" | "background" | "data" => true,
        "href" | "xlink:href" => matches!(tag.name(), "link" | "base" | "image" | "use"),
        _ => false,
    }
}

/// Whether an address is one of another server, or no address at all.
pub(super) fn leads_away(address: &str) -> bool {
    address.starts_with("//")
        || address.starts_with("/\\")
        || ["http:", "https:", "javascript:", "mailto:", "ws:", "wss:"]
            .iter()
            .any(|scheme| has_scheme(address, scheme))
}

fn has_scheme(address: &str, scheme: &str) -> bool {
    address
        .get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}
