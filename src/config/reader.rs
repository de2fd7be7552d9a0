//! Gives the found values their types, and gathers what is wrong instead of stopping at the first.

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};

use secrecy::SecretString;

use super::error::Problem;
use super::key::{Key, Kind, Path};
use super::layer::{Found, Layer, Origin, Raw};
use super::secret;

/// The problem is in the reader's list already; the value is not to be had.
#[derive(Debug)]
pub(super) struct Reported;

/// A value, or the fact that the reader knows why there is none.
pub(super) type Read<T> = Result<T, Reported>;

pub(super) struct Reader {
    values: HashMap<Path, Found>,
    /// What relative paths start from, and what those of the command line do.
    base: PathBuf,
    cwd: PathBuf,
    pub(super) problems: Vec<Problem>,
    pub(super) sources: HashMap<Path, String>,
}

impl Reader {
    /// Lays the sources over each other; later ones win.
    pub(super) fn new(layers: Vec<Layer>, base: PathBuf, cwd: PathBuf) -> Self {
        let mut reader = Self {
            values: HashMap::new(),
            base,
            cwd,
            problems: Vec::new(),
            sources: HashMap::new(),
        };
        for layer in layers {
            reader.values.extend(layer.values);
            reader.problems.extend(layer.problems);
        }
        for (path, found) in &reader.values {
            reader.sources.insert(*path, found.origin.to_string());
        }
        reader
    }

    /// Whether any source but the defaults sets the key.
    pub(super) fn is_set(&self, key: &Key) -> bool {
        self.values
            .get(&key.path())
            .is_some_and(|found| found.origin != Origin::Default)
    }

