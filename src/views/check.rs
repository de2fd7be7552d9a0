//! Decides whether a set of templates may be served: parse it, read its names, render every sample in every language.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calls::Asked;
use super::engine::{self, BUILTIN, Engine, Strictness, is_template};
use super::files::Texts;
use super::lint::{self, Findings, Rendering, Sheet};
use super::locale::Locale;
use super::marks::{Marks, Place};
use super::names::{self, Shape, WHOLE_CONTEXT};
use super::problem::{CheckError, Report, nearest};
use super::sample::{Sample, SampleKind};
use super::uses::{self, Uses};
use super::wording;
use super::words::Words;

/// The page's object that tells enroll from authenticate mode; templates may ask for it anywhere.
const MODE: &str = "ticket";

/// Nobody reads more findings, and comparing each with all of them takes its time.
const MOST: usize = 500;

/// A set that wants to be served, with all that judging it takes.
#[derive(Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) shipped: Texts,
    pub(super) own: Texts,
    /// Static files and the versions their links carry.
    pub(super) links: BTreeMap<String, String>,
    pub(super) samples: Vec<Sample>,
    pub(super) default_locale: String,
    /// The style sheets of both layers; the admin's win.
    pub(super) styles: Texts,
    /// The names of those that are the admin's.
    pub(super) own_styles: BTreeSet<String>,
    /// The admin's folders, for messages.
    pub(super) folder: String,
    pub(super) static_folder: String,
    /// What those of `own` are called that lie elsewhere.
    pub(super) labels: BTreeMap<String, String>,
}

