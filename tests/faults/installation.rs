//! An installation that is started and killed again and again, always on the same port.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mail_parser::MessageParser;
use tempfile::TempDir;
use tessera::access::sealing::open_sealer;
use tessera::core::{Actor, Clock as _, OsRng, Rng as _, SystemClock, Urls};
use tessera::factors::Switches;
use tessera::store::UserLimits;
use tessera::tickets::{Asked, CreateTicket, LONGEST_LIFETIME, Policy};
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::client::Client;
use crate::journal::{Entry, Journal};
use crate::oracle::{self, Verdict};
use crate::rows::{Database, Rows};
use crate::support;
use crate::support::postgres::Postgres;
use crate::support::recorder::{Mail, Recorder};

/// A debug build on a busy machine takes its time.
pub const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How often each thing is broken: `few` times, in the long mode `many` times.
pub fn times(few: usize, many: usize) -> usize {
    match std::env::var_os("TESSERA_FAULTS_LONG") {
        Some(_) => many,
        None => few,
    }
}

/// Whether the program dies where it is told to.
pub fn has_points() -> bool {
    std::env::var_os("TESSERA_FAULTS_BINARY").is_none()
}

/// A number from `range`, at random.
pub fn any(range: std::ops::Range<u64>) -> u64 {
    let mut bytes = [0; 8];
    OsRng.fill(&mut bytes);
    range.start + u64::from_le_bytes(bytes) % (range.end - range.start)
}

pub struct Installation {
    pub database: Database,
    pub journal: Journal,
    port: u16,
    settings: Vec<(String, String)>,
    pub folder: TempDir,
    // Dropped last: the server's connections to it are closed by then.
    _postgres: Option<Postgres>,
}

impl Installation {
    pub async fn on_sqlite() -> Self {
        Self::with(TempDir::new().unwrap(), None).await
    }

    pub async fn on_postgres() -> Option<Self> {
        let postgres = Postgres::fresh().await?;
        Some(Self::with(TempDir::new().unwrap(), Some(postgres)).await)
    }

    async fn with(folder: TempDir, postgres: Option<Postgres>) -> Self {
        let database = match &postgres {
            Some(postgres) => Database::Postgres(postgres.url().to_owned()),
            None => Database::sqlite(folder.path()),
        };
        let mut installation = Self::on(folder, database).await;
        installation._postgres = postgres;
        installation
    }

    /// On a database of whatever kind, with a mail server that writes into the journal.
    pub async fn on(folder: TempDir, database: Database) -> Self {
        let journal = Journal::begin(folder.path());
        let noting = journal.clone();
        let recorder = Recorder::telling(move |mail| {
            let journal = noting.clone();
            Box::pin(async move { journal.write(noted(&mail)).await })
        });
        let recorder = recorder.await;
        let port = free_port();
        let mut settings = vec![
            ("PUBLIC_URL".to_owned(), format!("http://localhost:{port}")),
            (
                "MAIL__URL".to_owned(),
                format!("smtp://127.0.0.1:{}", recorder.port()),
            ),
            ("MAIL__TLS".to_owned(), "none".to_owned()),
        ];
        if let Database::Postgres(url) = &database {
            settings.push(("DATABASE__URL".to_owned(), url.clone()));
        }
        Self {
            database,
            journal,
            port,
            settings,
            folder,
            _postgres: None,
        }
    }

    /// Makes the schema and an API client, and speaks to it.
    pub async fn client(&self) -> Client {
        self.say(&["migrate"]).await;
        self.say(&["client", "create", "Back end"]).await;
        let token = self.say(&["token", "--ttl", "24h"]).await;
        let host = format!("localhost:{}", self.port);
        Client::new(self.address(), host, token, self.journal.clone())
    }

    /// Tickets whose mails wait in the outbox, as if they had been asked for while no server ran.
    pub async fn queue_mails(&self, count: usize) {
        let store = self.database.store().await;
        let data = self.folder.path().join("data");
        let sealer = open_sealer(&store, &data, &OsRng).await.unwrap();
        let address = format!("http://localhost:{}", self.port);
        let urls = Urls::new(&address.parse().unwrap());
        let now = SystemClock.now();
        for _ in 0..count.div_ceil(100) {
            let mut rows = Vec::new();
            let mut created = Vec::new();
            for _ in 0..100 {
                let ticket = CreateTicket::parse(&asked(), &policy(), &Switches::default());
                let actor = Actor::command_line();
                let (row, issued) = ticket.unwrap().issue(&actor, &sealer, now, &OsRng);
                let user = row.user_id.to_string();
                created.push(Entry::Asking {
                    user: user.clone(),
                    mail: true,
                });
                created.push(Entry::Created {
                    user,
                    ticket_id: issued.ticket_id.to_string(),
                    link: urls.enroll_link(&issued.ticket_id, &issued.secret),
                });
                rows.push(row);
            }
            store.create_tickets(&rows).await.unwrap();
            join_all(created.into_iter().map(|entry| self.journal.write(entry))).await;
        }
        store.close().await;
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = support::tessera();
        if let Some(binary) = std::env::var_os("TESSERA_FAULTS_BINARY") {
            command = support::sheltered(binary);
        }
        let set = |(name, value): &(String, String)| (format!("TESSERA_{name}"), value.clone());
        command
            .args(args)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_remove("RUST_LOG")
            .envs(self.settings.iter().map(set));
        command
    }

