//! `tessera doctor`: looks at an installation from all sides, and says what to do.

mod folder;
mod house;
mod reach;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::styling::AnsiColor;
use serde::Serialize;

use super::{Context, out, templates};
use crate::config::{Config, ConfigError, PhoneProvider};
use crate::core::Timestamp;
use crate::views::{self, overlay};
use crate::web::Tls;

/// Every probe ends by then.
const PATIENCE: Duration = Duration::from_secs(20);
/// Renewed certificates are in place long before.
const CERTIFICATE_ENDS_SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Codes of authenticator apps hold for half a minute.
const CLOCKS_APART: Duration = Duration::from_secs(5);

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    /// Right as it is, and worth to know.
    Hint,
    /// It works, and will not for long, or not for all.
    Warning,
    /// It does not work.
    Error,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    about: &'static str,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_do: Option<String>,
}

impl Finding {
    fn ok(about: &'static str, found: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            about,
            found: found.into(),
            to_do: None,
        }
    }

    fn new(
        level: Level,
        about: &'static str,
        found: impl Into<String>,
        to_do: impl Into<String>,
    ) -> Self {
        Self {
            level,
            about,
            found: found.into(),
            to_do: Some(to_do.into()),
        }
    }
}

pub(super) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let findings = match context.config() {
        Ok(config) => {
            if io::stderr().is_terminal() {
                out::remark("Looking, for at most 20 seconds …");
            }
            look(&config, context).await
        }
        Err(error) => refused_settings(&error)?,
    };
    let healthy = findings.iter().all(|finding| finding.level != Level::Error);
    context.out.answer(&findings, || told(&findings))?;
    Ok(ExitCode::from(u8::from(!healthy)))
}

/// Without settings there is nothing else to look at.
fn refused_settings(error: &anyhow::Error) -> anyhow::Result<Vec<Finding>> {
    let Some(refused) = error.downcast_ref::<ConfigError>() else {
        anyhow::bail!("{error:#}");
    };
    let finding = |problem: &crate::config::Problem| Finding {
        level: Level::Error,
        about: "settings",
        found: problem.to_string(),
        to_do: None,
    };
    Ok(refused.problems.iter().map(finding).collect())
}

/// All probes, side by side.
async fn look(config: &Config, context: &Context) -> Vec<Finding> {
    let now = context.now();
    let (house, mail, public, templates) = tokio::join!(
        in_time("database", house::look(config, context)),
        in_time("mail", reach::mail(config, now)),
        in_time("public_url", reach::public_url(config, context)),
        in_time("templates", look_at_templates(config)),
    );
    let mut findings = vec![settings(config), phone(config)];
    findings.extend(faint_accent(config));
    findings.extend(no_webauthn(config));
    findings.extend(folder::look(&config.data_dir));
    findings.extend(house);
    findings.extend(certificate_files(config, now));
    findings.extend(public);
    findings.extend(mail);
    findings.extend(templates);
    findings
}

async fn in_time(about: &'static str, probe: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    let looked = tokio::time::timeout(PATIENCE, probe).await;
    looked.unwrap_or_else(|_| {
        vec![Finding::new(
            Level::Error,
            about,
            format!("no answer within {} seconds", PATIENCE.as_secs()),
            "find out why it is this slow",
        )]
    })
}

fn settings(config: &Config) -> Finding {
    let mode = if config.is_development() {
        "development: nobody but this machine can reach the server"
    } else {
        "production"
    };
    Finding::ok("settings", mode)
}

/// Where buttons can hardly be seen.
fn faint_accent(config: &Config) -> Option<Finding> {
    let found = views::faint_accent(config.site.accent.as_deref()?)?;
    let to_do = "leave it, or take a darker shade of it";
    Some(Finding::new(Level::Warning, "site.accent", found, to_do))
}

/// Why there are no security keys and passkeys, if there are none.
fn no_webauthn(config: &Config) -> Option<Finding> {
    let host = config.public_url.host_str().unwrap_or_default();
    super::house::relying_party(config).is_none().then(|| {
        Finding::new(
            Level::Hint,
            "webauthn",
            format!("{host} is an IP address: browsers take no security keys and passkeys for it, so nobody is offered any"),
            "say a public_url with a name",
        )
    })
}

