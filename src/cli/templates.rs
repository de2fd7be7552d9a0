//! `tessera templates …`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;

use super::{Context, out};
use crate::config::Config;
use crate::views::overlay::{self, Origin};
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
    #[command(hide = true)]
    CheckChild,
}

pub(super) fn run(verb: &Verb, context: &Context) -> anyhow::Result<ExitCode> {
    let config = context.config()?;
    match verb {
        Verb::List => list(&config, context),
        Verb::Check { dir } => check(&config, dir.as_ref(), context),
        Verb::Eject { names } => eject(&config, names, context),
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
