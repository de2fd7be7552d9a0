//! Decides whether a set of templates may be served: parse it, read its names, render every sample in every language.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::engine::{self, BUILTIN, Engine, Strictness, is_template};
use super::files::Texts;
use super::html;
use super::locale::Locale;
use super::names::{self, Shape, WHOLE_CONTEXT};
use super::problem::{CheckError, Report, nearest};
use super::sample::{Sample, SampleKind};
use super::uses::{self, Uses};
use super::words::Words;

/// The page's object that tells enroll from authenticate mode; templates may ask for it anywhere.
const MODE: &str = "ticket";

/// A set that wants to be served, with all that judging it takes.
#[derive(Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) shipped: Texts,
    pub(super) own: Texts,
    /// Static files and the versions their links carry.
    pub(super) links: BTreeMap<String, String>,
    pub(super) samples: Vec<Sample>,
    pub(super) default_locale: String,
    /// The admin's folder, for messages.
    pub(super) folder: String,
}

impl Candidate {
    fn label(&self, name: &str) -> String {
        label(&self.folder, name)
    }
}

/// How a file is called towards its author.
pub(super) fn label(folder: &str, name: &str) -> String {
    if name.starts_with(BUILTIN) {
        name.to_owned()
    } else if name.is_empty() {
        folder.to_owned()
    } else {
        Path::new(folder).join(name).display().to_string()
    }
}

/// Judges a set.
pub(super) fn judge(set: &Candidate) -> Report {
    let mut report = Report::default();
    match Locale::parse(&set.default_locale) {
        Ok(default) => inspect(set, &default, &mut report),
        Err(error) => report
            .errors
            .push(CheckError::new("", None, error.to_string())),
    }
    report.tidy();
    report
}

fn inspect(set: &Candidate, default: &Locale, report: &mut Report) {
    let label = |name: &str| set.label(name);
    let words = Words::build(&set.shipped, &set.own, default, label, &mut report.errors);
    let engine = match Engine::build(
        &set.shipped,
        &set.own,
        Arc::new(words),
        set.links.clone(),
        Strictness::Strict,
        &label,
    ) {
        Ok(engine) => engine,
        Err(errors) => return report.errors.extend(errors),
    };
    let files = Files::of(set);
    files.read(set, &engine, report);
    let mut locales = engine.words().available().to_vec();
    if locales.is_empty() {
        locales.push(default.clone());
    }
    for sample in &set.samples {
        if engine.has(&sample.template) {
            render(set, &engine, sample, &locales, &files, report);
        } else {
            report.errors.push(CheckError::new(
                label(&sample.template),
                None,
                "does not exist, but the server renders it",
            ));
        }
    }
}

/// Every template of both layers, by the name the engine knows it by.
struct Files {
    uses: HashMap<String, Uses>,
}

impl Files {
    fn of(set: &Candidate) -> Self {
        let shipped = set
            .shipped
            .iter()
            .map(|(name, text)| (format!("{BUILTIN}{name}"), text));
        let own = set.own.iter().map(|(name, text)| (name.clone(), text));
        let uses = shipped
            .chain(own)
            .filter(|(name, _)| is_template(name))
            .map(|(name, text)| (name, uses::of(text)))
            .collect();
        Self { uses }
    }

    /// Where a name leads, as the engine sees it.
    fn resolve(&self, name: &str) -> Option<String> {
        if self.uses.contains_key(name) {
            return Some(name.to_owned());
        }
        let shipped = format!("{BUILTIN}{name}");
        self.uses.contains_key(&shipped).then_some(shipped)
    }

    /// A template with all it extends and includes.
    fn reached_from(&self, name: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<String> = self.resolve(name).into_iter().collect();
        while let Some(name) = next.pop() {
            if let Some(uses) = self.uses.get(&name)
                && reached.insert(name)
            {
                let names = uses.includes.iter().chain(&uses.extends);
                next.extend(names.filter_map(|(name, _)| self.resolve(name)));
            }
        }
        reached
    }

