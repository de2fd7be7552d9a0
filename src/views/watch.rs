//! Follows the admin's folders, and what is stored over them: a change is judged, and only a set that passes is served,
//! in whole.

mod layer;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::assets::Assets;
use super::builtin::BuiltIns;
use super::check::{Candidate, label};
use super::child;
use super::ejected;
use super::engine::{Engine, Strictness};
use super::files::{Folder, Listing, Texts};
use super::good;
use super::problem::CheckError;
use super::sample::Sample;
use super::stored::Stored;
use super::words::Words;
use super::{Options, Polled, Source, Status};
use crate::core::fault::dies_at;

/// What is served: one set, never a mixture.
pub(super) struct Generation {
    pub(super) engine: Engine,
    pub(super) assets: Assets,
    /// The admin's files among its templates and words, what is stored over them included.
    pub(super) own: Texts,
    /// What its author should know.
    warnings: Vec<CheckError>,
    /// No other one has this number.
    number: u64,
    /// What of it is stored over the files.
    pub(super) stored: Arc<Stored>,
    source: Source,
}

static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The shared inside of [`super::Views`].
pub(super) struct House {
    pub(super) options: Options,
    pub(super) samples: Vec<Sample>,
    pub(super) current: ArcSwap<Generation>,
    pub(super) status: ArcSwap<Status>,
    seen: Mutex<Seen>,
    /// What is to be stored is judged one by one; what passed last, and over which files.
    judging: Mutex<Option<Passed>>,
}

/// A digest of the files, what was over them, and what their author should know.
type Passed = (Vec<u8>, Stored, Vec<CheckError>);

/// What the last looks saw.
#[derive(Default)]
struct Seen {
    listings: Option<(Listing, Listing)>,
    /// Two looks in a row read the same: a write within one tick of the file system's clock cannot hide.
    settled: bool,
    digest: Option<Vec<u8>>,
    /// The files that passed last.
    folder: Folder,
    /// Why those that lie there now did not.
    refused: Vec<CheckError>,
    /// What is stored over them.
    stored: Stored,
    /// Why some of that is not served.
    left_out: Vec<CheckError>,
}

