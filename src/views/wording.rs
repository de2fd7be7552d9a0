//! What can be wrong with an admin's words: nobody asks for them, a language lacks them, or the values differ.
//!
//! The shipped words are the business of the product's own tests.

use std::collections::{BTreeSet, HashMap, HashSet};

use fluent_syntax::ast::{
    CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement,
};

use super::calls::{Asked, WordsUse};
use super::check::Candidate;
use super::engine::Engine;
use super::locale::Locale;
use super::problem::{CheckError, Report, nearest};
use super::uses::Uses;
use super::words::{LAST_RESORT, Words, locale_of};

/// How many missing words a message names.
const NAMED: usize = 12;

/// What words refer to.
#[derive(Clone, Debug, Default)]
struct Parts {
    variables: BTreeSet<String>,
    messages: BTreeSet<String>,
}

/// One of the admin's words.
struct Own<'s> {
    file: &'s str,
    line: usize,
    locale: Locale,
    key: &'s str,
    parts: Parts,
}

struct Desk<'s> {
    set: &'s Candidate,
    words: &'s Words,
    calls: Vec<&'s WordsUse>,
    own: Vec<Own<'s>>,
}

pub(super) fn judge(
    set: &Candidate,
    engine: &Engine,
    uses: &HashMap<String, Uses>,
    report: &mut Report,
) {
    let own: Vec<Own<'_>> = set
        .own
        .iter()
        .filter(|(name, _)| name.ends_with(".ftl"))
        .flat_map(|(name, text)| read(name, text))
        .collect();
    if own.is_empty() {
        return;
    }
    let desk = Desk {
        set,
        words: engine.words(),
        calls: uses.values().flat_map(|uses| &uses.words).collect(),
        own,
    };
    desk.unused(report);
    desk.missing(report);
    for word in &desk.own {
        desk.values(word, report);
    }
}

