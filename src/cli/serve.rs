//! `tessera serve`

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context as _;
use futures_util::FutureExt as _;
use tokio::net::TcpSocket;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::behind::Behind;
use super::house::{self, House};
use super::stop::{self, Delivering, Signals};
use super::{Context, credentials, log, process, sealing, templates, welcome};
use crate::access::{Limits, SwitchCache, keys};
use crate::config::Config;
use crate::core::{Actor, Timestamp};
use crate::delivery::{
    CallNeeds, Caller, Mailer, Needs, TEXT_DEADLINE, TextNeeds, TextWorker, Worker,
};
use crate::store::{Event, Swept, TicketGatherer};
use crate::tickets::Policy;
use crate::views::{Polled, Site, Views, faint_accent};
use crate::web::app::{Openings, phone_policy};
use crate::web::server::Door;
use crate::web::stored::{self, Stored};
use crate::web::{ApiNetworks, App, Metrics, Proxies, Tls, Vitals, admin, server};

/// Connections that may wait until a worker takes them.
const BACKLOG: u32 = 4096;
/// How long connections to the database may take to close.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);
const FORGET_EVERY: Duration = Duration::from_secs(60);
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    process::keep_memory_private()?;
    let config = context.config()?;
    let _log = log::to_stdout();
    let signals = Signals::hear()?;
    // As many connections as the system allows; the server bounds them by what it got.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let tls = open_tls(&config, context.now()).await?;
    let house = House::open(config, context).await?;
    let views = load_views(&house.config).await?;
    if let Some(told) = house.config.site.accent.as_deref().and_then(faint_accent) {
        tracing::warn!("site.accent: {told}");
    }
    let mailer = Mailer::new(&house.config.mail, &house.urls)?;
    let mails_to = mailer.folder().map(ToOwned::to_owned);
    let welcome = welcome::prepare(&house, mails_to, context).await?;

    let _in_use = Arc::clone(&house.in_use);
    let http = house.config.http.clone();
    let keep = house.config.tickets.keep;
    let data_dir = house.config.data_dir.clone();
    let metrics = Arc::new(Metrics::new()?);
    let mails = worker(&house, mailer, views.clone(), &metrics);
    let texts = text_worker(&house, views.clone(), &metrics)?;
    let calls = caller(&house, views.clone(), &metrics)?;
    let app = app(house, views, metrics, tls.clone());
    app.stored.look(&app).await?;
    let (stop, stopped) = watch::channel(false);
    let mails = mails.run(stopped.clone(), Arc::clone(&app.outbox_bell));
    let texts = texts.run(stopped.clone(), Arc::clone(&app.text_bell));
    let calls = calls.run(stopped, Arc::clone(&app.call_bell));
    let behind = Behind::start()?;
    let delivering = Delivering {
        task: behind
            .threads
            .spawn(async { tokio::join!(mails, texts, calls) }.map(drop)),
        stop,
    };
    let watching = tokio::spawn(watch(app.clone()));
    let heeding = tokio::spawn(stored::follow(app.clone()));
    let sweeping = tokio::spawn(sweep(app.clone(), keep));

    let following = tls.map(|tls| tokio::spawn(tls.follow(Arc::clone(&app.clock))));
    let keying = tokio::spawn(sealing::follow(
        app.store.clone(),
        app.sealer.clone(),
        data_dir,
    ));

    let forgetting = tokio::spawn(forget_idle(app.clone()));
    if let Some(party) = app.relying_party.clone() {
        tokio::spawn(credentials::warn_of_stranded(app.store.clone(), party));
    }
    let (listener, address) = listen_on(http.listen, "[http] listen")?;
    let server = server::start(app.clone(), vec![listener], None, Door::Public)?;
    let api = match http.api_listen {
        Some(listen) => {
            let (listener, address) = listen_on(listen, "[http] api_listen")?;
            tracing::info!(%address, "listening for the management API");
            let server = server::start(app.clone(), vec![listener], None, Door::Api)?;
            let handle = server.handle();
            tokio::spawn(server);
            Some(handle)
        }
        None => None,
    };
    if let Some(listen) = http.admin_listen {
        let (listener, address) = listen_on(listen, "[http] admin_listen")?;
        // It answers to the very end, also while the other drains.
        tokio::spawn(admin::start(app.clone(), listener)?);
        tracing::info!(%address, "listening for metrics");
    }
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    welcome.say(address);
    let served = stop::serve_until_told(server, api, &app, delivering, signals).await;

    watching.abort();
    heeding.abort();
    sweeping.abort();
    keying.abort();
    if let Some(following) = following {
        following.abort();
    }
    forgetting.abort();
    if served.is_ok() {
        // What was promised is durable by now; a connection that leads nowhere is not waited for.
        if timeout(CLOSED_WITHIN, app.store.close()).await.is_err() {
            tracing::warn!("a connection to the database did not close");
        }
        tracing::info!("stopped");
    }
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

