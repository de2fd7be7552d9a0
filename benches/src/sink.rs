//! A mail server that takes everything and keeps nothing but the count.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The running sink.
pub struct Sink {
    pub address: SocketAddr,
    taken: Arc<AtomicU64>,
}

impl Sink {
    /// Starts it in a thread of its own, so that it never waits for the measuring.
    pub fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let taken = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&taken);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener)?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    tokio::spawn(converse(stream, Arc::clone(&count)));
                }
                #[expect(unreachable_code, reason = "it names the type of the error")]
                Ok::<(), std::io::Error>(())
            })
        });
        Ok(Self { address, taken })
    }

    /// How many mails it has taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

/// RFC 5321 as far as a client that is never refused can tell.
async fn converse(stream: TcpStream, taken: Arc<AtomicU64>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.test\r\n").await?;
    let mut line = Vec::new();
    let mut in_mail = false;
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_slice() {
            _ if in_mail && line != b".\r\n" => continue,
            _ if in_mail => {
                in_mail = false;
                taken.fetch_add(1, Ordering::Relaxed);
                b"250 taken\r\n"
            }
            b"EHLO" => b"250-sink.test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            b"DATA" => {
                in_mail = true;
                b"354 go on\r\n"
            }
            b"QUIT" => b"221 goodbye\r\n",
            _ => b"250 yes\r\n",
        };
        stream.write_all(answer).await?;
    }
}
