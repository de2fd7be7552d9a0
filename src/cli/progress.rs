//! How far long work has come: a bar on a terminal, nothing elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error; it is gone when the work is.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Counts up to `total` things.
    pub(super) fn counting(what: &'static str, total: u64) -> Self {
        Self::drawn(
            what,
            total,
            "{msg} {wide_bar} {human_pos}/{human_len} {eta}",
        )
    }

    /// Counts bytes up to `total`.
    pub(super) fn bytes(what: &'static str, total: u64) -> Self {
        Self::drawn(what, total, "{msg} {wide_bar} {bytes}/{total_bytes}")
    }

    /// Waits for something that tells no measure.
    pub(super) fn waiting(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    fn drawn(what: &'static str, total: u64, template: &str) -> Self {
        let bar = ProgressBar::new(total).with_message(what);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many more.
    pub(super) fn add(&self, more: u64) {
        self.0.inc(more);
    }

    /// So many in all.
    pub(super) fn set(&self, done: u64) {
        self.0.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