/// How codes reach phones. Nothing is sent to find that out: each message costs money.
fn phone(config: &Config) -> Finding {
    let about = "phone";
    let countries = config.phone.countries.as_ref();
    let countries = countries.map_or_else(|| "all countries".to_owned(), |list| list.join(", "));
    match &config.phone.provider {
        PhoneProvider::None => Finding::new(
            Level::Hint,
            about,
            "no provider is set: nobody enrolls a phone",
            "set phone.provider and phone.countries, if people are to get codes by text message",
        ),
        PhoneProvider::File(folder) => Finding::new(
            Level::Hint,
            about,
            format!("codes become files in {}", folder.display()),
            "set phone.provider and phone.countries before people are to get codes",
        ),
        provider => Finding::ok(
            about,
            format!("codes go by {} to {countries}", provider.name()),
        ),
    }
}

fn certificate_files(config: &Config, now: Timestamp) -> Option<Finding> {
    let about = "certificate";
    let files = config.http.tls.as_ref()?;
    Some(match Tls::open(files, now) {
        Ok(tls) => ends(
            about,
            "the server's certificate",
            tls.status().expires_at,
            now,
        ),
        Err(error) => Finding::new(
            Level::Error,
            about,
            format!("{error:#}"),
            "put the right files there; the server takes them up by itself",
        ),
    })
}

/// How long a certificate still holds.
fn ends(about: &'static str, whose: &str, end: Timestamp, now: Timestamp) -> Finding {
    let left = end.since(now);
    let found = format!("{whose} ends in {} days", left.as_secs() / 86_400);
    if left < CERTIFICATE_ENDS_SOON {
        Finding::new(Level::Warning, about, found, "renew it")
    } else {
        Finding::ok(about, found)
    }
}

/// Judging the templates blocks, so it has a thread of its own.
async fn look_at_templates(config: &Config) -> Vec<Finding> {
    let about = "templates";
    let failed = |why: String| vec![Finding::new(Level::Error, about, why, "run it again")];
    let options = match templates::options(config) {
        Ok(options) => options,
        Err(error) => return failed(format!("{error:#}")),
    };
    let folder = options.templates_dir.display().to_string();
    let stored = super::stored::of(config).await;
    let names = stored.names();
    let judge = move || overlay::check_with(&options, &templates::samples(), &stored);
    let judged = tokio::task::spawn_blocking(judge).await;
    let report = match judged {
        Ok(report) => report,
        Err(error) => return failed(error.to_string()),
    };
    let mut findings: Vec<Finding> = Vec::new();
    for error in &report.errors {
        let to_do = "mend the file; until then the last good pages are served";
        findings.push(Finding::new(Level::Error, about, error.to_string(), to_do));
    }
    for warning in &report.warnings {
        let to_do = "see `tessera templates check`";
        findings.push(Finding::new(
            Level::Warning,
            about,
            warning.to_string(),
            to_do,
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(about, format!("{folder} passes the check")));
    }
    if !names.is_empty() {
        let found = format!(
            "stored by the API, and wins over the folder: {}",
            names.join(", ")
        );
        let to_do = "PATCH /api/v2/tenants/settings, or /api/v2/email-templates/enrollment_email, with enabled = false goes back to the files";
        findings.push(Finding::new(Level::Hint, about, found, to_do));
    }
    findings
}

fn told(findings: &[Finding]) -> String {
    let width = |text: fn(&Finding) -> usize| findings.iter().map(text).max().unwrap_or(0);
    let about = width(|finding| finding.about.len());
    let mut lines: Vec<String> = Vec::new();
    for finding in findings {
        let (word, colour) = match finding.level {
            Level::Ok => ("ok     ", AnsiColor::Green),
            Level::Hint => ("hint   ", AnsiColor::Cyan),
            Level::Warning => ("warning", AnsiColor::Yellow),
            Level::Error => ("error  ", AnsiColor::Red),
        };
        let margin = " ".repeat(word.len() + about + 4);
        let found = finding.found.replace('\n', &format!("\n{margin}"));
        let word = out::paint(colour, word);
        lines.push(format!("{word}  {:about$}  {found}", finding.about));
        if let Some(to_do) = &finding.to_do {
            lines.push(format!("{margin}→ {to_do}"));
        }
    }
    lines.join("\n")
}
