//! Pages and mails from templates, words and assets that an admin may override in a folder while the server runs.
//!
//! The shipped files are compiled in; a file of the same name in the admin's folder wins, and may extend
//! `builtin/<name>`. A changed folder is read once into memory, judged whole in a child process ([`child`]), and that
//! very set is then swapped in; a set that fails is told in the log and in [`Views::status`], and the last good one
//! stays, also across restarts.

mod accent;
mod assets;
mod blocks;
mod builtin;
mod calls;
mod check;
pub mod child;
mod dates;
mod ejected;
mod engine;
mod files;
pub mod gallery;
mod good;
mod lint;
mod liquid;
mod locale;
mod marks;
mod names;
pub mod overlay;
mod problem;
#[cfg(test)]
mod properties;
mod reference;
pub mod replaced;
mod sample;
mod site;
mod stored;
mod text;
mod tokens;
mod uses;
mod watch;
mod wording;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fluent_bundle::FluentArgs;
use serde::Serialize;

pub use accent::faint as faint_accent;
pub use assets::Asset;
pub use builtin::BuiltIns;
pub use child::{CheckMode, ChildCheck};
pub use lint::inline_styles;
pub use locale::{Locale, LocaleError};
pub use problem::{CheckError, Report};
pub use reference::reference;
pub use sample::{Sample, SampleKind};
pub use site::Site;
pub use stored::{Stored, StoredMail};
pub use text::of_html;
pub use words::List;

use watch::House;

/// How often the folders are looked at: a look reads their lists alone, and a save that is met half-way takes two.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Where templates come from and how they are judged.
#[derive(Clone)]
pub struct Options {
    /// The admin's templates and words.
    pub templates_dir: PathBuf,
    /// The admin's static files.
    pub static_dir: PathBuf,
    /// Where the last set that passed is kept for a restart; without a name, nowhere.
    pub good_dir: PathBuf,
    /// The language of those whose wishes cannot be met.
    pub default_locale: Locale,
    /// Where a changed set is judged.
    pub check: CheckMode,
    /// The shipped files.
    pub builtins: BuiltIns,
}

/// Whose files are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The admin's, over the shipped ones.
    Admin,
    /// The admin's as they were when they last passed.
    LastGood,
    /// The shipped ones alone.
    BuiltIn,
}

/// How the templates are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum Status {
    /// What lies in the folders is what is served.
    Healthy {
        /// Whose files these are.
        source: Source,
    },
    /// What lies in the folders does not pass.
    Degraded {
        /// Whose files are served meanwhile.
        serving: Source,
        /// What is wrong.
        errors: Vec<CheckError>,
    },
}

/// What one look at the folders led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// Nothing changed since the last look.
    Unchanged,
    /// A new set is served.
    Swapped,
    /// A new set did not pass.
    Refused,
}

/// A page could not be rendered, or the shipped templates are broken.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The shipped templates do not parse.
    #[error("the shipped templates are broken: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    BuiltIns(Vec<CheckError>),
    /// A rendering failed.
    #[error("{0}")]
    Render(CheckError),
}

/// A panic's words can hold what it stumbled over.
fn failed(_: &tokio::task::JoinError) -> &'static str {
    "the check did not end by itself"
}

/// The templates in service; a clone shares them.
#[derive(Clone)]
pub struct Views(Arc<House>);

impl Views {
    /// Starts with the admin's files if they pass, else with the last that did, else with the shipped ones. Blocks
    /// while they are judged; fails only if the shipped ones are broken.
    pub fn load(options: Options, samples: Vec<Sample>) -> Result<Self, ViewError> {
        House::open(options, samples)
            .map(|house| Self(Arc::new(house)))
            .map_err(ViewError::BuiltIns)
    }

