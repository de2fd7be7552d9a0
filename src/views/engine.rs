//! The template engine: what templates can call, where a name leads, and what an error says.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use serde::Serialize;
use tera::{Context, ErrorKind, Kwargs, State, Tera, TeraResult, Value};

use super::blocks::blockless;
use super::dates;
use super::files::Texts;
use super::locale::Locale;
use super::problem::{CheckError, nearest};
use super::uses;
use super::words::{ISOLATES, SOFT_HYPHEN, Wordless, Words, value};

/// The shipped templates' prefix, so that an override can extend what it replaces.
pub(super) const BUILTIN: &str = "builtin/";

/// A rendering larger than this is a mistake in the template.
const MAX_OUTPUT: usize = 1024 * 1024;

/// Whether a missing word or file is an error of the template or merely shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// While checking.
    Strict,
    /// While serving.
    Lenient,
}

/// Parsed templates with the words and links they use.
pub(super) struct Engine {
    tera: Tera,
    words: Arc<Words>,
}

impl Engine {
    /// Parses both layers; the admin's files win. The error tells all that is wrong.
    pub(super) fn build(
        shipped: &Texts,
        own: &Texts,
        words: Arc<Words>,
        links: BTreeMap<String, String>,
        strictness: Strictness,
        label: &dyn Fn(&str) -> String,
    ) -> Result<Self, Vec<CheckError>> {
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.set_fallback_prefixes([BUILTIN])
            .map_err(|error| told(&error, label))?;
        register(&mut tera, &words, links, strictness);
        let templates: Vec<(String, &str)> = shipped
            .iter()
            .map(|(name, text)| (format!("{BUILTIN}{name}"), text.as_str()))
            .chain(own.iter().map(|(name, text)| (name.clone(), text.as_str())))
            .filter(|(name, _)| is_template(name))
            .collect();
        if let Err(error) = tera.add_raw_templates(templates.iter().map(|(n, t)| (n, t))) {
            return Err(every_syntax_error(&templates, label)
                .or_else(|| misled(&error, &templates, label))
                .unwrap_or_else(|| blockless(told(&error, &str::to_owned), &templates, label)));
        }
        Ok(Self { tera, words })
    }

    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    pub(super) fn has(&self, template: &str) -> bool {
        self.tera.contains_template(template)
    }

    /// Renders, adding the language to the page's context.
    pub(super) fn render<C: Serialize + ?Sized>(
        &self,
        template: &str,
        locale: &Locale,
        context: &C,
    ) -> TeraResult<String> {
        let mut context = Context::from_serialize(context)?;
        context.insert_value("locale", Value::from(locale.as_str()));
        context.insert_value("dir", Value::from(locale.dir()));
        let mut page = Page(Vec::with_capacity(16 * 1024));
        self.tera.render_to(template, &context, &mut page)?;
        let rendered = String::from_utf8(page.0)?;
        Ok(without(invisible(template), rendered))
    }
}

/// The marks of words that have no place in what is rendered. Hyphens that show only where a line breaks are for pages;
/// the directions of values would count in a text message, and travel along in a subject.
fn invisible(template: &str) -> &'static [char] {
    let is_line = template.ends_with("/subject.txt")
        || template.starts_with("sms/")
        || template.starts_with("voice/");
    match (is_line, template.ends_with(".txt")) {
        (true, _) => &[SOFT_HYPHEN, ISOLATES[0], ISOLATES[1]],
        (_, true) => &[SOFT_HYPHEN],
        _ => &[],
    }
}

fn without(marks: &[char], text: String) -> String {
    match !marks.is_empty() && text.contains(marks) {
        true => text.replace(marks, ""),
        false => text,
    }
}

/// Whether the engine parses this file; the rest is words.
pub(super) fn is_template(name: &str) -> bool {
    name.ends_with(".html") || name.ends_with(".txt")
}

/// The growing output, up to the limit.
struct Page(Vec<u8>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn register(
    tera: &mut Tera,
    words: &Arc<Words>,
    links: BTreeMap<String, String>,
    strictness: Strictness,
) {
    let told = Arc::clone(words);
    tera.register_function("t", move |kwargs: Kwargs, state: &State<'_>| {
        translate(&told, &kwargs, state, strictness)
    });
    tera.register_function("asset", move |kwargs: Kwargs, _: &State<'_>| {
        link(&links, kwargs.must_get("path")?, strictness)
    });
    tera.register_function("date", |kwargs: Kwargs, state: &State<'_>| {
        written(&kwargs, state, dates::date)
    });
    tera.register_function("date_time", |kwargs: Kwargs, state: &State<'_>| {
        written(&kwargs, state, dates::date_time)
    });
}

fn language(state: &State<'_>) -> TeraResult<String> {
    state.get::<String>("locale")?.ok_or_else(|| {
        tera::Error::message(
            "components do not know the page's language; pass them the finished words as arguments",
        )
    })
}

fn translate(
    words: &Words,
    kwargs: &Kwargs,
    state: &State<'_>,
    strictness: Strictness,
) -> TeraResult<String> {
    let key: &str = kwargs.must_get("key")?;
    let locale = language(state)?;
    let mut args = FluentArgs::new();
    for (name, given) in kwargs.iter() {
        let name = name.to_string();
        if name != "key" {
            args.set(name, fluent(given));
        }
    }
    if strictness == Strictness::Lenient {
        return Ok(words.tell_anyway(&locale, key, &args));
    }
    words
        .tell(&locale, key, &args)
        .map_err(|wordless| match wordless {
            Wordless::Missing => tera::Error::message(no_words(words, key)),
            Wordless::Broken { why, .. } => {
                tera::Error::message(format!("words `{key}` in `{locale}`: {why}"))
            }
        })
}