impl Candidate {
    pub(super) fn label(&self, name: &str) -> String {
        let elsewhere = self.labels.get(name).cloned();
        elsewhere.unwrap_or_else(|| label(&self.folder, name))
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
    let mut marks = Marks::default();
    let engine = match Engine::build(
        &marks.mark(&set.shipped, BUILTIN),
        &marks.mark(&set.own, ""),
        Arc::new(words),
        set.links.clone(),
        Strictness::Strict,
        &label,
    ) {
        Ok(engine) => engine,
        Err(errors) => return report.errors.extend(errors),
    };
    let files = Files::of(&set.shipped, &set.own);
    files.read(set, &engine, report);
    wording::judge(set, &engine, &files.uses, report);
    report
        .warnings
        .extend(lint::judge_colours(&sheets(set, &files)));
    let mut locales = engine.words().available().to_vec();
    // The default language is looked at most closely, and its findings are told.
    locales.sort_by_key(|locale| locale.as_str() != default.as_str());
    if locales.is_empty() {
        locales.push(default.clone());
    }
    let stage = Stage {
        set,
        engine: &engine,
        marks: &marks,
        files: &files,
    };
    for sample in &set.samples {
        if engine.has(&sample.template) {
            stage.render(sample, &locales, report);
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
pub(super) struct Files {
    uses: HashMap<String, Uses>,
}

impl Files {
    pub(super) fn of(shipped: &Texts, own: &Texts) -> Self {
        let shipped = shipped
            .iter()
            .map(|(name, text)| (format!("{BUILTIN}{name}"), text));
        let own = own.iter().map(|(name, text)| (name.clone(), text));
        let uses = shipped
            .chain(own)
            .filter(|(name, _)| is_template(name))
            .map(|(name, text)| (name, uses::of(text)))
            .collect();
        Self { uses }
    }

    /// Where a name leads, as the engine sees it.
    pub(super) fn resolve(&self, name: &str) -> Option<String> {
        if self.uses.contains_key(name) {
            return Some(name.to_owned());
        }
        let shipped = format!("{BUILTIN}{name}");
        self.uses.contains_key(&shipped).then_some(shipped)
    }

    /// A template with all it extends and includes.
    pub(super) fn reached_from(&self, name: &str) -> BTreeSet<String> {
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
            for call in &uses.words {
                if let Asked::Key(key) = &call.asked
                    && !engine.words().knows(key)
                {
                    let message = engine::no_words(engine.words(), key);
                    report
                        .errors
                        .push(CheckError::new(&file, Some(call.line), message));
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

/// The style sheets that pages load, the shipped look before the admin's own.
fn sheets(set: &Candidate, files: &Files) -> Vec<Sheet> {
    let loaded: BTreeSet<&str> = files
        .uses
        .values()
        .flat_map(|uses| uses.assets.iter())
        .map(|(path, _)| path.as_str())
        .collect();
    let mut names: Vec<&String> = set.styles.keys().collect();
    names.retain(|name| loaded.contains(name.as_str()));
    names.sort_by_key(|name| set.own_styles.contains(*name));
    let sheets = names.into_iter().filter_map(|name| {
        let label = if set.own_styles.contains(name) {
            Path::new(&set.static_folder)
                .join(name)
                .display()
                .to_string()
        } else {
            format!("{BUILTIN}static/{name}")
        };
        let text = set.styles.get(name)?.clone();
        Some(Sheet { label, text })
    });
    sheets.collect()
}

/// Where samples are rendered.
struct Stage<'s> {
    set: &'s Candidate,
    engine: &'s Engine,
    marks: &'s Marks,
    files: &'s Files,
}

impl Stage<'_> {
    /// Renders a sample in every language.
    fn render(&self, sample: &Sample, locales: &[Locale], report: &mut Report) {
        let root = self.files.resolve(&sample.template);
        let root = root.as_deref().unwrap_or(&sample.template);
        for (index, locale) in locales.iter().enumerate() {
            let shown = format!("(sample `{}` in `{locale}`)", sample.name);
            match self
                .engine
                .render(&sample.template, locale, &sample.context)
            {
                Ok(text) => {
                    let mut findings = lint::inspect(&Rendering {
                        sample,
                        locale,
                        text: &text,
                        is_first_language: index == 0,
                    });
                    if index == 0 {
                        self.probe(sample, locale, &mut findings);
                    }
                    self.tell(findings, root, &shown, report);
                }
                Err(error) => {
                    let label =
                        |name: &str| self.set.label(if name.is_empty() { root } else { name });
                    for error in engine::told(&error, &label) {
                        let message = format!("{} {shown}", error.message);
                        let (file, line) = (error.file, error.line);
                        let is_told = |known: &CheckError| {
                            line.is_some() && known.line == line && known.file == file
                        };
                        if !report.errors.iter().any(is_told) {
                            add(&mut report.errors, file, line, message);
                        }
                    }
                }
            }
        }
    }

    /// Renders once more with what people might type. A template that cannot is told by its samples.
    fn probe(&self, sample: &Sample, locale: &Locale, findings: &mut Findings) {
        if let Some(context) = lint::probe(sample)
            && let Ok(text) = self.engine.render(&sample.template, locale, &context)
        {
            lint::judge_probe(&text, findings);
        }
    }

    fn tell(&self, findings: Findings, root: &str, shown: &str, report: &mut Report) {
        let at =
            |place: Option<Place>| match place.and_then(|p| Some((self.marks.file(p)?, p.line))) {
                Some((file, line)) => (self.set.label(file), Some(line)),
                None => (self.set.label(root), None),
            };
        for (list, found) in [
            (&mut report.errors, findings.errors),
            (&mut report.warnings, findings.warnings),
        ] {
            for (place, message) in found {
                let (file, line) = at(place);
                add(list, file, line, format!("{message} {shown}"));
            }
        }
    }
}

/// Adds what is new: the same is not told again for every sample and language.
fn add(list: &mut Vec<CheckError>, file: String, line: Option<usize>, message: String) {
    let gist = |message: &str| message.split(" (sample ").next().map(str::to_owned);
    let known = list.iter().any(|known| {
        known.file == file && known.line == line && gist(&known.message) == gist(&message)
    });
    if !known && list.len() < MOST {
        list.push(CheckError::new(file, line, message));
    }
}
