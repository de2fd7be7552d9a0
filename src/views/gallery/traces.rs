//! Where what is shown comes from: which file drew it, and which lines an error means.

use serde::Serialize;

use super::super::builtin::BuiltIns;
use super::super::check::Files;
use super::super::engine::BUILTIN;
use super::super::files::{Folder, Listing, Texts};
use super::super::problem::CheckError;
use super::super::stored;
use super::super::watch::House;

/// Lines that are shown before and after the one that is meant.
const AROUND: usize = 2;

/// A file that takes part in a piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Drawn {
    name: String,
    /// Whether it is the admin's.
    own: bool,
    /// Whether it was stored by the API, over the folder's.
    stored: bool,
}

/// Something that is wrong, where it stands.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Trouble {
    /// The file, and its line where one is known.
    place: String,
    message: String,
    excerpt: Vec<Line>,
    #[serde(skip)]
    plain: String,
}

#[derive(Clone, Debug, Serialize)]
struct Line {
    number: usize,
    text: String,
    is_meant: bool,
}

impl Trouble {
    /// Whether it concerns a piece that these files take part in.
    pub(super) fn is_of(&self, files: &[String]) -> bool {
        files.contains(&self.plain)
    }
}

/// Both layers of templates, as they are served.
pub(super) struct Traces {
    files: Files,
    stored: Vec<&'static str>,
}

impl Traces {
    pub(super) fn of(house: &House) -> Self {
        let serving = house.current.load();
        Self {
            files: Files::of(&house.options.builtins.texts, &serving.own),
            stored: serving.stored.names(),
        }
    }

    /// The template itself, and the admin's files among those that it extends and includes.
    pub(super) fn drawn(&self, template: &str) -> Vec<Drawn> {
        let Some(root) = self.files.resolve(template) else {
            return Vec::new();
        };
        let mut names = self.files.reached_from(template);
        names.remove(&root);
        let others = names.into_iter().filter(|name| !name.starts_with(BUILTIN));
        [root]
            .into_iter()
            .chain(others)
            .map(|name| Drawn {
                own: !name.starts_with(BUILTIN),
                stored: self.stored.contains(&name.as_str()),
                name: plain(&name).to_owned(),
            })
            .collect()
    }

    /// The plain name of every file that takes part.
    pub(super) fn files(&self, template: &str) -> Vec<String> {
        let names = self.files.reached_from(template);
        names.iter().map(|name| plain(name).to_owned()).collect()
    }
}

fn plain(name: &str) -> &str {
    name.strip_prefix(BUILTIN).unwrap_or(name)
}

/// What is in the admin's folder at this moment; read only when something is wrong with it.
pub(super) fn folder_now(house: &House) -> Texts {
    let mut folder = Folder::default();
    Listing::of(&house.options.templates_dir).read_texts(&mut folder);
    folder.texts
}

/// With the lines that are meant, out of the admin's files or the shipped ones.
pub(super) fn troubles(errors: Vec<CheckError>, own: &Texts, shipped: &BuiltIns) -> Vec<Trouble> {
    let text = |name: &str| match name.strip_prefix(BUILTIN) {
        Some(name) => shipped.text(name),
        None => own.get(name).map(String::as_str),
    };
    let trouble = |error: CheckError| Trouble {
        excerpt: match (text(&error.file), error.line) {
            (Some(text), Some(line)) => excerpt(text, line),
            _ => Vec::new(),
        },
        plain: stored::file_of(&error.file)
            .unwrap_or_else(|| plain(&error.file))
            .to_owned(),
        place: match error.line {
            Some(line) => format!("{}:{line}", error.file),
            None => error.file,
        },
        message: error.message,
    };
    errors.into_iter().map(trouble).collect()
}

fn excerpt(text: &str, meant: usize) -> Vec<Line> {
    text.lines()
        .enumerate()
        .map(|(index, text)| (index + 1, text))
        .filter(|(number, _)| number.abs_diff(meant) <= AROUND)
        .map(|(number, text)| Line {
            number,
            text: text.to_owned(),
            is_meant: number == meant,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_has_its_line_in_the_middle() {
        let text = "1\n2\n3\n4\n5\n6";
        let numbers = |meant| {
            let lines = excerpt(text, meant);
            assert_eq!(lines.iter().filter(|line| line.is_meant).count(), 1);
            lines.iter().map(|line| line.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(4), [2, 3, 4, 5, 6]);
        assert_eq!(numbers(1), [1, 2, 3]);
        assert_eq!(numbers(6), [4, 5, 6]);
        assert!(excerpt(text, 9).is_empty());
    }
}