pub(super) fn no_words(words: &Words, key: &str) -> String {
    format!(
        "no words for `{key}` in any language; available: {}",
        nearest(key, words.keys())
    )
}

pub(super) fn no_file<'a>(path: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    format!(
        "no static file `{path}`; available: {}",
        nearest(path, known)
    )
}

fn fluent(given: &Value) -> FluentValue<'static> {
    if let Some(text) = given.as_str() {
        return value(text).into_owned();
    }
    if let Some(whole) = given.as_i64() {
        return FluentValue::from(whole);
    }
    match given.as_f64() {
        Some(number) => FluentValue::from(number),
        None => FluentValue::from(given.to_string()),
    }
}

fn link(
    links: &BTreeMap<String, String>,
    path: &str,
    strictness: Strictness,
) -> TeraResult<String> {
    match links.get(path) {
        Some(version) => Ok(format!("/static/{path}?v={version}")),
        None if strictness == Strictness::Lenient => Ok(format!("/static/{path}")),
        None => Err(tera::Error::message(no_file(
            path,
            links.keys().map(String::as_str),
        ))),
    }
}

fn written(
    kwargs: &Kwargs,
    state: &State<'_>,
    write: fn(&str, i64) -> Option<String>,
) -> TeraResult<String> {
    let millis: i64 = kwargs.must_get("at")?;
    write(&language(state)?, millis).ok_or_else(|| {
        tera::Error::message(format!(
            "`{millis}` is not a time in milliseconds since 1970"
        ))
    })
}

/// The engine stops at the first file it cannot parse; authors want to hear of all.
fn every_syntax_error(
    templates: &[(String, &str)],
    label: &dyn Fn(&str) -> String,
) -> Option<Vec<CheckError>> {
    let errors: Vec<CheckError> = templates
        .iter()
        .filter_map(|(name, text)| Tera::new().add_raw_template(name, text).err())
        .filter(|error| matches!(error.kind(), ErrorKind::SyntaxError(_)))
        .flat_map(|error| told(&error, label))
        .collect();
    (!errors.is_empty()).then_some(errors)
}

/// A template that leads nowhere or back to itself: the engine names no line for these.
fn misled(
    error: &tera::Error,
    templates: &[(String, &str)],
    label: &dyn Fn(&str) -> String,
) -> Option<Vec<CheckError>> {
    let (file, target, message) = match error.kind() {
        ErrorKind::CircularInclude { include_chain, .. } => {
            let (target, before) = include_chain.split_last()?;
            let start = before.iter().position(|name| name == target)?;
            let circle = include_chain.get(start..)?.iter().map(|name| label(name));
            let circle: Vec<String> = circle.collect();
            let message = format!("includes itself: {}", circle.join(" → "));
            (before.last()?, target, message)
        }
        ErrorKind::CircularExtend {
            tpl,
            inheritance_chain,
        } => {
            let (target, before) = inheritance_chain.split_last()?;
            let message = "extends itself in the end".to_owned();
            (before.last().unwrap_or(tpl), target, message)
        }
        ErrorKind::MissingParent { current, parent } => (
            current,
            parent,
            format!("extends `{parent}`, which does not exist"),
        ),
        _ => return None,
    };
    let (_, text) = templates.iter().find(|(name, _)| name == file)?;
    let uses = uses::of(text);
    let line = uses
        .includes
        .iter()
        .chain(&uses.extends)
        .find(|(name, _)| name == target || target.strip_prefix(BUILTIN) == Some(name))
        .map(|(_, line)| *line);
    Some(vec![CheckError::new(label(file), line, message)])
}

/// The engine's error in our words: which file and line.
pub(super) fn told(error: &tera::Error, label: &dyn Fn(&str) -> String) -> Vec<CheckError> {
    let one = |file: &str, line: Option<usize>, message: String| {
        vec![CheckError::new(label(file), line, message)]
    };
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => one(
            report.filename(),
            Some(report.span().start_line),
            report.message().to_owned(),
        ),
        ErrorKind::Io(io::ErrorKind::FileTooLarge) => {
            one("", None, "renders more than 1 MiB".to_owned())
        }
        other => reports(&other.to_string(), label),
    }
}

/// Errors that the engine found after parsing come as one text: `error: …` and `--> file:line:column` each.
fn reports(text: &str, label: &dyn Fn(&str) -> String) -> Vec<CheckError> {
    let mut found = Vec::new();
    for part in text.split("\n\n") {
        let mut lines = part.lines();
        let message = lines.next().unwrap_or(part);
        let place = lines
            .find_map(|line| line.trim_start().strip_prefix("--> "))
            .and_then(|place| {
                let mut parts = place.rsplitn(3, ':').skip(1);
                let line: usize = parts.next()?.parse().ok()?;
                Some((parts.next()?, line))
            });
        let message = message.strip_prefix("error: ").unwrap_or(message);
        found.push(match place {
            Some((file, line)) => CheckError::new(label(file), Some(line), message),
            None => CheckError::new(label(""), None, part),
        });
    }
    found
}
