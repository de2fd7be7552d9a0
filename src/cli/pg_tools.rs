//! PostgreSQL's own tools for backup and restore: run with the configured connection, the password never on a command line.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;
use tokio::process::Command;
use url::Url;
use zeroize::Zeroizing;

use super::progress::Progress;
use crate::config::Database;

/// Dumps the database into a file.
pub(super) async fn dump(database: &Database, file: &Path) -> anyhow::Result<()> {
    let _progress = Progress::waiting("pg_dump");
    let arguments = [
        "--format=custom".as_ref(),
        "--no-owner".as_ref(),
        "--file".as_ref(),
        file.as_os_str(),
    ];
    run(database, "pg_dump", &arguments).await.map(drop)
}

/// Puts a dump in the place of what the database holds, whole or not at all.
pub(super) async fn restore(database: &Database, file: &Path) -> anyhow::Result<()> {
    let _progress = Progress::waiting("pg_restore");
    let arguments = [
        "--clean".as_ref(),
        "--if-exists".as_ref(),
        "--no-owner".as_ref(),
        "--single-transaction".as_ref(),
        "--exit-on-error".as_ref(),
        file.as_os_str(),
    ];
    run(database, "pg_restore", &arguments).await.map(drop)
}

/// What a dump says of itself.
pub(super) struct About {
    /// The newest migration that ran.
    pub(super) schema: i64,
    /// The value that tells which sealing key it needs.
    pub(super) check: Option<Vec<u8>>,
}

/// Reads a dump without restoring it.
pub(super) async fn about(file: &Path) -> anyhow::Result<About> {
    let mut command = Command::new("pg_restore");
    command.args([
        "--data-only",
        "--table=_sqlx_migrations",
        "--table=meta",
        "--file=-",
    ]);
    let rows = output(command.arg(file), "pg_restore").await;
    let rows = rows.with_context(|| format!("{} is no dump of PostgreSQL", file.display()))?;
    let rows = String::from_utf8_lossy(&rows);
    let mut table = "";
    let mut found = About {
        schema: 0,
        check: None,
    };
    for line in rows.lines() {
        if let Some(copied) = line.strip_prefix("COPY ") {
            table = copied.split(' ').next().unwrap_or_default();
            continue;
        }
        let mut columns = line.split('\t');
        let (first, second) = (columns.next().unwrap_or_default(), columns.next());
        match table.rsplit('.').next() {
            Some("_sqlx_migrations") => {
                found.schema = found.schema.max(first.parse().unwrap_or(0));
            }
            Some("meta") if first == crate::access::sealing::CHECK_NAME => {
                // COPY writes bytes as \\x and hex digits.
                let hex = second.and_then(|value| value.strip_prefix("\\\\x"));
                found.check =
                    hex.and_then(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).ok());
            }
            _ => {}
        }
    }
    Ok(found)
}

async fn run(database: &Database, tool: &str, arguments: &[&OsStr]) -> anyhow::Result<Vec<u8>> {
    let mut url = Url::parse(database.url.expose_secret()).context("database.url is not a URL")?;
    let password = url.password().map(|password| {
        Zeroizing::new(
            percent_decode_str(password)
                .decode_utf8_lossy()
                .into_owned(),
        )
    });
    // Everybody on the machine may read command lines.
    url.set_password(None).ok();
    let mut command = Command::new(tool);
    command.arg(format!("--dbname={url}")).args(arguments);
    if let Some(password) = password {
        command.env("PGPASSWORD", password.as_str());
    }
    let ran = output(&mut command, tool).await;
    ran.with_context(|| {
        let arguments: Vec<_> = arguments
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        format!(
            "this did not work: {tool} --dbname={url} {}",
            arguments.join(" ")
        )
    })
}

async fn output(command: &mut Command, tool: &str) -> anyhow::Result<Vec<u8>> {
    let ran = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    let ran = ran.with_context(|| {
        format!(
            "{tool} cannot be run; install PostgreSQL's client tools (Debian: postgresql-client)"
        )
    })?;
    if ran.status.success() {
        return Ok(ran.stdout);
    }
    bail!("{}", String::from_utf8_lossy(&ran.stderr).trim())
}
