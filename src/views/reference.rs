//! The reference of the shipped templates: what each file is for, sees, asks for and must carry.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::builtin::BuiltIns;
use super::calls::Asked;
use super::engine::is_template;
use super::lint::ALWAYS;
use super::sample::Sample;
use super::uses::{self, Uses};

/// Longer examples are cut.
const SHOWN: usize = 48;

/// Files whose contexts have much in common: what most of them see is told once.
const GROUPS: [(&str, &[&str]); 3] = [
    ("On every page", &["screens/"]),
    ("In every mail", &["mail/"]),
    ("In every text and call", &["sms/", "voice/"]),
];

/// What is known of one name of a context.
#[derive(Default)]
struct Name {
    kinds: BTreeSet<&'static str>,
    example: Option<String>,
    /// In how many samples it has a value.
    seen: usize,
}

/// The names of some samples' contexts, dotted.
#[derive(Default)]
struct Names {
    names: BTreeMap<String, Name>,
    samples: usize,
}

/// The reference as Markdown.
pub fn reference(builtins: &BuiltIns, samples: &[Sample]) -> String {
    let mut text = String::new();
    let mut common: Vec<(&[&str], BTreeSet<String>)> = Vec::new();
    for (title, folders) in GROUPS {
        let names = common_names(folders, samples);
        let of_group = |sample: &&Sample| is_in(folders, &sample.template);
        let mut all = Names::of(samples.iter().filter(of_group));
        all.names.retain(|path, _| names.contains(root(path)));
        all.told("locale", "text", "en");
        all.told("dir", "text", "ltr");
        let _ = writeln!(text, "\n## {title}\n");
        all.write(&mut text);
        common.push((folders, names));
    }
    text.push_str("\n## Files\n");
    for (name, source) in builtins
        .names()
        .iter()
        .filter_map(|name| Some((*name, builtins.text(name)?)))
    {
        if is_template(name) {
            let common = common.iter().find(|(folders, _)| is_in(folders, name));
            let of_file = samples.iter().filter(|sample| sample.template == name);
            file(
                name,
                source,
                common.map(|(_, names)| names),
                &of_file.collect::<Vec<_>>(),
                &mut text,
            );
        }
    }
    text
}

fn file(
    name: &str,
    source: &str,
    common: Option<&BTreeSet<String>>,
    samples: &[&Sample],
    text: &mut String,
) {
    let uses = uses::of(source);
    let _ = writeln!(text, "\n### `{name}`\n");
    if let Some(about) = comment(source) {
        let _ = writeln!(text, "{about}\n");
    }
    let quoted = |names: &mut dyn Iterator<Item = String>| {
        let names: BTreeSet<String> = names.map(|name| format!("`{name}`")).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut line = |what: &str, names: String| {
        if !names.is_empty() {
            let _ = writeln!(text, "- {what} {names}");
        }
    };
    line(
        "extends",
        quoted(&mut uses.extends.iter().map(|(name, _)| name.clone())),
    );
    line(
        "includes",
        quoted(&mut uses.includes.iter().map(|(name, _)| name.clone())),
    );
    line("blocks:", quoted(&mut uses.blocks.iter().cloned()));
    let demanded = samples.iter().flat_map(|sample| &sample.required_fields);
    let demanded: Vec<String> = demanded.cloned().collect();
    let always = ALWAYS.iter().map(|name| (*name).to_owned());
    if !demanded.is_empty() {
        line("its form carries", quoted(&mut always.chain(demanded)));
    }
    line("words:", quoted(&mut words(&uses)));
    line(
        "files:",
        quoted(&mut uses.assets.iter().map(|(path, _)| path.clone())),
    );
    let mut names = Names::of(samples.iter().copied());
    names
        .names
        .retain(|path, _| common.is_none_or(|common| !common.contains(root(path))));
    if !names.names.is_empty() {
        text.push('\n');
        names.write(text);
    }
}

fn words(uses: &Uses) -> impl Iterator<Item = String> + '_ {
    uses.words.iter().map(|call| match &call.asked {
        Asked::Key(key) => key.clone(),
        Asked::Like(start, end) => format!("{start}…{end}"),
    })
}

