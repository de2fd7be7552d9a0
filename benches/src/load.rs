//! One run of the load tool.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// The threads of the load tool.
const THREADS: usize = 2;

/// What is sent.
pub enum Requests {
    /// Each is good once.
    Once(Vec<Vec<u8>>),
    /// Each may be sent any number of times.
    Again(Vec<Vec<u8>>),
    /// One request with `@@@@@@@@` in it, which stands for a number below `count`.
    Count { request: Vec<u8>, count: usize },
}

/// What came of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Outcome {
    pub requests: u64,
    micros: u64,
    pub p50: u64,
    pub p99: u64,
    connect: u64,
    read: u64,
    write: u64,
    /// Answers of 400 and above.
    status: u64,
    timeout: u64,
    spent: u64,
}

impl Outcome {
    pub fn rate(&self) -> f64 {
        self.requests as f64 / (self.micros as f64 / 1e6)
    }

    /// What went wrong, given whether answers of 400 and above are what is wanted.
    pub fn errors(&self, refusals: bool) -> u64 {
        let wrong_status = if refusals {
            self.requests - self.status
        } else {
            self.status
        };
        self.connect + self.read + self.write + self.timeout + wrong_status
    }
}

/// How fast requests are sent.
#[derive(Clone, Copy)]
pub struct Pace {
    pub connections: usize,
    /// How long each connection waits before its next request, in milliseconds.
    pub pause_ms: u64,
}

/// The load tool.
pub struct Load {
    pub script: PathBuf,
    pub scratch: PathBuf,
}

impl Load {
    /// Another that may run at the same time.
    pub fn beside(&self, name: &str) -> Result<Self> {
        let scratch = self.scratch.join(name);
        std::fs::create_dir_all(&scratch)?;
        Ok(Self {
            script: self.script.clone(),
            scratch,
        })
    }

    /// Sends `requests` to `address` for so many seconds, as fast as they are answered.
    pub fn run(
        &self,
        address: SocketAddr,
        requests: &Requests,
        connections: usize,
        seconds: u64,
    ) -> Result<Outcome> {
        let pace = Pace {
            connections,
            pause_ms: 0,
        };
        self.paced(address, requests, pace, seconds)
    }

    /// Sends them at this pace.
    pub fn paced(
        &self,
        address: SocketAddr,
        requests: &Requests,
        pace: Pace,
        seconds: u64,
    ) -> Result<Outcome> {
        let connections = pace.connections;
        let file = self.scratch.join("requests");
        let mut arguments = vec![pace.pause_ms.to_string()];
        match requests {
            Requests::Once(list) => {
                for thread in 0..THREADS {
                    let own = list.iter().skip(thread).step_by(THREADS);
                    write(&file.with_extension(thread.to_string()), own)?;
                }
                arguments.push("once".to_owned());
            }
            Requests::Again(list) => {
                write(&file, list.iter())?;
                arguments.push("again".to_owned());
            }
            Requests::Count { request, .. } => {
                std::fs::write(&file, request)?;
                arguments.push("count".to_owned());
            }
        }
        arguments.push(file.display().to_string());
        if let Requests::Count { count, .. } = requests {
            arguments.extend(["8".to_owned(), count.to_string()]);
        }
        let ran = Command::new("wrk")
            .args([
                format!("-t{THREADS}"),
                format!("-c{connections}"),
                format!("-d{seconds}s"),
            ])
            .args(["--timeout", "10s", "-s"])
            .arg(&self.script)
            .arg(format!("http://{address}/"))
            .arg("--")
            .args(arguments)
            .output()
            .context("wrk")?;
        let said = String::from_utf8_lossy(&ran.stdout);
        let result = said.lines().find_map(|line| line.strip_prefix("RESULT "));
        let outcome: Outcome = serde_json::from_str(result.with_context(|| {
            format!("wrk says: {said}{}", String::from_utf8_lossy(&ran.stderr))
        })?)?;
        ensure!(
            outcome.spent == 0,
            "all prepared requests were sent before the time was over; prepare more"
        );
        Ok(outcome)
    }
}

fn write<'a>(path: &Path, list: impl Iterator<Item = &'a Vec<u8>>) -> Result<()> {
    let mut text = Vec::new();
    for request in list {
        text.extend_from_slice(format!("{}\n", request.len()).as_bytes());
        text.extend_from_slice(request);
    }
    std::fs::write(path, text)?;
    Ok(())
}

/// A GET as a browser sends it, as far as the server looks.
pub fn get(address: SocketAddr, path: &str, cookie: Option<&str>) -> Vec<u8> {
    let cookie = cookie.map_or_else(String::new, |value| {
        format!("Cookie: tessera_attempt={value}\r\n")
    });
    format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nAccept-Language: en\r\n{cookie}\r\n"
    )
    .into_bytes()
}

/// A POST of `body`.
pub fn post(
    address: SocketAddr,
    path: &str,
    header: &str,
    media_type: &str,
    body: &str,
) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
