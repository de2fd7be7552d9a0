//! The rows of the table: what each prepares, sends and expects.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde::Serialize;
use tessera::tickets::Issued;

use crate::load::{Load, Outcome, Requests, get, post};
use crate::people::{By, Person};
use crate::place::{Database, Kind, Place};
use crate::server::{Server, token};
use crate::sink::Sink;

/// What is asked of the server.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A ticket for a user who is there
    Create,
    /// The same, and a mail with the link, which leaves at once
    CreateMail,
    /// A ticket that brings its user
    CreateUser,
    /// The emailed link: its 303
    Link,
    /// The page of an expired link
    Result,
    /// The page with the QR code
    Otp,
    /// The right code: a factor is enrolled, a ticket spent
    Confirm,
    /// The right code of somebody who is enrolled
    VerifyPage,
    /// The same at the MFA API: a set of tokens
    VerifyApi,
}

impl Row {
    pub const ALL: [Self; 9] = [
        Self::Create,
        Self::CreateMail,
        Self::CreateUser,
        Self::Link,
        Self::Result,
        Self::Otp,
        Self::Confirm,
        Self::VerifyPage,
        Self::VerifyApi,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::CreateMail => "create, with mail",
            Self::CreateUser => "create, with a new user",
            Self::Link => "link (303)",
            Self::Result => "result page",
            Self::Otp => "otp page",
            Self::Confirm => "confirm a code",
            Self::VerifyPage => "verify by page",
            Self::VerifyApi => "verify by API",
        }
    }

    fn creates(self) -> bool {
        matches!(self, Self::Create | Self::CreateMail | Self::CreateUser)
    }
}

/// What a row works on.
#[derive(Default)]
pub struct Prepared {
    tickets: Vec<Issued>,
    people: Vec<Person>,
}

/// How much is measured.
pub struct Plan {
    /// Seconds of each row, and of the bare server before and after it.
    pub seconds: u64,
    pub bare_seconds: u64,
    /// Codes for each second of confirming and verifying.
    pub codes_a_second: usize,
    /// Users that tickets are created for.
    pub users: usize,
    /// Tickets whose links and pages are opened in turn.
    pub opened: usize,
}

/// A row as it was measured.
#[derive(Clone, Serialize)]
pub struct Measured {
    pub database: Database,
    pub row: Row,
    pub connections: usize,
    /// Tickets that were there before.
    pub tickets: usize,
    pub requests_per_second: f64,
    /// Of the bare server, before and after, in the mean.
    pub bare_per_second: f64,
    pub ratio: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub errors: u64,
}

/// The machinery of all rows.
pub struct Bench {
    pub program: PathBuf,
    pub scratch: PathBuf,
    pub load: Load,
    pub bare: SocketAddr,
    pub sink: Sink,
    pub postgres: Option<String>,
    pub plan: Plan,
    pub made: usize,
}

impl Bench {
    pub async fn place(&mut self, database: Database) -> Result<Place> {
        self.made += 1;
        let name = format!("place-{}", self.made);
        let server = (database == Database::Postgres)
            .then_some(self.postgres.as_deref())
            .flatten();
        Place::make(&self.scratch, &name, server).await
    }

    /// The bare server's requests a second.
    pub fn bare(&self, connections: usize) -> Result<f64> {
        let hello = Requests::Again(vec![get(self.bare, "/", None)]);
        let outcome = self
            .load
            .run(self.bare, &hello, connections, self.plan.bare_seconds)?;
        ensure!(
            outcome.errors(false) == 0,
            "the bare server fails: {outcome:?}"
        );
        Ok(outcome.rate())
    }

    /// Measures a row on a place of its own.
    pub async fn row(
        &mut self,
        database: Database,
        row: Row,
        connections: usize,
    ) -> Result<Measured> {
        let place = self.place(database).await?;
        place.add_tickets("before", 1000, Kind::Open, false).await?;
        let measured = self.row_at(&place, database, row, connections).await?;
        place.remove(self.postgres.as_deref()).await?;
        Ok(measured)
    }

    /// Measures a row on this place, and checks that what was answered is what happened.
    pub async fn row_at(
        &self,
        place: &Place,
        database: Database,
        row: Row,
        connections: usize,
    ) -> Result<Measured> {
        let token = token(&self.program, place)?;
        let tickets = place.count(None).await?;
        let prepared = self.prepare(place, row).await?;
        let bare = self.bare(connections)?;
        let server = Server::start(&self.program, place, self.sink.address)?;
        let before = place.count(None).await?;
        let requests = self.requests(place, row, &prepared, server.address, &token);
        let outcome = self
            .load
            .run(server.address, &requests, connections, self.plan.seconds)?;
        let bare = (bare + self.bare(connections)?) / 2.0;
        let effect = match row {
            row if row.creates() => place.count(None).await? - before,
            _ => self.effect(place, row, &prepared, outcome.requests).await?,
        };
        self.judge(row, &outcome, effect, &server)?;
        Ok(Measured {
            database,
            row,
            connections,
            tickets: usize::try_from(tickets)?,
            requests_per_second: outcome.rate(),
            bare_per_second: bare,
            ratio: outcome.rate() / bare,
            p50_ms: outcome.p50 as f64 / 1e3,
            p99_ms: outcome.p99 as f64 / 1e3,
            errors: outcome.errors(row == Row::Result),
        })
    }

