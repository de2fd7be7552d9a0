//! The program as it is installed, with all that it says.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A running `tessera serve` in a folder of its own.
pub struct Program {
    process: Life,
    pub address: String,
    output: Vec<JoinHandle<Vec<u8>>>,
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

/// Its process, which ends with the test, also with one that fails.
struct Life(Child);

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts it with these variables, and waits until it listens.
    pub fn start(folder: TempDir, settings: Vec<(&'static str, String)>, log: &str) -> Self {
        Self::start_by(&[], folder, settings, log)
    }

    /// The same, started by another program that passes its own place on.
    pub fn start_by(
        starter: &[&str],
        folder: TempDir,
        settings: Vec<(&'static str, String)>,
        log: &str,
    ) -> Self {
        let mut serve = command(starter, folder.path(), &settings);
        serve
            .arg("serve")
            .env("TESSERA_HTTP__LISTEN", "127.0.0.1:0")
            .env("RUST_LOG", log);
        serve.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Life(serve.spawn().unwrap());
        let (found, address) = mpsc::channel();
        let lines = BufReader::new(process.0.stdout.take().unwrap());
        let stdout = std::thread::spawn(move || {
            let mut all = Vec::new();
            for line in lines.split(b'\n') {
                let line = line.unwrap();
                if let Ok(told) = serde_json::from_slice::<Value>(&line)
                    && told["message"] == "listening"
                {
                    found
                        .send(told["address"].as_str().unwrap().to_owned())
                        .ok();
                }
                all.extend_from_slice(&line);
                all.push(b'\n');
            }
            all
        });
        let mut errors = process.0.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut all = Vec::new();
            errors.read_to_end(&mut all).unwrap();
            all
        });
        let address = address.recv_timeout(Duration::from_secs(60)).unwrap();
        Self {
            process,
            address,
            output: vec![stdout, stderr],
            folder,
            settings,
        }
    }

    /// Another verb of the same installation.
    pub fn verb(&self, arguments: &[&str]) -> Output {
        let mut command = command(&[], self.folder.path(), &self.settings);
        command
            .args(arguments)
            .env("RUST_LOG", "trace")
            .output()
            .unwrap()
    }

    /// What a verb answers to a program.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let answer = self.verb(&[arguments, &["--json"]].concat());
        let words = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "{arguments:?}: {words}");
        serde_json::from_slice(&answer.stdout).unwrap()
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.0.id()
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A link of ours, at the port that the program got.
    pub fn at_home(&self, link: &str) -> String {
        link.replace("localhost:8080", &self.address)
    }

    /// Where it works.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the system tells other users about it: its arguments and its variables.
    pub fn shown_by_the_system(&self) -> Vec<(String, Vec<u8>)> {
        let about = PathBuf::from(format!("/proc/{}", self.process.0.id()));
        let files = ["cmdline", "environ", "comm", "status"];
        let read = files.iter().filter_map(|name| {
            // Its variables may be for nobody to read.
            let bytes = std::fs::read(about.join(name)).ok()?;
            Some(((*name).to_owned(), bytes))
        });
        read.collect()
    }

    /// Stops it as a service manager does; standard output, then standard error.
    pub fn stop(mut self) -> (Vec<Vec<u8>>, TempDir) {
        let stop = Command::new("kill")
            .arg(self.process.0.id().to_string())
            .status();
        assert!(stop.unwrap().success());
        assert!(self.process.0.wait().unwrap().success());
        let output = std::mem::take(&mut self.output).into_iter();
        let output = output.map(|thread| thread.join().unwrap()).collect();
        (output, self.folder)
    }
}

fn command(starter: &[&str], folder: &Path, settings: &[(&'static str, String)]) -> Command {
    let mut command = super::tessera();
    if let [starter, arguments @ ..] = starter {
        let tessera = command;
        command = Command::new(starter);
        command.args(arguments).arg(tessera.get_program());
        for (name, value) in tessera.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
    command.current_dir(folder).envs(settings.iter().cloned());
    command
}
