//! The file of the sealing key: read with suspicion, written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::core::seal::KeyRing;
use crate::core::{Rng, Sealer};

type Key = Zeroizing<[u8; Sealer::KEY_BYTES]>;

/// A fresh key.
pub fn new_key(rng: &dyn Rng) -> Key {
    Zeroizing::new(rng.bytes())
}

/// The keys in the file; `None` when there is no file.
///
/// # Errors
/// When others can read it, or it does not hold keys.
pub fn read(path: &Path) -> anyhow::Result<Option<KeyRing>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!(
            "{} can be read by others (mode {:o}); run `chmod 600 {}`",
            path.display(),
            mode & 0o777,
            path.display()
        );
    }
    match parse(&text) {
        Some(keys) => Ok(Some(keys)),
        None => bail!(
            "{} does not hold a key (64 hex digits, or lines of a version and 64 hex digits); put the right one there",
            path.display()
        ),
    }
}

/// One key by itself is the first version; several stand behind their versions, one a line.
fn parse(text: &str) -> Option<KeyRing> {
    if let Some(key) = parse_key(text.trim()) {
        return Some(KeyRing::from([(Sealer::FIRST_VERSION, key)]));
    }
    let mut keys = KeyRing::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (version, key) = line.split_once(' ')?;
        let version = version.parse().ok().filter(|version| *version > 0)?;
        if keys.insert(version, parse_key(key.trim())?).is_some() {
            return None;
        }
    }
    (!keys.is_empty()).then_some(keys)
}

fn parse_key(hex: &str) -> Option<Key> {
    let bytes = Zeroizing::new(HEXLOWER.decode(hex.as_bytes()).ok()?);
    let key = <[u8; Sealer::KEY_BYTES]>::try_from(bytes.as_slice()).ok()?;
    Some(Zeroizing::new(key))
}

/// Writes the file (mode 0600) beside and puts it in its place, durably: a crash leaves the old file or the new one.
///
/// # Errors
/// When it cannot be written; then the old file is as it was.
pub fn write(path: &Path, keys: &KeyRing) -> anyhow::Result<()> {
    let half = path.with_extension("key.new");
    let put = || {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&half)?;
        file.write_all(format(keys).as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&half, path)?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    put().with_context(|| format!("cannot write {}", path.display()))
}

fn format(keys: &KeyRing) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(256 + keys.len() * 80));
    let lone = keys.len() == 1 && keys.contains_key(&Sealer::FIRST_VERSION);
    if !lone {
        text.push_str("# Tessera's sealing keys; `tessera keys list` tells which one is in use.\n");
    }
    for (version, key) in keys {
        let hex = Zeroizing::new(HEXLOWER.encode(key.as_slice()));
        if !lone {
            text.push_str(&version.to_string());
            text.push(' ');
        }
        text.push_str(&hex);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(versions: &[u8]) -> KeyRing {
        let key = |version: &u8| (*version, Zeroizing::new([*version; 32]));
        versions.iter().map(key).collect()
    }

    #[test]
    fn a_file_reads_back() {
        for versions in [&[1][..], &[1, 2], &[2], &[7, 255]] {
            let text = format(&ring(versions));
            assert_eq!(parse(&text), Some(ring(versions)), "{versions:?}");
        }
        let first = "ab".repeat(32);
        assert_eq!(*format(&ring(&[1])), format!("{}\n", "01".repeat(32)));
        assert!(parse(&first).is_some(), "without a line end");
    }

    #[test]
    fn what_is_not_wholly_right_is_refused() {
        let key = "ab".repeat(32);
        for text in [
            String::new(),
            "# nothing\n".to_owned(),
            key[1..].to_owned(),
            format!("0 {key}\n"),
            format!("256 {key}\n"),
            format!("1 {key}\n1 {key}\n"),
            format!("1 {key}\n2 {}\n", &key[2..]),
            format!("1 {key}\n{key}\n"),
            key.to_uppercase(),
        ] {
            assert!(parse(&text).is_none(), "{text:?}");
        }
    }
}
