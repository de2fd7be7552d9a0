//! Whether people notice that somebody guesses: how long they wait alone, and beside a thousand wrong codes a second.

use std::thread;

use anyhow::{Result, anyhow, ensure};
use serde::Serialize;

use crate::load::{Outcome, Pace, Requests, post};
use crate::place::{Database, Kind, Place};
use crate::rows::{Bench, Row};
use crate::server::{Server, token};

/// The people: some hundred requests a second.
const PEOPLE: Pace = Pace {
    connections: 8,
    pause_ms: 10,
};
/// The guessers: 24 times 40 a second and more, as an answer takes less than 4 ms.
const GUESSERS: Pace = Pace {
    connections: 24,
    pause_ms: 20,
};
/// More than they can send in a second.
const GUESSES_A_SECOND: usize = 24 * 50;

/// How many tickets the guessers have.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guessers {
    /// So few that almost all of their codes are refused before they are looked at
    OfAHundredTickets,
    /// One for each code, which is looked at and counted: as much work as they can make
    OfATicketEach,
}

impl Guessers {
    pub const ALL: [Self; 2] = [Self::OfAHundredTickets, Self::OfATicketEach];

    pub fn title(self) -> &'static str {
        match self {
            Self::OfAHundredTickets => "100",
            Self::OfATicketEach => "one each",
        }
    }
}

/// What the people noticed.
#[derive(Serialize)]
pub struct Guessed {
    pub database: Database,
    pub row: Row,
    pub guessers: Guessers,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub guesses_per_second: f64,
    pub beside_p50_ms: f64,
    pub beside_p99_ms: f64,
}

pub async fn guesses(
    bench: &mut Bench,
    database: Database,
    row: Row,
    guessers: Guessers,
) -> Result<Guessed> {
    let place = bench.place(database).await?;
    place.add_tickets("before", 1000, Kind::Open, false).await?;
    let token = token(&bench.program, &place)?;
    let prepared = bench.prepare(&place, row).await?;
    let count = match guessers {
        Guessers::OfAHundredTickets => 100,
        Guessers::OfATicketEach => GUESSES_A_SECOND * usize::try_from(bench.plan.seconds)?,
    };
    let guessed = place
        .add_tickets("guessed", count, Kind::Open, true)
        .await?;
    let server = Server::start(&bench.program, &place, bench.sink.address)?;
    let wrong = |ticket| wrong_code(&place, server.address, ticket);
    let wrong = guessed.iter().map(wrong).collect();
    let wrong = match guessers {
        Guessers::OfAHundredTickets => Requests::Again(wrong),
        Guessers::OfATicketEach => Requests::Once(wrong),
    };
    let good = bench.requests(&place, row, &prepared, server.address, &token);
    let seconds = bench.plan.seconds;
    let alone = bench.load.paced(server.address, &good, PEOPLE, seconds)?;
    let others = bench.load.beside("guessers")?;
    let (bad, beside) = thread::scope(|scope| {
        let bad = scope.spawn(|| others.paced(server.address, &wrong, GUESSERS, seconds));
        let beside = bench.load.paced(server.address, &good, PEOPLE, seconds);
        (bad.join(), beside)
    });
    let bad = bad.map_err(|_| anyhow!("the guessers panicked"))??;
    let beside = beside?;
    let failed = alone.errors(false) + beside.errors(false) + bad.errors(true);
    ensure!(failed == 0, "{alone:?} {beside:?} {bad:?}");
    drop(server);
    place.remove(bench.postgres.as_deref()).await?;
    let ms = |micros: fn(&Outcome) -> u64, of: &Outcome| micros(of) as f64 / 1e3;
    Ok(Guessed {
        database,
        row,
        guessers,
        p50_ms: ms(|of| of.p50, &alone),
        p99_ms: ms(|of| of.p99, &alone),
        guesses_per_second: bad.rate(),
        beside_p50_ms: ms(|of| of.p50, &beside),
        beside_p99_ms: ms(|of| of.p99, &beside),
    })
}

fn wrong_code(
    place: &Place,
    address: std::net::SocketAddr,
    ticket: &tessera::tickets::Issued,
) -> Vec<u8> {
    let (cookie, form) = place.attempt(ticket);
    // Behind the last `=`: another digit in the place of each.
    let (rest, code) = form.split_at(form.len() - 6);
    let other = |digit| if digit == '9' { '0' } else { '9' };
    let form = format!("{rest}{}", code.chars().map(other).collect::<String>());
    let header = format!("Cookie: tessera_attempt={cookie}");
    let kind = "application/x-www-form-urlencoded";
    post(address, "/guardian/enroll/otp", &header, kind, &form)
}
