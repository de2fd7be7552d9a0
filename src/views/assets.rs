//! Style sheets, scripts and pictures, held in memory.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

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
pub struct Asset {
    /// Its content; a clone shares the memory.
    pub bytes: Bytes,
    /// The value for `Content-Type`.
    pub mime: &'static str,
    /// SHA-256 of the content, in lower-case hex; links carry its first twelve digits.
    pub hash: String,
    gzip: OnceLock<Option<Bytes>>,
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
            gzip: OnceLock::new(),
        })
    }

    /// Whether it is text, which gzip makes smaller; pictures and fonts are packed already.
    pub fn is_text(&self) -> bool {
        let text = self.mime.starts_with("text/");
        text || self.mime.ends_with("json") || self.mime.ends_with("xml")
    }

    /// Its text under gzip, made by the first who asks: a large one takes too long for async code. `None` where gzip
    /// makes nothing smaller.
    pub fn gzip(&self) -> Option<Bytes> {
        let make = || {
            let packed = self.is_text().then(|| packed(&self.bytes))?;
            packed.filter(|packed| packed.len() < self.bytes.len())
        };
        self.gzip.get_or_init(make).clone()
    }

    /// What [`Self::gzip`] made, if somebody asked already.
    pub fn made_gzip(&self) -> Option<Option<Bytes>> {
        self.gzip.get().cloned()
    }

    /// The part of the hash that links carry, so that a changed file has a new address.
    pub fn version(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }
}

fn packed(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
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
pub(super) struct Assets(Arc<BTreeMap<String, Arc<Asset>>>);

impl Assets {
    pub(super) fn new(files: BTreeMap<String, Asset>) -> Self {
        let files = files.into_iter();
        let shared = files.map(|(name, asset)| (name, Arc::new(asset)));
        Self(Arc::new(shared.collect()))
    }

    /// These files over those: the same path wins here.
    pub(super) fn over(&self, below: &Assets) -> Assets {
        if self.0.is_empty() {
            return below.clone();
        }
        let mut all = BTreeMap::clone(&below.0);
        all.extend(BTreeMap::clone(&self.0));
        Self(Arc::new(all))
    }

    /// These files but for those that are the same there.
    pub(super) fn without(&self, other: &Assets) -> Assets {
        let is_there = |name: &str, asset: &Asset| {
            let there = other.get(name);
            there.is_some_and(|there| there.hash == asset.hash)
        };
        let mut all = BTreeMap::clone(&self.0);
        all.retain(|name, asset| !is_there(name, asset));
        Self(Arc::new(all))
    }

    pub(super) fn get(&self, path: &str) -> Option<&Arc<Asset>> {
        self.0.get(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Asset)> {
        self.0.iter().map(|(name, asset)| (name, &**asset))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts of the style sheets.
    pub(super) fn style_sheets(&self) -> BTreeMap<String, String> {
        self.iter()
            .filter(|(name, _)| name.ends_with(".css"))
            .map(|(name, asset)| {
                (
                    name.clone(),
                    String::from_utf8_lossy(&asset.bytes).into_owned(),
                )
            })
            .collect()
    }

    /// What links need: each path with the version it carries.
    pub(super) fn versions(&self) -> BTreeMap<String, String> {
        self.iter()
            .map(|(name, asset)| (name.clone(), asset.version().to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_packed_once_and_only_where_it_gains() {
        let css = "a { color: black }\n".repeat(100);
        let asset = Asset::new("a.css", css.as_bytes()).unwrap();
        assert!(asset.made_gzip().is_none(), "nobody asked");
        let packed = asset.gzip().unwrap();
        assert!(packed.len() < css.len() / 4, "{}", packed.len());
        let again = asset.made_gzip().flatten().unwrap();
        assert_eq!(again.as_ptr(), packed.as_ptr());
        assert_eq!(asset.gzip().unwrap().as_ptr(), packed.as_ptr());
        for name in ["a.css", "a.png", "a.svg", "a.woff2", "a.webmanifest"] {
            let tiny = Asset::new(name, b"a{}").unwrap();
            assert!(tiny.gzip().is_none(), "{name}");
            let is_packed = name.ends_with("png") || name.ends_with("woff2");
            assert_eq!(tiny.is_text(), !is_packed, "{name}");
        }
    }
}