/// What its author says of the file: the comment that it begins with.
fn comment(source: &str) -> Option<String> {
    let (comment, _) = source.strip_prefix("{#")?.split_once("#}")?;
    let comment = comment.trim_matches(['-', ' ', '\n']);
    let lines: Vec<&str> = comment.lines().map(str::trim).collect();
    Some(lines.join(" "))
}

/// Names that more than a third of a group's templates see: those of one mode too.
fn common_names(folders: &[&str], samples: &[Sample]) -> BTreeSet<String> {
    let mut by_template: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for sample in samples
        .iter()
        .filter(|sample| is_in(folders, &sample.template))
    {
        let names = by_template.entry(&sample.template).or_default();
        let fields = sample.context.as_object();
        names.extend(
            fields
                .into_iter()
                .flat_map(|fields| fields.keys().map(String::as_str)),
        );
    }
    let templates = by_template.len();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in by_template.into_values().flatten() {
        *counts.entry(name).or_default() += 1;
    }
    let common = counts
        .into_iter()
        .filter(|(_, count)| count * 3 > templates);
    common.map(|(name, _)| name.to_owned()).collect()
}

fn is_in(folders: &[&str], name: &str) -> bool {
    folders.iter().any(|folder| name.starts_with(folder))
}

fn root(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

impl Names {
    fn of<'s>(samples: impl Iterator<Item = &'s Sample>) -> Self {
        let mut names = Self::default();
        for sample in samples {
            names.samples += 1;
            let mut seen = BTreeSet::new();
            names.learn("", &sample.context, &mut seen);
            for path in seen {
                names.names.entry(path).or_default().seen += 1;
            }
        }
        names
    }

    fn learn(&mut self, path: &str, value: &Value, seen: &mut BTreeSet<String>) {
        let kind = match value {
            Value::Null => return,
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.learn(&format!("{path}{dot}{name}"), value, seen);
                }
                return;
            }
            Value::Array(items) => {
                let plain = items
                    .iter()
                    .all(|item| !item.is_object() && !item.is_array());
                if !plain {
                    for item in items {
                        self.learn(&format!("{path}[]"), item, seen);
                    }
                    return;
                }
                "list"
            }
            Value::Bool(_) => "true or false",
            Value::Number(_) => "number",
            Value::String(_) => "text",
        };
        let name = self.names.entry(path.to_owned()).or_default();
        name.kinds.insert(kind);
        let is_empty = matches!(value, Value::String(text) if text.is_empty())
            || matches!(value, Value::Array(items) if items.is_empty());
        if name.example.is_none() && !is_empty {
            name.example = Some(example(value));
        }
        seen.insert(path.to_owned());
    }

    fn told(&mut self, name: &str, kind: &'static str, example: &str) {
        let told = Name {
            kinds: BTreeSet::from([kind]),
            example: Some(example.to_owned()),
            seen: self.samples,
        };
        self.names.insert(name.to_owned(), told);
    }

    fn write(&self, text: &mut String) {
        // A list that is empty in one sample shows in another what it holds.
        let is_list = |path: &str| {
            let item = format!("{path}[]");
            self.names.keys().any(|other| other.starts_with(&item))
        };
        text.push_str("| name | type | example |\n| --- | --- | --- |\n");
        for (path, name) in self.names.iter().filter(|(path, _)| !is_list(path)) {
            let kinds: Vec<&str> = name.kinds.iter().copied().collect();
            let sometimes = if name.seen < self.samples {
                ", or absent"
            } else {
                ""
            };
            let example = name
                .example
                .as_deref()
                .map(|example| format!("`{example}`"));
            let _ = writeln!(
                text,
                "| `{path}` | {}{sometimes} | {} |",
                kinds.join(" or "),
                example.unwrap_or_default()
            );
        }
    }
}

fn example(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = text.replace(['`', '\n'], " ");
    let text = match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    };
    text.replace('|', "\\|")
}
