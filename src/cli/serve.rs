//! `tessera serve`

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web;
use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::house::House;
use super::{Context, log, process, sealing, templates, welcome};
use crate::access::{SwitchCache, keys};
use crate::config::Config;
use crate::core::{Actor, Clock, Rng, Timestamp};
use crate::delivery::{Mailer, Needs, Worker};
use crate::store::{Event, Store, Swept, TicketGatherer};
use crate::tickets::Policy;
use crate::views::{Polled, Site, Views};
use crate::web::app::Openings;
use crate::web::{App, Tls, server};

/// The mail that is being sent when the server is told to stop has this long.
const GRACE: Duration = Duration::from_secs(30);
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    process::keep_memory_private()?;
    let config = context.config()?;
    log::to_stdout();
    let signals = Signals::hear()?;
    if config.http.admin_listen.is_some() {
        tracing::warn!("http.admin_listen: this version has no metrics to serve there");
    }
    let tls = open_tls(&config, context.now()).await?;
    let house = House::open(config, context).await?;
    let views = load_views(&house.config).await?;
    let mailer = Mailer::new(&house.config.mail, &house.urls)?;
    let mails_to = mailer.folder().map(ToOwned::to_owned);
    let welcome = welcome::prepare(&house, mails_to, context).await?;

    let _in_use = Arc::clone(&house.in_use);
    let store = house.store.clone();
    let bell = Arc::new(Notify::new());
    let (stop, stopped) = watch::channel(false);
    let worker = worker(&house, mailer, views.clone());
    let delivering = tokio::spawn(worker.run(stopped, Arc::clone(&bell)));
    let watching = tokio::spawn(watch(
        views.clone(),
        store.clone(),
        Arc::clone(&house.clock),
        Arc::clone(&house.rng),
    ));
    let sweeping = tokio::spawn(sweep(
        store.clone(),
        Arc::clone(&house.clock),
        Arc::clone(&house.rng),
        house.config.tickets.keep,
    ));

    let following = tls.clone().map(|tls| {
        let clock = Arc::clone(&house.clock);
        tokio::spawn(tls.follow(clock))
    });
    let keying = tokio::spawn(sealing::follow(
        store.clone(),
        house.sealer.clone(),
        house.config.data_dir.clone(),
    ));

    let listen = house.config.http.listen;
    let (server, address) = listen_on(listen, app(house, views, bell, tls))?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    welcome.say(address);
    let served = until_told(server, signals).await;

    watching.abort();
    sweeping.abort();
    keying.abort();
    if let Some(following) = following {
        following.abort();
    }
    finish(&stop, delivering).await;
    store.close().await;
    tracing::info!("stopped");
    served
}

/// Judging the templates blocks, so it has a thread of its own.
async fn load_views(config: &Config) -> anyhow::Result<Views> {
    let options = templates::options(config)?;
    let load = move || Views::load(options, templates::samples());
    Ok(tokio::task::spawn_blocking(load).await??)
}

/// The server's own certificate, if it has one.
async fn open_tls(config: &Config, now: Timestamp) -> anyhow::Result<Option<Arc<Tls>>> {
    let Some(files) = config.http.tls.clone() else {
        return Ok(None);
    };
    let tls = tokio::task::spawn_blocking(move || Tls::open(&files, now)).await??;
    Ok(Some(tls))
}

fn worker(house: &House, mailer: Mailer, views: Views) -> Worker {
    Worker::new(Needs {
        store: house.store.clone(),
        mailer,
        views,
        sealer: house.sealer.clone(),
        clock: Arc::clone(&house.clock),
        rng: Arc::clone(&house.rng),
        site: house.config.site.clone(),
        urls: house.urls.clone(),
    })
}

fn app(
    house: House,
    views: Views,
    outbox_bell: Arc<Notify>,
    tls: Option<Arc<Tls>>,
) -> web::Data<App> {
    let tickets = house.config.tickets;
    web::Data::new(App {
        gatherer: TicketGatherer::start(house.store.clone()),
        openings: Openings::start(house.store.clone()),
        site: Site::for_pages(&house.config.site),
        policy: Policy {
            lifetime: tickets.lifetime,
            result_origins: tickets.result_origins,
            auto_create: house.config.users.auto_create,
        },
        switches: SwitchCache::new(house.store.clone(), Arc::clone(&house.clock)),
        store: house.store,
        tokens: house.tokens,
        sealer: house.sealer,
        clock: house.clock,
        rng: house.rng,
        urls: house.urls,
        views,
        outbox_bell,
        tls,
    })
}

/// The listening server, and the address that it got.
fn listen_on(listen: SocketAddr, app: web::Data<App>) -> anyhow::Result<(Server, SocketAddr)> {
    let failed = || format!("cannot listen on {listen} ([http] listen)");
    let listener = TcpListener::bind(listen).with_context(failed)?;
    let address = listener.local_addr().with_context(failed)?;
    let server = server::start(app, vec![listener], None).with_context(failed)?;
    Ok((server, address))
}

/// Serves until a signal comes, then lets what is under way end.
async fn until_told(server: Server, mut signals: Signals) -> anyhow::Result<()> {
    let handle = server.handle();
    let stopper = tokio::spawn(async move {
        signals.next().await;
        tracing::info!("stopping");
        handle.stop(true).await;
    });
    let served = server.await.context("the server ended");
    stopper.abort();
    served
}

/// What tells the server to stop: heard from the start, so that one that comes early is not lost.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn hear() -> anyhow::Result<Self> {
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

/// The mail that is being sent is sent; the others wait for the next start.
async fn finish(stop: &watch::Sender<bool>, delivering: JoinHandle<()>) {
    stop.send_replace(true);
    if tokio::time::timeout(GRACE, delivering).await.is_err() {
        tracing::warn!("a mail was still under way; it is sent again after the next start");
    }
}

/// Templates are part of what a visitor is told: that they changed belongs to the audit log.
async fn watch(views: Views, store: Store, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) {
    loop {
        let kind = match views.next_change().await {
            Polled::Swapped => "templates.swapped",
            Polled::Refused => "templates.refused",
            Polled::Unchanged => continue,
        };
        let event = Event::new(kind, &Actor::server(), clock.now(), &*rng);
        if let Err(error) = store.record(&[event]).await {
            tracing::error!(%error, kind, "an event was not recorded");
        }
    }
}

async fn sweep(store: Store, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, keep: Duration) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        match store.sweep(clock.now(), keep).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(
                tickets = swept.tickets,
                messages = swept.messages,
                events = swept.events,
                "swept"
            ),
            Err(error) => tracing::error!(%error, "sweeping failed"),
        }
        match keys::sweep(&store, clock.now(), &*rng).await {
            Ok(expired) => {
                for kid in expired {
                    tracing::info!(kid, "a signing key is out of use");
                }
            }
            Err(error) => tracing::error!(%error, "sweeping the signing keys failed"),
        }
    }
}
