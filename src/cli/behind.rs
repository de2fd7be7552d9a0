//! Threads that stand behind all others: for what is delivered, which nobody waits for as they wait for an answer.
//!
//! A mail costs several times what its ticket costs. Under a flood of requests mails leave later; answers do not.

use anyhow::Context as _;
use tokio::runtime::{Builder, Handle, Runtime};

/// How far behind: a third of what a thread in front of them gets, when the processor is not enough for both.
const NICE: i32 = 5;

/// These threads; what runs on them is cut short when the value is dropped.
pub(super) struct Behind {
    pub(super) threads: Handle,
    runtime: Option<Runtime>,
}

impl Behind {
    pub(super) fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name("behind")
            // Linux does it to the calling thread alone; where it is forbidden, all threads are equal.
            .on_thread_start(|| {
                rustix::process::nice(NICE).ok();
            })
            .enable_all()
            .build()
            .context("no threads could be started")?;
        Ok(Self {
            threads: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }
}

impl Drop for Behind {
    /// No task may wait for a runtime to end.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