    /// What each file may name: the union of the samples of every template that reaches it, and what those set.
    fn knowledge(&self, samples: &[Sample]) -> HashMap<String, (Shape, BTreeSet<String>)> {
        let mut by_template: BTreeMap<&str, Shape> = BTreeMap::new();
        let mut mode = Shape::default();
        for sample in samples {
            let shape = by_template.entry(&sample.template).or_default();
            shape.learn(&sample.context);
            if let Some(ticket) = sample.context.get(MODE) {
                mode.learn(ticket);
            }
            if sample.kind == SampleKind::Page {
                shape.learn_field(MODE, &Shape::default());
            }
        }
        let mut known: HashMap<String, (Shape, BTreeSet<String>)> = HashMap::new();
        for (template, mut shape) in by_template {
            if shape.field(MODE).is_some() {
                shape.learn_field(MODE, &mode);
            }
            let reached = self.reached_from(template);
            let locals: BTreeSet<String> = reached
                .iter()
                .filter_map(|name| self.uses.get(name))
                .flat_map(|uses| uses.locals.iter().cloned())
                .collect();
            for name in reached {
                let (all, own) = known.entry(name).or_default();
                all.merge(&shape);
                own.extend(locals.iter().cloned());
            }
        }
        known
    }

    fn read(&self, set: &Candidate, engine: &Engine, report: &mut Report) {
        let known = self.knowledge(&set.samples);
        for (name, uses) in &self.uses {
            let file = set.label(name);
            let Some((shape, locals)) = known.get(name) else {
                if !name.starts_with(BUILTIN) {
                    report.warnings.push(orphan(&file, name, set));
                }
                continue;
            };
            for used in &uses.paths {
                if let Some(fault) = names::fault(used, shape, locals) {
                    report
                        .errors
                        .push(CheckError::new(&file, Some(used.line), fault));
                }
                if used.root == WHOLE_CONTEXT {
                    let message = "prints everything the page knows; remove it when you are done";
                    report
                        .warnings
                        .push(CheckError::new(&file, Some(used.line), message));
                }
            }
            for (key, line) in &uses.words {
                if !engine.words().knows(key) {
                    let message = engine::no_words(engine.words(), key);
                    report
                        .errors
                        .push(CheckError::new(&file, Some(*line), message));
                }
            }
            for (path, line) in &uses.assets {
                if !set.links.contains_key(path) {
                    let message = engine::no_file(path, set.links.keys().map(String::as_str));
                    report
                        .errors
                        .push(CheckError::new(&file, Some(*line), message));
                }
            }
            for line in &uses.safe {
                let message =
                    "`safe` switches escaping off; whatever it prints must not come from people";
                report
                    .warnings
                    .push(CheckError::new(&file, Some(*line), message));
            }
        }
    }
}

fn orphan(file: &str, name: &str, set: &Candidate) -> CheckError {
    let known = set.shipped.keys().map(String::as_str);
    let message = format!(
        "nothing renders, extends or includes it; the nearest names that exist: {}",
        nearest(name, known.filter(|known| is_template(known)))
    );
    CheckError::new(file, None, message)
}

/// Renders a sample in every language.
fn render(
    set: &Candidate,
    engine: &Engine,
    sample: &Sample,
    locales: &[Locale],
    files: &Files,
    report: &mut Report,
) {
    let root = files
        .resolve(&sample.template)
        .unwrap_or_else(|| sample.template.clone());
    let label = |name: &str| {
        if name.is_empty() {
            set.label(&root)
        } else {
            set.label(name)
        }
    };
    for locale in locales {
        let shown = format!("(sample `{}` in `{locale}`)", sample.name);
        match engine.render(&sample.template, locale, &sample.context) {
            Ok(rendered) => {
                let findings = html::inspect(sample, &rendered);
                for error in findings.errors {
                    let message = format!("{error} {shown}");
                    add(&mut report.errors, label(&root), None, message);
                }
                for warning in findings.warnings {
                    let message = format!("{warning} {shown}");
                    add(&mut report.warnings, label(&root), None, message);
                }
            }
            Err(error) => {
                for error in engine::told(&error, &label) {
                    let message = format!("{} {shown}", error.message);
                    add(&mut report.errors, error.file, error.line, message);
                }
            }
        }
    }
}

/// Adds what is new: the same line is not told again for every sample and language.
fn add(list: &mut Vec<CheckError>, file: String, line: Option<usize>, message: String) {
    let gist = |message: &str| message.split(" (sample ").next().map(str::to_owned);
    let known = list.iter().any(|known| {
        known.file == file
            && known.line == line
            && (line.is_some() || gist(&known.message) == gist(&message))
    });
    if !known {
        list.push(CheckError::new(file, line, message));
    }
}
