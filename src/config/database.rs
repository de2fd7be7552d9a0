//! `[database]`: where the state is kept.

use std::path::{Path as FilePath, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};
use super::secret;

static URL: Key = Key {
    section: "database",
    name: "url",
    kind: Kind::Secret,
    shown: Shown::Example("\"sqlite:<data_dir>/tessera.db\""),
    doc: "An SQLite file, or postgres://user:password@host/database for several instances.",
};

static URL_FILE: Key = Key {
    section: "database",
    name: "url_file",
    kind: Kind::SecretFile,
    shown: Shown::Example("\"/run/secrets/database-url\""),
    doc: "A file that holds the url, if it has a password.",
};

pub(super) const SECTION: Section = Section {
    name: "database",
    doc: "",
    keys: &[&URL, &URL_FILE],
};

/// What a path in a URL must not hold as it stands.
const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// `[database]`.
#[derive(Clone, Debug)]
pub struct Database {
    /// The connection URL; a path in it is absolute.
    pub url: SecretString,
    /// What kind of database it is.
    pub kind: DatabaseKind,
}

/// The databases that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file of our own.
    Sqlite(PathBuf),
    /// A server that several instances share.
    Postgres,
}

pub(super) fn read(reader: &mut Reader, data_dir: Option<&FilePath>) -> Read<Database> {
    let Some(url) = reader.secret(&URL, &URL_FILE)? else {
        // Without a data folder there is no default; that it is missing is reported already.
        let dir = data_dir.ok_or(super::reader::Reported)?;
        return Ok(sqlite(dir.join("tessera.db")));
    };
    let parsed = parse(url.expose_secret()).map_err(|clause| reader.refuse(&URL, &clause))?;
    match parsed {
        Parsed::Sqlite(path) => {
            let path = reader.resolve_within(&URL, &path);
            if path.is_dir() {
                return Err(reader.refuse(&URL, "names a directory; say a file in it"));
            }
            Ok(sqlite(path))
        }
        Parsed::Postgres => Ok(Database {
            url,
            kind: DatabaseKind::Postgres,
        }),
    }
}

fn sqlite(path: PathBuf) -> Database {
    let text = path.to_string_lossy();
    let url = format!("sqlite:{}", utf8_percent_encode(&text, PATH));
    Database {
        url: SecretString::from(url),
        kind: DatabaseKind::Sqlite(path),
    }
}

pub(super) fn describe(database: &Database) -> Vec<(Path, Value)> {
    let shown = match &database.kind {
        DatabaseKind::Sqlite(path) => Some(format!("sqlite:{}", path.display())),
        DatabaseKind::Postgres => secret::shown(database.url.expose_secret()),
    };
    vec![(URL.path(), json!(shown))]
}

enum Parsed {
    Sqlite(String),
    Postgres,
}

fn parse(text: &str) -> Result<Parsed, String> {
    let hint = "say sqlite:path/to/file.db or postgres://user@host/database";
    match text.split_once(':') {
        Some(("sqlite", path)) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            sqlite_path(path).map(Parsed::Sqlite)
        }
        Some(("postgres" | "postgresql", _)) => {
            postgres(text)?;
            Ok(Parsed::Postgres)
        }
        _ => Err(format!("is not a database that can be used; {hint}")),
    }
}

fn sqlite_path(path: &str) -> Result<String, String> {
    if path.is_empty() || path == ":memory:" {
        return Err(
            "would lose everything at the end; say a file, like sqlite:data/tessera.db".into(),
        );
    }
    if path.contains(['?', '#']) {
        return Err(
            "has options, which are set by the server itself; say only the path of the file".into(),
        );
    }
    percent_decode_str(path)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| "is not UTF-8 text once decoded; say a plain path".to_owned())
}

fn postgres(text: &str) -> Result<(), String> {
    let hint = "say postgres://user:password@host/database, and write / ? # @ % of a password \
                as %2F %3F %23 %40 %25";
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}); {hint}"))?;
    if secret::ends_early(&url) {
        return Err(format!("ends its host too early; {hint}"));
    }
    let socket = url.query_pairs().any(|(name, _)| name == "host");
    if url.host_str().is_none_or(str::is_empty) && !socket {
        return Err(format!("names no host; {hint}"));
    }
    if url.path().trim_matches('/').is_empty() {
        return Err(format!("names no database; {hint}"));
    }
    Ok(())
}
