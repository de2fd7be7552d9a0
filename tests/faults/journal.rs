//! What the driver asked, what it was answered and what mail arrived: on disk before it goes on.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A ticket is asked for, with a mail or without.
    Asking { user: String, mail: bool },
    /// It was answered: the ticket is there.
    Created {
        user: String,
        ticket_id: String,
        link: String,
    },
    /// A code is sent for a ticket.
    Proving { ticket_id: String, right: bool },
    /// It was answered: the factor is enrolled.
    Enrolled { ticket_id: String },
    /// It was answered: the code is wrong.
    Corrected { ticket_id: String },
    /// Anything was answered.
    Answered {
        what: String,
        status: u16,
        retry_after: bool,
        millis: u64,
    },
    /// The mail server was handed a mail.
    Mail {
        message_id: String,
        to: String,
        link: Option<String>,
    },
    /// The server was killed, or died where it was told to.
    Died { how: String },
    /// A start was ready after this time.
    Ready { millis: u64 },
}

/// The journal of one run.
#[derive(Clone)]
pub struct Journal {
    path: PathBuf,
    lines: mpsc::UnboundedSender<(String, oneshot::Sender<()>)>,
}

impl Journal {
    pub fn begin(folder: &Path) -> Self {
        let path = folder.join("journal.jsonl");
        let mut file = File::create(&path).unwrap();
        let (lines, mut waiting) = mpsc::unbounded_channel::<(String, oneshot::Sender<()>)>();
        // What waits at the same time shares one fsync.
        std::thread::spawn(move || {
            while let Some(first) = waiting.blocking_recv() {
                let mut batch = vec![first];
                batch.extend(std::iter::from_fn(|| waiting.try_recv().ok()));
                for (line, _) in &batch {
                    file.write_all(line.as_bytes()).unwrap();
                }
                file.sync_data().unwrap();
                for (_, written) in batch {
                    written.send(()).ok();
                }
            }
        });
        Self { path, lines }
    }

    /// Writes a line; it is on disk when this returns.
    pub async fn write(&self, entry: Entry) {
        let line = serde_json::to_string(&entry).unwrap() + "\n";
        let (written, done) = oneshot::channel();
        self.lines.send((line, written)).unwrap();
        done.await.unwrap();
    }

    /// All of it, from the disk.
    pub fn read(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(&self.path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}
