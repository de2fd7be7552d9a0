//! Measures Tessera: the release build as it is shipped, beside a bare actix server, on this machine, in one run.

mod guesses;
mod load;
mod others;
mod people;
mod place;
mod report;
mod rows;
mod server;
mod several;
mod share;
mod sink;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

use guesses::Guessers;
use load::Load;
use place::Database;
use report::Report;
use rows::{Bench, Plan, Row};

/// Measures Tessera against a bare actix server.
#[derive(Parser)]
#[command(name = "benches/run")]
struct Arguments {
    /// Short runs and small numbers: to see that all works, not for figures
    #[arg(long)]
    quick: bool,
    /// Only this; may be repeated
    #[arg(long, value_enum, value_name = "ROW")]
    only: Vec<What>,
    /// Only on this database
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Only at so many connections; 32 and 128 without it
    #[arg(long)]
    connections: Option<usize>,
    /// Seconds of each row
    #[arg(long)]
    seconds: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[arg(long, hide = true)]
    tessera: PathBuf,
    #[arg(long, hide = true)]
    load: PathBuf,
    #[arg(long, hide = true)]
    scratch: PathBuf,
    #[arg(long, hide = true)]
    postgres: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Create,
    CreateMail,
    CreateUser,
    Link,
    Result,
    Otp,
    Confirm,
    /// Proving a factor; on PostgreSQL also with two instances
    Verify,
    /// Start and memory with 100,000 open tickets
    Start,
    /// Creation and confirmation with 1,000 and with 1,000,000 tickets
    Growth,
    /// Mails a second
    Mail,
    /// How long others wait while a thousand wrong codes a second come
    Guesses,
}

impl What {
    fn rows(self) -> &'static [Row] {
        match self {
            Self::Create => &[Row::Create],
            Self::CreateMail => &[Row::CreateMail],
            Self::CreateUser => &[Row::CreateUser],
            Self::Link => &[Row::Link],
            Self::Result => &[Row::Result],
            Self::Otp => &[Row::Otp],
            Self::Confirm => &[Row::Confirm],
            Self::Verify => &VERIFIES,
            Self::Start | Self::Growth | Self::Mail | Self::Guesses => &[],
        }
    }
}

const VERIFIES: [Row; 2] = [Row::VerifyPage, Row::VerifyApi];

#[actix_web::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let seconds = arguments
        .seconds
        .unwrap_or(if arguments.quick { 2 } else { 8 });
    let mut bench = Bench {
        program: arguments.tessera.canonicalize()?,
        load: Load {
            script: arguments.load.clone(),
            scratch: arguments.scratch.clone(),
        },
        scratch: arguments.scratch.clone(),
        bare: server::bare()?,
        sink: sink::Sink::start()?,
        postgres: arguments.postgres.clone(),
        plan: Plan {
            seconds,
            bare_seconds: if arguments.quick { 1 } else { 4 },
            codes_a_second: if arguments.quick { 14_000 } else { 20_000 },
            users: if arguments.quick { 30_000 } else { 100_000 },
            opened: if arguments.quick { 2000 } else { 10_000 },
        },
        made: 0,
    };
    let databases: Vec<Database> = [Database::Sqlite, Database::Postgres]
        .into_iter()
        .filter(|database| {
            arguments.database.is_none_or(|only| only == *database)
                && (*database == Database::Sqlite || bench.postgres.is_some())
        })
        .collect();
    let connections = arguments
        .connections
        .map_or(vec![32, 128], |only| vec![only]);
    let mut report = Report::new(&arguments.scratch, arguments.json)?;
    let wanted = |what: What| arguments.only.is_empty() || arguments.only.contains(&what);
    for database in &databases {
        for row in Row::ALL {
            let is_named = |what: &What| what.rows().contains(&row);
            if !arguments.only.is_empty() && !arguments.only.iter().any(is_named) {
                continue;
            }
            for connections in &connections {
                report.row(bench.row(*database, row, *connections).await?);
            }
        }
    }
    for database in &databases {
        if wanted(What::Growth) {
            let many = if arguments.quick { 20_000 } else { 1_000_000 };
            for measured in others::growth(&mut bench, *database, many).await? {
                report.grown(measured);
            }
        }
        if wanted(What::Start) {
            let tickets = if arguments.quick { 10_000 } else { 100_000 };
            report.started(others::start(&mut bench, *database, tickets).await?);
        }
        if wanted(What::Mail) {
            let mails = if arguments.quick { 2000 } else { 20_000 };
            report.mailed(others::mail(&mut bench, *database, mails).await?);
        }
        if wanted(What::Guesses) {
            for guessers in Guessers::ALL {
                for row in [Row::Link, Row::Create] {
                    let guessed = guesses::guesses(&mut bench, *database, row, guessers);
                    report.guessed(guessed.await?);
                }
            }
        }
    }
    if wanted(What::Verify) && databases.contains(&Database::Postgres) {
        for row in VERIFIES {
            for percent in [None, Some(several::SMALL)] {
                for shared in several::shared(&mut bench, row, percent).await? {
                    report.shared(shared);
                }
            }
        }
    }
    report.finish()
}
