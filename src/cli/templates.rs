//! `tessera templates …`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use clap::builder::styling::AnsiColor;
use serde_json::json;

use super::{Context, block_on, out, preview, stored};
use crate::config::Config;
use crate::views::overlay::{self, Difference, Entry, Origin};
use crate::views::replaced::{self, Reset, ResetTo};
use crate::views::{BuiltIns, CheckMode, ChildCheck, Locale, Options, Sample, Stored};

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
    /// Show what you changed in your files, and what changed in the built-in ones since you ejected them
    Diff {
        /// Their names, as the list shows them; without any, all
        names: Vec<String>,
    },
    /// Note that your files have taken over what changed in the built-in ones, so that it is told no more
    Seen {
        /// Their names, as the list shows them
        #[arg(required = true)]
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
    /// Show every page and mail with its samples in your browser, following your changes
    Preview(preview::Preview),
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
        Verb::Seen { names } => seen(&config, names, context),
        Verb::Reset { name, last } => reset(&config, name, *last, context),
        Verb::Preview(preview) => block_on(preview::run(preview, config, context)),
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
    let (mut entries, errors) = overlay::list(&BuiltIns::compiled_in(), &config.templates.dir);
    let stored = block_on(async { Ok(stored::of(config).await) })?.names();
    for entry in &mut entries {
        if stored.contains(&entry.name.as_str()) {
            entry.origin = Origin::Stored;
        }
    }
    context.out.answer(&entries, || {
        let rows: Vec<Vec<String>> = entries
            .iter()
            .map(|entry| vec![entry.name.clone(), said(entry)])
            .collect();
        out::table(&["NAME", "FROM"], &rows)
    })?;
    for error in &errors {
        out::remark(&format!("error: {error}"));
    }
    Ok(ExitCode::from(u8::from(!errors.is_empty())))
}

fn said(entry: &Entry) -> String {
    let from = match entry.origin {
        Origin::BuiltIn => "built in",
        Origin::Overridden => "your folder, over the built-in one",
        Origin::Identical => "your folder, the same as the built-in one",
        Origin::Own => "your folder",
        Origin::Stored => "stored by the API, over everything else",
    };
    match &entry.ejected_from {
        Some(version) if entry.outdated => {
            format!("{from}, which has changed since you ejected it from {version}")
        }
        Some(version) => format!("{from} (ejected from {version})"),
        None => from.to_owned(),
    }
}

fn check(config: &Config, dir: Option<&PathBuf>, context: &Context) -> anyhow::Result<ExitCode> {
    let mut options = options(config)?;
    if let Some(dir) = dir {
        anyhow::ensure!(dir.is_dir(), "{} is no folder", dir.display());
        options.templates_dir = dir.clone();
    }
    let samples = samples();
    // Another folder is another installation's.
    let stored = match dir {
        None => block_on(async { Ok(stored::of(config).await) })?,
        Some(_) => Stored::default(),
    };
    for name in stored.names() {
        out::remark(&format!("{name}: stored by the API, wins over the folder"));
    }
    let report = overlay::check_with(&options, &samples, &stored);
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
    for unknown in differences.iter().filter(|one| one.ejected_from.is_none()) {
        out::remark(&format!(
            "{}: nobody wrote down which built-in it was copied from; compared with the present one",
            unknown.name
        ));
    }
    context.out.answer(&differences, || painted(&differences))?;
    let differs = !differences.is_empty() || !errors.is_empty();
    Ok(ExitCode::from(u8::from(differs)))
}

/// Of an override whose built-in has changed, two diffs: the admin's changes, and those of the built-in.
fn painted(differences: &[Difference]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for Difference {
        name,
        diff,
        ejected_from,
        since,
    } in differences
    {
        if let (Some(version), Some(_)) = (ejected_from, since) {
            lines.push(format!(
                "# {name}: what you changed since you ejected it from {version}"
            ));
            if diff.is_empty() {
                lines.push(
                    "# nothing: `tessera templates reset` brings the present built-in one"
                        .to_owned(),
                );
            }
        }
        lines.extend(diff.lines().map(coloured));
        if let Some(since) = since {
            lines.push(format!("# {name}: what changed in the built-in one since; once your file has it, say `tessera templates seen {name}`"));
            lines.extend(since.lines().map(coloured));
        }
    }
    lines.join("\n")
}

fn coloured(line: &str) -> String {
    let colour = match line.as_bytes() {
        [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => None,
        [b'+', ..] => Some(AnsiColor::Green),
        [b'-', ..] => Some(AnsiColor::Red),
        [b'@', ..] => Some(AnsiColor::Cyan),
        _ => None,
    };
    colour.map_or_else(|| line.to_owned(), |c| out::paint(c, line))
}

fn seen(config: &Config, names: &[String], context: &Context) -> anyhow::Result<ExitCode> {
    overlay::seen(&BuiltIns::compiled_in(), names, &config.templates.dir)?;
    context.out.answer(&json!({ "seen": names }), String::new)?;
    Ok(ExitCode::SUCCESS)
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
