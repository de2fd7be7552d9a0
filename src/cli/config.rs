//! `tessera config …`

use clap::Subcommand;

use super::{Context, out};
use crate::config::Config;
use crate::web::Tls;

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Check the settings, and show what is in effect, without secrets
    Check,
    /// Print a documented configuration file
    Sample,
}

pub(super) fn run(verb: &Verb, context: &Context) -> anyhow::Result<()> {
    match verb {
        Verb::Check => {
            let config = context.config()?;
            if let Some(files) = &config.http.tls {
                Tls::open(files, context.now())?;
            }
            let description = config.describe();
            context
                .out
                .answer(&description.to_json(), || description.to_string())
        }
        Verb::Sample => out::say(&Config::sample()),
    }
}
