//! `tessera templates …`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use clap::builder::styling::AnsiColor;
use serde_json::json;

use super::{Context, out};
use crate::config::Config;
use crate::views::overlay::{self, Difference, Origin};
use crate::views::replaced::{self, Reset, ResetTo};
use crate::views::{BuiltIns, CheckMode, ChildCheck, Locale, Options, Sample};

#[derive(Subcommand)]
pub(super) enum Verb {
    /// List all templates and words, and where each comes from
    List,
    /// Render every page and mail with its samples, and tell what is wrong
    Check {
        /// The folder to check; without it, the one of [templates] dir
        dir: Option<PathBuf>,
    },
    /// Copy shipped files into your folder, to be edited there
    Eject {
        /// Their names, as the list shows them
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Show how your files differ from the shipped ones of the same name
    Diff {
        /// Their names, as the list shows them; without any, all
        names: Vec<String>,
    },
    /// Take your version of a file out of effect; it is kept, and can come back
    Reset {
        /// Its name, as the list shows it
        name: String,
        /// Back to your version that the last reset replaced
        #[arg(long)]
        last: bool,
    },
    #[command(hide = true)]
    CheckChild,
}

pub(super) fn run(verb: &Verb, context: &Context) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    match verb {
        Verb::List => list(&config, context),
        Verb::Check { dir } => check(&config, dir.as_ref(), context),
        Verb::Eject { names } => eject(&config, names, context),
        Verb::Diff { names } => diff(&config, names, context),
        Verb::Reset { name, last } => reset(&config, name, *last, context),
        // Answered before anything else is looked at.
        Verb::CheckChild => Ok(crate::views::child::run()),
    }
}

/// How the server and the check load templates.
pub(super) fn options(config: &Config) -> anyhow::Result<Options> {
    let child = ChildCheck::of_this_program().context("this program does not find itself")?;
    Ok(Options {
        templates_dir: config.templates.dir.clone(),
        static_dir: config.static_.dir.clone(),
        good_dir: config.data_dir.join("templates.good"),
        default_locale: Locale::parse(&config.site.default_locale)?,
        check: CheckMode::Child(child),
        builtins: BuiltIns::compiled_in(),
    })
}

/// Examples of every page and mail.
pub(super) fn samples() -> Vec<Sample> {
    let mut samples = crate::pages::samples();
    samples.extend(crate::delivery::samples());
    samples
}

fn list(config: &Config, context: &Context) -> anyhow::Result<ExitCode> {
    let (entries, errors) = overlay::list(&BuiltIns::compiled_in(), &config.templates.dir);
    context.out.answer(&entries, || {
        let rows: Vec<Vec<String>> = entries
            .iter()
            .map(|entry| vec![entry.name.clone(), said(entry.origin).to_owned()])
            .collect();
        out::table(&["NAME", "FROM"], &rows)
    })?;
    for error in &errors {
        out::remark(&format!("error: {error}"));
    }
    Ok(ExitCode::from(u8::from(!errors.is_empty())))
}

fn said(origin: Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => "built in",
        Origin::Overridden => "your folder, over the built-in one",
        Origin::Identical => "your folder, the same as the built-in one",
        Origin::Own => "your folder",
    }
}

fn check(config: &Config, dir: Option<&PathBuf>, context: &Context) -> anyhow::Result<ExitCode> {
    let mut options = options(config)?;
    if let Some(dir) = dir {
        anyhow::ensure!(dir.is_dir(), "{} is no folder", dir.display());
        options.templates_dir = dir.clone();
    }
    let samples = samples();
    let report = overlay::check(&options, &samples);
    context.out.answer(&report, || {
        let mut lines: Vec<String> = Vec::new();
        lines.extend(report.errors.iter().map(|error| format!("error: {error}")));
        lines.extend(
            report
                .warnings
                .iter()
                .map(|found| format!("warning: {found}")),
        );
        let verdict = if report.passed() { "good" } else { "refused" };
        let folder = options.templates_dir.display();
        lines.push(format!(
            "{folder}: {verdict} ({} renderings, {} errors, {} warnings)",
            samples.len(),
            report.errors.len(),
            report.warnings.len()
        ));
        lines.join("\n")
    })?;
    Ok(ExitCode::from(u8::from(!report.passed())))
}

fn eject(config: &Config, names: &[String], context: &Context) -> anyhow::Result<ExitCode> {
    let written = overlay::eject(&BuiltIns::compiled_in(), names, &config.templates.dir)?;
    context.out.answer(&json!({ "written": written }), || {
        let lines: Vec<String> = written
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        lines.join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Like diff(1): 0 when nothing differs, 1 when something does.
fn diff(config: &Config, names: &[String], context: &Context) -> anyhow::Result<ExitCode> {
    let (differences, errors) =
        overlay::diff(&BuiltIns::compiled_in(), names, &config.templates.dir)?;
    for error in &errors {
        out::remark(&format!("error: {error}"));
    }
    context.out.answer(&differences, || painted(&differences))?;
    let differs = !differences.is_empty() || !errors.is_empty();
    Ok(ExitCode::from(u8::from(differs)))
}

fn painted(differences: &[Difference]) -> String {
    let lines = differences
        .iter()
        .flat_map(|difference| difference.diff.lines());
    let colour = |line: &str| match line.as_bytes() {
        [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => None,
        [b'+', ..] => Some(AnsiColor::Green),
        [b'-', ..] => Some(AnsiColor::Red),
        [b'@', ..] => Some(AnsiColor::Cyan),
        _ => None,
    };
    let painted: Vec<String> = lines
        .map(|line| colour(line).map_or_else(|| line.to_owned(), |c| out::paint(c, line)))
        .collect();
    painted.join("\n")
}

fn reset(config: &Config, name: &str, last: bool, context: &Context) -> anyhow::Result<ExitCode> {
    let done = replaced::reset(
        &BuiltIns::compiled_in(),
        name,
        if last {
            ResetTo::Last
        } else {
            ResetTo::Default
        },
        &config.templates.dir,
        &config.data_dir.join("templates.replaced"),
        context.now(),
    )?;
    context.out.answer(&done, || told(name, &done))?;
    Ok(ExitCode::SUCCESS)
}

fn told(name: &str, done: &Reset) -> String {
    let now = match &done.restored {
        Some(version) => format!("{name}: your version is back, from {}", version.display()),
        None => format!("{name}: the built-in one is in effect"),
    };
    match &done.kept {
        Some(kept) => format!("{now}\nWhat it replaced: {}", kept.display()),
        None => now,
    }
}
