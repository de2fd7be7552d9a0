//! How the server stops: told once, without losing anything; told twice, at once.

use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use anyhow::{Context as _, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use crate::web::App;

/// All of it is over by then: supervisors lose their patience after 30 seconds.
const WITHIN: Duration = Duration::from_secs(28);
/// New requests are taken for so long after the word to stop, if any come: balancers must notice first.
const LINGER: Duration = Duration::from_secs(5);
/// A server that nobody asked for anything in this time needs to linger no longer.
const QUIET: Duration = Duration::from_millis(250);

/// What tells the server to stop: heard from the start, so that one that comes early is not lost.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn hear() -> anyhow::Result<Self> {
        let hear = |kind| signal(kind).context("signals cannot be heard");
        Ok(Self {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The mails that are being sent, and how to say that there shall be no more.
pub(super) struct Delivering {
    pub(super) task: JoinHandle<()>,
    pub(super) stop: watch::Sender<bool>,
}

/// Serves, and with it what answers back ends apart, until a signal comes, then lets what is under way end.
///
/// # Errors
/// When the server ends by itself, or a second signal comes before all is done.
pub(super) async fn serve_until_told(
    mut server: Server,
    api: Option<ServerHandle>,
    app: &App,
    delivering: Delivering,
    mut signals: Signals,
) -> anyhow::Result<()> {
    let handle = server.handle();
    tokio::select! {
        served = &mut server => {
            served.context("the server ended")?;
            bail!("the server ended");
        }
        () = signals.next() => {}
    }
    app.vitals.drain();
    tracing::info!("stopping");
    let deadline = Instant::now() + WITHIN;
    let end = async {
        let stopping = async {
            linger(app).await;
            let api = async {
                if let Some(api) = api {
                    api.stop(true).await;
                }
            };
            tokio::join!(handle.stop(true), api);
        };
        let (served, ()) = tokio::join!(server, stopping);
        finish(delivering, deadline).await;
        served.context("the server ended")
    };
    tokio::select! {
        ended = end => ended,
        () = signals.next() => bail!("told again to stop: what was under way was cut short"),
    }
}

/// Takes requests while they keep coming: whoever sends them has not seen yet that this server is not ready.
async fn linger(app: &App) {
    let until = Instant::now() + LINGER;
    let mut answered = app.metrics.answered();
    loop {
        sleep(QUIET).await;
        let now = app.metrics.answered();
        if now == answered || Instant::now() >= until {
            return;
        }
        answered = now;
    }
}

/// The mail that is being sent is sent; the others wait for the next start.
async fn finish(mut delivering: Delivering, deadline: Instant) {
    delivering.stop.send_replace(true);
    if timeout_at(deadline, &mut delivering.task).await.is_err() {
        delivering.task.abort();
        tracing::warn!("a mail was still under way; it is sent again after the next start");
    }
}
