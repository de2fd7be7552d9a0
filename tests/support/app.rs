//! The whole server in this process: a database of the test's own, a clock that the test moves, requests without a network.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::Service as _;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Bytes, Data};
use ipnet::IpNet;
use serde_json::Value;
use tempfile::TempDir;
use tessera::access::tokens::{LIFETIME, new_client_secret};
use tessera::access::{Rates, Scope, scopes};
use tessera::config::Push;
use tessera::core::{ClientId, Clock, Digest, OsRng, Timestamp, Urls};
use tessera::store::{Client, Store, UserLimits};
use tessera::tickets::{LONGEST_LIFETIME, Policy};
use tessera::views::{CheckMode, Site};
use tessera::web::server::Door;
use tessera::web::{App, admin, server};
use url::Url;

use super::postgres::Postgres;
use super::wiring::Wiring;

/// When tests begin: 2026-01-01T00:00:00.000Z.
pub const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Where the server believes to be.
pub const PUBLIC_URL: &str = "https://mfa.example.com";
/// From where requests come.
pub const PEER: &str = "203.0.113.7:4711";

/// A clock that stands still until the test moves it.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Stands at [`START`].
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START.millis())))
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Which database the server stands on.
pub enum Database {
    /// A file.
    Sqlite,
    /// A database of the test's own.
    Postgres(Postgres),
}

impl Database {
    /// Both, or SQLite alone when there is no PostgreSQL to test with.
    pub async fn each() -> Vec<Self> {
        let postgres = Postgres::fresh().await.map(Self::Postgres);
        [Some(Self::Sqlite), postgres]
            .into_iter()
            .flatten()
            .collect()
    }
}

type Answering = Pin<Box<dyn Future<Output = Answer>>>;

/// The running server.
pub struct TestApp {
    /// Its state.
    pub app: Data<App>,
    /// Its clock.
    pub clock: TestClock,
    /// Its data folder.
    pub folder: Rc<TempDir>,
    setup: Setup,
    service: Rc<dyn Fn(TestRequest) -> Answering>,
    // Dropped last: the server's connections to it are closed by then.
    postgres: Option<Rc<Postgres>>,
}

/// How a server under test differs from the usual one.
#[derive(Clone)]
pub struct Setup {
    /// `public_url`
    pub public_url: Url,
    /// What may be asked of a ticket.
    pub policy: Policy,
    /// How often may be called; as often as a test likes, by default.
    pub rates: Rates,
    /// `http.trusted_proxies`
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            public_url: Url::parse(PUBLIC_URL).unwrap(),
            policy: Policy {
                lifetime: LONGEST_LIFETIME,
                result_origins: vec![Url::parse("https://app.example.com").unwrap().origin()],
                auto_create: true,
                // Most stories are about one person.
                limits: UserLimits::default(),
            },
            rates: Rates::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl TestApp {
    /// On SQLite, as usual.
    pub async fn start() -> Self {
        Self::on(Database::Sqlite).await
    }

    /// On this database, as usual.
    pub async fn on(database: Database) -> Self {
        Self::with(database, Setup::default()).await
    }

    /// On this database, as asked for.
    pub async fn with(database: Database, setup: Setup) -> Self {
        let folder = Rc::new(tempfile::tempdir().unwrap());
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres(postgres) => Some(Rc::new(postgres)),
        };
        Self::on_shared(postgres, folder, TestClock::new(), setup).await
    }

    /// Another instance on the same database, with the same sealing key and the same clock.
    pub async fn another(&self) -> Self {
        let (postgres, folder) = (self.postgres.clone(), Rc::clone(&self.folder));
        Self::on_shared(postgres, folder, self.clock.clone(), self.setup.clone()).await
    }

    async fn on_shared(
        postgres: Option<Rc<Postgres>>,
        folder: Rc<TempDir>,
        clock: TestClock,
        setup: Setup,
    ) -> Self {
        let store = match &postgres {
            None => Store::open_sqlite(&folder.path().join("tessera.db")).await,
            Some(postgres) => Store::open_postgres(postgres.url()).await,
        };
        let store = store.unwrap();
        store.migrate().await.unwrap();
        let app = Data::new(assemble(store, folder.path(), &clock, setup.clone()).await);
        let service = Rc::new(init_service(server::entry(app.clone(), Door::Public)).await);
        Self {
            app,
            clock,
            folder,
            service: Rc::new(move |request: TestRequest| {
                let service = service.clone();
                Box::pin(async move {
                    let response = match service.call(request.to_request()).await {
                        Ok(response) => response.into_parts().1.map_into_boxed_body(),
                        // What the server itself makes of an error that no middleware answered.
                        Err(error) => error.error_response(),
                    };
                    Answer::of(response).await
                })
            }),
            setup,
            postgres,
        }
    }

