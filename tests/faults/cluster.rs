//! A PostgreSQL server of the test's own, to be restarted, locked and overcrowded.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

use crate::installation::free_port;
use crate::support;

pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    is_root: bool,
}

impl Cluster {
    /// Makes and starts it, with fsync as it is by default.
    pub async fn start(settings: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            return support::skip("no PostgreSQL server is installed");
        };
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in("/tmp")
            .unwrap();
        let is_root = rustix::process::geteuid().is_root();
        let cluster = Self {
            programs,
            folder,
            port: free_port(),
            is_root,
        };
        let home = cluster.home();
        fs::create_dir(&home).unwrap();
        if is_root {
            cluster
                .run("chown", &["postgres", &shown(&home)], false)
                .await;
        }
        let data = shown(&cluster.data());
        let make = [
            "-D",
            &data,
            "-U",
            "tessera",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ];
        cluster.program("initdb", &make).await;
        let file = cluster.data().join("postgresql.conf");
        let mut text = fs::read_to_string(&file).unwrap();
        text.push_str(&format!(
            "\nport = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n{settings}\n",
            cluster.port,
            home.display()
        ));
        fs::write(&file, text).unwrap();
        cluster.up().await;
        Some(cluster)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        Self::url_at(self.port)
    }

    /// Through another port that leads to it.
    pub fn url_at(port: u16) -> String {
        format!("postgres://tessera@127.0.0.1:{port}/postgres")
    }

    /// Starts it, and waits until it takes connections.
    pub async fn up(&self) {
        let (data, log) = (shown(&self.data()), shown(&self.home().join("log")));
        let start = ["-D", &data, "-l", &log, "-w", "-t", "60", "start"];
        self.program("pg_ctl", &start).await;
    }

    /// Stops it as if its machine had lost power.
    pub async fn down(&self) {
        let data = shown(&self.data());
        self.program("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"])
            .await;
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("postgres")
    }

    fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    async fn program(&self, name: &str, args: &[&str]) {
        let program = shown(&self.programs.join(name));
        self.run(&program, args, self.is_root).await;
    }

    /// PostgreSQL refuses to run as root; its own user then runs it.
    async fn run(&self, program: &str, args: &[&str], as_postgres: bool) {
        let mut command = if as_postgres {
            let mut command = tokio::process::Command::new("runuser");
            command.args(["-u", "postgres", "--", program]);
            command
        } else {
            tokio::process::Command::new(program)
        };
        command.args(args).current_dir("/").stdin(Stdio::null());
        // A server that goes on must not hold a pipe of ours open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().await.unwrap();
        assert!(status.success(), "{program} {args:?}: {status}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Ok(pid) = fs::read_to_string(self.data().join("postmaster.pid")) else {
            return;
        };
        let pid = pid.lines().next().unwrap_or_default();
        // SIGQUIT: an immediate shutdown.
        let mut kill = std::process::Command::new("kill");
        kill.args(["-s", "QUIT", pid]).status().ok();
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The newest server that is installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let programs = path.join("bin");
            programs
                .join("initdb")
                .is_file()
                .then_some((version, programs))
        })
        .collect();
    found.sort();
    Some(found.pop()?.1)
}
