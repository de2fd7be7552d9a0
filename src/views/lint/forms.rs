//! Whether forms are whole, lead here, and what people typed stays text.

use scraper::ElementRef;
use serde_json::Value;

use super::reach::leads_away;
use super::{Findings, Page, at};
use crate::views::sample::{Sample, SampleKind};

/// Inputs that every POST form carries, and the context's name for their value.
pub(in crate::views) const ALWAYS: [&str; 2] = ["csrf", "attempt"];

/// What in a context comes from people: the fields of `userData`, and these.
const PEOPLES: [&str; 5] = ["userData", "name", "number", "application", "asked_by"];

/// What a person might type: it breaks out of texts and of attributes, with quotes and without.
const PROBE: &str = "\"'> tessera-probe=1 <tessera-probe tessera-probe>";
const PROBE_NAME: &str = "tessera-probe";

/// Each POST form carries what the server demands, and some form what the screen asks for; none leads away.
pub(super) fn whole(sample: &Sample, page: &Page, findings: &mut Findings) {
    let mut nearest: Option<(Vec<&str>, ElementRef<'_>)> = None;
    for form in page.named(&["form"]) {
        let method = form.value().attr("method").unwrap_or_default();
        if !method.eq_ignore_ascii_case("post") {
            continue;
        }
        let inputs = inputs(page, form);
        for name in ALWAYS {
            let expected = sample.context.get(name).and_then(Value::as_str);
            let found = inputs.iter().find(|(own, _)| own == name);
            match (found, expected) {
                (None, _) => findings.error(at(form), format!(
                    "a form without its `{name}` input; include the shipped fields in every POST form"
                )),
                (Some((_, value)), Some(expected)) if value != expected => findings.error(at(form), format!(
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
        let is_nearer = |(best, _): &(Vec<&str>, _)| missing.len() < best.len();
        if nearest.as_ref().is_none_or(is_nearer) {
            nearest = Some((missing, form));
        }
    }
    let (missing, place) = match nearest {
        Some((missing, form)) => (missing, at(form)),
        None => (
            sample.required_fields.iter().map(String::as_str).collect(),
            None,
        ),
    };
    for field in missing {
        findings.error(place, format!("no POST form has the input `{field}`"));
    }
    for element in page.named(&["form", "button", "input"]) {
        for name in ["action", "formaction"] {
            let target = element.value().attr(name).map(str::trim);
            if let Some(target) = target.filter(|target| leads_away(target)) {
                findings.error(at(element), format!(
                    "a form that sends what people type to {target}; browsers block it here, forms lead to this server alone"
                ));
            }
        }
    }
}

/// The named inputs of a form with their values, those that join it by its id included.
fn inputs(page: &Page, form: ElementRef<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for element in page.named(&["input", "select", "textarea", "button"]) {
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

/// The context with markup wherever people's words stand; nothing if there are none.
pub(in crate::views) fn probe(sample: &Sample) -> Option<Value> {
    if !matches!(sample.kind, SampleKind::Page | SampleKind::MailHtml) {
        return None;
    }
    let mut context = sample.context.clone();
    let fields = context.as_object_mut()?;
    let mut is_changed = false;
    for name in PEOPLES {
        match fields.get_mut(name) {
            Some(Value::String(text)) => {
                PROBE.clone_into(text);
                is_changed = true;
            }
            Some(Value::Object(of_person)) => {
                for value in of_person.values_mut().filter(|value| value.is_string()) {
                    *value = Value::from(PROBE);
                    is_changed = true;
                }
            }
            _ => {}
        }
    }
    is_changed.then_some(context)
}

/// Whether markup came through as markup, in a rendering of [`probe`].
pub(in crate::views) fn judge_probe(text: &str, findings: &mut Findings) {
    let page = Page::parse(text);
    let got_through = page.elements().find(|element| {
        let tag = element.value();
        tag.name() == PROBE_NAME || tag.attr(PROBE_NAME).is_some()
    });
    if let Some(element) = got_through {
        findings.error(
            at(element),
            "what a person typed becomes markup here: leave out `safe`, and write attributes with quotes",
        );
    }
}
