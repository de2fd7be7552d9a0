//! Blocks that are filled and not there: told with those that are.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::BUILTIN;
use super::problem::CheckError;
use super::uses;

/// Each screen complains of each block that it does not find; who wrote the frame wants to hear it once.
pub(super) fn blockless(
    errors: Vec<CheckError>,
    templates: &[(String, &str)],
    label: &dyn Fn(&str) -> String,
) -> Vec<CheckError> {
    let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut rest = Vec::new();
    for mut error in errors {
        let block = error.message.strip_prefix("Block ");
        let block =
            block.and_then(|block| block.strip_suffix(" is not defined in any parent template"));
        let child = templates.iter().find(|(name, _)| *name == error.file);
        let parent = child.and_then(|(_, text)| uses::of(text).extends);
        let is_own = |parent: &String| templates.iter().any(|(name, _)| name == parent);
        match (block, parent) {
            (Some(block), Some((parent, _)))
                if error.file.starts_with(BUILTIN) && is_own(&parent) =>
            {
                missing.entry(parent).or_default().insert(block.to_owned());
            }
            (Some(block), Some((parent, _))) => {
                error.message = format!(
                    "{block} is no block of `{}`: it has {}",
                    label(&parent),
                    blocks_of(&parent, templates)
                );
                error.file = label(&error.file);
                rest.push(error);
            }
            _ => {
                error.file = label(&error.file);
                rest.push(error);
            }
        }
    }
    rest.extend(missing.into_iter().map(|(parent, blocks)| {
        let blocks: Vec<String> = blocks.into_iter().collect();
        let message = format!(
            "lacks blocks that the screens fill: {}; put each where it belongs, like `{{% block title %}}{{% endblock title %}}`",
            blocks.join(", ")
        );
        CheckError::new(label(&parent), None, message)
    }));
    rest
}

/// The blocks of a template, and of those that it extends.
fn blocks_of(name: &str, templates: &[(String, &str)]) -> String {
    let mut blocks = BTreeSet::new();
    let mut next = Some(name.to_owned());
    while let Some(name) = next {
        let shipped = format!("{BUILTIN}{name}");
        let of = |name: &str| templates.iter().find(|(known, _)| known == name);
        let text = of(&name).or_else(|| of(&shipped));
        let uses = text.map(|(_, text)| uses::of(text)).unwrap_or_default();
        blocks.extend(uses.blocks.iter().map(|block| format!("`{block}`")));
        next = uses.extends.map(|(parent, _)| parent);
    }
    Vec::from_iter(blocks).join(", ")
}
