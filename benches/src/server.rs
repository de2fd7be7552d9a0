//! The release build as an admin starts it, and the bare server that it is measured against.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result, bail, ensure};

use crate::place::Place;
use crate::share::Share;

/// In which Linux tells programs of time (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// A running Tessera; it is killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub log: PathBuf,
    /// From the start of the process to its first ready answer.
    pub ready: Duration,
    // Behind the process, which must have ended.
    share: Option<Share>,
}

impl Server {
    /// Starts `program` on this place, mailing to the sink; its log goes to a file.
    pub fn start(program: &Path, place: &Place, smtp: SocketAddr) -> Result<Self> {
        Self::start_at(place.address, program, place, smtp)
    }

    /// The same where another of the place's instances may run already.
    pub fn start_at(
        address: SocketAddr,
        program: &Path,
        place: &Place,
        smtp: SocketAddr,
    ) -> Result<Self> {
        let log = place.dir.join(format!("log.{}", address.port()));
        let started = Instant::now();
        let child = command(program, place, smtp)
            .arg("serve")
            .env("TESSERA_HTTP__LISTEN", address.to_string())
            .stdout(File::create(&log)?)
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let mut server = Self {
            child,
            address,
            log,
            ready: Duration::ZERO,
            share: None,
        };
        while !is_ready(address) {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended: {status}; its log is {}", server.log());
            }
            ensure!(
                started.elapsed() < Duration::from_secs(60),
                "the server is not ready after a minute: {}",
                server.log()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready = started.elapsed();
        Ok(server)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How many requests it has logged.
    pub fn logged(&self) -> u64 {
        let lines = self.log();
        lines
            .lines()
            .filter(|line| line.contains("\"target\":\"tessera::access\""))
            .count() as u64
    }

    /// A number of `/proc/<pid>/status`, like `VmRSS`, in MiB.
    pub fn memory(&self, name: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with(name));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        Ok(kib.context("no such number")? / 1024.0)
    }

    /// From now on it has no more than `percent` of one core.
    pub fn limit(&mut self, percent: u32) -> Result<()> {
        self.share = Some(Share::of(self.child.id(), percent)?);
        Ok(())
    }

    /// The processor's time that it has taken, in all threads.
    pub fn processor_seconds(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name, which may hold anything: user time and system time are the 12th and 13th (proc(5)).
        let (_, numbers) = stat.rsplit_once(')').context("no name")?;
        let ticks = numbers.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Ok(ticks as f64 / TICKS_A_SECOND)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token for the management API.
pub fn token(program: &Path, place: &Place) -> Result<String> {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    let made = command(program, place, nowhere)
        .args(["token", "--ttl", "24h"])
        .stderr(Stdio::null())
        .output()?;
    ensure!(made.status.success(), "no token was made");
    Ok(String::from_utf8(made.stdout)?.trim().to_owned())
}

fn command(program: &Path, place: &Place, smtp: SocketAddr) -> Command {
    let address = place.address;
    let mut command = Command::new(program);
    command
        .current_dir(&place.dir)
        .env("TESSERA_PUBLIC_URL", format!("http://{address}"))
        .env("TESSERA_HTTP__LISTEN", address.to_string())
        .env("TESSERA_DATA_DIR", &place.dir)
        .env("TESSERA_DATABASE__URL", &place.url)
        .env("TESSERA_MAIL__URL", format!("smtp://{smtp}"))
        .env("TESSERA_MAIL__TLS", "none")
        // One client from one address sends everything; the limits of a user stay.
        .env("TESSERA_LIMITS__CLIENT_PER_SECOND", "0")
        .env("TESSERA_LIMITS__ADDRESS_PER_SECOND", "0")
        // Counted as usual, and never reached.
        .env("TESSERA_LIMITS__CLIENT_PER_SECOND", "1000000")
        .env("TESSERA_LIMITS__ADDRESS_PER_SECOND", "1000000")
        .env_remove("RUST_LOG");
    command
}

fn is_ready(address: SocketAddr) -> bool {
    let answer = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    answer().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The bare server: what actix does with one route and no work.
pub fn bare() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(|| {
        App::new().route(
            "/",
            web::get().to(|| async { HttpResponse::Ok().body("hello") }),
        )
    })
    .listen(listener)?
    .disable_signals()
    .run();
    std::thread::spawn(move || actix_web::rt::System::new().block_on(server));
    Ok(address)
}
