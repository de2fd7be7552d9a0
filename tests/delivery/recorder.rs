//! A mail server that writes down all it is told and answers as the test wants.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::house;

/// What a mail server was handed.
#[derive(Clone, Debug)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// As it came over the wire, dots unstuffed.
    pub data: String,
}

#[derive(Clone)]
pub struct Recorder {
    port: u16,
    told: Arc<Mutex<Told>>,
    count: Arc<watch::Sender<usize>>,
}

#[derive(Default)]
struct Told {
    commands: Vec<String>,
    mails: Vec<Mail>,
    connections: usize,
    offers: Vec<&'static str>,
    /// What the next recipients are answered; then they are welcome.
    to_recipients: VecDeque<&'static str>,
    to_logins: VecDeque<&'static str>,
    closes_after_mail: bool,
}

impl Recorder {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recorder = Self {
            port: listener.local_addr().unwrap().port(),
            told: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
        };
        let server = recorder.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.told.lock().unwrap().connections += 1;
                tokio::spawn(server.clone().converse(stream));
            }
        });
        recorder
    }

    pub fn offering(self, extensions: &[&'static str]) -> Self {
        self.told.lock().unwrap().offers = extensions.to_vec();
        self
    }

    pub fn answering_recipients(self, replies: &[&'static str]) -> Self {
        self.told.lock().unwrap().to_recipients = replies.iter().copied().collect();
        self
    }

    pub fn answering_logins(self, replies: &[&'static str]) -> Self {
        self.told.lock().unwrap().to_logins = replies.iter().copied().collect();
        self
    }

    pub fn closing_after_each_mail(self) -> Self {
        self.told.lock().unwrap().closes_after_mail = true;
        self
    }

    /// For `[mail]`, with `tls = "none"`.
    pub fn plaintext(&self) -> tessera::config::Mail {
        house::smtp("127.0.0.1", self.port, tessera::config::MailTls::None)
    }

    /// For `[mail]`, as `smtp://` means it.
    pub fn with_starttls(&self) -> tessera::config::Mail {
        house::smtp("127.0.0.1", self.port, tessera::config::MailTls::Required)
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.told.lock().unwrap().mails.clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.told.lock().unwrap().commands.clone()
    }

    pub fn connections(&self) -> usize {
        self.told.lock().unwrap().connections
    }

    /// Waits for the next mail after those it has.
    pub async fn until(&self, count: usize) {
        let mut seen = self.count.subscribe();
        seen.wait_for(|mails| *mails >= count).await.unwrap();
    }

    async fn converse(self, stream: TcpStream) -> Option<()> {
        let (reading, mut writing) = stream.into_split();
        let mut lines = BufReader::new(reading).lines();
        let mut mail = Mail {
            from: String::new(),
            to: Vec::new(),
            data: String::new(),
        };
        writing.write_all(b"220 recorder\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            self.told.lock().unwrap().commands.push(line.clone());
            let upper = line.to_uppercase();
            let reply = if upper.starts_with("EHLO") {
                self.hello()
            } else if let Some(from) = line.strip_prefix("MAIL FROM:") {
                mail = Mail {
                    from: from.to_owned(),
                    to: Vec::new(),
                    data: String::new(),
                };
                "250 2.1.0 fine\r\n".to_owned()
            } else if let Some(to) = line.strip_prefix("RCPT TO:") {
                let reply = self.told.lock().unwrap().to_recipients.pop_front();
                let reply = reply.unwrap_or("250 2.1.5 fine");
                if reply.starts_with('2') {
                    mail.to.push(to.to_owned());
                }
                format!("{}\r\n", reply.replace("{to}", to))
            } else if upper.starts_with("AUTH") {
                let reply = self.told.lock().unwrap().to_logins.pop_front();
                format!("{}\r\n", reply.unwrap_or("235 2.7.0 welcome"))
            } else if upper == "DATA" {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                while let Some(line) = lines.next_line().await.ok()? {
                    if line == "." {
                        break;
                    }
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.data.push_str("\r\n");
                }
                self.keep(mail.clone());
                writing.write_all(b"250 2.0.0 taken\r\n").await.ok()?;
                if self.told.lock().unwrap().closes_after_mail {
                    return None;
                }
                continue;
            } else if upper == "QUIT" {
                "221 2.0.0 bye\r\n".to_owned()
            } else {
                "250 2.0.0 fine\r\n".to_owned()
            };
            writing.write_all(reply.as_bytes()).await.ok()?;
        }
        Some(())
    }

    fn hello(&self) -> String {
        let offers = self.told.lock().unwrap().offers.clone();
        let lines: String = offers
            .iter()
            .map(|offer| format!("250-{offer}\r\n"))
            .collect();
        format!("250-recorder\r\n{lines}250 HELP\r\n")
    }

    fn keep(&self, mail: Mail) {
        let mut told = self.told.lock().unwrap();
        told.mails.push(mail);
        self.count.send_replace(told.mails.len());
    }
}
