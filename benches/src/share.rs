//! A share of the processor for one server, as if it had a small machine to itself: a control group of its own (cgroups(7)).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// How long a process may wait for its next turn, in microseconds.
const PERIOD: u32 = 10_000;

/// The share; it is given back when it is dropped, which its process must not outlive.
pub struct Share(PathBuf);

impl Share {
    /// Limits a process with all its threads to `percent` of one core.
    pub fn of(process: u32, percent: u32) -> Result<Self> {
        let quota = PERIOD * percent / 100;
        let first = Path::new("/sys/fs/cgroup/cpu");
        let name = format!("tessera-bench-{process}");
        let (folder, settings) = if first.is_dir() {
            let settings = vec![
                ("cpu.cfs_period_us", PERIOD.to_string()),
                ("cpu.cfs_quota_us", quota.to_string()),
            ];
            (first.join(name), settings)
        } else {
            let settings = vec![("cpu.max", format!("{quota} {PERIOD}"))];
            (Path::new("/sys/fs/cgroup").join(name), settings)
        };
        fs::create_dir(&folder)
            .with_context(|| format!("no control group {}: are you root?", folder.display()))?;
        let share = Self(folder);
        for (file, value) in settings {
            fs::write(share.0.join(file), value).with_context(|| file.to_owned())?;
        }
        fs::write(share.0.join("cgroup.procs"), process.to_string())?;
        Ok(share)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}
