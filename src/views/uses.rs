//! What a template uses: names, words, static files, other templates.

use std::collections::{BTreeSet, HashMap};

use super::calls::{WordsUse, arguments, asked};
use super::tokens::{Placed, Tag, Token, tags};

/// A step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `.name`
    Field(String),
    /// An element of a list, by a loop.
    Item,
}

/// A path such as `userData.email`, where the template reads it.
#[derive(Clone, Debug)]
pub(super) struct PathUse {
    pub(super) root: String,
    pub(super) steps: Vec<Step>,
    pub(super) line: usize,
    /// In a component only its arguments exist.
    pub(super) arguments: Option<BTreeSet<String>>,
}

/// A name in quotes, and its line.
pub(super) type Named = (String, usize);

/// Everything a template refers to.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) paths: Vec<PathUse>,
    pub(super) words: Vec<WordsUse>,
    pub(super) assets: Vec<Named>,
    pub(super) includes: Vec<Named>,
    pub(super) extends: Option<Named>,
    pub(super) blocks: BTreeSet<String>,
    /// Lines that switch escaping off.
    pub(super) safe: Vec<usize>,
    /// Names that the template itself sets, which the templates it includes or extends see too.
    pub(super) locals: BTreeSet<String>,
}

const KEYWORDS: [&str; 18] = [
    "and", "or", "not", "in", "is", "if", "else", "elif", "for", "true", "false", "True", "False",
    "none", "None", "null", "break", "continue",
];

/// A loop variable: where its values come from, if that is a plain path.
type Binding = Option<(String, Vec<Step>)>;

/// Reads a template that the engine has parsed.
pub(super) fn of(source: &str) -> Uses {
    let mut reader = Reader::default();
    for tag in tags(source) {
        reader.tag(&tag);
    }
    reader.uses
}

#[derive(Default)]
struct Reader {
    uses: Uses,
    loops: Vec<HashMap<String, Binding>>,
    component: Option<BTreeSet<String>>,
}

impl Reader {
    fn tag(&mut self, tag: &Tag) {
        let tokens = tag.tokens.as_slice();
        let keyword = tokens.first().and_then(|(token, _)| token.name());
        let (true, Some(keyword)) = (tag.is_statement, keyword) else {
            return self.expression(tokens);
        };
        let rest = tokens.get(1..).unwrap_or_default();
        match keyword {
            "for" => self.open_loop(rest),
            "endfor" => {
                self.loops.pop();
            }
            "set" | "set_global" => {
                self.uses.locals.extend(first_name(rest));
                self.expression(rest.get(1..).unwrap_or_default());
            }
            "include" => self.uses.includes.extend(first_text(rest)),
            "extends" => self.uses.extends = first_text(rest),
            "filter" => {
                self.note_safe(rest.first());
                self.expression(rest.get(1..).unwrap_or_default());
            }
            "component" => {
                let names = rest.iter().filter_map(|(token, _)| token.name());
                self.component = Some(names.chain(["body"]).map(str::to_owned).collect());
            }
            "endcomponent" => self.component = None,
            "block" => self.uses.blocks.extend(first_name(rest)),
            "endblock" | "endif" | "endset" | "endfilter" => {}
            _ => self.expression(tokens),
        }
    }

    /// `a in list`, `key, value in map`
    fn open_loop(&mut self, tokens: &[Placed]) {
        let at = tokens
            .iter()
            .position(|(token, _)| token.name() == Some("in"))
            .unwrap_or(tokens.len());
        let (names, target) = tokens.split_at(at);
        let target = target.get(1..).unwrap_or_default();
        self.expression(target);
        let names: Vec<&str> = names.iter().filter_map(|(token, _)| token.name()).collect();
        let source = match names.len() {
            1 => self.plain_path(target),
            _ => None,
        };
        let bound = names
            .iter()
            .map(|name| ((*name).to_owned(), source.clone()));
        self.loops.push(bound.collect());
    }

    /// The list a loop runs over, if it is a bare path: the loop variable is then an item of it.
    fn plain_path(&self, tokens: &[Placed]) -> Binding {
        let (root, steps, used) = path_at(tokens, 0)?;
        let (root, mut steps) = self.resolve(root, steps)?;
        steps.push(Step::Item);
        (used == tokens.len() && !self.uses.locals.contains(&root)).then_some((root, steps))
    }

    /// Replaces a loop variable by what it stands for; `None` if that is unknown.
    fn resolve(&self, root: String, steps: Vec<Step>) -> Option<(String, Vec<Step>)> {
        match self.loops.iter().rev().find_map(|scope| scope.get(&root)) {
            Some(Some((source, before))) => Some((
                source.clone(),
                before.iter().cloned().chain(steps).collect(),
            )),
            Some(None) => None,
            None => Some((root, steps)),
        }
    }

