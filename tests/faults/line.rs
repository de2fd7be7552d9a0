//! A line to a server that can go dead without a word, as when a machine in between vanishes.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub struct Line {
    port: u16,
    cuts: watch::Sender<usize>,
}

impl Line {
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cuts, cut) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server, cut.clone()));
            }
        });
        Self { port, cuts }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// All connections are dead from now on; new ones are not.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn connect(mut client: TcpStream, server: u16, mut cut: watch::Receiver<usize>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    cut.mark_unchanged();
    let is_cut = tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => false,
        changed = cut.changed() => changed.is_ok(),
    };
    if is_cut {
        drop(server);
        // The client is never told, whatever it says.
        std::future::pending::<()>().await;
    }
    drop(client);
}
