//! A provider of messages to phones that writes down what it is asked and answers as the test wants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(60);

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST /path?query`
    pub line: String,
    /// By their lower-case names.
    pub headers: HashMap<String, String>,
    /// Of a push, which nobody else reads, only something like it.
    pub body: String,
}

impl Asked {
    /// The fields of its form.
    pub fn form(&self) -> HashMap<String, String> {
        serde_urlencoded::from_str(&self.body).unwrap()
    }
}

/// What it does with the next request.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// Answers this status, with this JSON.
    Say(u16, &'static str),
    /// Takes the request and never answers.
    Hush,
    /// Takes the request and hangs up.
    Leave,
}

/// The provider. It answers 201 unless it is told otherwise.
#[derive(Clone)]
pub struct Gateway {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    turns: Arc<Mutex<Vec<Turn>>>,
}

impl Gateway {
    /// On a port of its own, until the test ends.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self {
            port: listener.local_addr().unwrap().port(),
            asked: Arc::default(),
            turns: Arc::default(),
        };
        let shared = gateway.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gateway = shared.clone();
                tokio::spawn(async move { gateway.serve(stream).await });
            }
        });
        gateway
    }

    /// Where it is.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What it does with the next requests, in this order.
    pub fn next(&self, turns: &[Turn]) {
        let mut waiting = self.turns.lock().unwrap();
        waiting.clear();
        waiting.extend(turns.iter().rev());
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until it was asked so often, and gives the last of it.
    pub async fn until(&self, count: usize) -> Asked {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(asked) = self.asked().get(count - 1) {
                return asked.clone();
            }
            assert!(Instant::now() < deadline, "it is not asked {count} times");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(asked) = read(&mut stream).await else {
            return;
        };
        self.asked.lock().unwrap().push(asked);
        let turn = self.turns.lock().unwrap().pop();
        let (status, body) = match turn.unwrap_or(Turn::Say(201, "{}")) {
            Turn::Say(status, body) => (status, body),
            Turn::Leave => return,
            Turn::Hush => {
                // Until the other side gives up.
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await.ok();
                return;
            }
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.ok();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read_buf(&mut bytes).await.ok()?;
        (read > 0).then_some(())?;
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    while bytes.len() < head + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    let body = String::from_utf8_lossy(&bytes[head + 4..]).into_owned();
    Some(Asked {
        line,
        headers,
        body,
    })
}
