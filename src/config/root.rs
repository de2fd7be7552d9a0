//! The keys at the top of the file.

use std::path::PathBuf;

use serde_json::{Value, json};
use url::Url;

use super::http::Http;
use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};
use super::value;

pub(super) static PUBLIC_URL: Key = Key {
    section: "",
    name: "public_url",
    kind: Kind::Text,
    shown: Shown::Default("\"http://localhost:8080\""),
    doc: "The address that people and clients use; every link begins with it.",
};

pub(super) static DATA_DIR: Key = Key {
    section: "",
    name: "data_dir",
    kind: Kind::Text,
    shown: Shown::Default("\"data\""),
    doc: "SQLite file, keys, development mails, last good templates.",
};

pub(super) const SECTION: Section = Section {
    name: "",
    doc: "Tessera. Every key can also come from the environment, as TESSERA_KEY or\n\
          TESSERA_SECTION__KEY. Relative paths start from the folder of this file.",
    keys: &[&PUBLIC_URL, &DATA_DIR],
};

pub(super) fn public_url(reader: &mut Reader) -> Read<Url> {
    reader.parse(&PUBLIC_URL, value::origin)
}

/// A browser that is sent to http finds nobody there who speaks it.
pub(super) fn check(reader: &mut Reader, public_url: &Url, http: &Http) {
    if http.tls.is_some() && public_url.scheme() != "https" {
        reader.refuse(
            &PUBLIC_URL,
            "is not https, but the server has a certificate ([http] tls_cert) and speaks nothing \
             else; say https://",
        );
    }
}

pub(super) fn data_dir(reader: &mut Reader) -> Read<PathBuf> {
    reader.directory(&DATA_DIR)
}

pub(super) fn describe(public_url: &Url, data_dir: &std::path::Path) -> Vec<(Path, Value)> {
    vec![
        (
            PUBLIC_URL.path(),
            json!(public_url.as_str().trim_end_matches('/')),
        ),
        (DATA_DIR.path(), json!(data_dir)),
    ]
}
