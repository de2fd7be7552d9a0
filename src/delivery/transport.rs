//! The ways a mail can leave: through a mail server, or into a folder.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use lettre::Address;
use lettre::message::Mailbox;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use super::failure::Failure;
use super::mail::Words;
use super::message::Letterhead;
use super::smtp::Smtp;
use crate::config;
use crate::core::{Email, MessageId, Timestamp, Urls};

/// Sends mails as `[mail]` says.
pub struct Mailer {
    letterhead: Letterhead,
    way: Way,
}

enum Way {
    Smtp(Box<Smtp>),
    File(PathBuf),
}

impl Mailer {
    /// Prepares to send; connects to nobody yet. Reads `mail.ca_file`, so it belongs to the start of the program.
    ///
    /// # Errors
    /// When `mail.from` or `mail.ca_file` is of no use.
    pub fn new(mail: &config::Mail, urls: &Urls) -> anyhow::Result<Self> {
        let from = mail.from.address.parse::<Address>();
        let from =
            from.context("mail.from is not one mailbox, like Example <no-reply@example.com>")?;
        let way = match &mail.transport {
            config::Transport::Smtp(server) => {
                Way::Smtp(Box::new(Smtp::new(server, mail.ca_file.as_deref())?))
            }
            config::Transport::File(folder) => Way::File(folder.clone()),
        };
        Ok(Self {
            letterhead: Letterhead {
                from: Mailbox::new(mail.from.name.clone(), from),
                domain: urls.host().to_owned(),
            },
            way,
        })
    }

    /// Where mails go, for the start message: a folder, or nothing to show.
    pub fn folder(&self) -> Option<&Path> {
        match &self.way {
            Way::File(folder) => Some(folder),
            Way::Smtp(_) => None,
        }
    }

    /// Whether a mail could be sent now: connects and logs in, or makes the folder. Returns when the mail server's
    /// certificate ends, if it showed one.
    ///
    /// # Errors
    /// Why it could not.
    pub async fn verify(&self) -> Result<Option<Timestamp>, Failure> {
        match &self.way {
            Way::Smtp(server) => server.verify().await,
            Way::File(folder) => match make_private(folder).await {
                Ok(()) => Ok(None),
                Err(error) => Err(unwritable(&error)),
            },
        }
    }

    /// Sends an admin a mail that says that mail works.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send_test(
        &self,
        message_id: &MessageId,
        to: &Email,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let domain = &self.letterhead.domain;
        let text = format!("This is a test from Tessera at {domain}. Mail works.\n");
        let words = Words {
            subject: format!("Test from {domain}"),
            html: format!("<!doctype html><html lang=\"en\"><body><p>{text}</p></body></html>\n"),
            text,
            from: None,
        };
        self.send(message_id, to, words, now).await
    }

    /// Sends one mail to one mailbox.
    pub(super) async fn send(
        &self,
        message_id: &MessageId,
        to: &Email,
        words: Words,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mail = self.letterhead.write(message_id, to, words, now)?;
        match &self.way {
            Way::Smtp(server) => server.send(&mail).await,
            Way::File(folder) => {
                let name = format!("{}.eml", mail.message_id);
                let written = put(folder, &name, &mail.bytes).await;
                written.map_err(|error| unwritable(&error))
            }
        }
    }
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::Ours(format!(
        "the folder of mail.url cannot be written: {}",
        error.kind()
    ))
}

/// A mail holds a link: nobody but the server's own user reads it.
async fn make_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .await
}

/// Writes the file whole or not at all; a repeated try replaces it.
pub(super) async fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    make_private(folder).await?;
    let half = folder.join(format!(".{name}.part"));
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&half)
        .await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    fs::rename(&half, folder.join(name)).await
}
