//! What is in effect, and where each value came from; without secrets.

use std::fmt;

use serde_json::{Map, Value, json};

/// The effective configuration, for people (`Display`) and machines ([`Description::to_json`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Whether this is a development configuration.
    pub development: bool,
    /// Every key, in the order of the sample file.
    pub entries: Vec<Entry>,
}

/// One key in effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The section; empty at the top of the file.
    pub section: &'static str,
    /// The key within its section.
    pub name: &'static str,
    /// The value as it is used; null when the key is left out. A secret's is only hinted at.
    pub value: Value,
    /// `default`, `tessera.toml:12`, a variable's name, a secret's file or `command line`.
    pub source: String,
}

impl Description {
    /// `{"mode": …, "settings": {"public_url": {"value", "source"}, "http": {"listen": …}}}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut settings = Map::new();
        for entry in &self.entries {
            let told = json!({ "value": entry.value, "source": entry.source });
            if entry.section.is_empty() {
                settings.insert(entry.name.to_owned(), told);
            } else if let Value::Object(section) =
                settings.entry(entry.section).or_insert_with(|| json!({}))
            {
                section.insert(entry.name.to_owned(), told);
            }
        }
        json!({ "mode": self.mode(), "settings": settings })
    }

    fn mode(&self) -> &'static str {
        if self.development {
            "development"
        } else {
            "production"
        }
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.mode())?;
        let mut section = "";
        for entry in &self.entries {
            if entry.section != section {
                section = entry.section;
                writeln!(f, "\n[{section}]")?;
            }
            let said = match &entry.value {
                Value::Null => format!("# {} is not set", entry.name),
                value => format!("{} = {value}", entry.name),
            };
            if entry.value.is_null() {
                writeln!(f, "{said}")?;
            } else {
                writeln!(f, "{said:<48} # {}", entry.source)?;
            }
        }
        Ok(())
    }
}
