//! Finds names that no page passes. The engine takes an unknown name in a condition for false and says nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::problem::nearest;
use super::uses::{PathUse, Step};

/// Names that every template has beside its page's own.
const ALWAYS: [&str; 2] = ["locale", "dir"];

/// The engine's name for the whole context.
pub(super) const WHOLE_CONTEXT: &str = "__tera_context";

/// What is known about a value: the union of what the samples show.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    fields: BTreeMap<String, Shape>,
    items: Option<Box<Shape>>,
    /// Some sample shows a plain value here.
    plain: bool,
}

impl Shape {
    /// Adds what one sample shows.
    pub(super) fn learn(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.fields.entry(name.clone()).or_default().learn(value);
                }
            }
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                for item in items {
                    shape.learn(item);
                }
            }
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) => self.plain = true,
        }
    }

    pub(super) fn merge(&mut self, other: &Shape) {
        self.plain |= other.plain;
        for (name, shape) in &other.fields {
            self.fields.entry(name.clone()).or_default().merge(shape);
        }
        if let Some(items) = &other.items {
            self.items.get_or_insert_default().merge(items);
        }
    }

    /// The page's names that tell enroll from authenticate may be asked for anywhere.
    pub(super) fn learn_field(&mut self, name: &str, shape: &Shape) {
        self.fields.entry(name.to_owned()).or_default().merge(shape);
    }

    pub(super) fn field(&self, name: &str) -> Option<&Shape> {
        self.fields.get(name)
    }

    /// No sample shows what this is: an empty map or list, or nothing but null.
    fn is_unknown(&self) -> bool {
        self.fields.is_empty() && self.items.is_none() && !self.plain
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }
}

/// Says what is wrong with a path, if anything.
pub(super) fn fault(used: &PathUse, known: &Shape, locals: &BTreeSet<String>) -> Option<String> {
    if let Some(arguments) = &used.arguments {
        return (!arguments.contains(&used.root)).then(|| {
            format!(
                "unknown name `{}`: a component sees only its arguments: {}",
                used.root,
                nearest(&used.root, arguments.iter().map(String::as_str))
            )
        });
    }
    if locals.contains(&used.root)
        || ALWAYS.contains(&used.root.as_str())
        || used.root == WHOLE_CONTEXT
    {
        return None;
    }
    let Some(mut shape) = known.field(&used.root) else {
        let available = known.names().chain(ALWAYS);
        return Some(format!(
            "unknown variable `{}`; available: {}",
            used.root,
            nearest(&used.root, available)
        ));
    };
    let mut path = used.root.clone();
    for step in &used.steps {
        if shape.is_unknown() {
            return None;
        }
        match step {
            Step::Item => {
                // Loops run over maps and texts too, and then nothing is known of their items.
                shape = shape.items.as_deref()?;
                path.push_str("[]");
            }
            Step::Field(name) => match shape.field(name) {
                Some(next) => {
                    shape = next;
                    path.push('.');
                    path.push_str(name);
                }
                None => {
                    return Some(format!(
                        "unknown field `{name}` of `{path}`; available: {}",
                        nearest(name, shape.names())
                    ));
                }
            },
        }
    }
    None
}
