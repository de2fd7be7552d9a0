//! Reads the admin's folders once, whole and safely: nothing outside them, nothing endless, nothing that is not text.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

use super::assets::{Asset, Assets, mime_of};
use super::builtin::BuiltIns;
use super::locale::Locale;
use super::problem::CheckError;

const MAX_FILES: usize = 1000;
const MAX_DEPTH: usize = 16;
pub(super) const MAX_TEXT: u64 = 1024 * 1024;
const MAX_TEXTS: u64 = 16 * 1024 * 1024;
const MAX_ASSET: u64 = 5 * 1024 * 1024;
const MAX_ASSETS: u64 = 50 * 1024 * 1024;

/// Templates and words by their name: the path below the folder, with `/`.
pub(super) type Texts = BTreeMap<String, String>;

/// A file as the folder lists it, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    name: String,
    path: PathBuf,
    len: u64,
    changed: [i64; 4],
    inode: (u64, u64),
}

/// What a folder holds, cheap enough to compare several times a second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    root: PathBuf,
    files: Vec<Found>,
    problems: Vec<CheckError>,
}

/// The admin's files, read.
#[derive(Clone, Default)]
pub(super) struct Folder {
    pub(super) texts: Texts,
    pub(super) assets: Assets,
    pub(super) errors: Vec<CheckError>,
    pub(super) warnings: Vec<CheckError>,
}

impl Listing {
    /// Lists a folder; one that is not there is empty.
    pub(super) fn of(root: &Path) -> Self {
        let mut listing = Listing {
            root: root.to_owned(),
            ..Listing::default()
        };
        match fs::canonicalize(root) {
            Ok(real) => {
                let mut trail = vec![real.clone()];
                listing.descend(&real, &real, "", &mut trail);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => listing.refuse("", format!("cannot be read: {error}")),
        }
        listing.files.sort_by(|a, b| a.name.cmp(&b.name));
        listing
    }

    fn descend(&mut self, root: &Path, dir: &Path, prefix: &str, trail: &mut Vec<PathBuf>) {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(prefix, format!("cannot be read: {error}")),
        };
        for entry in entries.flatten() {
            if self.files.len() > MAX_FILES {
                return;
            }
            let raw = entry.file_name();
            let Some(file_name) = raw.to_str() else {
                let shown = format!("{prefix}{}", raw.to_string_lossy());
                self.refuse(&shown, "its name is not UTF-8; rename it".to_owned());
                continue;
            };
            if !is_ignored(file_name) {
                self.take(root, &entry.path(), format!("{prefix}{file_name}"), trail);
            }
        }
    }

    fn take(&mut self, root: &Path, path: &Path, name: String, trail: &mut Vec<PathBuf>) {
        let (real, meta) = match resolve(path) {
            Ok(found) => found,
            // It went away while we looked: the next look decides.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => return,
            Err(error) => return self.refuse(&name, format!("cannot be read: {error}")),
        };
        if !real.starts_with(root) {
            return self.refuse(
                &name,
                "is a link that leads out of the folder; copy the file into it".to_owned(),
            );
        }
        if meta.is_dir() {
            if trail.contains(&real) || trail.len() >= MAX_DEPTH {
                return self.refuse(&name, "folders are nested without end".to_owned());
            }
            trail.push(real.clone());
            self.descend(root, &real, &format!("{name}/"), trail);
            trail.pop();
        } else if !meta.is_file() {
            self.refuse(
                &name,
                "is neither a file nor a folder; remove it".to_owned(),
            );
        } else if self.files.len() == MAX_FILES {
            self.refuse("", format!("holds more than {MAX_FILES} files"));
            // One past the limit ends the walk.
            self.files.push(Found::new(name, real, &meta));
        } else {
            self.files.push(Found::new(name, real, &meta));
        }
    }

    fn refuse(&mut self, name: &str, message: String) {
        let file = self.root.join(name).display().to_string();
        self.problems.push(CheckError::new(file, None, message));
    }

    /// Reads `.html`, `.txt` and `.ftl` files.
    pub(super) fn read_texts(&self, into: &mut Folder) {
        into.errors.extend(self.problems.iter().cloned());
        let total: u64 = self.files.iter().map(|found| found.len).sum();
        if total > MAX_TEXTS {
            return into.errors.push(self.too_much(MAX_TEXTS));
        }
        for found in self.files.iter().take(MAX_FILES) {
            let label = || self.root.join(&found.name).display().to_string();
            let result = suits_templates(&found.name)
                .and_then(|()| read(&found.path, MAX_TEXT))
                .and_then(|bytes| {
                    String::from_utf8(bytes)
                        .map_err(|_| "is not UTF-8 text; save it as UTF-8".to_owned())
                });
            match result {
                Ok(text) => {
                    into.texts.insert(found.name.clone(), text);
                }
                Err(message) => into.errors.push(CheckError::new(label(), None, message)),
            }
        }
    }

