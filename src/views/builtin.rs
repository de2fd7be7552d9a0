//! The shipped templates, words and assets, compiled in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use super::assets::{Asset, Assets};
use super::files::{Texts, is_ignored};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static STATIC: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// What Tessera falls back to when the admin's folder has nothing better.
#[derive(Clone, Default)]
pub struct BuiltIns {
    pub(super) texts: Texts,
    pub(super) assets: Assets,
}

impl BuiltIns {
    /// The files this program was built with.
    pub fn compiled_in() -> Self {
        static COMPILED: LazyLock<BuiltIns> = LazyLock::new(|| {
            let mut texts = Texts::default();
            for (name, bytes) in files_of(&TEMPLATES) {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    texts.insert(name, text.to_owned());
                }
            }
            let assets = files_of(&STATIC)
                .into_iter()
                .filter_map(|(name, bytes)| Some((name.clone(), Asset::new(&name, bytes)?)))
                .collect();
            BuiltIns {
                texts,
                assets: Assets::new(assets),
            }
        });
        COMPILED.clone()
    }

    /// Other files in their place, for tests and tools.
    pub fn from_files<'a>(
        templates: impl IntoIterator<Item = (&'a str, &'a str)>,
        assets: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        let texts = templates
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        let assets = assets
            .into_iter()
            .filter_map(|(name, bytes)| Some((name.to_owned(), Asset::new(name, bytes)?)))
            .collect();
        Self {
            texts,
            assets: Assets::new(assets),
        }
    }

    /// The names of the shipped templates and words, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.texts.keys().map(String::as_str).collect()
    }

    /// The text of a shipped template or words file.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }
}

fn files_of(dir: &'static Dir<'static>) -> BTreeMap<String, &'static [u8]> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let name = file.path().to_string_lossy().replace('\\', "/");
            if !name.split('/').any(is_ignored) {
                found.insert(name, file.contents());
            }
        }
    }
    found
}
