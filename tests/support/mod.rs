//! What the tests stand on: a real browser, a real mail server, a real PostgreSQL, and an
//! authenticator app that shares no code with the server.
#![allow(dead_code, reason = "every test binary takes the pieces that it needs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken helper must stop the test that leans on it"
)]

use std::env;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

pub mod app;
pub mod authenticator;
pub mod browser;
pub mod gateway;
pub mod hostile;
pub mod house;
pub mod place;
pub mod postgres;
pub mod program;
pub mod proof;
pub mod recorder;
pub mod smtp;
pub mod token;
pub mod visitor;
pub mod wiring;

/// Settings of a server under test: tests come in floods from one address, and most are about one person, without a
/// phone.
pub const UNLIMITED: [&str; 5] = [
    "--set=limits.client_per_second=0",
    "--set=limits.address_per_second=0",
    "--set=limits.open_tickets_per_user=0",
    "--set=limits.mails_per_user=0",
    "--set=phone.provider=none",
];

/// Tells that this test is skipped for want of a service, past the capture of the test runner.
///
/// With `TESSERA_TEST_REQUIRE_ALL` set, a skip is a failure.
pub fn skip<T>(why: &str) -> Option<T> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test").to_owned();
    assert!(
        env::var_os("TESSERA_TEST_REQUIRE_ALL").is_none(),
        "{test} may not be skipped here: {why}"
    );
    let _ = std::io::stderr().write_all(format!("skipped: {test}: {why}\n").as_bytes());
    None
}

/// The server's own program, with no setting of the surroundings leaking into it.
pub fn tessera() -> Command {
    sheltered(env!("CARGO_BIN_EXE_tessera"))
}

/// Another program of its kind, sheltered the same way.
pub fn sheltered(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (key, _) in env::vars_os() {
        if key.to_string_lossy().starts_with("TESSERA_") {
            command.env_remove(key);
        }
    }
    command
}

/// Where `program` lies: the variable's value, else the first hit in `PATH`.
pub fn find_program(variable: &str, program: &str) -> Option<PathBuf> {
    if let Some(named) = env::var_os(variable).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let mut path = env::var_os("PATH").unwrap_or_default();
    // Where servers lie, which is not in everybody's PATH.
    path.push(":/usr/sbin");
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
