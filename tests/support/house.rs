//! A whole server on a port of its own, with a clock that the test moves.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web;
use tempfile::TempDir;
use tessera::access::{Keys, SwitchCache, Tokens, keys, scopes, tokens};
use tessera::config::{Config, Sources};
use tessera::core::{Actor, ClientId, Clock, Digest, OsRng, Rng, Timestamp, Urls};
use tessera::delivery;
use tessera::factors::Switches;
use tessera::store::{Created, Store, TicketGatherer};
use tessera::tickets::{Asked, CreateTicket, Issued, LONGEST_LIFETIME, Policy};
use tessera::views::{BuiltIns, CheckMode, Options, Site, Views};
use tessera::web::app::Openings;
use tessera::web::{App, server};
use tokio::sync::{Notify, oneshot};

use super::postgres::Postgres;

/// 2026-11-22T12:00:00Z, until the test moves it.
const NOON: i64 = 1_795_348_800_000;

/// A clock that stands still.
pub struct StillClock(AtomicI64);

impl StillClock {
    /// Lets time pass.
    pub fn advance(&self, span: Duration) {
        self.0
            .fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The running server. It stops when it is dropped.
pub struct House {
    pub app: web::Data<App>,
    pub clock: Arc<StillClock>,
    pub port: u16,
    pub dir: TempDir,
    database: Option<Postgres>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl House {
    /// On SQLite.
    pub async fn start() -> Self {
        Self::build(None, |_| {}).await
    }

    /// On SQLite and, where there is one, on PostgreSQL.
    pub async fn start_on_each() -> Vec<Self> {
        let mut houses = vec![Self::start().await];
        if let Some(database) = Postgres::fresh().await {
            houses.push(Self::build(Some(database), |_| {}).await);
        }
        houses
    }

    /// With a policy of its own.
    pub async fn with_policy(policy: impl FnOnce(&mut Policy)) -> Self {
        Self::build(None, policy).await
    }

    async fn build(database: Option<Postgres>, adjust: impl FnOnce(&mut Policy)) -> Self {
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
        log.with_test_writer().try_init().ok();
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let clock = Arc::new(StillClock(AtomicI64::new(NOON)));
        let mut policy = Policy {
            lifetime: LONGEST_LIFETIME,
            result_origins: Vec::new(),
            auto_create: true,
        };
        adjust(&mut policy);
        let url = database.as_ref().map(|database| database.url().to_owned());
        let (data_dir, shared) = (dir.path().to_owned(), Arc::clone(&clock));
        let (ready, started) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let store = match url {
                    Some(url) => Store::open_postgres(&url).await.unwrap(),
                    None => Store::open_sqlite(&data_dir.join("tessera.db"))
                        .await
                        .unwrap(),
                };
                store.migrate(&data_dir).await.unwrap();
                let sources = Sources {
                    cwd: data_dir.clone(),
                    ..Sources::default()
                };
                let mut config = Config::load(sources).unwrap();
                config.public_url = format!("http://localhost:{port}").parse().unwrap();
                let app = web::Data::new(wire(store, &config, &data_dir, shared, policy).await);
                ready.send(app.clone()).ok().unwrap();
                let server = server::start(app, vec![listener], Some(2)).unwrap();
                let handle = server.handle();
                actix_web::rt::spawn(server);
                stopped.await.ok();
                handle.stop(false).await;
            });
        });
        let app = started.await.unwrap();
        Self {
            app,
            clock,
            port,
            dir,
            database,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// An absolute address of this server, as a browser on another site would write it.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Creates a ticket as the API would.
    pub async fn ticket(&self, asked: Asked) -> Issued {
        let switches = Switches::default();
        let create = CreateTicket::parse(asked, &self.app.policy, &switches).unwrap();
        let (row, issued) = create.issue(
            &Actor::command_line(),
            &self.app.sealer,
            self.app.now(),
            self.app.rng(),
        );
        assert_eq!(
            self.app.gatherer.create(row).await.unwrap(),
            Created::Ticket
        );
        issued
    }

    /// A ticket for an authenticator app, for Ada.
    pub async fn link_for(&self, user_id: &str) -> String {
        let issued = self
            .ticket(Asked {
                user_id: user_id.to_owned(),
                email: Some("ada@example.com".to_owned()),
                factor: vec!["otp".to_owned()],
                ..Asked::default()
            })
            .await;
        self.link(&issued)
    }

    /// The link of a ticket.
    pub fn link(&self, issued: &Issued) -> String {
        self.app.urls.enroll_link(&issued.ticket_id, &issued.secret)
    }

    /// A token with these scopes.
    pub async fn token(&self, granted: &[&str]) -> String {
        let id = ClientId::new(self.app.now(), self.app.rng());
        let secret = tokens::new_client_secret(self.app.rng());
        let mut tx = self.app.store.begin_write().await.unwrap();
        let digest = Digest::of(secret.as_bytes());
        tx.insert_client(&id, "Back end", &digest, &granted.join(" "), self.app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let client = self
            .app
            .tokens
            .authenticate(id.as_str(), &secret)
            .await
            .unwrap();
        self.app
            .tokens
            .issue(&client, tokens::LIFETIME)
            .await
            .unwrap()
            .access_token
    }

    /// A token with all scopes.
    pub async fn admin_token(&self) -> String {
        self.token(&scopes::ALL).await
    }

    /// What happened with all tickets of a user, in order.
    pub async fn events_of(&self, user_id: &str) -> Vec<String> {
        let mut read = self.app.store.begin_read().await.unwrap();
        let events = read
            .events_of_user(&user_id.parse().unwrap())
            .await
            .unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }
}

async fn wire(
    store: Store,
    config: &Config,
    data_dir: &std::path::Path,
    clock: Arc<StillClock>,
    policy: Policy,
) -> App {
    let clock: Arc<dyn Clock> = clock;
    let rng: Arc<dyn Rng> = Arc::new(OsRng);
    let urls = Urls::new(&config.public_url);
    let sealer = keys::open_sealer(&store, data_dir, &*rng).await.unwrap();
    let keys = Keys::open(store.clone(), sealer.clone(), Arc::clone(&clock), &*rng)
        .await
        .unwrap();
    let options = Options {
        templates_dir: config.templates.dir.clone(),
        static_dir: config.static_.dir.clone(),
        good_dir: data_dir.join("templates.good"),
        default_locale: tessera::views::Locale::parse("en").unwrap(),
        check: CheckMode::InProcess,
        builtins: BuiltIns::compiled_in(),
    };
    let mut samples = tessera::pages::samples();
    samples.extend(delivery::samples());
    App {
        gatherer: TicketGatherer::start(store.clone()),
        tokens: Tokens::new(store.clone(), keys, Arc::clone(&clock), urls.clone()),
        openings: Openings::start(store.clone()),
        site: Site::for_pages(&config.site),
        views: Views::load(options, samples).unwrap(),
        outbox_bell: Arc::new(Notify::new()),
        switches: SwitchCache::new(store.clone(), Arc::clone(&clock)),
        store,
        sealer,
        clock,
        rng,
        urls,
        policy,
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
