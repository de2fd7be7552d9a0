//! A whole server on a port of its own, with a clock that the test moves.

mod calls;
mod texts;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web;
use tempfile::TempDir;
use tessera::access::{Rates, scopes, tokens};
use tessera::config::{Config, Sources};
use tessera::core::{Actor, ClientId, Clock, Digest, SystemClock, Timestamp, Urls};
use tessera::delivery::{Mailer, Needs, Worker};
use tessera::factors::Switches;
use tessera::store::{Created, Store, UserLimits};
use tessera::tickets::{Asked, CreateTicket, Issued, Policy};
use tessera::views::{CheckMode, Site};
use tessera::web::server::Door;
use tessera::web::{App, server};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::postgres::Postgres;
use super::smtp::SmtpServer;
use super::wiring::Wiring;

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

    /// Goes to the machine's time, less some minutes that the test may let pass: other programs look at that.
    pub fn catch_up(&self) {
        let now = (SystemClock.now() - Duration::from_secs(4 * 60)).millis();
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A ticket for an authenticator app, whose person reads mail as Ada.
pub fn asked(user_id: &str) -> Asked {
    Asked {
        user_id: user_id.to_owned(),
        email: Some("ada@example.com".to_owned()),
        factor: vec!["otp".to_owned()],
        ..Asked::default()
    }
}

/// The running server. It stops when it is dropped.
pub struct House {
    pub app: web::Data<App>,
    pub clock: Arc<StillClock>,
    pub port: u16,
    pub dir: TempDir,
    config: Config,
    database: Option<Postgres>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What a house has beyond the usual.
pub struct Setup {
    database: Option<Postgres>,
    settings: Vec<(String, String)>,
    policy: Box<dyn FnOnce(&mut Policy)>,
    check: CheckMode,
}

impl Setup {
    /// A house on SQLite, on localhost.
    pub fn new() -> Self {
        Self {
            database: None,
            settings: Vec::new(),
            policy: Box::new(|_| {}),
            check: CheckMode::InProcess,
        }
    }

    /// With a setting as an admin writes it into the environment; paths start from the house's folder.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// With mails through this server.
    pub fn mailing_through(self, server: &SmtpServer) -> Self {
        let ca_file = server.ca_file();
        let house = self.set("TESSERA_MAIL__URL", server.url());
        if ca_file.exists() {
            house.set("TESSERA_MAIL__CA_FILE", ca_file.display().to_string())
        } else {
            house.set("TESSERA_MAIL__TLS", "none")
        }
    }

    /// With templates judged this way.
    pub fn checking(mut self, check: CheckMode) -> Self {
        self.check = check;
        self
    }

    /// Opens the door.
    pub async fn start(self) -> House {
        House::build(self).await
    }
}

impl House {
    /// On SQLite.
    pub async fn start() -> Self {
        Setup::new().start().await
    }

    /// On SQLite and, where there is one, on PostgreSQL.
    pub async fn start_on_each() -> Vec<Self> {
        let mut houses = vec![Self::start().await];
        if let Some(database) = Postgres::fresh().await {
            let setup = Setup {
                database: Some(database),
                ..Setup::new()
            };
            houses.push(setup.start().await);
        }
        houses
    }

    /// With a policy of its own.
    pub async fn with_policy(policy: impl FnOnce(&mut Policy) + 'static) -> Self {
        let setup = Setup {
            policy: Box::new(policy),
            ..Setup::new()
        };
        setup.start().await
    }

    async fn build(setup: Setup) -> Self {
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
        log.with_test_writer().try_init().ok();
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let clock = Arc::new(StillClock(AtomicI64::new(NOON)));
        let config = configure(setup.settings, dir.path(), port);
        let mut policy = Policy {
            lifetime: config.tickets.lifetime,
            result_origins: config.tickets.result_origins.clone(),
            auto_create: config.users.auto_create,
            // Most stories are about one person.
            limits: UserLimits::default(),
        };
        (setup.policy)(&mut policy);
        let (database, check) = (setup.database, setup.check);
        let url = database.as_ref().map(|database| database.url().to_owned());
        let told = config.clone();
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
                store.migrate().await.unwrap();
                let wiring = Wiring {
                    store,
                    clock: shared,
                    urls: Urls::new(&told.public_url),
                    policy,
                    rates: Rates::default(),
                    trusted_proxies: Vec::new(),
                    push: told.push.clone(),
                    site: Site::for_pages(&told.site),
                    phone: (told.phone.provider.name() != "none").then(|| told.phone.clone()),
                    data_dir: &data_dir,
                    templates_dir: &told.templates.dir,
                    static_dir: &told.static_.dir,
                    check,
                };
                let app = web::Data::new(wiring.app().await);
                ready.send(app.clone()).ok().unwrap();
                let server = server::start(app, vec![listener], Some(2), Door::Public).unwrap();
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
            config,
            database,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// An absolute address of this server, as a browser on another site would write it.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Delivers all mail that is due, and says how much it was.
    pub async fn deliver(&self) -> usize {
        let app = &self.app;
        let worker = Worker::new(Needs {
            store: app.store.clone(),
            mailer: Mailer::new(&self.config.mail, &app.urls).unwrap(),
            views: app.views.clone(),
            sealer: app.sealer.clone(),
            clock: Arc::clone(&app.clock),
            rng: Arc::clone(&app.rng),
            site: self.config.site.clone(),
            urls: app.urls.clone(),
            tally: {
                let metrics = Arc::clone(&app.metrics);
                Arc::new(move |result| metrics.mailed(result))
            },
        });
        let mut delivered = 0;
        loop {
            match worker.drain_once().await.unwrap() {
                0 => return delivered,
                some => delivered += some,
            }
        }
    }

    /// Where this house keeps its templates; made when it is asked for.
    pub fn templates(&self) -> PathBuf {
        let folder = self.config.templates.dir.clone();
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// Creates a ticket as the API would.
    pub async fn ticket(&self, asked: Asked) -> Issued {
        let switches = Switches::new([], [], self.app.available);
        let create = CreateTicket::parse(&asked, &self.app.policy, &switches).unwrap();
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
        let issued = self.ticket(asked(user_id)).await;
        self.link(&issued)
    }

    /// The link of a ticket.
    pub fn link(&self, issued: &Issued) -> String {
        self.app.urls.enroll_link(&issued.ticket_id, &issued.secret)
    }

    /// A new API client with these scopes: its id and its secret.
    pub async fn client(&self, granted: &[&str]) -> (ClientId, Zeroizing<String>) {
        let id = ClientId::new(self.app.now(), self.app.rng());
        let secret = tokens::new_client_secret(self.app.rng());
        let mut tx = self.app.store.begin_write().await.unwrap();
        let digest = Digest::of(secret.as_bytes());
        tx.insert_client(&id, "Back end", &digest, &granted.join(" "), self.app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        (id, secret)
    }

    /// A token with these scopes.
    pub async fn token(&self, granted: &[&str]) -> String {
        let (id, secret) = self.client(granted).await;
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

    /// How many factors a user has.
    pub async fn enrollments(&self, user_id: &str) -> usize {
        let mut read = self.app.store.begin_read().await.unwrap();
        let user_id = user_id.parse().unwrap();
        read.enrollments_of(&user_id).await.unwrap().len()
    }

    /// Waits until it is told that a link of this user was opened, which nobody waits for who opens it.
    pub async fn tells_of_opening(&self, user_id: &str) {
        let told = async {
            let opened = "ticket.opened".to_owned();
            while !self.events_of(user_id).await.contains(&opened) {
                tokio::task::yield_now().await;
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(10), told).await;
        assert!(told.is_ok(), "no link of {user_id} was opened");
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

fn configure(mut env: Vec<(String, String)>, folder: &Path, port: u16) -> Config {
    // Most stories are about other factors.
    if !env
        .iter()
        .any(|(name, _)| name == "TESSERA_PHONE__PROVIDER")
    {
        env.push(("TESSERA_PHONE__PROVIDER".to_owned(), "none".to_owned()));
    }
    let elsewhere = env.iter().any(|(name, _)| name == "TESSERA_PUBLIC_URL");
    let sources = Sources {
        env,
        cwd: folder.to_owned(),
        ..Sources::default()
    };
    let mut config = Config::load(sources).unwrap_or_else(|error| panic!("{error}"));
    if !elsewhere {
        config.public_url = format!("http://localhost:{port}").parse().unwrap();
    }
    config
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
