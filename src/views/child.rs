//! Judges a set in a process of its own, so that a template that never ends or fills the memory takes nobody along.
//!
//! The parent writes the whole set to the child's standard input and reads one line of JSON back. The child gets no
//! environment, and opens nothing.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rlimit::Resource;
use serde::{Deserialize, Serialize};

use super::check::{Candidate, judge};
use super::problem::{CheckError, Report};

/// Less than what a server thread has: what passes here cannot overflow there.
const STACK: usize = 1024 * 1024;
const MAX_ANSWER: u64 = 4 * 1024 * 1024;
const MAX_PROBLEMS: usize = 200;
const MAX_MESSAGE: usize = 2000;
const SIGXCPU: i32 = 24;

/// Where a set is judged.
#[derive(Clone, Debug)]
pub enum CheckMode {
    /// In a process with limits.
    Child(ChildCheck),
    /// In this process, without limits: for tests and tools.
    InProcess,
}

/// The process that judges.
#[derive(Clone, Debug)]
pub struct ChildCheck {
    /// The program to start.
    pub program: PathBuf,
    /// Its arguments; they lead to [`run`].
    pub args: Vec<OsString>,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
    /// Bytes of memory.
    pub memory: u64,
    /// Time by the clock.
    pub wall: Duration,
}

impl ChildCheck {
    /// This very program, called as `templates check-child`.
    pub fn of_this_program() -> io::Result<Self> {
        // Survives the program's file being replaced while it runs.
        let linked = PathBuf::from("/proc/self/exe");
        let program = if linked.exists() {
            linked
        } else {
            std::env::current_exe()?
        };
        Ok(Self::calling(program, ["templates", "check-child"]))
    }

    /// Another program whose arguments lead to [`run`], with the usual limits.
    pub fn calling<A: Into<OsString>>(program: PathBuf, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            program,
            args: args.into_iter().map(Into::into).collect(),
            // A hundred times what a release build takes for the shipped set: a bomb holds up the next save no longer.
            cpu_seconds: 2,
            memory: 512 * 1024 * 1024,
            wall: Duration::from_secs(15),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Job {
    set: Candidate,
    cpu_seconds: u64,
    memory: u64,
}

/// Judges a set where the mode says.
pub(super) fn check(mode: &CheckMode, set: Candidate) -> Report {
    match mode {
        CheckMode::InProcess => judge(&set),
        CheckMode::Child(child) => {
            let folder = set.folder.clone();
            ask(child, set).unwrap_or_else(|message| Report {
                errors: vec![CheckError::new(folder, None, message)],
                warnings: Vec::new(),
            })
        }
    }
}

fn ask(child: &ChildCheck, set: Candidate) -> Result<Report, String> {
    let failed = |error: io::Error| format!("the check could not be run: {error}");
    let job = Job {
        set,
        cpu_seconds: child.cpu_seconds,
        memory: child.memory,
    };
    let job = serde_json::to_vec(&job).map_err(|error| failed(error.into()))?;
    let mut process = Command::new(&child.program)
        .args(&child.args)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = process.stdin.take() {
        // A child that dies early closes its end; its status tells.
        thread::spawn(move || stdin.write_all(&job));
    }
    let (sender, answer) = mpsc::channel();
    if let Some(stdout) = process.stdout.take() {
        thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.take(MAX_ANSWER).read_to_string(&mut text);
            sender.send(read.map(|_| text))
        });
    }
    let answer = answer.recv_timeout(child.wall);
    // It has answered, died or overstayed: in every case it is over.
    process.kill().map_err(failed)?;
    let status = process.wait().map_err(failed)?;
    let answer = match answer {
        Ok(read) => read.map_err(failed)?,
        Err(_) => {
            return Err(format!(
                "rendering the samples took longer than {} seconds; look for loops over large ranges",
                child.wall.as_secs()
            ));
        }
    };
    let last = answer.lines().rev().find(|line| !line.is_empty());
    last.and_then(|line| serde_json::from_str(line).ok())
        .ok_or_else(|| cause_of_death(status, child))
}

fn cause_of_death(status: ExitStatus, child: &ChildCheck) -> String {
    if status.signal() == Some(SIGXCPU) {
        format!(
            "rendering the samples took more than {} seconds of processor time; look for loops over large ranges",
            child.cpu_seconds
        )
    } else {
        format!(
            "rendering the samples ended the check ({status}); look for output or values that grow without end (the limit is {} MiB), and for components that call themselves",
            child.memory / 1024 / 1024
        )
    }
}

/// The child's whole life: reads a set, judges it within its limits, answers.
pub fn run() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer() -> io::Result<()> {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input)?;
    let job: Job = serde_json::from_slice(&input)?;
    drop(input);
    for (resource, limit) in [
        (Resource::CORE, 0),
        (Resource::CPU, job.cpu_seconds),
        (Resource::AS, job.memory),
    ] {
        // The hard limit of time is a second later: the first signal says why.
        let hard = if resource == Resource::CPU {
            limit + 1
        } else {
            limit
        };
        rlimit::setrlimit(resource, limit, hard)?;
    }
    let mut report = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || judge(&job.set))?
        .join()
        .map_err(|_| io::Error::other("the check panicked"))?;
    shorten(&mut report.errors);
    shorten(&mut report.warnings);
    let mut answer = serde_json::to_vec(&report)?;
    answer.push(b'\n');
    io::stdout().lock().write_all(&answer)
}

fn shorten(problems: &mut Vec<CheckError>) {
    problems.truncate(MAX_PROBLEMS);
    for problem in problems {
        if let Some((end, _)) = problem.message.char_indices().nth(MAX_MESSAGE) {
            problem.message.truncate(end);
            problem.message.push('…');
        }
    }
}
