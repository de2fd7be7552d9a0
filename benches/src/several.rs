//! Two instances that share one PostgreSQL, beside one alone: with all of the processor, and with a small share each, as if
//! they had machines of their own.

use std::net::{SocketAddr, TcpListener};
use std::thread;

use anyhow::{Result, anyhow, ensure};
use serde::Serialize;

use crate::load::{Outcome, Requests};
use crate::place::Database;
use crate::rows::{Bench, Row};
use crate::server::{Server, token};

/// Of two load tools.
const CONNECTIONS: usize = 128;
/// What a small instance has, in percent of one core.
pub const SMALL: u32 = 25;

/// What one instance did, or two.
#[derive(Serialize)]
pub struct Shared {
    pub row: Row,
    pub connections: usize,
    pub instances: usize,
    /// What each of them may take of one core; as much as there is, without it.
    pub percent: Option<u32>,
    pub requests_per_second: f64,
    /// Of what one alone did.
    pub ratio: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// The processor's time that a request takes in the instances, in microseconds.
    pub processor_micros: f64,
}

/// One instance and then two; two load tools send to it or to them, each half of the connections.
pub async fn shared(bench: &mut Bench, row: Row, percent: Option<u32>) -> Result<Vec<Shared>> {
    let mut measured: Vec<Shared> = Vec::new();
    for instances in [1, 2] {
        let mut shared = one_or_two(bench, row, percent, instances).await?;
        if let Some(alone) = measured.first() {
            shared.ratio = shared.requests_per_second / alone.requests_per_second;
        }
        measured.push(shared);
    }
    Ok(measured)
}

async fn one_or_two(
    bench: &mut Bench,
    row: Row,
    percent: Option<u32>,
    instances: usize,
) -> Result<Shared> {
    let place = bench.place(Database::Postgres).await?;
    let token = token(&bench.program, &place)?;
    let prepared = bench.prepare(&place, row).await?;
    let mut servers = vec![Server::start(&bench.program, &place, bench.sink.address)?];
    if instances == 2 {
        let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let smtp = bench.sink.address;
        servers.push(Server::start_at(free, &bench.program, &place, smtp)?);
    }
    for server in servers.iter_mut() {
        percent.map_or(Ok(()), |percent| server.limit(percent))?;
    }
    let targets = [0, 1].map(|tool: usize| servers[tool % servers.len()].address);
    let requests = bench.requests(&place, row, &prepared, place.address, &token);
    let before = processor(&servers)?;
    let outcomes = send(bench, targets, requests, CONNECTIONS / 2)?;
    let taken = processor(&servers)? - before;
    let total: u64 = outcomes.iter().map(|outcome| outcome.requests).sum();
    let failed: u64 = outcomes.iter().map(|outcome| outcome.errors(false)).sum();
    ensure!(failed == 0, "{}: {outcomes:?}", row.title());
    let effect = bench.effect(&place, row, &prepared, total).await?;
    ensure!(
        effect >= total,
        "{}: {total} were answered, {effect} happened",
        row.title()
    );
    drop(servers);
    place.remove(bench.postgres.as_deref()).await?;
    let slower = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).max().unwrap_or_default();
    Ok(Shared {
        row,
        connections: CONNECTIONS,
        instances,
        percent,
        requests_per_second: outcomes.iter().map(Outcome::rate).sum(),
        ratio: 1.0,
        p50_ms: slower(|of| of.p50) as f64 / 1e3,
        p99_ms: slower(|of| of.p99) as f64 / 1e3,
        processor_micros: taken * 1e6 / total as f64,
    })
}

/// Each of two load tools has every second request, and a target.
fn send(
    bench: &Bench,
    targets: [SocketAddr; 2],
    requests: Requests,
    connections: usize,
) -> Result<Vec<Outcome>> {
    let Requests::Once(all) = requests else {
        return Err(anyhow!("only what is good once is shared between two"));
    };
    let (mut halves, other) = ([Vec::new(), Vec::new()], bench.load.beside("other")?);
    for (number, request) in all.into_iter().enumerate() {
        halves[number % 2].push(request);
    }
    let [here, there] = halves.map(Requests::Once);
    let seconds = bench.plan.seconds;
    thread::scope(|scope| {
        let there = scope.spawn(|| other.run(targets[1], &there, connections, seconds));
        let here = bench.load.run(targets[0], &here, connections, seconds);
        let there = there
            .join()
            .map_err(|_| anyhow!("the load tool panicked"))??;
        Ok(vec![here?, there])
    })
}

fn processor(servers: &[Server]) -> Result<f64> {
    servers.iter().map(Server::processor_seconds).sum()
}
