//! What the process that holds the secrets asks of the kernel.

use anyhow::Context as _;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Keeps the memory of this process from other eyes: no core dump is written, and no process of the same user may
/// trace it or read its memory. A profiler then needs root.
pub(super) fn keep_memory_private() -> anyhow::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .context("memory cannot be kept private")?;
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).context("core dumps cannot be switched off")
}
