//! The one list of keys: validation, the environment's names and the sample file all read it.

use super::{
    database, http, limits, mail, phone, push, root, site, static_, templates, tickets, users,
    webauthn,
};

/// What a key's value looks like in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Text that may hold a password: never shown as it stands.
    Secret,
    /// Names the file that holds the secret of the key before it.
    SecretFile,
    Flag,
    /// A whole number, from 0.
    Number,
    TextList,
    LinkList,
}

/// How the sample file shows a key; the values are TOML.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    /// Written out: this is the default.
    Default(&'static str),
    /// Commented out: there is no default, or it follows from other keys.
    Example(&'static str),
}

/// One setting.
#[derive(Debug)]
pub(super) struct Key {
    /// The section it lives in; empty at the top of the file.
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) shown: Shown,
    pub(super) doc: &'static str,
}

/// The name that the layers share: section and key.
pub(super) type Path = (&'static str, &'static str);

impl Key {
    pub(super) fn path(&self) -> Path {
        (self.section, self.name)
    }

    /// `http.listen`, as the command line and the description say it.
    pub(super) fn dotted(&self) -> String {
        if self.section.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}.{}", self.section, self.name)
        }
    }

    /// `[http] listen`, as a message says it.
    pub(super) fn label(&self) -> String {
        if self.section.is_empty() {
            self.name.to_owned()
        } else {
            format!("[{}] {}", self.section, self.name)
        }
    }

    /// `TESSERA_HTTP__LISTEN`.
    pub(super) fn env(&self) -> String {
        format!("TESSERA_{}", self.dotted().replace('.', "__")).to_uppercase()
    }

    /// A value that would be right, as TOML.
    pub(super) fn example(&self) -> &'static str {
        match self.shown {
            Shown::Default(toml) | Shown::Example(toml) => toml,
        }
    }
}

/// A section of the file.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) keys: &'static [&'static Key],
}

/// Every section, in the order of the sample file.
pub(super) static SECTIONS: &[Section] = &[
    root::SECTION,
    http::SECTION,
    site::SECTION,
    database::SECTION,
    mail::SECTION,
    phone::SECTION,
    templates::SECTION,
    static_::SECTION,
    tickets::SECTION,
    users::SECTION,
    push::SECTION,
    limits::SECTION,
    webauthn::SECTION,
];

pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().copied())
}

pub(super) fn section(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

pub(super) fn find(section: &str, name: &str) -> Option<&'static Key> {
    all().find(|key| key.path() == (section, name))
}