    /// How many of the answers have something to show for it in the database; all, where there is nothing to see.
    pub async fn effect(
        &self,
        place: &Place,
        row: Row,
        prepared: &Prepared,
        answered: u64,
    ) -> Result<u64> {
        match row {
            Row::Confirm => place.count(Some("used")).await,
            Row::VerifyPage => place.proved(&prepared.people, "verified").await,
            Row::VerifyApi => place.proved(&prepared.people, "spent").await,
            _ => Ok(answered),
        }
    }

    /// The most memory that the server takes under this row, in MiB.
    pub async fn peak_of(&self, place: &Place, row: Row, connections: usize) -> Result<f64> {
        let token = token(&self.program, place)?;
        let prepared = self.prepare(place, row).await?;
        let server = Server::start(&self.program, place, self.sink.address)?;
        let requests = self.requests(place, row, &prepared, server.address, &token);
        self.load
            .run(server.address, &requests, connections, self.plan.seconds)?;
        server.memory("VmHWM")
    }

    /// A fast answer that is wrong counts for nothing.
    fn judge(&self, row: Row, outcome: &Outcome, effect: u64, server: &Server) -> Result<()> {
        let errors = outcome.errors(row == Row::Result);
        ensure!(
            errors == 0,
            "{}: {errors} of {} requests failed: {outcome:?}; the log is {}",
            row.title(),
            outcome.requests,
            server.log.display()
        );
        ensure!(
            effect >= outcome.requests,
            "{}: {} were answered, {effect} happened",
            row.title(),
            outcome.requests
        );
        let logged = server.logged();
        ensure!(
            logged >= outcome.requests,
            "{}: {} were answered, {logged} logged",
            row.title(),
            outcome.requests
        );
        Ok(())
    }

    /// The tickets or people that a row works on.
    pub async fn prepare(&self, place: &Place, row: Row) -> Result<Prepared> {
        let plan = &self.plan;
        let codes = plan.codes_a_second * usize::try_from(plan.seconds)?;
        let mut prepared = Prepared::default();
        let (name, count, kind) = match row {
            Row::Create | Row::CreateMail => {
                place.add_users(plan.users).await?;
                return Ok(prepared);
            }
            Row::CreateUser => return Ok(prepared),
            Row::VerifyPage | Row::VerifyApi => {
                let by = match row {
                    Row::VerifyPage => By::Page,
                    _ => By::Api,
                };
                prepared.people = place.add_people(codes, by).await?;
                return Ok(prepared);
            }
            Row::Link | Row::Otp => ("opened", plan.opened, Kind::Open),
            Row::Result => ("late", plan.opened, Kind::Expired),
            Row::Confirm => ("confirmed", codes, Kind::Open),
        };
        prepared.tickets = place.add_tickets(name, count, kind, true).await?;
        Ok(prepared)
    }

    pub fn requests(
        &self,
        place: &Place,
        row: Row,
        prepared: &Prepared,
        address: SocketAddr,
        token: &str,
    ) -> Requests {
        let tickets = prepared.tickets.iter();
        let link = |ticket: &Issued| {
            let path = format!(
                "/guardian/enroll?ticket={}.{}",
                ticket.ticket_id,
                ticket.secret.expose()
            );
            get(address, &path, None)
        };
        match row {
            Row::Create | Row::CreateMail | Row::CreateUser => {
                let body = match row {
                    Row::Create => r#"{"user_id":"bench|@@@@@@@@"}"#,
                    Row::CreateMail => r#"{"user_id":"bench|@@@@@@@@","send_mail":true}"#,
                    _ => r#"{"user_id":"fresh|@@@@@@@@","email":"ada@example.com"}"#,
                };
                let count = match row {
                    Row::CreateUser => 100_000_000,
                    _ => self.plan.users,
                };
                let header = format!("Authorization: Bearer {token}");
                let path = "/api/v2/guardian/enrollments/ticket";
                let request = post(address, path, &header, "application/json", body);
                Requests::Count { request, count }
            }
            Row::Link | Row::Result => Requests::Again(tickets.map(link).collect()),
            Row::Otp => {
                let page = |ticket| {
                    let (cookie, _) = place.attempt(ticket);
                    get(address, "/guardian/enroll/otp", Some(&cookie))
                };
                Requests::Again(tickets.map(page).collect())
            }
            Row::Confirm => {
                let confirm = |ticket| {
                    let (cookie, form) = place.attempt(ticket);
                    let header = format!("Cookie: tessera_attempt={cookie}");
                    let kind = "application/x-www-form-urlencoded";
                    post(address, "/guardian/enroll/otp", &header, kind, &form)
                };
                Requests::Once(tickets.map(confirm).collect())
            }
            Row::VerifyPage => {
                let people = prepared.people.iter();
                Requests::Once(
                    people
                        .map(|person| person.verify_by_page(place, address))
                        .collect(),
                )
            }
            Row::VerifyApi => {
                let people = prepared.people.iter();
                Requests::Once(people.map(|person| person.verify_by_api(address)).collect())
            }
        }
    }
}