    /// Reads static files of the types that are served.
    pub(super) fn read_assets(&self, into: &mut Folder) {
        into.errors.extend(self.problems.iter().cloned());
        let mut files = BTreeMap::new();
        let mut total = 0;
        for found in self.files.iter().take(MAX_FILES) {
            let label = || self.root.join(&found.name).display().to_string();
            if mime_of(&found.name).is_none() {
                let message = "is not served: its type is not a style sheet, script, picture, font or text that browsers load";
                into.warnings.push(CheckError::new(label(), None, message));
                continue;
            }
            match read(&found.path, MAX_ASSET) {
                Ok(bytes) => {
                    total += bytes.len() as u64;
                    if total > MAX_ASSETS {
                        into.errors.push(self.too_much(MAX_ASSETS));
                        break;
                    }
                    if let Some(asset) = Asset::new(&found.name, &bytes) {
                        files.insert(found.name.clone(), asset);
                    }
                }
                Err(message) => into.errors.push(CheckError::new(label(), None, message)),
            }
        }
        into.assets = Assets::new(files);
    }

    fn too_much(&self, limit: u64) -> CheckError {
        let message = format!("holds more than {} MiB in all", limit / 1024 / 1024);
        CheckError::new(self.root.display().to_string(), None, message)
    }
}

impl Folder {
    /// Reads what was listed, leaving out what is the same as shipped.
    pub(super) fn read(templates: &Listing, statics: &Listing, shipped: &BuiltIns) -> Self {
        let mut folder = Folder::default();
        templates.read_texts(&mut folder);
        statics.read_assets(&mut folder);
        folder
            .texts
            .retain(|name, text| shipped.texts.get(name) != Some(text));
        folder.assets = folder.assets.without(&shipped.assets);
        folder
    }

    /// Nothing differs from what is shipped.
    pub(super) fn is_plain(&self) -> bool {
        self.texts.is_empty() && self.assets.is_empty() && self.errors.is_empty()
    }

    /// Equal for equal content.
    pub(super) fn digest(&self) -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        let mut part = |bytes: &[u8]| {
            context.update(&(bytes.len() as u64).to_le_bytes());
            context.update(bytes);
        };
        for (name, text) in &self.texts {
            part(name.as_bytes());
            part(text.as_bytes());
        }
        part(b"static");
        for (name, asset) in self.assets.iter() {
            part(name.as_bytes());
            part(asset.hash.as_bytes());
        }
        for error in self.errors.iter().chain(&self.warnings) {
            part(error.to_string().as_bytes());
        }
        context.finish().as_ref().to_vec()
    }
}

impl Found {
    fn new(name: String, path: PathBuf, meta: &Metadata) -> Self {
        Self {
            name,
            path,
            len: meta.len(),
            changed: [
                meta.mtime(),
                meta.mtime_nsec(),
                meta.ctime(),
                meta.ctime_nsec(),
            ],
            inode: (meta.dev(), meta.ino()),
        }
    }
}

/// Follows a link; what lies plainly in the folder is taken as it is.
fn resolve(path: &Path) -> io::Result<(PathBuf, Metadata)> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        let real = fs::canonicalize(path)?;
        let meta = fs::metadata(&real)?;
        Ok((real, meta))
    } else {
        Ok((path.to_owned(), meta))
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(unreadable)?
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(format!("is larger than {} MiB", limit / 1024 / 1024));
    }
    Ok(bytes)
}

/// Hidden files (a ConfigMap's own folders among them), editors' leftovers and papers that lie beside the templates.
pub(super) fn is_ignored(file_name: &str) -> bool {
    const PAPERS: [&str; 4] = ["readme", "license", "copying", "notice"];
    let lower = file_name.to_ascii_lowercase();
    let stem = lower.split(['.', '-']).next().unwrap_or_default();
    file_name.starts_with('.')
        || file_name.ends_with('~')
        || (file_name.starts_with('#') && file_name.ends_with('#'))
        || lower.ends_with(".swp")
        || (PAPERS.contains(&stem) && !lower.ends_with(".html"))
}

fn suits_templates(name: &str) -> Result<(), String> {
    if name.starts_with("builtin/") {
        return Err(
            "the folder `builtin` is reserved for the shipped templates; use another name"
                .to_owned(),
        );
    }
    let parts: Vec<&str> = name.split('/').collect();
    match name.rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("html" | "txt") => Ok(()),
        Some("ftl") => match parts.as_slice() {
            ["locales", language, _] => Locale::parse(language)
                .map(|_| ())
                .map_err(|error| error.to_string()),
            _ => Err("words belong in `locales/<language>/`, like `locales/en/pages.ftl`".to_owned()),
        },
        _ => Err(
            "is not a template: names end in `.html` or `.txt`, and words in `.ftl`; move other files to the static folder"
                .to_owned(),
        ),
    }
}
