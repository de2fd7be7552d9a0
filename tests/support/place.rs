//! A folder where an admin works, and the server that runs in it.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A debug build on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with nothing in it but what the program makes.
pub(crate) struct Place {
    dir: TempDir,
    env: Vec<(&'static str, String)>,
}

/// A program that ended.
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status,
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            env: Vec::new(),
        }
    }

    /// The same with a variable in its environment.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        // Some of them hold passwords.
        self.set_mode(name, 0o600);
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn mode(&self, name: &str) -> u32 {
        let about = fs::metadata(self.path(name)).unwrap();
        about.permissions().mode() & 0o777
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = super::tessera();
        command
            .args(args)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .env_remove("RUST_LOG")
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Commands as somebody types them; `None` where there is no curl.
    pub(crate) fn shell(&self, commands: &str) -> Option<Ran> {
        Command::new("curl").arg("--version").output().ok()?;
        let mut bash = Command::new("bash");
        bash.args(["-euc", commands]).current_dir(self.dir.path());
        Some(Ran::of(&mut bash))
    }

    /// What it answers when nothing is wrong.
    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(ran.status.success(), "{args:?}: {}", ran.err);
        ran.out
    }

    /// The same for a program.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let out = self.ok(&[args, &["--json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|_| unreachable!("{args:?} said {out}"))
    }

    /// Why it refuses.
    #[track_caller]
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.status.code(), Some(1), "{args:?}: {}", ran.out);
        assert_eq!(ran.out, "", "an answer in spite of {}", ran.err);
        ran.err
    }

    /// A server on a free port.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// The same with more of a command line.
    pub(crate) fn serve_with(&self, args: &[&str]) -> Server {
        let serve = ["serve", "--set=http.listen=127.0.0.1:0"];
        Server::start(&mut self.command(&[&serve[..], &super::UNLIMITED, args].concat()))
    }
}

/// A server that runs; it is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    /// All it has said on standard output.
    pub(crate) log: String,
    address: String,
}

impl Server {
    /// Starts `tessera serve`, and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut server = Self {
            child,
            lines,
            log: String::new(),
            address: String::new(),
        };
        let listening = server.wait_for("listening");
        server.address = listening["address"].as_str().unwrap().to_owned();
        server
    }

    /// The first log line from here on with this message.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, message: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let mut err = String::new();
                let _ = self.child.kill();
                let _ = self.child.stderr.take().unwrap().read_to_string(&mut err);
                unreachable!("no line says {message:?}: {}{err}", self.log);
            };
            self.log.push_str(&line);
            self.log.push('\n');
            let told: Value = serde_json::from_str(&line).expect("every line is JSON");
            if told["message"] == message {
                return told;
            }
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a signal.
    pub(crate) fn tell(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends a signal and waits for the end; gives all that was said.
    pub(crate) fn signal(self, name: &str) -> Ran {
        self.tell(name);
        self.ended()
    }

    /// Waits for the end; gives all that was said.
    pub(crate) fn ended(mut self) -> Ran {
        let mut err = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        let status = wait(&mut self.child);
        stderr.read_to_string(&mut err).unwrap();
        for line in self.lines.iter() {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        Ran {
            status,
            out: std::mem::take(&mut self.log),
            err,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "the server does not stop");
        thread::sleep(Duration::from_millis(20));
    }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}
