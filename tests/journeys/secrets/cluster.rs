//! A PostgreSQL server of the test's own, whose files can be read when it is over.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support;

const PATIENCE: Duration = Duration::from_secs(60);

/// The server; it ends with this value.
pub struct Cluster {
    server: Child,
    bin: PathBuf,
    folder: TempDir,
    port: u16,
    password: &'static str,
}

impl Cluster {
    /// Starts one that writes down every statement it is sent, and takes only who knows the password.
    pub fn start(password: &'static str) -> Option<Self> {
        let Some(bin) = newest_bin() else {
            return support::skip("no PostgreSQL server (Debian: postgresql)");
        };
        // The server's own user must reach it.
        let folder = tempfile::Builder::new()
            .prefix("tessera-cluster.")
            .tempdir_in("/tmp")
            .unwrap();
        let word = folder.path().join("password");
        fs::write(&word, password).unwrap();
        run(Command::new("chmod").arg("755").arg(folder.path()));
        run(Command::new("chmod").arg("644").arg(&word));
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&home));
        }
        let data = home.join("data");
        run(as_owner(&bin.join("initdb"))
            .args([
                "-U",
                "tessera",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ])
            .arg("--pwfile")
            .arg(&word)
            .arg("-D")
            .arg(&data));
        fs::remove_file(word).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let sockets = format!("unix_socket_directories={}", home.display());
        let mut server = as_owner(&bin.join("postgres"));
        server.arg("-D").arg(&data).args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            &sockets,
        ]);
        for setting in [
            "log_statement=all",
            "log_connections=on",
            "log_min_messages=debug1",
            "fsync=off",
            "max_wal_size=64MB",
        ] {
            server.args(["-c", setting]);
        }
        server.stdout(Stdio::null()).stderr(log);
        let cluster = Self {
            server: server.spawn().unwrap(),
            bin,
            folder,
            port,
            password,
        };
        cluster.wait_until_ready();
        Some(cluster)
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + PATIENCE;
        let port = self.port.to_string();
        loop {
            let mut ask = Command::new(self.bin.join("pg_isready"));
            let answer = ask.args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
            if answer.unwrap().success() {
                return;
            }
            assert!(Instant::now() < deadline, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What goes into `database.url`.
    pub fn url(&self) -> String {
        format!(
            "postgres://tessera:{}@127.0.0.1:{}/postgres",
            self.password, self.port
        )
    }

    /// Stops it in order; the folder with its heap, its WAL and its log.
    pub fn stop(&mut self) -> &Path {
        let data = self.folder.path().join("home/data");
        run(as_owner(&self.bin.join("pg_ctl"))
            .arg("-D")
            .arg(data)
            .args(["-m", "fast", "-w", "stop"]));
        self.server.wait().unwrap();
        self.folder.path()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // `runuser` passes the signal on; one that is over already is left alone.
        if matches!(self.server.try_wait(), Ok(None)) {
            let data = self.folder.path().join("home/data");
            let mut stop = as_owner(&self.bin.join("pg_ctl"));
            let _ = stop
                .arg("-D")
                .arg(data)
                .args(["-m", "immediate", "stop"])
                .stdout(Stdio::null())
                .status();
            let _ = self.server.wait();
        }
    }
}

fn newest_bin() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let bin = path.join("bin");
            bin.join("initdb").is_file().then_some((version, bin))
        })
        .collect();
    found.sort();
    Some(found.pop()?.1)
}

fn is_root() -> bool {
    let me = Command::new("id").arg("-u").output().unwrap();
    me.stdout.trim_ascii() == b"0"
}

/// PostgreSQL refuses to run as root; its own user then runs it.
fn as_owner(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {words}");
}
