//! The command line: wires every room and is imported by none.

mod backup;
mod behind;
mod client;
mod config;
mod credentials;
mod doctor;
mod house;
mod in_use;
mod keys;
mod lines;
mod log;
mod mail;
mod migrate;
mod out;
mod outbox;
mod pg_tools;
mod preview;
mod process;
mod progress;
mod restore;
mod sealing;
mod serve;
mod stop;
mod stored;
mod templates;
mod ticket;
mod token;
mod user;
mod welcome;

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Sources};
use crate::core::{Clock, OsRng, Rng, SystemClock, fault};
use out::Out;

/// Hands out single-use MFA enrollment tickets.
#[derive(Parser)]
#[command(name = "tessera", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Args)]
struct Global {
    /// The configuration file; without it, tessera.toml in the working directory if there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting that wins over file and environment, like http.listen=127.0.0.1:9000
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Verb {
    /// Run the server (the default)
    Serve,
    /// Bring the database to the schema of this program
    Migrate,
    /// Copy the database into a file, while servers run
    Backup(backup::Backup),
    /// Put a backup in the place of the database; revokes what may have been used since
    Restore(restore::Restore),
    /// API clients: create, list, delete
    #[command(subcommand)]
    Client(client::Verb),
    /// Print a token for the management API
    Token(token::Token),
    /// Keys: list, rotate, remove
    #[command(subcommand)]
    Keys(keys::Verb),
    /// Tickets: create, list, show, revoke, resend
    #[command(subcommand)]
    Ticket(ticket::Verb),
    /// Users: show, reset
    #[command(subcommand)]
    User(user::Verb),
    /// Pages, mails and words: list, check, eject
    #[command(subcommand)]
    Templates(templates::Verb),
    /// Settings: check, sample
    #[command(subcommand)]
    Config(config::Verb),
    /// Look at everything, and say what is wrong and what to do
    Doctor,
    /// Mail: test
    #[command(subcommand)]
    Mail(mail::Verb),
    /// Messages that wait or were given up: list, retry
    #[command(subcommand)]
    Outbox(outbox::Verb),
}

fn setting(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "say it as KEY=VALUE, like http.listen=127.0.0.1:9000".to_owned())
}

/// What every verb works with.
struct Context {
    global: Global,
    out: Out,
    clock: SystemClock,
    rng: OsRng,
}

impl Context {
    fn config(&self) -> anyhow::Result<Config> {
        let sources = Sources::of_process(self.global.config.clone(), self.global.settings.clone())
            .context("the working directory is out of reach")?;
        Ok(Config::load(sources)?)
    }

    fn now(&self) -> crate::core::Timestamp {
        self.clock.now()
    }

    fn rng(&self) -> &dyn Rng {
        &self.rng
    }
}

/// Runs the program as its arguments say.
pub fn run() -> ExitCode {
    let Cli { global, verb } = Cli::parse();
    let verb = verb.unwrap_or(Verb::Serve);
    if matches!(verb, Verb::Templates(templates::Verb::CheckChild)) {
        return crate::views::child::run();
    }
    if !matches!(verb, Verb::Serve) {
        log::to_stderr();
    }
    let _points = fault::heed();
    let context = Context {
        out: Out::new(global.json),
        global,
        clock: SystemClock,
        rng: OsRng,
    };
    match dispatch(verb, &context) {
        Ok(code) => code,
        // The reader has gone (`tessera ticket list | head`): nothing is wrong.
        Err(error) if out::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(verb: Verb, context: &Context) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Serve => block_on(serve::run(context))?,
        Verb::Migrate => block_on(migrate::run(context))?,
        Verb::Backup(backup) => block_on(backup::run(&backup, context))?,
        Verb::Restore(restore) => block_on(restore::run(&restore, context))?,
        Verb::Client(verb) => block_on(client::run(verb, context))?,
        Verb::Token(token) => block_on(token::run(&token, context))?,
        Verb::Keys(verb) => block_on(keys::run(verb, context))?,
        Verb::Ticket(verb) => block_on(ticket::run(verb, context))?,
        Verb::User(verb) => block_on(user::run(verb, context))?,
        Verb::Templates(verb) => return templates::run(&verb, context),
        Verb::Config(verb) => config::run(&verb, context)?,
        Verb::Doctor => return block_on(doctor::run(context)),
        Verb::Mail(verb) => block_on(mail::run(verb, context))?,
        Verb::Outbox(verb) => block_on(outbox::run(verb, context))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What is still running when all is said has this long.
const AFTERWARDS: Duration = Duration::from_millis(500);

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads could be started")?;
    let done = runtime.block_on(work);
    // Nobody waits for a thread that judges templates.
    runtime.shutdown_timeout(AFTERWARDS);
    done
}
