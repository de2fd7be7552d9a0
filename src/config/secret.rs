//! Settings that hold a password: read from files, checked for who else can read them, never shown.

use std::fs::{self, Metadata};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;
use url::Url;

/// Far above any URL, far below what would fill the memory.
const MOST: u64 = 64 * 1024;

/// Reads a file that holds one secret; the error is the clause of a sentence.
pub(super) fn read(path: &Path) -> Result<SecretString, String> {
    let named = path.display();
    let failed = |error: std::io::Error| format!("can't be read ({error}); say a file that exists");
    let file = fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_dir() {
        return Err("is a directory; say a file that holds the secret".to_owned());
    }
    if let Some(mode) = open_to_all(&about) {
        return Err(format!(
            "is open to every user of the machine (mode {mode:04o}); run: chmod 600 {named} \
             (a mounted secret: set its mode to 0400)"
        ));
    }
    let mut text = String::new();
    file.take(MOST)
        .read_to_string(&mut text)
        .map_err(|_| "is not UTF-8 text; say a file that holds only the secret".to_owned())?;
    match text.trim() {
        "" => Err("is empty; say a file that holds the secret".to_owned()),
        secret => Ok(SecretString::from(secret)),
    }
}

/// The mode of a file that users other than its owner and group can reach.
pub(super) fn open_to_all(about: &Metadata) -> Option<u32> {
    let mode = about.permissions().mode() & 0o777;
    (mode & 0o007 != 0).then_some(mode)
}

/// Whether this URL brings a password along; what can't be read is taken to.
pub(super) fn holds_password(text: &str) -> bool {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "sqlite" | "file") => false,
        Ok(url) => {
            url.password().is_some()
                || !url.has_host()
                || ends_early(&url)
                || url.query().is_some_and(|query| query.contains("password"))
        }
        Err(_) => true,
    }
}

/// Whether an unencoded `/`, `?` or `#` in the password has cut the host short, so that the rest of
/// the password stands where it would be shown.
pub(super) fn ends_early(url: &Url) -> bool {
    url.path().contains('@')
        || url.query().is_some_and(|query| query.contains('@'))
        || url.fragment().is_some()
}

/// A secret URL as it may be shown, if any of it may.
pub(super) fn shown(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    if url.host_str().is_none_or(str::is_empty) {
        let local = matches!(url.scheme(), "sqlite" | "file") && !text.contains(['@', '?', '#']);
        return local.then(|| text.to_owned());
    }
    if ends_early(&url) {
        return None;
    }
    let user = if url.username().is_empty() && url.password().is_none() {
        ""
    } else {
        "***@"
    };
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let rest = url.query().map_or("", |_| "?***");
    Some(format!(
        "{}://{user}{}{port}{}{rest}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        url.path(),
    ))
}

/// Any other value as a message may quote it: a password that strayed into a URL is left out.
pub(super) fn quoted(text: &str) -> String {
    let mut text = text.to_owned();
    if let (Some(scheme), Some(at)) = (text.find("://"), text.rfind('@'))
        && scheme + 3 <= at
    {
        text.replace_range(scheme + 3..at, "***");
    }
    if text.chars().count() > 120 {
        text = text.chars().take(120).chain(['…']).collect();
    }
    format!("{text:?}")
}