fn worker(house: &House, mailer: Mailer, views: Views, metrics: &Arc<Metrics>) -> Worker {
    let metrics = Arc::clone(metrics);
    Worker::new(Needs {
        store: house.store.clone(),
        mailer,
        views,
        sealer: house.sealer.clone(),
        clock: Arc::clone(&house.clock),
        rng: Arc::clone(&house.rng),
        site: house.config.site.clone(),
        urls: house.urls.clone(),
        tally: Arc::new(move |result| metrics.mailed(result)),
    })
}

fn text_worker(house: &House, views: Views, metrics: &Arc<Metrics>) -> anyhow::Result<TextWorker> {
    let metrics = Arc::clone(metrics);
    TextWorker::new(TextNeeds {
        store: house.store.clone(),
        phone: house.config.phone.clone(),
        views,
        sealer: house.sealer.clone(),
        clock: Arc::clone(&house.clock),
        rng: Arc::clone(&house.rng),
        site: house.config.site.clone(),
        urls: house.urls.clone(),
        deadline: TEXT_DEADLINE,
        tally: Arc::new(move |channel, result| metrics.texted(channel, result)),
    })
}

fn caller(house: &House, views: Views, metrics: &Arc<Metrics>) -> anyhow::Result<Caller> {
    let config = &house.config;
    let metrics = Arc::clone(metrics);
    let subject = config.push.subject.clone();
    Caller::new(CallNeeds {
        store: house.store.clone(),
        hosts: config.push.hosts.clone(),
        subject: subject.unwrap_or_else(|| house.urls.origin().to_owned()),
        views,
        site: config.site.name.clone(),
        sealer: house.sealer.clone(),
        clock: Arc::clone(&house.clock),
        rng: Arc::clone(&house.rng),
        tally: Arc::new(move |result| metrics.called(result)),
    })
}

fn app(house: House, views: Views, metrics: Arc<Metrics>, tls: Option<Arc<Tls>>) -> web::Data<App> {
    let development = house.config.is_development();
    let available = house::available(&house.config);
    let relying_party = house::relying_party(&house.config);
    let tickets = house.config.tickets;
    web::Data::new(App {
        gatherer: TicketGatherer::start(&house.store),
        openings: Openings::start(house.store.clone()),
        site: Site::for_pages(&house.config.site),
        policy: Policy {
            lifetime: tickets.lifetime,
            result_origins: tickets.result_origins,
            auto_create: house.config.users.auto_create,
            limits: house::user_limits(&house.config.limits),
        },
        limits: Limits::new(house::rates(&house.config.limits), Arc::clone(&house.clock)),
        push: house.config.push,
        proxies: Proxies::new(house.config.http.trusted_proxies),
        available,
        api_networks: ApiNetworks::new(house.config.http.api_networks.clone()),
        api_apart: house.config.http.api_listen.is_some(),
        remembers_browsers: house.config.users.remember_browsers,
        relying_party,
        switches: SwitchCache::new(house.store.clone(), Arc::clone(&house.clock), available),
        store: house.store,
        tokens: house.tokens,
        sealer: house.sealer,
        clock: house.clock,
        rng: house.rng,
        urls: house.urls,
        views,
        stored: Stored::default(),
        phone: phone_policy(&house.config.phone),
        outbox_bell: Arc::new(Notify::new()),
        text_bell: Arc::new(Notify::new()),
        call_bell: Arc::new(Notify::new()),
        tls,
        metrics,
        vitals: Vitals::default(),
        development,
    })
}

/// A listener, and the address that it got.
fn listen_on(listen: SocketAddr, key: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let failed = || format!("cannot listen on {listen} ({key})");
    let listener = bind(listen).with_context(failed)?;
    let address = listener.local_addr().with_context(failed)?;
    Ok((listener, address))
}

fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match listen {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Templates are part of what a visitor is told: that they changed belongs to the audit log.
async fn watch(app: web::Data<App>) {
    loop {
        let polled = app.views.next_change().await;
        app.metrics.looked(polled);
        let kind = match polled {
            Polled::Swapped => "templates.swapped",
            Polled::Refused => "templates.refused",
            Polled::Unchanged => continue,
        };
        let event = Event::new(kind, &Actor::server(), app.now(), app.rng());
        if let Err(error) = app.store.record(&[event]).await {
            tracing::error!(%error, kind, "an event was not recorded");
        }
    }
}

/// Who has not called lately takes up no room.
async fn forget_idle(app: web::Data<App>) {
    let mut ticks = tokio::time::interval(FORGET_EVERY);
    loop {
        ticks.tick().await;
        app.limits.forget_idle();
    }
}

async fn sweep(app: web::Data<App>, keep: Duration) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        match app.store.sweep(app.now(), keep).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(
                tickets = swept.tickets,
                messages = swept.messages,
                events = swept.events,
                counts = swept.counts,
                "swept"
            ),
            Err(error) => tracing::error!(%error, "sweeping failed"),
        }
        match keys::sweep(&app.store, app.now(), app.rng()).await {
            Ok(expired) => {
                for kid in expired {
                    tracing::info!(kid, "a signing key is out of use");
                }
            }
            Err(error) => tracing::error!(%error, "sweeping the signing keys failed"),
        }
    }
}
