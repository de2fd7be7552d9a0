//! What an admin has on disk, in the environment and on the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tessera::config::{Config, ConfigError, Sources};

/// As much as a server needs that others can reach.
pub const PRODUCTION: &str = r#"
public_url = "https://mfa.example.com"
http.listen = "0.0.0.0:8080"
site.name = "Example Inc."
mail.url = "smtps://mail.example.com"
"#;

/// A folder of an admin, with what they write into it.
pub struct Folder {
    dir: TempDir,
    env: Vec<(String, String)>,
    flags: Vec<(String, String)>,
}

impl Folder {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            env: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// With a `tessera.toml` that only its owner can read.
    pub fn with(toml: &str) -> Self {
        let folder = Self::new();
        folder.write("tessera.toml", toml, 0o600);
        folder
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn flag(mut self, key: &str, value: &str) -> Self {
        self.flags.push((key.to_owned(), value.to_owned()));
        self
    }

    pub fn load_file(&self, file: Option<&str>) -> Result<Config, ConfigError> {
        Config::load(Sources {
            file: file.map(PathBuf::from),
            env: self.env.clone(),
            flags: self.flags.clone(),
            cwd: self.path().to_owned(),
        })
    }

    pub fn load(&self) -> Result<Config, ConfigError> {
        self.load_file(None)
    }

    pub fn good(&self) -> Config {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn bad(&self) -> String {
        self.load().expect_err("this must be refused").to_string()
    }
}
