//! Calls of functions in templates: their arguments, and the words that they ask for.

use std::collections::BTreeSet;

use super::tokens::{Placed, Token};

/// Which words a call asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// These.
    Key(String),
    /// One of those that begin and end so: the rest is put together while rendering.
    Like(String, String),
}

/// A call of `t(…)`.
#[derive(Clone, Debug)]
pub(super) struct WordsUse {
    pub(super) asked: Asked,
    /// The names of the values that it passes.
    pub(super) passed: BTreeSet<String>,
    pub(super) line: usize,
}

impl Asked {
    /// Whether the call may mean this key.
    pub(super) fn means(&self, key: &str) -> bool {
        match self {
            Asked::Key(own) => own == key,
            Asked::Like(start, end) => {
                key.len() >= start.len() + end.len()
                    && key.starts_with(start.as_str())
                    && key.ends_with(end.as_str())
            }
        }
    }
}

/// What a key is, as far as it can be read: nothing for a mere name.
pub(super) fn asked(key: &[Placed]) -> Option<Asked> {
    let text = |placed: Option<&Placed>| {
        let text = placed.and_then(|(token, _)| token.text());
        text.unwrap_or_default().to_owned()
    };
    match key {
        [(Token::Text(text), _)] => Some(Asked::Key(text.clone())),
        _ => {
            let (start, end) = (text(key.first()), text(key.last()));
            (!start.is_empty() || !end.is_empty()).then_some(Asked::Like(start, end))
        }
    }
}

/// The named arguments of a call, from its bracket on.
pub(super) fn arguments(tokens: &[Placed]) -> Vec<(&str, &[Placed])> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_usize, 1);
    for (i, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::Sign("(" | "[" | "{") => depth += 1,
            Token::Sign(")" | "]" | "}") => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = depth == 0 || (depth == 1 && token.is(","));
        if !ends {
            continue;
        }
        if let Some([(Token::Name(name), _), (eq, _), value @ ..]) = tokens.get(start..i)
            && eq.is("=")
        {
            found.push((name.as_str(), value));
        }
        start = i + 1;
        if depth == 0 {
            break;
        }
    }
    found
}
