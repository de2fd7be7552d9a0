//! What is wrong with a configuration: all of it at once.

use std::fmt;

/// One thing that is wrong: where it stands, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `tessera.toml:12`, an environment variable, `command line` or `default`.
    pub place: String,
    /// The key that is meant, as `section.key`; empty when the file itself can't be read.
    pub key: String,
    /// The sentence for the admin; it holds no secret.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Everything that keeps the configuration from being used; one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// First what no key answers to, then key by key; never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
