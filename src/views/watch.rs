//! Follows the admin's folders: a change is judged, and only a set that passes is served, in whole.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::assets::Assets;
use super::builtin::BuiltIns;
use super::check::{Candidate, label};
use super::child;
use super::engine::{Engine, Strictness};
use super::files::{Folder, Listing};
use super::good;
use super::problem::CheckError;
use super::sample::Sample;
use super::words::Words;
use super::{Options, Polled, Source, Status};
use crate::core::fault::dies_at;

/// What is served: one set, never a mixture.
pub(super) struct Generation {
    pub(super) engine: Engine,
    pub(super) assets: Assets,
    source: Source,
}

/// The shared inside of [`super::Views`].
pub(super) struct House {
    options: Options,
    samples: Vec<Sample>,
    pub(super) current: ArcSwap<Generation>,
    pub(super) status: ArcSwap<Status>,
    seen: Mutex<Seen>,
}

/// What the last looks saw.
#[derive(Default)]
struct Seen {
    listings: Option<(Listing, Listing)>,
    /// Two looks in a row read the same: a write within one tick of the file system's clock cannot hide.
    settled: bool,
    digest: Option<Vec<u8>>,
}

impl House {
    /// Serves the admin's set if it is good, else the last good one, else the shipped one.
    pub(super) fn open(options: Options, samples: Vec<Sample>) -> Result<Self, Vec<CheckError>> {
        let shipped = generation(&options, &Folder::default(), Source::BuiltIn)?;
        let house = Self {
            options,
            samples,
            current: ArcSwap::from_pointee(shipped),
            status: ArcSwap::from_pointee(Status::Healthy {
                source: Source::BuiltIn,
            }),
            seen: Mutex::default(),
        };
        if house.look() == Polled::Refused {
            house.fall_back();
        }
        Ok(house)
    }

    fn fall_back(&self) {
        let Some(folder) = good::read(&self.options.good_dir, &self.options.builtins) else {
            return;
        };
        let folder_name = &self.options.good_dir.join("templates");
        match self.judge(&folder, folder_name, Source::LastGood) {
            Ok(good) => {
                self.current.store(Arc::new(good));
                if let Status::Degraded { errors, .. } = Status::clone(&self.status.load()) {
                    let serving = Source::LastGood;
                    self.status
                        .store(Arc::new(Status::Degraded { serving, errors }));
                }
            }
            Err(errors) => tell(&errors, "the last good templates no longer pass"),
        }
    }

    /// One look at the folders; blocks while a change is judged.
    pub(super) fn look(&self) -> Polled {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let listings = (
            Listing::of(&self.options.templates_dir),
            Listing::of(&self.options.static_dir),
        );
        let same = seen.listings.as_ref() == Some(&listings);
        if same && seen.settled {
            return Polled::Unchanged;
        }
        seen.settled = same;
        let folder = Folder::read(&listings.0, &listings.1, &self.options.builtins);
        seen.listings = Some(listings);
        let digest = folder.digest();
        if seen.digest.as_ref() == Some(&digest) {
            return Polled::Unchanged;
        }
        seen.digest = Some(digest);
        self.adopt(&folder)
    }

    fn adopt(&self, folder: &Folder) -> Polled {
        let source = if folder.is_plain() {
            Source::BuiltIn
        } else {
            Source::Admin
        };
        match self.judge(folder, &self.options.templates_dir, source) {
            Ok(good) => {
                let kept = match source {
                    Source::BuiltIn => good::forget(&self.options.good_dir),
                    _ => good::save(&self.options.good_dir, folder),
                };
                if let Err(error) = kept {
                    let dir = self.options.good_dir.display();
                    tracing::warn!(%dir, %error, "the good templates could not be kept for a restart");
                }
                dies_at!("templates::swap");
                self.current.store(Arc::new(good));
                self.status.store(Arc::new(Status::Healthy { source }));
                tracing::info!(?source, files = folder.texts.len(), "templates in service");
                Polled::Swapped
            }
            Err(errors) => {
                let serving = self.current.load().source;
                let told = self.within_folders(errors.clone());
                // A folder that is still being filled changes all the time; what is wrong with it is told once.
                let known = matches!(&**self.status.load(), Status::Degraded { errors, .. } if *errors == told);
                if !known {
                    tell(&errors, "templates refused; the last good ones stay");
                }
                let errors = told;
                self.status
                    .store(Arc::new(Status::Degraded { serving, errors }));
                Polled::Refused
            }
        }
    }

    /// The status is public (`/readyz`): it names files, not where on this machine they lie.
    fn within_folders(&self, mut errors: Vec<CheckError>) -> Vec<CheckError> {
        for error in &mut errors {
            for folder in [&self.options.templates_dir, &self.options.static_dir] {
                if let Ok(name) = Path::new(&error.file).strip_prefix(folder) {
                    let whole = folder.file_name().map(Path::new);
                    let is_whole = name.as_os_str().is_empty();
                    let name = whole.filter(|_| is_whole).unwrap_or(name);
                    error.file = name.display().to_string();
                    break;
                }
            }
        }
        errors
    }

    fn judge(
        &self,
        folder: &Folder,
        dir: &Path,
        source: Source,
    ) -> Result<Generation, Vec<CheckError>> {
        if !folder.errors.is_empty() {
            return Err(folder.errors.clone());
        }
        warn(&folder.warnings);
        if source != Source::BuiltIn {
            let set = candidate(&self.options, folder, dir, &self.samples);
            let report = child::check(&self.options.check, set);
            if !report.passed() {
                return Err(report.errors);
            }
            warn(&report.warnings);
        }
        generation(&self.options, folder, source)
    }
}

/// The set as the check wants it.
pub(super) fn candidate(
    options: &Options,
    folder: &Folder,
    dir: &Path,
    samples: &[Sample],
) -> Candidate {
    Candidate {
        shipped: options.builtins.texts.clone(),
        own: folder.texts.clone(),
        links: folder.assets.over(&options.builtins.assets).versions(),
        samples: samples.to_vec(),
        default_locale: options.default_locale.to_string(),
        folder: dir.display().to_string(),
    }
}

fn generation(
    options: &Options,
    folder: &Folder,
    source: Source,
) -> Result<Generation, Vec<CheckError>> {
    let BuiltIns { texts, assets } = &options.builtins;
    let dir = options.templates_dir.display().to_string();
    let label = |name: &str| label(&dir, name);
    let mut errors = Vec::new();
    let words = Words::build(
        texts,
        &folder.texts,
        &options.default_locale,
        label,
        &mut errors,
    );
    if !errors.is_empty() {
        return Err(errors);
    }
    let assets = folder.assets.over(assets);
    let engine = Engine::build(
        texts,
        &folder.texts,
        Arc::new(words),
        assets.versions(),
        Strictness::Lenient,
        &label,
    )?;
    Ok(Generation {
        engine,
        assets,
        source,
    })
}

fn warn(warnings: &[CheckError]) {
    for warning in warnings {
        let CheckError {
            file,
            line,
            message,
        } = warning;
        tracing::warn!(file, line, "{message}");
    }
}

fn tell(errors: &[CheckError], what: &str) {
    for error in errors {
        tracing::error!(
            file = error.file,
            line = error.line,
            "{what}: {}",
            error.message
        );
    }
}