    /// A new API client with these scopes, and its secret.
    pub async fn client(&self, scopes: &[Scope]) -> (Client, String) {
        let secret = new_client_secret(&OsRng).to_string();
        let (id, now) = (ClientId::new(self.clock.now(), &OsRng), self.clock.now());
        let digest = Digest::of(secret.as_bytes());
        let mut tx = self.app.store.begin_write().await.unwrap();
        let scopes = scopes.join(" ");
        let client = tx.insert_client(&id, "Back end", &digest, &scopes, now);
        let client = client.await.unwrap();
        tx.commit().await.unwrap();
        (client, secret)
    }

    /// A token of a new client with these scopes.
    pub async fn token_for(&self, scopes: &[Scope]) -> String {
        let (client, _) = self.client(scopes).await;
        self.app
            .tokens
            .issue(&client, LIFETIME)
            .await
            .unwrap()
            .access_token
    }

    /// A token of a new client that may do everything.
    pub async fn token(&self) -> String {
        self.token_for(&scopes::ALL).await
    }

    /// A request to send.
    pub fn request(&self, method: Method, path: &str) -> Asking<'_> {
        let peer: SocketAddr = PEER.parse().unwrap();
        Asking {
            app: self,
            request: TestRequest::with_uri(path).method(method).peer_addr(peer),
        }
    }

    /// A GET to send.
    pub fn get(&self, path: &str) -> Asking<'_> {
        self.request(Method::GET, path)
    }

    /// What the admin's listener answers to a GET.
    pub async fn admin(&self, path: &str) -> Answer {
        let service = init_service(admin::entry(self.app.clone())).await;
        let request = TestRequest::with_uri(path).to_request();
        let answered = service.call(request).await.unwrap();
        Answer::of(answered.into_parts().1.map_into_boxed_body()).await
    }

    /// A POST to send.
    pub fn post(&self, path: &str) -> Asking<'_> {
        self.request(Method::POST, path)
    }
}

async fn assemble(store: Store, folder: &Path, clock: &TestClock, setup: Setup) -> App {
    let [site, _] = Site::samples("");
    let wiring = Wiring {
        store,
        clock: Arc::new(clock.clone()),
        urls: Urls::new(&setup.public_url),
        policy: setup.policy,
        rates: setup.rates,
        trusted_proxies: setup.trusted_proxies,
        push: Push::default(),
        site,
        phone: None,
        data_dir: folder,
        templates_dir: &folder.join("templates"),
        static_dir: &folder.join("static"),
        check: CheckMode::InProcess,
    };
    wiring.app().await
}

/// A request that is being put together.
pub struct Asking<'a> {
    app: &'a TestApp,
    request: TestRequest,
}

impl Asking<'_> {
    /// With this header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, HeaderValue::from_str(value).unwrap())
    }

    /// With this header, whatever its bytes.
    pub fn header_bytes(mut self, name: &str, value: HeaderValue) -> Self {
        let name = HeaderName::try_from(name).unwrap();
        self.request = self.request.append_header((name, value));
        self
    }

    /// With this management token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With this form.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(pairs).unwrap();
        self.body("application/x-www-form-urlencoded", body)
    }

    /// From this address instead of [`PEER`].
    pub fn from(mut self, peer: &str) -> Self {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        self.request = self.request.peer_addr(peer);
        self
    }

    /// With these bytes of this type.
    pub fn body(mut self, kind: &str, bytes: impl Into<Bytes>) -> Self {
        self.request = self.request.set_payload(bytes);
        self.header("content-type", kind)
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        (self.app.service)(self.request).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    async fn of(response: HttpResponse<BoxBody>) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap();
        Self {
            status,
            headers,
            body,
        }
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Stops the test unless this was the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}
