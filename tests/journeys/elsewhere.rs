//! Another site on this machine: shows what it is told to, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The other site. It ends with the test.
pub struct Elsewhere {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pages: HashMap<String, String>,
    asked: Vec<String>,
}

impl Elsewhere {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                tokio::spawn(answer(visitor, Arc::clone(&shared)));
            }
        });
        Self { port, state }
    }

    /// Puts a page at a path.
    pub fn show(&self, path: &str, body: &str) {
        let page = format!("<!doctype html><meta charset=utf-8><title>Elsewhere</title>{body}");
        self.state
            .lock()
            .unwrap()
            .pages
            .insert(path.to_owned(), page);
    }

    /// An address that is another site for a browser: cookies that are Lax stay at home.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same on the server's own host, another port: cookies come along, only the origin differs.
    pub fn next_door(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// The requests so far, each with its headers, in lower case.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

async fn answer(mut visitor: TcpStream, state: Arc<Mutex<State>>) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match visitor.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let page = {
        let mut state = state.lock().unwrap();
        let page = state.pages.get(path).cloned();
        state.asked.push(head.clone());
        page.unwrap_or_default()
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    let _ = visitor.write_all(answer.as_bytes()).await;
}
