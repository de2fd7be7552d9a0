//! What is printed.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use crate::guesses::Guessed;
use crate::others::{Mailed, Started};
use crate::rows::Measured;
use crate::several::Shared;

/// Where it was measured.
#[derive(Serialize)]
struct Machine {
    cpu: String,
    cores: usize,
    kernel: String,
    /// One write of 4 KiB and its fsync, in the median.
    fsync_ms: f64,
}

/// Everything measured, told as it comes.
#[derive(Serialize)]
pub struct Report {
    machine: Machine,
    rows: Vec<Measured>,
    growth: Vec<Measured>,
    starts: Vec<Started>,
    mails: Vec<Mailed>,
    guesses: Vec<Guessed>,
    shared: Vec<Shared>,
    #[serde(skip)]
    json: bool,
    #[serde(skip)]
    part: &'static str,
}

impl Report {
    pub fn new(scratch: &Path, json: bool) -> Result<Self> {
        let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
        let model = cpu.lines().find(|line| line.starts_with("model name"));
        let kernel = Command::new("uname").arg("-r").output()?.stdout;
        let machine = Machine {
            cpu: model
                .and_then(|line| line.split_once(": "))
                .map_or_else(|| "unknown".to_owned(), |(_, name)| name.to_owned()),
            cores: std::thread::available_parallelism()?.get(),
            kernel: String::from_utf8_lossy(&kernel).trim().to_owned(),
            fsync_ms: fsync(scratch)?,
        };
        let report = Self {
            machine,
            rows: Vec::new(),
            growth: Vec::new(),
            starts: Vec::new(),
            mails: Vec::new(),
            guesses: Vec::new(),
            shared: Vec::new(),
            json,
            part: "",
        };
        let machine = &report.machine;
        report.say(&format!(
            "{} cores of {}, Linux {}; one write of 4 KiB with its fsync: {:.2} ms",
            machine.cores, machine.cpu, machine.kernel, machine.fsync_ms
        ));
        Ok(report)
    }

    pub fn row(&mut self, row: Measured) {
        self.head(ROWS);
        self.say(&format!(
            "| {} | {} | {} | {:.0} | {:.0} | {:.1} % | {:.1} | {:.1} | {} |",
            row.row.title(),
            row.database.name(),
            row.connections,
            row.requests_per_second,
            row.bare_per_second,
            row.ratio * 100.0,
            row.p50_ms,
            row.p99_ms,
            row.errors
        ));
        self.rows.push(row);
    }

    pub fn grown(&mut self, row: Measured) {
        self.head(GROWTH);
        self.say(&format!(
            "| {} | {} | {} | {:.0} | {:.1} % | {:.1} | {:.1} |",
            row.row.title(),
            row.database.name(),
            row.tickets,
            row.requests_per_second,
            row.ratio * 100.0,
            row.p50_ms,
            row.p99_ms
        ));
        self.growth.push(row);
    }

    pub fn started(&mut self, started: Started) {
        self.head(STARTS);
        self.say(&format!(
            "| {} | {} | {:.0} ms | {:.0} MiB | {:.0} MiB |",
            started.database.name(),
            started.tickets,
            started.ready_ms,
            started.idle_mib,
            started.peak_mib
        ));
        self.starts.push(started);
    }

    pub fn mailed(&mut self, mailed: Mailed) {
        self.head(MAILS);
        self.say(&format!(
            "| {} | {} | {:.0} |",
            mailed.database.name(),
            mailed.mails,
            mailed.per_second
        ));
        self.mails.push(mailed);
    }

    pub fn guessed(&mut self, guessed: Guessed) {
        self.head(GUESSES);
        self.say(&format!(
            "| {} | {} | {:.1} | {:.1} | {} | {:.0} | {:.1} | {:.1} |",
            guessed.row.title(),
            guessed.database.name(),
            guessed.p50_ms,
            guessed.p99_ms,
            guessed.guessers.title(),
            guessed.guesses_per_second,
            guessed.beside_p50_ms,
            guessed.beside_p99_ms
        ));
        self.guesses.push(guessed);
    }

    pub fn shared(&mut self, shared: Shared) {
        self.head(SHARED);
        self.say(&format!(
            "| {} | {} | {} | {} | {:.0} | {:.2} | {:.1} | {:.1} | {:.0} |",
            shared.row.title(),
            shared.connections,
            shared.instances,
            shared.percent.map_or_else(
                || "all".to_owned(),
                |percent| format!("{percent} % of a core")
            ),
            shared.requests_per_second,
            shared.ratio,
            shared.p50_ms,
            shared.p99_ms,
            shared.processor_micros
        ));
        self.shared.push(shared);
    }

    pub fn finish(self) -> Result<()> {
        if self.json {
            writeln!(
                std::io::stdout(),
                "{}",
                serde_json::to_string_pretty(&self)?
            )?;
        }
        Ok(())
    }

    fn head(&mut self, part: &'static str) {
        if self.part != part {
            self.part = part;
            self.say(&format!("\n{part}"));
        }
    }

    fn say(&self, line: &str) {
        if !self.json {
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

const ROWS: &str = "\
| row | database | connections | req/s | bare req/s | of bare | p50 ms | p99 ms | errors |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";
const GROWTH: &str = "\
| row | database | tickets before | req/s | of bare | p50 ms | p99 ms |
| --- | --- | ---: | ---: | ---: | ---: | ---: |";
const STARTS: &str = "\
| database | open tickets | ready in | memory idle | memory at most |
| --- | ---: | ---: | ---: | ---: |";
const MAILS: &str = "\
| database | mails | mails/s |
| --- | ---: | ---: |";
const GUESSES: &str = "\
| row | database | p50 ms | p99 ms | guessed tickets | wrong codes/s | p50 ms beside them | p99 ms beside them |
| --- | --- | ---: | ---: | --- | ---: | ---: | ---: |";
const SHARED: &str = "\
| row, PostgreSQL | connections | instances | processor of each | req/s | of one | p50 ms | p99 ms | processor µs a request |
| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |";

fn fsync(scratch: &Path) -> Result<f64> {
    let mut file = std::fs::File::create(scratch.join("fsync"))?;
    let mut took = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        file.write_all(&[0x5a; 4096])?;
        file.sync_data()?;
        took.push(started.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    Ok(took[took.len() / 2])
}
