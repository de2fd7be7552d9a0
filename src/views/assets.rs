//! Style sheets, scripts and pictures, held in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

/// The file types that are served, and what browsers are told they are.
const TYPES: &[(&str, &str)] = &[
    ("avif", "image/avif"),
    ("css", "text/css; charset=utf-8"),
    ("gif", "image/gif"),
    ("ico", "image/x-icon"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
];

/// One static file.
#[derive(Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its content; a clone shares the memory.
    pub bytes: Bytes,
    /// The value for `Content-Type`.
    pub mime: &'static str,
    /// SHA-256 of the content, in lower-case hex; links carry its first twelve digits.
    pub hash: String,
}

impl Asset {
    /// `None` if its type is not one that is served.
    pub(super) fn new(name: &str, bytes: &[u8]) -> Option<Self> {
        let mime = mime_of(name)?;
        let hash = data_encoding::HEXLOWER
            .encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
        Some(Self {
            bytes: Bytes::copy_from_slice(bytes),
            mime,
            hash,
        })
    }

    /// The part of the hash that links carry, so that a changed file has a new address.
    pub fn version(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }
}

pub(super) fn mime_of(name: &str) -> Option<&'static str> {
    let (_, suffix) = name.rsplit_once('.')?;
    let suffix = suffix.to_ascii_lowercase();
    TYPES
        .iter()
        .find(|(known, _)| *known == suffix)
        .map(|(_, mime)| *mime)
}

/// Every static file by its path.
#[derive(Clone, Default)]
pub(super) struct Assets(Arc<BTreeMap<String, Asset>>);

impl Assets {
    pub(super) fn new(files: BTreeMap<String, Asset>) -> Self {
        Self(Arc::new(files))
    }

    /// These files over those: the same path wins here.
    pub(super) fn over(&self, below: &Assets) -> Assets {
        if self.0.is_empty() {
            return below.clone();
        }
        let mut all = BTreeMap::clone(&below.0);
        all.extend(
            self.iter()
                .map(|(name, asset)| (name.clone(), asset.clone())),
        );
        Assets::new(all)
    }

    /// These files but for those that are the same there.
    pub(super) fn without(&self, other: &Assets) -> Assets {
        Assets::new(
            self.iter()
                .filter(|(name, asset)| other.get(name) != Some(asset))
                .map(|(name, asset)| (name.clone(), asset.clone()))
                .collect(),
        )
    }

    pub(super) fn get(&self, path: &str) -> Option<&Asset> {
        self.0.get(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Asset)> {
        self.0.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What links need: each path with the version it carries.
    pub(super) fn versions(&self) -> BTreeMap<String, String> {
        self.iter()
            .map(|(name, asset)| (name.clone(), asset.version().to_owned()))
            .collect()
    }
}
