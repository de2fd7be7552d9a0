//! Named points at which a test build can be told to die, as by `kill -9`. A release has none.

/// Dies here if `FAILPOINTS` says so: `create::commit=return`, or `create::commit=20*off->return` for the 21st time.
macro_rules! dies_at {
    ($name:literal) => {
        fail::fail_point!($name, |_| std::process::abort())
    };
}
pub(crate) use dies_at;

/// Heeds `FAILPOINTS` for as long as the value lives; nothing in a release.
pub fn heed() -> Option<fail::FailScenario<'static>> {
    fail::has_failpoints().then(fail::FailScenario::setup)
}
