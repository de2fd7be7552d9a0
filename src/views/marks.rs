//! Tells where an element of a rendered page stands in its template.
//!
//! The check renders templates whose elements carry an attribute with their file and line; what is served never has it.

use scraper::ElementRef;

use super::engine::is_template;
use super::files::Texts;
use super::tokens;

/// The attribute; its value is `<file>:<line>`, the file counted in [`Marks`].
pub(super) const MARK: &str = "data-tessera-from";

/// A place in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    file: usize,
    pub(super) line: usize,
}

/// The files that marks name.
#[derive(Default)]
pub(super) struct Marks {
    names: Vec<String>,
}

impl Marks {
    /// The same files with marks; the engine knows them by `prefix` and their name. No line moves.
    pub(super) fn mark(&mut self, texts: &Texts, prefix: &str) -> Texts {
        let mut marked = Texts::new();
        for (name, text) in texts {
            let is_html = is_template(name) && name.ends_with(".html");
            let text = if is_html {
                self.names.push(format!("{prefix}{name}"));
                marked_text(text, self.names.len() - 1)
            } else {
                text.clone()
            };
            marked.insert(name.clone(), text);
        }
        marked
    }

    /// The file of a place, as the engine knows it.
    pub(super) fn file(&self, place: Place) -> Option<&str> {
        self.names.get(place.file).map(String::as_str)
    }
}

/// Where an element stands, or the nearest one around it that says so.
pub(super) fn place_of(element: ElementRef<'_>) -> Option<Place> {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    std::iter::once(element).chain(around).find_map(own_place)
}

/// Where the element itself stands; nothing for one that browsers add.
pub(super) fn own_place(element: ElementRef<'_>) -> Option<Place> {
    let (file, line) = element.value().attr(MARK)?.split_once(':')?;
    let digits = line.find(|c: char| !c.is_ascii_digit());
    let line = line.get(..digits.unwrap_or(line.len()))?;
    Some(Place {
        file: file.parse().ok()?,
        line: line.parse().ok()?,
    })
}

fn marked_text(source: &str, file: usize) -> String {
    let mut marked = String::with_capacity(source.len() * 2);
    let mut copied = 0;
    let mut line = 1;
    for literal in tokens::literals(source) {
        let text = source.get(literal.clone()).unwrap_or_default();
        let follows = source.get(literal.end..).unwrap_or_default();
        for (at, _) in text.match_indices('<') {
            let rest = text.get(at + 1..).unwrap_or_default();
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let next = match end {
                Some(end) => rest.get(end..).unwrap_or_default(),
                None => follows,
            };
            let ends_here =
                next.starts_with([' ', '\t', '\r', '\n', '>', '/']) || next.starts_with("{%");
            if !(name.starts_with(|c: char| c.is_ascii_alphabetic()) && ends_here) {
                continue;
            }
            let place = literal.start + at + 1 + name.len();
            let before = source.get(copied..place).unwrap_or_default();
            marked.push_str(before);
            line += before.matches('\n').count();
            copied = place;
            let gap = if next.starts_with('/') { " " } else { "" };
            marked.push_str(&format!(" {MARK}={file}:{line}{gap}"));
        }
    }
    marked.push_str(source.get(copied..).unwrap_or_default());
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_say_their_line_and_nothing_else_changes() {
        let source = "<p>\n<a href=\"{{ '<b>' }}\">x</a><br/>\n{# <i> #}<li{% if x %} class=\"y\"{% endif %}>1 < 2<h{{ n }}>";
        let m = MARK;
        assert_eq!(
            marked_text(source, 7),
            format!(
                "<p {m}=7:1>\n<a {m}=7:2 href=\"{{{{ '<b>' }}}}\">x</a><br {m}=7:2 />\n{{# <i> #}}<li {m}=7:3{{% if x %}} class=\"y\"{{% endif %}}>1 < 2<h{{{{ n }}}}>"
            )
        );
    }
}