    /// Renders a template; `locale` and `dir` join the context.
    pub fn render<C: Serialize + ?Sized>(
        &self,
        template: &str,
        locale: &Locale,
        context: &C,
    ) -> Result<String, ViewError> {
        let serving = self.0.current.load();
        serving
            .engine
            .render(template, locale, context)
            .map_err(|error| {
                let label = |name: &str| if name.is_empty() { template } else { name }.to_owned();
                let told = engine::told(&error, &label).into_iter().next();
                let unknown = || CheckError::new(template, None, error.to_string());
                ViewError::Render(told.unwrap_or_else(unknown))
            })
    }

    /// Words outside a template: the key itself if no language has it.
    pub fn translate(&self, locale: &Locale, key: &str, args: &[(&str, &str)]) -> String {
        let mut given = FluentArgs::with_capacity(args.len());
        for (name, text) in args {
            given.set(*name, words::value(text));
        }
        let serving = self.0.current.load();
        serving
            .engine
            .words()
            .tell_anyway(locale.as_str(), key, &given)
    }

    /// The words of all keys that begin with `prefix`, in the order of what they say: put together once for each
    /// language of the set that is served.
    pub fn list(&self, locale: &Locale, prefix: &'static str) -> List {
        self.0.current.load().engine.words().list(locale, prefix)
    }

    /// The best available language for tags in order of preference; tags that are none are passed over.
    pub fn negotiate(&self, wanted: &[&str]) -> Locale {
        self.0.current.load().engine.words().negotiate(wanted)
    }

    /// The languages that exist; each has its own name under the key `language-name`.
    pub fn locales(&self) -> Vec<Locale> {
        self.0.current.load().engine.words().available().to_vec()
    }

    /// Serves what is stored as well, in the place of what was; blocks while it is judged. What does not pass is left
    /// out, and told.
    pub async fn serve_stored(&self, stored: Stored) -> Polled {
        let house = Arc::clone(&self.0);
        let served = tokio::task::spawn_blocking(move || house.store(stored)).await;
        served.unwrap_or_else(|error| {
            tracing::error!(error = failed(&error), "what is stored is not served");
            Polled::Unchanged
        })
    }

    /// Judges what is to be stored, over the files and beside what is stored already, without serving it.
    pub async fn judge_stored(&self, more: Stored) -> Report {
        let house = Arc::clone(&self.0);
        let judged = tokio::task::spawn_blocking(move || house.judge_stored(more)).await;
        judged.unwrap_or_else(|error| Report {
            errors: vec![CheckError::new("templates", None, failed(&error))],
            warnings: Vec::new(),
        })
    }

    /// What is stored and served.
    pub fn stored(&self) -> Arc<Stored> {
        Arc::clone(&self.0.current.load().stored)
    }

    /// A static file by its path below `/static/`.
    pub fn asset(&self, path: &str) -> Option<Arc<Asset>> {
        self.0.current.load().assets.get(path).cloned()
    }

    /// Whether what lies in the folders is what is served.
    pub fn status(&self) -> Status {
        Status::clone(&self.0.status.load())
    }

    /// Looks at the folders once, and judges and swaps what changed.
    pub async fn poll_once(&self) -> Polled {
        let house = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || house.look()).await {
            Ok(polled) => polled,
            Err(error) => {
                tracing::error!(%error, "looking at the templates failed");
                Polled::Unchanged
            }
        }
    }

    /// Looks now and again until something changed, and says what came of it.
    pub async fn next_change(&self) -> Polled {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match self.poll_once().await {
                Polled::Unchanged => {}
                changed => return changed,
            }
        }
    }

    /// A date in the words of the language, in UTC.
    pub fn format_date(&self, locale: &Locale, millis: i64) -> String {
        dates::date(locale.as_str(), millis).unwrap_or_default()
    }

    /// A date and time in the words of the language, with its zone.
    pub fn format_date_time(&self, locale: &Locale, millis: i64) -> String {
        dates::date_time(locale.as_str(), millis).unwrap_or_default()
    }
}