    /// What a verb answers when nothing is wrong.
    pub async fn say(&self, args: &[&str]) -> String {
        let mut command = tokio::process::Command::from(self.command(args));
        let output = command.output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {told}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Starts the server; `points` says where it dies.
    pub fn start(&self, points: &str) -> Process {
        self.start_on(self.port, points)
    }

    /// Another instance of the same installation.
    pub fn start_on(&self, port: u16, points: &str) -> Process {
        let mut command = self.serve(port);
        let log = self.log();
        let errors = log.try_clone().unwrap();
        command.stdout(log).stderr(errors).env("FAILPOINTS", points);
        Process::spawn(command, port)
    }

    /// Starts the server with its log elsewhere.
    pub fn start_logging(&self, out: Stdio, err: Stdio) -> Process {
        let mut command = self.serve(self.port);
        command.stdout(out).stderr(err);
        Process::spawn(command, self.port)
    }

    fn serve(&self, port: u16) -> Command {
        let listen = format!("http.listen=127.0.0.1:{port}");
        let mut command = self.command(&["serve", "--set", &listen]);
        command.args(support::UNLIMITED);
        command
    }

    fn log(&self) -> std::fs::File {
        let path = self.folder.path().join("log");
        let mut options = OpenOptions::new();
        options.create(true).append(true).open(path).unwrap()
    }

    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Starts the server and waits until it is ready; notes how long that took.
    pub async fn started(&self) -> Process {
        let mut process = self.start("");
        let ready = process.ready().await;
        let millis = ready.unwrap_or_else(|| panic!("it died: {}", self.log_text()));
        self.journal.write(Entry::Ready { millis }).await;
        process
    }

    /// Waits until no mail is due any more, as long as it becomes fewer.
    pub async fn until_delivered(&self) {
        let waiting = "SELECT COUNT(*) FROM outbox WHERE state = 'due'";
        let (mut left, mut since) = (i64::MAX, Instant::now());
        while left > 0 {
            assert!(
                since.elapsed() < 2 * PATIENCE,
                "{left} mails are left undelivered"
            );
            let now = self.database.number(waiting).await;
            if now < left {
                (left, since) = (now, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets one more start deliver all that is due, stops it, and judges what is left.
    pub async fn settle(&self) -> Verdict {
        self.database.let_mails_be_due().await;
        let process = self.started().await;
        self.until_delivered().await;
        let status = process.told_to_stop().await;
        let mut verdict = oracle::judge(&self.journal.read(), &Rows::of(&self.database).await);
        if !status.success() {
            verdict.violations.push(format!("it ended with {status}"));
        }
        if let Some(damage) = self.database.damage().await {
            verdict
                .violations
                .push(format!("integrity_check: {damage}"));
        }
        if !verdict.violations.is_empty() {
            let log = self.log_text();
            let errors = log.lines().filter(|line| line.contains("\"ERROR\""));
            errors.take(10).for_each(|line| eprintln!("{line}"));
        }
        verdict
    }
}

/// For somebody new.
fn asked() -> Asked {
    Asked {
        user_id: format!("auth0|queued-{}", any(0..u64::MAX)),
        email: Some("ada@example.com".to_owned()),
        send_mail: true,
        factor: vec!["otp".to_owned()],
        ..Asked::default()
    }
}

fn policy() -> Policy {
    Policy {
        lifetime: LONGEST_LIFETIME,
        result_origins: Vec::new(),
        auto_create: true,
        limits: UserLimits::default(),
    }
}

/// A running server; it is killed when it is dropped.
pub struct Process {
    child: Child,
    port: u16,
    begun: Instant,
}

impl Process {
    fn spawn(command: Command, port: u16) -> Self {
        let mut command = tokio::process::Command::from(command);
        Self {
            child: command.kill_on_drop(true).spawn().unwrap(),
            port,
            begun: Instant::now(),
        }
    }

    /// Milliseconds until it was ready; `None` when it died before.
    pub async fn ready(&mut self) -> Option<u64> {
        loop {
            if self.child.try_wait().unwrap().is_some() {
                return None;
            }
            if is_ready(self.port).await {
                return Some(u64::try_from(self.begun.elapsed().as_millis()).unwrap());
            }
            assert!(self.begun.elapsed() < PATIENCE, "it never gets ready");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait());
        ended.await.expect("it ends").unwrap()
    }

    /// `kill -9`
    pub async fn killed(mut self) {
        self.child.start_kill().ok();
        self.child.wait().await.unwrap();
    }

    /// `kill -TERM`, to its end.
    pub async fn told_to_stop(mut self) -> ExitStatus {
        signal(self.pid(), "TERM").await;
        self.ended().await
    }
}

pub async fn signal(pid: u32, name: &str) {
    let mut kill = tokio::process::Command::new("kill");
    let sent = kill.args(["-s", name, &pid.to_string()]).status().await;
    assert!(sent.unwrap().success());
}

/// Whether `/readyz` says 200.
pub async fn is_ready(port: u16) -> bool {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let asked = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        answer.starts_with(b"HTTP/1.1 200").then_some(())
    };
    asked.await.is_some()
}

/// Below the ports that the kernel hands out, so that nobody takes it between two starts.
pub fn free_port() -> u16 {
    loop {
        let port = u16::try_from(any(10_000..19_000)).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn noted(mail: &Mail) -> Entry {
    let parsed = MessageParser::default()
        .parse(mail.data.as_bytes())
        .unwrap();
    let text = parsed.body_text(0).unwrap_or_default();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("/guardian/enroll?ticket="));
    let id = parsed.message_id().unwrap_or_default();
    Entry::Mail {
        message_id: id.split('@').next().unwrap_or_default().to_owned(),
        to: mail.to.join(" "),
        link: link.map(str::to_owned),
    }
}
