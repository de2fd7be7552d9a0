//! A mail server that writes down all it is told and answers as the test wants.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tessera::config::{self, MailTls, Mailbox, Transport};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What a mail server was handed.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// As it came over the wire, dots unstuffed.
    pub data: String,
}

/// Where in a conversation it is the server's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Greeting,
    Hello,
    Login,
    Sender,
    Recipient,
    Data,
    /// After the final dot.
    Content,
}

impl Stage {
    pub const ALL: [Self; 7] = [
        Self::Greeting,
        Self::Hello,
        Self::Login,
        Self::Sender,
        Self::Recipient,
        Self::Data,
        Self::Content,
    ];

    fn of(line: &str) -> Option<Self> {
        let upper = line.to_uppercase();
        let begins = |word: &str| upper.starts_with(word);
        Some(match () {
            () if begins("EHLO") => Self::Hello,
            () if begins("AUTH") => Self::Login,
            () if begins("MAIL FROM:") => Self::Sender,
            () if begins("RCPT TO:") => Self::Recipient,
            () if upper == "DATA" => Self::Data,
            () => return None,
        })
    }
}

/// What it does when it is its turn.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// Answers this; `{to}` is the recipient.
    Say(&'static str),
    /// Answers as usual, but one byte at a time with a pause before each.
    Drip(Duration),
    /// Takes what it was told and never answers.
    Hush,
    /// Takes what it was told and hangs up.
    Leave,
}

type Hook = Arc<dyn Fn(Mail) -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Clone)]
pub struct Recorder {
    port: u16,
    told: Arc<Mutex<Told>>,
    count: Arc<watch::Sender<usize>>,
    hook: Option<Hook>,
}

#[derive(Default)]
struct Told {
    commands: Vec<String>,
    mails: Vec<Mail>,
    connections: usize,
    offers: Vec<&'static str>,
    /// What it does at its next turns; then it welcomes.
    next: HashMap<Stage, VecDeque<Turn>>,
    always: HashMap<Stage, Turn>,
    closes_after_mail: bool,
}

impl Recorder {
    pub async fn start() -> Self {
        Self::open(None).await
    }

    /// Calls `hook` with each mail, and takes the mail when that is done.
    pub async fn telling(
        hook: impl Fn(Mail) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self::open(Some(Arc::new(hook))).await
    }

