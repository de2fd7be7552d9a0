//! What is stored over the files: judged with them, served with them, and left out when it does not pass any more.

use std::sync::PoisonError;

use super::{Generation, House, candidate, tell};
use crate::views::child;
use crate::views::files::Folder;
use crate::views::problem::{CheckError, Report};
use crate::views::sample::Sample;
use crate::views::stored::Stored;
use crate::views::{Polled, Source};

impl House {
    /// Serves this layer in the place of the former; what of it does not pass is left out.
    pub(in crate::views) fn store(&self, stored: Stored) -> Polled {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.stored == stored {
            return Polled::Unchanged;
        }
        seen.stored = stored;
        let source = self.current.load().source;
        let fitted = self
            .fit(&seen.folder, source, &seen.stored)
            .or_else(|errors| {
                // The files passed with a page over them that is no more.
                tell(&errors, "templates refused; the shipped ones serve");
                seen.refused = self.within_folders(errors);
                seen.folder = Folder::default();
                self.fit(&seen.folder, Source::BuiltIn, &seen.stored)
            });
        match fitted {
            Ok((good, left_out)) => self.serve(good, left_out, &mut seen),
            Err(errors) => {
                seen.left_out = errors;
                self.tell_status(&seen);
                Polled::Refused
            }
        }
    }

    /// Judges what is to be stored as well.
    pub(in crate::views) fn judge_stored(&self, more: Stored) -> Report {
        let faults = more.faults();
        if !faults.is_empty() {
            return Report {
                errors: faults,
                warnings: Vec::new(),
            };
        }
        let mut passed = self.judging.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = {
            let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.folder.clone()
        };
        let labels = more.labels();
        // Whatever it does not reach was judged when it was taken into service.
        let samples: Vec<Sample> = self
            .samples
            .iter()
            .filter(|sample| more.reaches(&sample.template))
            .cloned()
            .collect();
        let stored = self.current.load().stored.with(more);
        let dir = &self.options.templates_dir;
        let set = candidate(&self.options, &folder, dir, &samples, &stored);
        let mut report = child::check(&self.options.check, set);
        stored.explain(&mut report);
        report.errors = self.within_folders(report.errors);
        let is_of_it = |found: &CheckError| labels.values().any(|label| *label == found.file);
        let served = self.current.load();
        let others = served.warnings.iter().filter(|found| !is_of_it(found));
        report.warnings.retain(|found| is_of_it(found));
        let warnings: Vec<CheckError> = others.chain(&report.warnings).cloned().collect();
        *passed = report.passed().then(|| (folder.digest(), stored, warnings));
        report
    }

    /// What was accepted a moment ago is not judged again to be served: what its author should know.
    pub(super) fn passed(&self, folder: &Folder, stored: &Stored) -> Option<Vec<CheckError>> {
        let passed = self.judging.try_lock().ok()?;
        let (files, over, warnings) = passed.as_ref()?;
        (over == stored && *files == folder.digest()).then(|| warnings.clone())
    }

    /// The files with as much of what is stored over them as passes, and why the rest does not; fails when the files
    /// do not pass by themselves.
    pub(super) fn fit(
        &self,
        folder: &Folder,
        source: Source,
        stored: &Stored,
    ) -> Result<(Generation, Vec<CheckError>), Vec<CheckError>> {
        let judge =
            |stored: &Stored| self.judge(folder, &self.options.templates_dir, source, stored);
        let mut best = match judge(stored) {
            Ok(good) => return Ok((good, Vec::new())),
            Err(errors) if stored.is_empty() => return Err(errors),
            Err(_) => judge(&Stored::default())?,
        };
        let mut left_out = Vec::new();
        for (name, part) in stored.parts() {
            match judge(&best.stored.with(part)) {
                Ok(better) => best = better,
                Err(errors) => {
                    let message = "was stored by the API and does not pass any more: it is left out until it is changed, or switched off";
                    left_out.push(CheckError::new(name, None, message));
                    left_out.extend(self.within_folders(errors));
                }
            }
        }
        Ok((best, left_out))
    }
}
