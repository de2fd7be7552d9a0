//! What is said, and to whom: answers on standard output, everything else on standard error.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::str::FromStr;

use clap::builder::styling::AnsiColor;
use serde::Serialize;

use crate::core::Error;

/// Standard output, for people or for programs.
pub(super) struct Out {
    json: bool,
}

impl Out {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// One answer: its JSON, or what people read.
    pub(super) fn answer(
        &self,
        value: &impl Serialize,
        for_people: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        if self.json {
            say(&serde_json::to_string_pretty(value)?)
        } else {
            say(&for_people())
        }
    }
}

/// Writes text and a line end; of no text, nothing.
pub(super) fn say(text: &str) -> anyhow::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    out.flush()?;
    Ok(())
}

/// Text in a colour, where standard output shows colours (<https://no-color.org>).
pub(super) fn paint(colour: AnsiColor, text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    if plain || !io::stdout().is_terminal() {
        return text.to_owned();
    }
    let style = colour.on_default();
    format!("{style}{text}{style:#}")
}

/// Writes a remark that is no part of the answer.
pub(super) fn remark(text: &str) {
    // Without standard error there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says why the program ends.
pub(super) fn complain(error: &anyhow::Error) {
    let told = format!("{error:#}");
    for line in told.lines() {
        remark(&format!("tessera: {line}"));
    }
}

/// Whether the error is that nobody reads our output any more.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Asks a person; `None` when there is none to ask.
pub(super) fn confirm(question: &str) -> io::Result<Option<bool>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    write!(io::stderr().lock(), "{question} [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(Some(matches!(answer.trim(), "y" | "Y" | "yes")))
}

/// Columns under their heads; the last one is not padded.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .chain([heads[column].len()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut heads.iter().copied())];
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines.join("\n")
}

/// Names before their values; what has no value is left out.
pub(super) fn facts(facts: &[(&str, Option<String>)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    facts
        .iter()
        .filter_map(|(name, value)| Some(format!("{name:width$}  {}", value.as_ref()?)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads an argument of ours; the refusal names no property, for the argument is named already.
pub(super) fn parsed<T: FromStr<Err = Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| match error {
        Error::Invalid { reason, .. } => reason.into_owned(),
        other => other.to_string(),
    })
}

/// A refusal in the words of the command line: a property is the option that gave it.
pub(super) fn told(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid {
            property, reason, ..
        } => {
            let option = match property.as_ref() {
                "user_id" => "--user",
                "email_locale" => "--locale",
                "ttl_sec" => "--ttl",
                "result_url" => "--result-url",
                "email" => "--email",
                "factor" => "--factor",
                other => other,
            };
            anyhow::anyhow!("{option}: {reason}")
        }
        other => other.into(),
    }
}