impl Desk<'_> {
    fn is_asked_for(&self, key: &str) -> bool {
        self.calls.iter().any(|call| call.asked.means(key))
    }

    /// Words that the server asks for itself share the beginning of their keys.
    fn families(&self) -> BTreeSet<&str> {
        let shipped = self.words.keys().filter(|key| self.words.is_shipped(key));
        shipped
            .filter(|key| !self.is_asked_for(key))
            .filter_map(|key| key.split_inclusive('-').next())
            .collect()
    }

    fn unused(&self, report: &mut Report) {
        let referred: BTreeSet<&String> = self
            .own
            .iter()
            .flat_map(|own| &own.parts.messages)
            .collect();
        let unused: Vec<&Own<'_>> = self
            .own
            .iter()
            .filter(|own| !self.words.is_shipped(own.key))
            .filter(|own| !referred.iter().any(|name| *name == own.key))
            .filter(|own| !self.is_asked_for(own.key))
            .collect();
        if unused.is_empty() {
            return;
        }
        let families = self.families();
        for own in unused {
            if families.iter().any(|family| own.key.starts_with(family)) {
                continue;
            }
            let known = self.words.keys().filter(|key| self.words.is_shipped(key));
            let message = format!(
                "nothing asks for the words `{}`; the nearest that are asked for: {}",
                own.key,
                nearest(own.key, known)
            );
            self.warn(own, message, report);
        }
    }

    /// A language that is the admin's should say everything, a shipped one what the admin added.
    fn missing(&self, report: &mut Report) {
        let shipped: HashSet<Locale> = self
            .set
            .shipped
            .keys()
            .filter_map(|name| locale_of(name))
            .collect();
        for locale in self.words.available() {
            let relatives: Vec<&Locale> = self
                .words
                .available()
                .iter()
                .filter(|known| known.id().language == locale.id().language)
                .collect();
            // A region's own file holds what differs there; it is the language that has to be whole.
            if relatives
                .iter()
                .any(|known| known.as_str().len() < locale.as_str().len())
            {
                continue;
            }
            let is_shipped = relatives.iter().any(|known| shipped.contains(known));
            let missing: Vec<&str> = self
                .words
                .keys()
                .filter(|key| !(is_shipped && self.words.is_shipped(key)))
                .filter(|key| {
                    let says = |locale: &&Locale| self.words.pattern(locale, key).is_some();
                    !relatives.iter().any(says)
                })
                .collect();
            if missing.is_empty() {
                continue;
            }
            let folder = self.set.label(&format!("locales/{locale}"));
            let more = if missing.len() > NAMED { ", …" } else { "" };
            let named: Vec<&str> = missing.iter().take(NAMED).copied().collect();
            let message = format!(
                "{} of {} words are not translated, another language stands in: {}{more}",
                missing.len(),
                self.words.keys().count(),
                named.join(", ")
            );
            report.warnings.push(CheckError::new(folder, None, message));
        }
    }

    /// The values that words show: those that are passed, and the same in every language.
    fn values(&self, own: &Own<'_>, report: &mut Report) {
        let variables = self.variables(&own.locale, own.key, &own.parts);
        let calls: Vec<&&WordsUse> = self
            .calls
            .iter()
            .filter(|call| call.asked.means(own.key))
            .collect();
        // A key that is put together may be meant by chance.
        let is_certain = calls.iter().any(|call| matches!(call.asked, Asked::Key(_)));
        let passed: BTreeSet<&String> = calls.iter().flat_map(|call| &call.passed).collect();
        let reference = self.reference(own);
        for name in &variables {
            if is_certain && !passed.contains(name) {
                let message = format!(
                    "the words `{}` show `{{ ${name} }}`, which no template passes; passed: {}",
                    own.key,
                    nearest(name, passed.iter().map(|name| name.as_str()))
                );
                let file = self.set.label(own.file);
                report
                    .errors
                    .push(CheckError::new(file, Some(own.line), message));
            } else if let Some((locale, theirs)) = &reference
                && !theirs.contains(name)
            {
                let message = format!(
                    "the words `{}` show `{{ ${name} }}`; in `{locale}` they do not",
                    own.key
                );
                self.warn(own, message, report);
            }
        }
        if let Some((locale, theirs)) = &reference {
            for name in theirs.difference(&variables) {
                let message = format!(
                    "the words `{}` leave out `{{ ${name} }}`; in `{locale}` they show it",
                    own.key
                );
                self.warn(own, message, report);
            }
        }
    }

    /// The same words in the default language, or in another that has them.
    fn reference(&self, own: &Own<'_>) -> Option<(&Locale, BTreeSet<String>)> {
        let first = |tag: &str| {
            self.words
                .available()
                .iter()
                .find(|known| known.as_str() == tag)
        };
        let others = [first(&self.set.default_locale), first(LAST_RESORT)];
        let mut others = others.into_iter().flatten().chain(self.words.available());
        others.find_map(|locale| {
            let pattern = self.words.pattern(locale, own.key)?;
            let mut parts = Parts::default();
            parts.pattern(pattern);
            (*locale != own.locale).then(|| (locale, self.variables(locale, own.key, &parts)))
        })
    }

    /// Those of the words themselves, and of other words within them.
    fn variables(&self, locale: &Locale, key: &str, parts: &Parts) -> BTreeSet<String> {
        let mut all = parts.clone();
        let mut seen = BTreeSet::from([key.to_owned()]);
        while let Some(next) = all
            .messages
            .iter()
            .find(|name| !seen.contains(*name))
            .cloned()
        {
            if let Some(pattern) = self.words.pattern(locale, &next) {
                all.pattern(pattern);
            }
            seen.insert(next);
        }
        all.variables
    }

    fn warn(&self, own: &Own<'_>, message: String, report: &mut Report) {
        let file = self.set.label(own.file);
        report
            .warnings
            .push(CheckError::new(file, Some(own.line), message));
    }
}

fn read<'s>(name: &'s str, text: &'s str) -> Vec<Own<'s>> {
    let Some(locale) = locale_of(name) else {
        return Vec::new();
    };
    // What cannot be parsed is told already.
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let mut found = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for entry in &resource.body {
        let Entry::Message(message) = entry else {
            continue;
        };
        // The name is a piece of the text: how far into it tells the line.
        let key: &'s str = message.id.name;
        let at = (key.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line += text
            .get(counted..at)
            .unwrap_or_default()
            .matches('\n')
            .count();
        counted = at;
        let mut parts = Parts::default();
        if let Some(pattern) = &message.value {
            parts.pattern(pattern);
        }
        found.push(Own {
            file: name,
            line,
            locale: locale.clone(),
            key,
            parts,
        });
    }
    found
}

impl Parts {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::FunctionReference { arguments, .. } => self.arguments(arguments),
            InlineExpression::TermReference { arguments, .. } => {
                if let Some(arguments) = arguments {
                    self.arguments(arguments);
                }
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }

    fn arguments(&mut self, arguments: &CallArguments<&str>) {
        for argument in &arguments.positional {
            self.inline(argument);
        }
        for argument in &arguments.named {
            self.inline(&argument.value);
        }
    }
}
