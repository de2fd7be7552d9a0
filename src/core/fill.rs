//! Texts with places in them, `{{ code }}`, that are filled with values: no more than that, so that they may come from
//! settings and from the API.

use std::fmt;

/// What the text of a message to a phone may have places for (contract §7.3).
pub const MESSAGE_PLACES: [&str; 8] = [
    "code",
    "message_type",
    "locale",
    "requestInfo.lang",
    "tenant.friendly_name",
    "tenant.friendlyName",
    "pause",
    "custom_domain.domain",
];

/// A text with places in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Fill(Vec<Piece>);

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(String),
}

impl fmt::Debug for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fill(…)")
    }
}

impl Fill {
    /// Reads a text whose places are all among `known`.
    ///
    /// # Errors
    /// What is wrong, as the clause of a sentence.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, String> {
        let names = || {
            let names: Vec<String> = known
                .iter()
                .map(|name| format!("{{{{ {name} }}}}"))
                .collect();
            names.join(", ")
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after
                .split_once("}}")
                .ok_or_else(|| format!("has {{{{ without }}}}; the places are {}", names()))?;
            let name = name.trim();
            if !known.contains(&name) {
                return Err(format!("has {{{{ {name} }}}}; the places are {}", names()));
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(name.to_owned()));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        if text.contains("{%") {
            return Err(format!("has {{%: there are places only, {}", names()));
        }
        Ok(Self(pieces))
    }

    /// Whether there is a place of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|piece| matches!(piece, Piece::Place(place) if place == name))
    }

    /// The text with `value` of each place's name in it.
    pub fn with<V: AsRef<str>>(&self, value: impl Fn(&str) -> V) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Place(name) => filled.push_str(value(name).as_ref()),
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once_and_nothing_else_is_touched() {
        let fill = Fill::parse("{{code}} for {{ site }} {x}", &["code", "site"]).unwrap();
        let filled = fill.with(|name| match name {
            "code" => "{{ site }}".to_owned(),
            _ => "Us".to_owned(),
        });
        assert_eq!(filled, "{{ site }} for Us {x}");
        assert!(fill.has("code") && !fill.has("number"));
    }

    #[test]
    fn what_is_no_place_is_refused_with_those_that_are() {
        for text in [
            "{{ cod }}",
            "{{ code",
            "{% if code %}",
            "{{ code | upper }}",
            "{{}}",
        ] {
            let why = Fill::parse(text, &["code"]).unwrap_err();
            assert!(why.contains("{{ code }}"), "{text}: {why}");
        }
    }
}
