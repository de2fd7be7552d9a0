//! Tells Liquid, which templates of elsewhere are written in, from a mere slip of the pen.

use super::problem::CheckError;

/// Where the whole of it is mapped.
const MAPPED: &str = "docs/liquid.md maps each";

/// What begins a statement there and none here, and what stands for it.
#[rustfmt::skip]
const TAGS: [(&str, &str); 18] = [
    ("elsif", "`elif`"),
    ("unless", "`if not …`"), ("endunless", "`endif`"),
    ("case", "`if … elif …`"), ("when", "`elif …`"), ("endcase", "`endif`"),
    ("assign", "`set`"), ("capture", "`set name` … `endset`"), ("endcapture", "`endset`"),
    ("comment", "`{# … #}`"), ("endcomment", "`#}`"),
    ("increment", "`set`"), ("decrement", "`set`"),
    ("cycle", "`loop.index is odd`"), ("tablerow", "`for`"), ("endtablerow", "`endfor`"),
    ("layout", "`extends`"), ("echo", "`{{ … }}`"),
];

/// What filters are called there, and what stands for them.
#[rustfmt::skip]
const FILTERS: [(&str, &str); 14] = [
    ("upcase", "`upper`"), ("downcase", "`lower`"), ("strip", "`trim`"), ("lstrip", "`trim_start`"),
    ("rstrip", "`trim_end`"), ("size", "`length`"), ("append", "`~`"), ("prepend", "`~`"),
    ("newline_to_br", "`newlines_to_br`"), ("plus", "`+`"), ("minus", "`-`"), ("times", "`*`"),
    ("divided_by", "`//`"), ("modulo", "`%`"),
];

/// The first thing of a text that is Liquid and no Tera, with its line and what stands for it.
pub(super) fn found(file: &str, text: &str) -> Option<CheckError> {
    let mut rest = text;
    while let Some(at) = rest.find("{%").into_iter().chain(rest.find("{{")).min() {
        let inside = rest.get(at + 2..)?;
        let is_statement = rest.get(at..)?.starts_with("{%");
        let end = inside.find(if is_statement { "%}" } else { "}}" })?;
        let said = inside.get(..end)?;
        if let Some((liquid, ours)) = statement(said, is_statement).or_else(|| expression(said)) {
            let before = text.len() - rest.len() + at;
            let line = text.get(..before)?.matches('\n').count() + 1;
            let message = format!("`{liquid}` is Liquid; Tera says {ours}: {MAPPED}");
            return Some(CheckError::new(file, Some(line), message));
        }
        rest = inside.get(end + 2..)?;
    }
    None
}

fn statement(said: &str, is_statement: bool) -> Option<(String, String)> {
    let word = said
        .trim_start_matches(['-', ' ', '\n', '\t', '\r'])
        .split(|c: char| !c.is_alphanumeric() && c != ':' && c != '_')
        .next()
        .filter(|_| is_statement)?;
    if word.starts_with("auth0:") {
        let ours = "nothing of the kind, the page is drawn by its own files".to_owned();
        return Some((word.to_owned(), ours));
    }
    let (liquid, ours) = TAGS.iter().find(|(liquid, _)| *liquid == word)?;
    Some(((*liquid).to_owned(), (*ours).to_owned()))
}

fn expression(said: &str) -> Option<(String, String)> {
    let plain = without_texts(said);
    for part in plain.split('|').skip(1) {
        let name: String = part
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let after = part.trim_start().get(name.len()..).unwrap_or_default();
        if let Some((liquid, ours)) = FILTERS.iter().find(|(liquid, _)| *liquid == name) {
            return Some((format!("| {liquid}"), (*ours).to_owned()));
        }
        if after.trim_start().starts_with(':') {
            let ours = format!("`| {name}(argument=…)`");
            return Some((format!("| {name}:"), ours));
        }
    }
    let contains = plain.split_whitespace().any(|word| word == "contains");
    contains.then(|| ("contains".to_owned(), "`part in whole`".to_owned()))
}

/// What stands in quotes is no syntax.
fn without_texts(said: &str) -> String {
    let mut quote = None;
    let keep = |c: char| match quote {
        Some(open) => {
            if c == open {
                quote = None;
            }
            None
        }
        None if c == '"' || c == '\'' => {
            quote = Some(c);
            None
        }
        None => Some(c),
    };
    said.chars().filter_map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn liquid_is_found_with_its_line_and_what_stands_for_it() {
        for (text, told) in [
            (
                "a\n{% if a %}{% elsif b %}",
                "x:2: `elsif` is Liquid; Tera says `elif`",
            ),
            (
                "{%- unless a -%}",
                "x:1: `unless` is Liquid; Tera says `if not …`",
            ),
            (
                "{% assign a = 1 %}",
                "x:1: `assign` is Liquid; Tera says `set`",
            ),
            (
                "\n\n{% comment %}x",
                "x:3: `comment` is Liquid; Tera says `{# … #}`",
            ),
            (
                "{{ a | upcase }}",
                "x:1: `| upcase` is Liquid; Tera says `upper`",
            ),
            (
                "{{ a | slice: 0, 2 }}",
                "x:1: `| slice:` is Liquid; Tera says `| slice(argument=…)`",
            ),
            (
                "{% if a contains 'fr' %}",
                "x:1: `contains` is Liquid; Tera says `part in whole`",
            ),
            ("{%- auth0:head -%}", "x:1: `auth0:head` is Liquid"),
        ] {
            let found = found("x", text).map(|error| error.to_string());
            let found = found.unwrap_or_default();
            assert!(found.starts_with(told), "{found}");
        }
    }

    #[test]
    fn what_is_tera_too_is_not_held_against_anyone() {
        for text in [
            "{% if ticket %}{{ userData.email }}{% else %}b{% endif %}",
            "{{ a | default(value='| upcase: contains') }} contains | size: in plain words",
            "{% for e in errors %}{{ e.message | escape }}{% endfor %}{% raw %}x{% endraw %}",
            "{% include",
            "{{",
        ] {
            assert_eq!(found("x", text), None, "{text}");
        }
    }
}
