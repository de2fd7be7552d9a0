//! The known name that a mistyped one was meant to be.

use super::key::{self, Key, SECTIONS};

/// What to say about `name` in `section` (empty: the top of the file).
pub(super) fn unknown_key(section: &str, name: &str) -> String {
    let within = if section.is_empty() {
        "at the top of the file".to_owned()
    } else {
        format!("in [{section}]")
    };
    let stated = format!("unknown key `{name}` {within}");
    let here: Vec<&Key> = key::all().filter(|key| key.section == section).collect();
    let names: Vec<&str> = here.iter().map(|key| key.name).collect();
    if let Some(meant) = nearest(name, names.iter().copied()) {
        return format!("{stated}; did you mean `{meant}`?");
    }
    match key::all().find(|key| key.name == name) {
        Some(elsewhere) if elsewhere.section.is_empty() => {
            format!("{stated}; it belongs at the top of the file, before the first [section]")
        }
        Some(elsewhere) => format!("{stated}; it belongs in [{}]", elsewhere.section),
        None => format!("{stated}; the keys there are {}", listed(&names)),
    }
}

/// What to say about a section that there is not.
pub(super) fn unknown_section(name: &str) -> String {
    let sections: Vec<&str> = SECTIONS.iter().skip(1).map(|s| s.name).collect();
    match nearest(name, sections.iter().copied()) {
        Some(meant) => format!("unknown section [{name}]; did you mean [{meant}]?"),
        None => format!(
            "unknown section [{name}]; the sections are {}",
            listed(&sections)
        ),
    }
}

/// What to say about a `TESSERA_…` variable that no key answers to.
pub(super) fn unknown_variable(name: &str) -> String {
    let known: Vec<String> = key::all().map(Key::env).collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("unknown environment variable {name}; did you mean {meant}?"),
        None => format!(
            "unknown environment variable {name}; a key's variable is TESSERA_SECTION__KEY, like {}",
            known.first().map_or("", String::as_str)
        ),
    }
}

/// What to say about a key on the command line.
pub(super) fn unknown_flag(name: &str) -> String {
    let known: Vec<String> = key::all().map(Key::dotted).collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("unknown key `{name}`; did you mean `{meant}`?"),
        None => format!("unknown key `{name}`; `tessera config sample` lists the keys"),
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', '.'], "");
    let name = plain(name);
    known
        .map(|candidate| {
            let far = strsim::damerau_levenshtein(&name, &plain(candidate));
            (far, candidate)
        })
        .filter(|(far, candidate)| *far <= candidate.len().div_ceil(3))
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

fn listed(names: &[&str]) -> String {
    names.join(", ")
}
