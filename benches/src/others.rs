//! What is measured beside the rows: growth, start, memory, mails.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::place::{Database, Kind, Place};
use crate::rows::{Bench, Measured, Row};
use crate::server::Server;

const CONNECTIONS: usize = 128;

/// Start and memory.
#[derive(Serialize)]
pub struct Started {
    pub database: Database,
    pub tickets: usize,
    /// From the start of the process to its first ready answer: the median of several starts.
    pub ready_ms: f64,
    /// Resident, before any load.
    pub idle_mib: f64,
    /// The most that was resident, under creation and then under pages, at 128 connections.
    pub peak_mib: f64,
}

/// Mails through SMTP.
#[derive(Serialize)]
pub struct Mailed {
    pub database: Database,
    pub mails: usize,
    pub per_second: f64,
}

/// Creation and confirmation, beside few tickets and beside many.
pub async fn growth(bench: &mut Bench, database: Database, many: usize) -> Result<Vec<Measured>> {
    let mut measured = Vec::new();
    for tickets in [1000, many] {
        let place = bench.place(database).await?;
        place
            .add_tickets("before", tickets, Kind::Open, false)
            .await?;
        for row in [Row::CreateUser, Row::Confirm] {
            let row = bench.row_at(&place, database, row, CONNECTIONS).await?;
            measured.push(Measured { tickets, ..row });
        }
        place.remove(bench.postgres.as_deref()).await?;
    }
    Ok(measured)
}

/// The start, and the memory, with so many open tickets.
pub async fn start(bench: &mut Bench, database: Database, tickets: usize) -> Result<Started> {
    let place = bench.place(database).await?;
    place
        .add_tickets("before", tickets, Kind::Open, false)
        .await?;
    // The first start makes keys and the like.
    drop(Server::start(&bench.program, &place, bench.sink.address)?);
    let mut ready = Vec::new();
    let mut idle_mib = 0.0;
    for _ in 0..5 {
        let server = Server::start(&bench.program, &place, bench.sink.address)?;
        ready.push(server.ready);
        idle_mib = server.memory("VmRSS")?;
    }
    ready.sort();
    let mut peak_mib = idle_mib;
    for row in [Row::CreateMail, Row::Otp, Row::Confirm] {
        let peak = bench.peak_of(&place, row, CONNECTIONS).await?;
        peak_mib = f64::max(peak_mib, peak);
    }
    place.remove(bench.postgres.as_deref()).await?;
    Ok(Started {
        database,
        tickets,
        ready_ms: ready[ready.len() / 2].as_secs_f64() * 1e3,
        idle_mib,
        peak_mib,
    })
}

/// How fast mails that wait leave.
pub async fn mail(bench: &mut Bench, database: Database, mails: usize) -> Result<Mailed> {
    let place: Place = bench.place(database).await?;
    place
        .add_tickets("mailed", mails, Kind::Mailed, false)
        .await?;
    let before = bench.sink.taken();
    let _server = Server::start(&bench.program, &place, bench.sink.address)?;
    let started = (Instant::now(), bench.sink.taken() - before);
    let all = u64::try_from(mails)?;
    while bench.sink.taken() - before < all {
        ensure!(
            started.0.elapsed() < Duration::from_secs(300),
            "{} of {mails} mails left within five minutes",
            bench.sink.taken() - before
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let per_second = (all - started.1) as f64 / started.0.elapsed().as_secs_f64();
    drop(_server);
    place.remove(bench.postgres.as_deref()).await?;
    Ok(Mailed {
        database,
        mails,
        per_second,
    })
}
