//! One source of settings, read into the shape that all sources share.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::key::{self, Key, Kind, Path};
use super::nearest;

/// A value before its key gave it a type.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Text(String),
    Flag(bool),
    Number(u32),
    List(Vec<(Origin, Raw)>),
    Table(Vec<(String, Origin, Raw)>),
    /// A kind of TOML value that no key takes.
    Other(&'static str),
}

/// Where a value was found. Later ones win.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    Default,
    File { name: String, line: usize },
    Env(String),
    Flag,
}

impl Origin {
    /// How far this source is heard over the others.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File { .. } => 1,
            Self::Env(_) => 2,
            Self::Flag => 3,
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Env(variable) => f.write_str(variable),
            Self::Flag => f.write_str("command line"),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// What one source says, and what is wrong with how it says it.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) values: HashMap<Path, Found>,
    pub(super) problems: Vec<Problem>,
}

impl Layer {
    fn set(&mut self, key: &'static Key, raw: Raw, origin: Origin) {
        self.values.insert(key.path(), Found { raw, origin });
    }

    fn refuse(&mut self, origin: &Origin, key: impl Into<String>, text: String) {
        self.problems.push(Problem {
            place: origin.to_string(),
            key: key.into(),
            text,
        });
    }
}

/// Reads TOML. `origin_at` turns a line number into an origin.
pub(super) fn from_toml(text: &str, origin_at: &dyn Fn(usize) -> Origin) -> Layer {
    let mut layer = Layer::default();
    let at = |byte: usize| {
        let before = text.as_bytes().get(..byte).unwrap_or(text.as_bytes());
        origin_at(before.iter().filter(|b| **b == b'\n').count() + 1)
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            // Only the message: the error's own display quotes the line, which may hold a password.
            let origin = at(error.span().map_or(0, |span| span.start));
            let told = error.message().lines().collect::<Vec<_>>().join(" ");
            layer.refuse(&origin, "", format!("this is not TOML: {told}"));
            return layer;
        }
    };
    for (name, value) in table.get_ref() {
        let origin = at(name.span().start);
        let name = name.get_ref().as_ref();
        match (value.get_ref(), key::find("", name), key::section(name)) {
            (_, Some(key), _) => layer.set(key, raw(value, &at), origin),
            (DeValue::Table(keys), None, Some(_)) => section(&mut layer, name, keys, &at),
            (_, None, Some(_)) => layer.refuse(
                &origin,
                name,
                format!(
                    "`{name}` is a section; write [{name}] on a line of its own and its keys below"
                ),
            ),
            (DeValue::Table(_), None, None) => {
                layer.refuse(&origin, name, nearest::unknown_section(name));
            }
            (_, None, None) => layer.refuse(&origin, name, nearest::unknown_key("", name)),
        }
    }
    layer
}

fn section(layer: &mut Layer, section: &str, keys: &DeTable<'_>, at: &dyn Fn(usize) -> Origin) {
    for (name, value) in keys {
        let origin = at(name.span().start);
        let name = name.get_ref().as_ref();
        match key::find(section, name) {
            Some(key) => layer.set(key, raw(value, at), origin),
            None => layer.refuse(
                &origin,
                format!("{section}.{name}"),
                nearest::unknown_key(section, name),
            ),
        }
    }
}

fn raw(value: &Spanned<DeValue<'_>>, at: &dyn Fn(usize) -> Origin) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.clone().into_owned()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Array(items) => Raw::List(
            items
                .iter()
                .map(|item| (at(item.span().start), raw(item, at)))
                .collect(),
        ),
        DeValue::Table(entries) => Raw::Table(
            entries
                .iter()
                .map(|(name, value)| {
                    let name_text = name.get_ref().clone().into_owned();
                    (name_text, at(name.span().start), raw(value, at))
                })
                .collect(),
        ),
        DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a negative or very large number"), Raw::Number),
        DeValue::Float(_) => Raw::Other("a number with a point"),
        DeValue::Datetime(_) => Raw::Other("a date"),
    }
}

/// Reads the environment; names outside `TESSERA_` are not ours.
pub(super) fn from_env(env: &[(String, String)]) -> Layer {
    let mut layer = Layer::default();
    let mut mine: Vec<_> = env
        .iter()
        .filter(|(name, value)| name.starts_with("TESSERA_") && !is_foreign(name, value))
        .collect();
    mine.sort();
    for (name, value) in mine {
        let origin = Origin::Env(name.clone());
        match key::all().find(|key| key.env() == *name) {
            Some(key) => layer.set(key, spoken(key, value, &origin), origin),
            None => layer.refuse(&origin, name.as_str(), nearest::unknown_variable(name)),
        }
    }
    layer
}

/// Kubernetes sets such variables by itself for a Service whose name begins with `tessera`; the
/// tests of this project have a prefix of their own.
fn is_foreign(name: &str, value: &str) -> bool {
    let address = ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|scheme| value.starts_with(scheme));
    let part = name
        .split_once("_PORT_")
        .is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
    let service = name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || part
        || (name.ends_with("_PORT") && address);
    name.starts_with("TESSERA_TEST_") || (service && !name.contains("__"))
}

/// Reads the command line: dotted keys and their values.
pub(super) fn from_flags(flags: &[(String, String)]) -> Layer {
    let mut layer = Layer::default();
    for (name, value) in flags {
        match key::all().find(|key| key.dotted() == *name) {
            Some(key) => layer.set(key, spoken(key, value, &Origin::Flag), Origin::Flag),
            None => layer.refuse(&Origin::Flag, name.as_str(), nearest::unknown_flag(name)),
        }
    }
    layer
}

/// A value that came as plain text. What can't be read stays text, for the key to refuse.
fn spoken(key: &Key, value: &str, origin: &Origin) -> Raw {
    let text = || Raw::Text(value.to_owned());
    let toml = |text: &str| {
        let parsed = DeValue::parse(text).ok()?;
        Some(raw(&parsed, &|_| origin.clone()))
    };
    match key.kind {
        Kind::Text | Kind::Secret | Kind::SecretFile => text(),
        Kind::Flag => value.parse().map_or_else(|_| text(), Raw::Flag),
        Kind::Number => value.parse().map_or_else(|_| text(), Raw::Number),
        Kind::LinkList => toml(value).unwrap_or_else(text),
        Kind::TextList if value.trim_start().starts_with('[') => toml(value).unwrap_or_else(text),
        Kind::TextList => Raw::List(
            value
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| (origin.clone(), Raw::Text(item.to_owned())))
                .collect(),
        ),
    }
}