    /// Refuses the key's value; `clause` continues the sentence that names key and value.
    pub(super) fn refuse(&mut self, key: &Key, clause: &str) -> Reported {
        let found = self.values.get(&key.path());
        let origin = found.map_or(Origin::Default, |found| found.origin.clone());
        let value = match found.map(|found| &found.raw) {
            Some(Raw::Text(text)) if key.kind == Kind::Secret => {
                secret::shown(text).map(|text| format!("{text:?}"))
            }
            Some(Raw::Text(text)) => Some(secret::quoted(text)),
            Some(Raw::Flag(flag)) => Some(flag.to_string()),
            Some(Raw::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let value = value.map_or_else(String::new, |value| format!(" = {value}"));
        self.report(&origin, key, format!("{}{value} {clause}", key.label()))
    }

    fn report(&mut self, origin: &Origin, key: &Key, text: String) -> Reported {
        self.problems.push(Problem {
            place: origin.to_string(),
            key: key.dotted(),
            text,
        });
        Reported
    }

    fn wrong_type(&mut self, key: &Key, origin: &Origin, raw: &Raw, wanted: &str) -> Reported {
        let is = match raw {
            Raw::Text(_) => "text",
            Raw::Flag(_) => "true or false",
            Raw::Number(_) => "a number",
            Raw::List(_) => "a list",
            Raw::Table(_) => "a table",
            Raw::Other(is) => is,
        };
        let example = match key.example() {
            "[]" => "[\"…\", \"…\"]",
            example => example,
        };
        let text = format!(
            "{} is {is}; say {wanted}, like {} = {example}",
            key.label(),
            key.name,
        );
        self.report(origin, key, text)
    }

    fn text(&mut self, key: &'static Key) -> Read<Option<(String, Origin)>> {
        let Some(Found { raw, origin }) = self.values.get(&key.path()).cloned() else {
            return Ok(None);
        };
        match raw {
            Raw::Text(text) if text.trim().is_empty() => Err(self.refuse(
                key,
                &format!(
                    "is empty; leave it out, or say for example {}",
                    key.example()
                ),
            )),
            Raw::Text(text) => Ok(Some((text, origin))),
            other => Err(self.wrong_type(key, &origin, &other, "text in quotes")),
        }
    }

    /// A key that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static Key,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Read<Option<T>> {
        match self.text(key)? {
            None => Ok(None),
            Some((text, _)) => match parse(text.trim()) {
                Ok(value) => Ok(Some(value)),
                Err(clause) => Err(self.refuse(key, &clause)),
            },
        }
    }

    /// A key that has a default.
    pub(super) fn parse<T>(
        &mut self,
        key: &'static Key,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Read<T> {
        match self.optional(key, parse)? {
            Some(value) => Ok(value),
            None => Err(self.missing(key)),
        }
    }

    fn missing(&mut self, key: &Key) -> Reported {
        self.refuse(key, &format!("is missing; say {}", key.example()))
    }

    pub(super) fn flag(&mut self, key: &'static Key) -> Read<bool> {
        match self.values.get(&key.path()).cloned() {
            None => Err(self.missing(key)),
            Some(Found {
                raw: Raw::Flag(flag),
                ..
            }) => Ok(flag),
            Some(Found { raw, origin }) => {
                Err(self.wrong_type(key, &origin, &raw, "true or false without quotes"))
            }
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, key: &'static Key) -> Read<u32> {
        match self.values.get(&key.path()).cloned() {
            None => Err(self.missing(key)),
            Some(Found {
                raw: Raw::Number(number),
                ..
            }) => Ok(number),
            Some(Found { raw, origin }) => {
                Err(self.wrong_type(key, &origin, &raw, "a whole number without quotes"))
            }
        }
    }

    /// A list of texts; every item that is wrong is reported.
    pub(super) fn list<T>(
        &mut self,
        key: &'static Key,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Read<Vec<T>> {
        self.items(key, "a list of texts", |raw| match raw {
            Raw::Text(text) => {
                parse(text).map_err(|clause| format!("{} {clause}", secret::quoted(text)))
            }
            _ => Err("every item must be text in quotes".to_owned()),
        })
    }

    /// A list of anything; `parse` answers a whole sentence for an item that is wrong.
    pub(super) fn items<T>(
        &mut self,
        key: &'static Key,
        wanted: &str,
        parse: impl Fn(&Raw) -> Result<T, String>,
    ) -> Read<Vec<T>> {
        let items = match self.values.get(&key.path()).cloned() {
            None => return Ok(Vec::new()),
            Some(Found {
                raw: Raw::List(items),
                ..
            }) => items,
            Some(Found { raw, origin }) => {
                return Err(self.wrong_type(key, &origin, &raw, wanted));
            }
        };
        let before = self.problems.len();
        let mut values = Vec::new();
        for (origin, raw) in &items {
            match parse(raw) {
                Ok(value) => values.push(value),
                Err(sentence) => {
                    self.report(origin, key, format!("{}: {sentence}", key.label()));
                }
            }
        }
        if self.problems.len() > before {
            return Err(Reported);
        }
        Ok(values)
    }

    /// A path, made absolute.
    pub(super) fn path(&mut self, key: &'static Key) -> Read<Option<PathBuf>> {
        let found = self.text(key)?;
        Ok(found.map(|(text, origin)| self.resolve(&text, &origin)))
    }

    /// A directory that may not exist yet.
    pub(super) fn directory(&mut self, key: &'static Key) -> Read<PathBuf> {
        match self.path(key)? {
            Some(path) if path.is_file() => {
                Err(self.refuse(key, "is a file; say a directory, which need not exist yet"))
            }
            Some(path) => Ok(path),
            None => Err(self.missing(key)),
        }
    }

    fn resolve(&self, text: &str, origin: &Origin) -> PathBuf {
        let from = match origin {
            Origin::Flag => &self.cwd,
            _ => &self.base,
        };
        // Collected by component, so that `./data` leaves no dot behind.
        from.join(text).components().collect()
    }

    /// A path that stands inside the value of `key`, made absolute the way that key's own would be.
    pub(super) fn resolve_within(&self, key: &Key, path: &str) -> PathBuf {
        let origin = self.values.get(&key.path()).map(|found| &found.origin);
        self.resolve(path, origin.unwrap_or(&Origin::Default))
    }

    /// A secret: in the key itself, or in the file that `file_key` names. The nearer source wins.
    pub(super) fn secret(
        &mut self,
        key: &'static Key,
        file_key: &'static Key,
    ) -> Read<Option<SecretString>> {
        let rank = |path| {
            self.values
                .get(&path)
                .map(|found: &Found| found.origin.rank())
        };
        let (inline, file) = (rank(key.path()), rank(file_key.path()));
        if inline.is_some() && inline == file {
            let clause = format!("stands beside {}; keep one of the two", key.name);
            return Err(self.refuse(file_key, &clause));
        }
        if inline > file || file.is_none() {
            return Ok(self
                .text(key)?
                .map(|(text, _)| SecretString::from(text.trim())));
        }
        let Some((text, origin)) = self.text(file_key)? else {
            return Ok(None);
        };
        let path: &FilePath = &self.resolve(&text, &origin);
        match secret::read(path) {
            Ok(secret) => {
                self.sources
                    .insert(key.path(), format!("{} ({origin})", path.display()));
                let raw = Raw::Other("a secret");
                self.values.insert(key.path(), Found { raw, origin });
                Ok(Some(secret))
            }
            Err(clause) => Err(self.refuse(file_key, &clause)),
        }
    }
}