    fn expression(&mut self, tokens: &[Placed]) {
        let comprehended = comprehension_names(tokens);
        let mut at = 0;
        while let Some((token, line)) = tokens.get(at) {
            let Some(name) = token.name() else {
                at += 1;
                continue;
            };
            let before = at
                .checked_sub(1)
                .and_then(|i| tokens.get(i))
                .map(|(t, _)| t);
            let after = tokens.get(at + 1).map(|(t, _)| t);
            if before.is_some_and(|t| t.is(".") || t.is("?.")) {
                // A field of something computed: its names are unknown.
                at += 1;
            } else if before.is_some_and(|t| t.is("|")) {
                self.note_safe(tokens.get(at));
                at += 1;
            } else if after.is_some_and(|t| t.is("(")) {
                self.call(name, tokens.get(at + 1..).unwrap_or_default());
                at += 1;
            } else if is_component_name(tokens, at) {
                at = path_at(tokens, at).map_or(at + 1, |(_, _, end)| end);
            } else if KEYWORDS.contains(&name)
                || after.is_some_and(|t| t.is("="))
                || before.is_some_and(|t| t.name() == Some("is"))
                || is_negated_test(tokens, at)
            {
                at += 1;
            } else {
                let Some((root, steps, end)) = path_at(tokens, at) else {
                    at += 1;
                    continue;
                };
                if !comprehended.contains(&root) {
                    self.note_path(root, steps, *line);
                }
                at = end;
            }
        }
    }

    fn note_path(&mut self, root: String, steps: Vec<Step>, line: usize) {
        if root == "loop" && !self.loops.is_empty() {
            return;
        }
        if let Some((root, steps)) = self.resolve(root, steps) {
            let arguments = self.component.clone();
            self.uses.paths.push(PathUse {
                root,
                steps,
                line,
                arguments,
            });
        }
    }

    fn note_safe(&mut self, filter: Option<&Placed>) {
        if let Some((Token::Name(name), line)) = filter
            && name == "safe"
        {
            self.uses.safe.push(*line);
        }
    }

    /// Notes the words of `t(key=…)` and the file of `asset(path="…")`.
    fn call(&mut self, function: &str, tokens: &[Placed]) {
        if !matches!(function, "t" | "asset") {
            return;
        }
        let arguments = arguments(tokens);
        let wanted = if function == "t" { "key" } else { "path" };
        let Some((_, given)) = arguments.iter().find(|(name, _)| *name == wanted) else {
            return;
        };
        if function == "asset" {
            if let [(Token::Text(path), line)] = given {
                self.uses.assets.push((path.clone(), *line));
            }
            return;
        }
        let names = arguments.iter().map(|(name, _)| (*name).to_owned());
        let passed: BTreeSet<String> = names.filter(|name| name != wanted).collect();
        // `"this" if it else "that"` is either.
        let branches = given.split(|(token, _)| token.name() == Some("else"));
        for branch in branches {
            let until = branch
                .iter()
                .position(|(token, _)| token.name() == Some("if"));
            let branch = branch
                .get(..until.unwrap_or(branch.len()))
                .unwrap_or_default();
            if let (Some(asked), Some((_, line))) = (asked(branch), branch.first()) {
                self.uses.words.push(WordsUse {
                    asked,
                    passed: passed.clone(),
                    line: *line,
                });
            }
        }
    }
}

/// The path that starts at a name: its root, its steps, and the index after it. What follows a computed index is
/// not followed.
fn path_at(tokens: &[Placed], start: usize) -> Option<(String, Vec<Step>, usize)> {
    let root = tokens.get(start)?.0.name()?.to_owned();
    let mut steps = Vec::new();
    let mut at = start + 1;
    loop {
        let rest = tokens.get(at..).unwrap_or_default();
        match rest {
            [(dot, _), (Token::Name(field), _), ..] if dot.is(".") || dot.is("?.") => {
                steps.push(Step::Field(field.clone()));
                at += 2;
            }
            [(open, _), (Token::Text(field), _), (close, _), ..]
                if (open.is("[") || open.is("?[")) && close.is("]") =>
            {
                steps.push(Step::Field(field.clone()));
                at += 3;
            }
            [(open, _), (Token::Number, _), (close, _), ..]
                if (open.is("[") || open.is("?[")) && close.is("]") =>
            {
                steps.push(Step::Item);
                at += 3;
            }
            _ => break,
        }
    }
    Some((root, steps, at))
}

/// `<Name …` where a value is expected, not a comparison.
fn is_component_name(tokens: &[Placed], at: usize) -> bool {
    let sign_before = |back: usize| {
        at.checked_sub(back)
            .and_then(|i| tokens.get(i))
            .map(|(token, _)| token)
    };
    if sign_before(1).is_some_and(|t| t.is("</")) {
        return true;
    }
    sign_before(1).is_some_and(|t| t.is("<"))
        && sign_before(2).is_none_or(|t| {
            matches!(t, Token::Sign(sign) if !matches!(*sign, ")" | "]" | "}"))
                || t.name().is_some_and(|name| KEYWORDS.contains(&name))
        })
}

/// The name of a test after `is not`.
fn is_negated_test(tokens: &[Placed], at: usize) -> bool {
    let name = |back: usize| {
        at.checked_sub(back)
            .and_then(|i| tokens.get(i))
            .and_then(|(token, _)| token.name())
    };
    name(1) == Some("not") && name(2) == Some("is")
}

/// The names that `[… for a, b in …]` binds inside this tag.
fn comprehension_names(tokens: &[Placed]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (i, (token, _)) in tokens.iter().enumerate() {
        if token.name() == Some("for") {
            let bound = tokens
                .get(i + 1..)
                .unwrap_or_default()
                .iter()
                .take_while(|(t, _)| t.name() != Some("in"));
            names.extend(bound.filter_map(|(t, _)| t.name()).map(str::to_owned));
        }
    }
    names
}

fn first_name(tokens: &[Placed]) -> Option<String> {
    tokens
        .first()
        .and_then(|(token, _)| token.name())
        .map(str::to_owned)
}

fn first_text(tokens: &[Placed]) -> Option<Named> {
    let (token, line) = tokens.first()?;
    Some((token.text()?.to_owned(), *line))
}
