//! Where settings come from, as arguments.

use std::path::{Path, PathBuf};

use super::error::Problem;
use super::key::{self, Kind};
use super::layer::{self, Layer, Origin, Raw};
use super::secret;

/// The file that is read when none is named.
const FILE: &str = "tessera.toml";

/// Where settings come from. Later sources win: defaults, file, environment, command line.
#[derive(Clone, Default)]
pub struct Sources {
    /// The configuration file; without one, `tessera.toml` in `cwd` if it exists. Relative paths in
    /// settings start from its folder, also those of the environment.
    pub file: Option<PathBuf>,
    /// The environment; only `TESSERA_…` is looked at.
    pub env: Vec<(String, String)>,
    /// Settings of the command line, by dotted key (`http.listen`); their paths start from `cwd`.
    pub flags: Vec<(String, String)>,
    /// The working directory, absolute.
    pub cwd: PathBuf,
}

impl Sources {
    /// The sources of this process.
    ///
    /// # Errors
    /// When the working directory is gone.
    pub fn of_process(
        file: Option<PathBuf>,
        flags: Vec<(String, String)>,
    ) -> std::io::Result<Self> {
        let env = std::env::vars_os()
            .map(|(name, value)| {
                let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
                (text(name), text(value))
            })
            .filter(|(name, _)| name.starts_with("TESSERA_"))
            .collect();
        Ok(Self {
            file,
            env,
            flags,
            cwd: std::env::current_dir()?,
        })
    }

    /// The file's layer, and the folder that relative paths start from.
    pub(super) fn file_layer(&self) -> (Layer, PathBuf) {
        let (path, named) = match &self.file {
            Some(path) => (self.cwd.join(path), path.display().to_string()),
            None => (self.cwd.join(FILE), FILE.to_owned()),
        };
        let base = path.parent().unwrap_or(&self.cwd).to_path_buf();
        if self.file.is_none() && !path.exists() {
            return (Layer::default(), base);
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let mut layer = layer::from_toml(&text, &|line| Origin::File {
                    name: named.clone(),
                    line,
                });
                refuse_open_passwords(&mut layer, &path);
                (layer, base)
            }
            Err(error) => {
                let text = format!(
                    "can't be read ({error}); name a file that exists, or print one with \
                     `tessera config sample`"
                );
                let problem = Problem {
                    place: named,
                    key: String::new(),
                    text,
                };
                let layer = Layer {
                    problems: vec![problem],
                    ..Layer::default()
                };
                (layer, base)
            }
        }
    }
}

/// A password in a file that every user of the machine can read is not a secret any more.
fn refuse_open_passwords(layer: &mut Layer, path: &Path) {
    let about = std::fs::metadata(path).ok();
    let Some(mode) = about.as_ref().and_then(secret::open_to_all) else {
        return;
    };
    for key in key::all().filter(|key| key.kind == Kind::Secret) {
        let Some(found) = layer.values.get(&key.path()) else {
            continue;
        };
        if let Raw::Text(text) = &found.raw
            && secret::holds_password(text)
        {
            layer.problems.push(Problem {
                place: found.origin.to_string(),
                key: key.dotted(),
                text: format!(
                    "{} holds a password in a file that is open to every user of the machine \
                     (mode {mode:04o}); run: chmod 600 {}, or move the url to a file of its own \
                     and name it in {}_file",
                    key.label(),
                    path.display(),
                    key.name
                ),
            });
        }
    }
}