impl House {
    /// Serves the admin's set if it is good, else the last good one, else the shipped one.
    pub(super) fn open(options: Options, samples: Vec<Sample>) -> Result<Self, Vec<CheckError>> {
        let nothing = Stored::default();
        let shipped = generation(&options, &Folder::default(), Source::BuiltIn, &nothing)?;
        let house = Self {
            options,
            samples,
            current: ArcSwap::from_pointee(shipped),
            status: ArcSwap::from_pointee(Status::Healthy {
                source: Source::BuiltIn,
            }),
            seen: Mutex::default(),
            judging: Mutex::default(),
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
        match self.judge(&folder, folder_name, Source::LastGood, &Stored::default()) {
            Ok(good) => {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                self.current.store(Arc::new(good));
                seen.folder = folder;
                self.tell_status(&seen);
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
        self.adopt(folder, &mut seen)
    }

    fn adopt(&self, folder: Folder, seen: &mut Seen) -> Polled {
        let source = if folder.is_plain() {
            Source::BuiltIn
        } else {
            Source::Admin
        };
        match self.fit(&folder, source, &seen.stored) {
            Ok((good, left_out)) => {
                let kept = match source {
                    Source::BuiltIn => good::forget(&self.options.good_dir),
                    _ => good::save(&self.options.good_dir, &folder),
                };
                if let Err(error) = kept {
                    let dir = self.options.good_dir.display();
                    tracing::warn!(%dir, %error, "the good templates could not be kept for a restart");
                }
                dies_at!("templates::swap");
                seen.folder = folder;
                seen.refused = Vec::new();
                self.serve(good, left_out, seen);
                Polled::Swapped
            }
            Err(errors) => {
                let told = self.within_folders(errors.clone());
                // A folder that is still being filled changes all the time; what is wrong with it is told once.
                if seen.refused != told {
                    tell(&errors, "templates refused; the last good ones stay");
                }
                seen.refused = told;
                self.tell_status(seen);
                Polled::Refused
            }
        }
    }

    fn serve(&self, good: Generation, left_out: Vec<CheckError>, seen: &mut Seen) -> Polled {
        let (source, stored) = (good.source, good.stored.names());
        self.current.store(Arc::new(good));
        if seen.left_out != left_out {
            tell(&left_out, "stored templates refused");
        }
        seen.left_out = left_out;
        self.tell_status(seen);
        let files = seen.folder.texts.len();
        tracing::info!(?source, files, ?stored, "templates in service");
        if seen.left_out.is_empty() {
            Polled::Swapped
        } else {
            Polled::Refused
        }
    }

    fn tell_status(&self, seen: &Seen) {
        let source = self.current.load().source;
        let errors: Vec<CheckError> = seen.refused.iter().chain(&seen.left_out).cloned().collect();
        self.status.store(Arc::new(if errors.is_empty() {
            Status::Healthy { source }
        } else {
            let serving = source;
            Status::Degraded { serving, errors }
        }));
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
        stored: &Stored,
    ) -> Result<Generation, Vec<CheckError>> {
        if !folder.errors.is_empty() {
            return Err(folder.errors.clone());
        }
        let mut warnings = folder.warnings.clone();
        let is_shipped = source == Source::BuiltIn && stored.is_empty();
        if let Some(told) = self.passed(folder, stored) {
            warnings.extend(told);
        } else if !is_shipped {
            let faults = stored.faults();
            if !faults.is_empty() {
                return Err(faults);
            }
            let set = candidate(&self.options, folder, dir, &self.samples, stored);
            let mut report = child::check(&self.options.check, set);
            stored.explain(&mut report);
            if !report.passed() {
                return Err(report.errors);
            }
            warnings.extend(report.warnings);
            let builtins = &self.options.builtins;
            warnings.extend(ejected::warnings(builtins, &folder.texts, dir, &[]));
        }
        warn(&warnings);
        let good = generation(&self.options, folder, source, stored)?;
        Ok(Generation { warnings, ..good })
    }

    /// What the authors of the served set should know.
    pub(super) fn warnings(&self) -> Vec<CheckError> {
        self.within_folders(self.current.load().warnings.clone())
    }

    /// Another text whenever another set is served, or another one is refused.
    pub(super) fn version(&self) -> String {
        let mut hasher = DefaultHasher::new();
        if let Status::Degraded { errors, .. } = &**self.status.load() {
            errors.hash(&mut hasher);
        }
        format!("{}-{:x}", self.current.load().number, hasher.finish())
    }
}

/// The set as the check wants it.
pub(super) fn candidate(
    options: &Options,
    folder: &Folder,
    dir: &Path,
    samples: &[Sample],
    stored: &Stored,
) -> Candidate {
    let assets = folder.assets.over(&options.builtins.assets);
    Candidate {
        shipped: options.builtins.texts.clone(),
        own: stored.over(&folder.texts),
        labels: stored.labels(),
        links: assets.versions(),
        styles: assets.style_sheets(),
        own_styles: folder.assets.style_sheets().into_keys().collect(),
        samples: samples.to_vec(),
        default_locale: options.default_locale.to_string(),
        folder: dir.display().to_string(),
        static_folder: options.static_dir.display().to_string(),
    }
}

fn generation(
    options: &Options,
    folder: &Folder,
    source: Source,
    stored: &Stored,
) -> Result<Generation, Vec<CheckError>> {
    let BuiltIns { texts, assets } = &options.builtins;
    let dir = options.templates_dir.display().to_string();
    let label = |name: &str| label(&dir, name);
    let own = stored.over(&folder.texts);
    let mut errors = Vec::new();
    let words = Words::build(texts, &own, &options.default_locale, label, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let assets = folder.assets.over(assets);
    let engine = Engine::build(
        texts,
        &own,
        Arc::new(words),
        assets.versions(),
        Strictness::Lenient,
        &label,
    )?;
    Ok(Generation {
        engine,
        assets,
        own,
        warnings: Vec::new(),
        number: NUMBERS.fetch_add(1, Ordering::Relaxed),
        stored: Arc::new(stored.clone()),
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