    async fn open(hook: Option<Hook>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recorder = Self {
            port: listener.local_addr().unwrap().port(),
            told: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
            hook,
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
        let turns: Vec<Turn> = replies.iter().map(|reply| Turn::Say(reply)).collect();
        self.next(Stage::Recipient, &turns)
    }

    pub fn answering_logins(self, replies: &[&'static str]) -> Self {
        let turns: Vec<Turn> = replies.iter().map(|reply| Turn::Say(reply)).collect();
        self.next(Stage::Login, &turns)
    }

    /// Does these at its next turns of this kind.
    pub fn next(self, stage: Stage, turns: &[Turn]) -> Self {
        let turns = turns.iter().copied().collect();
        self.told.lock().unwrap().next.insert(stage, turns);
        self
    }

    /// Does this whenever it is its turn so, until it [`recovers`](Self::recover).
    pub fn always(self, stage: Stage, turn: Turn) -> Self {
        self.told.lock().unwrap().always.insert(stage, turn);
        self
    }

    /// From now on it welcomes everything.
    pub fn recover(&self) {
        let mut told = self.told.lock().unwrap();
        told.always.clear();
        told.next.clear();
    }

    pub fn closing_after_each_mail(self) -> Self {
        self.told.lock().unwrap().closes_after_mail = true;
        self
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// For `[mail]`, with `tls = "none"`.
    pub fn plaintext(&self) -> config::Mail {
        smtp("127.0.0.1", self.port, MailTls::None)
    }

    /// For `[mail]`, as `smtp://` means it.
    pub fn with_starttls(&self) -> config::Mail {
        smtp("127.0.0.1", self.port, MailTls::Required)
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
        stream.set_nodelay(true).ok()?;
        let (reading, writing) = stream.into_split();
        let mut lines = BufReader::new(reading).lines();
        let mut out = Out {
            writing,
            recorder: self,
        };
        let mut mail = Mail::default();
        out.answer(Stage::Greeting, "220 recorder", "").await?;
        while let Some(line) = lines.next_line().await.ok()? {
            let told = &out.recorder.told;
            told.lock().unwrap().commands.push(line.clone());
            let after_colon = line.split_once(':').map_or("", |(_, rest)| rest);
            match Stage::of(&line) {
                Some(Stage::Hello) => {
                    let hello = out.recorder.hello();
                    out.answer(Stage::Hello, &hello, "").await?;
                }
                Some(Stage::Login) => out.answer(Stage::Login, "235 2.7.0 welcome", "").await?,
                Some(Stage::Sender) => {
                    mail = Mail {
                        from: after_colon.to_owned(),
                        ..Mail::default()
                    };
                    out.answer(Stage::Sender, "250 2.1.0 fine", "").await?;
                }
                Some(Stage::Recipient) => {
                    let said = out
                        .say(Stage::Recipient, "250 2.1.5 fine", after_colon)
                        .await?;
                    if said.starts_with('2') {
                        mail.to.push(after_colon.to_owned());
                    }
                }
                Some(Stage::Data) => {
                    let said = out.say(Stage::Data, "354 go on", "").await?;
                    if said.starts_with('3') {
                        mail.data = read_data(&mut lines).await?;
                        out.take(mail.clone()).await?;
                    }
                }
                _ if line.eq_ignore_ascii_case("QUIT") => out.write("221 2.0.0 bye").await?,
                _ => out.write("250 2.0.0 fine").await?,
            }
        }
        Some(())
    }

    fn hello(&self) -> String {
        let offers = self.told.lock().unwrap().offers.clone();
        let lines: String = offers
            .iter()
            .map(|offer| format!("250-{offer}\r\n"))
            .collect();
        format!("250-recorder\r\n{lines}250 HELP")
    }

    fn turn(&self, stage: Stage) -> Option<Turn> {
        let mut told = self.told.lock().unwrap();
        let next = told.next.get_mut(&stage).and_then(VecDeque::pop_front);
        next.or_else(|| told.always.get(&stage).copied())
    }

    async fn keep(&self, mail: Mail) {
        if let Some(hook) = &self.hook {
            hook(mail.clone()).await;
        }
        let mut told = self.told.lock().unwrap();
        told.mails.push(mail);
        self.count.send_replace(told.mails.len());
    }
}

async fn read_data(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> Option<String> {
    let mut data = String::new();
    loop {
        let line = lines.next_line().await.ok()??;
        if line == "." {
            return Some(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        data.push_str("\r\n");
    }
}

/// The server's side of one conversation; `None` ends it.
struct Out {
    writing: OwnedWriteHalf,
    recorder: Recorder,
}

impl Out {
    async fn write(&mut self, line: &str) -> Option<()> {
        let line = format!("{line}\r\n");
        self.writing.write_all(line.as_bytes()).await.ok()
    }

    async fn answer(&mut self, stage: Stage, usual: &str, to: &str) -> Option<()> {
        self.say(stage, usual, to).await.map(drop)
    }

    /// Takes its turn, and gives what it said.
    async fn say(&mut self, stage: Stage, usual: &str, to: &str) -> Option<String> {
        let turn = self.recorder.turn(stage);
        self.perform(turn, usual, to).await
    }

    async fn perform(&mut self, turn: Option<Turn>, usual: &str, to: &str) -> Option<String> {
        let line = match turn {
            Some(Turn::Say(line)) => line.replace("{to}", to),
            _ => usual.to_owned(),
        };
        match turn {
            None | Some(Turn::Say(_)) => self.write(&line).await?,
            Some(Turn::Drip(pause)) => {
                for byte in format!("{line}\r\n").bytes() {
                    tokio::time::sleep(pause).await;
                    self.writing.write_all(&[byte]).await.ok()?;
                }
            }
            Some(Turn::Hush) => std::future::pending().await,
            Some(Turn::Leave) => return None,
        }
        Some(line)
    }

    /// After the final dot: the mail is taken before the answer is given, unless the answer is a refusal.
    async fn take(&mut self, mail: Mail) -> Option<()> {
        let turn = self.recorder.turn(Stage::Content);
        if !matches!(turn, Some(Turn::Say(line)) if !line.starts_with('2')) {
            self.recorder.keep(mail).await;
        }
        self.perform(turn, "250 2.0.0 taken", "").await?;
        let closes = self.recorder.told.lock().unwrap().closes_after_mail;
        (!closes).then_some(())
    }
}

/// `[mail]` of a server; nobody logs in.
pub fn smtp(host: &str, port: u16, tls: MailTls) -> config::Mail {
    config::Mail {
        transport: Transport::Smtp(config::Smtp {
            host: host.to_owned(),
            port,
            tls,
            login: None,
        }),
        from: from(),
        ca_file: None,
    }
}

/// `mail.from`
pub fn from() -> Mailbox {
    Mailbox {
        name: Some("Example Bank".to_owned()),
        address: "no-reply@example.com".to_owned(),
    }
}
