//! An installation of its own for each measurement: a folder, a database, and the tickets that the load needs.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tessera::access::{Attempt, sealing};
use tessera::core::{Actor, Clock as _, OsRng, Sealer, Seed, SystemClock, Timestamp, UserId};
use tessera::factors::{Available, Switches};
use tessera::store::{Created, NewTicket, Store, TicketFilter, User, UserLimits};
use tessera::tickets::{Asked, CreateTicket, Issued, Policy};
use tessera::users::Profile;
use totp_rs::{Algorithm, Builder};

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// An installation that no server runs on yet.
pub struct Place {
    pub dir: PathBuf,
    /// Where its server listens.
    pub address: SocketAddr,
    pub url: String,
    pub store: Store,
    pub sealer: Sealer,
    embedded: bool,
}

/// What kind of tickets are prepared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Open,
    /// Six days old, a day past its end.
    Expired,
    /// With a mail that is due.
    Mailed,
}

/// Each batch is a transaction, which has less than three seconds.
const BATCH: usize = 1000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Place {
    /// A fresh one, named `name`, below `scratch`, or in the PostgreSQL at `server`.
    pub async fn make(scratch: &Path, name: &str, server: Option<&str>) -> Result<Self> {
        let dir = scratch.join(name);
        std::fs::create_dir_all(&dir)?;
        let (url, store) = match server {
            None => {
                let file = dir.join("tessera.db");
                (
                    format!("sqlite:{}", file.display()),
                    Store::open_sqlite(&file).await?,
                )
            }
            Some(server) => {
                let database = name.replace('-', "_");
                let made = Command::new("psql")
                    .args([
                        &format!("{server}/postgres"),
                        "-qc",
                        &format!("CREATE DATABASE {database}"),
                    ])
                    .status()
                    .context("psql")?;
                ensure!(made.success(), "psql cannot create the database {database}");
                let url = format!("{server}/{database}");
                let store = Store::open_postgres(&url).await?;
                (url, store)
            }
        };
        store.migrate().await?;
        let sealer = sealing::open_sealer(&store, &dir, &OsRng).await?;
        Ok(Self {
            dir,
            address: TcpListener::bind("127.0.0.1:0")?.local_addr()?,
            url,
            store,
            sealer,
            embedded: server.is_none(),
        })
    }

    /// Users `bench|00000000` and on, each with an address and no ticket.
    pub async fn add_users(&self, count: usize) -> Result<()> {
        let now = SystemClock.now();
        for start in (0..count).step_by(BATCH) {
            let mut tx = self.store.begin_write().await?;
            for number in start..count.min(start + BATCH) {
                let user = User {
                    user_id: user_id(number).parse::<UserId>()?,
                    email: Some(format!("u{number}@example.com")),
                    blocked: false,
                    profile: Profile::default().to_json(),
                    created_at: now,
                    updated_at: now,
                };
                tx.insert_user(&user).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Tickets of as many new users, made by the server's own rules and written by its own batches.
    pub async fn add_tickets(
        &self,
        name: &str,
        count: usize,
        kind: Kind,
        keep: bool,
    ) -> Result<Vec<Issued>> {
        let mut issued = Vec::with_capacity(if keep { count } else { 0 });
        for start in (0..count).step_by(BATCH) {
            let batch = start..count.min(start + BATCH);
            let made: Result<Vec<(NewTicket, Issued)>> =
                batch.map(|n| self.issue(name, n, kind)).collect();
            let (rows, links): (Vec<_>, Vec<_>) = made?.into_iter().unzip();
            let outcomes = self.store.create_tickets(&rows).await?;
            ensure!(
                outcomes.iter().all(|outcome| *outcome == Created::Ticket),
                "a ticket was not made"
            );
            if keep {
                issued.extend(links);
            }
        }
        Ok(issued)
    }

    fn issue(&self, name: &str, number: usize, kind: Kind) -> Result<(NewTicket, Issued)> {
        let policy = Policy {
            lifetime: 5 * DAY,
            result_origins: Vec::new(),
            auto_create: true,
            limits: UserLimits::default(),
        };
        let asked = Asked {
            user_id: format!("{name}|{number:08}"),
            email: Some(format!("{name}{number}@example.com")),
            send_mail: kind == Kind::Mailed,
            factor: vec!["otp".to_owned()],
            ..Asked::default()
        };
        let switches = Switches::new([], [], Available::default());
        let now = match kind {
            Kind::Expired => SystemClock.now() - 6 * DAY,
            Kind::Open | Kind::Mailed => SystemClock.now(),
        };
        let create = CreateTicket::parse(&asked, &policy, &switches)?;
        Ok(create.issue(&Actor::command_line(), &self.sealer, now, &OsRng))
    }

    /// A browser's attempt at this ticket: its cookie, and the form that confirms it, with a code that is good for the
    /// next minute.
    pub fn attempt(&self, ticket: &Issued) -> (String, String) {
        let attempt = self.opened(ticket);
        let cookie = attempt.seal(&self.sealer, &OsRng);
        let shown = attempt
            .seed
            .as_ref()
            .map(|seed| code(seed, SystemClock.now()));
        let form = format!(
            "attempt={}&csrf={}&code={}",
            attempt.id,
            attempt.csrf(),
            shown.unwrap_or_default()
        );
        (cookie, form)
    }

    /// A browser that has just opened this ticket's link.
    pub fn opened(&self, ticket: &Issued) -> Attempt {
        let (id, secret) = (ticket.ticket_id.clone(), ticket.secret.digest());
        Attempt::new(id, &secret, None, SystemClock.now(), &OsRng)
    }

    /// How many tickets there are in all, or in this state.
    pub async fn count(&self, status: Option<&str>) -> Result<u64> {
        let filter = TicketFilter {
            user_id: None,
            status: status.map(ToOwned::to_owned),
        };
        let mut read = self.store.begin_read().await?;
        Ok(u64::try_from(
            read.count_tickets(&filter, SystemClock.now()).await?,
        )?)
    }

    /// Gives the disk back.
    pub async fn remove(self, server: Option<&str>) -> Result<()> {
        self.store.close().await;
        std::fs::remove_dir_all(&self.dir)?;
        if let (false, Some(server)) = (self.embedded, server) {
            let name = self.url.rsplit('/').next().unwrap_or_default();
            Command::new("psql")
                .args([
                    &format!("{server}/postgres"),
                    "-qc",
                    &format!("DROP DATABASE {name} WITH (FORCE)"),
                ])
                .status()
                .context("psql")?;
        }
        Ok(())
    }
}

/// The users of [`Place::add_users`].
pub fn user_id(number: usize) -> String {
    format!("bench|{number:08}")
}

/// The code of the next step: it is accepted now and until that step's successor ends.
pub fn code(seed: &Seed, now: Timestamp) -> String {
    let seconds = u64::try_from(now.seconds()).unwrap_or_default() + 30;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(seed.expose().to_vec())
        .build_noncompliant()
        .generate(seconds)
        .to_string()
}
