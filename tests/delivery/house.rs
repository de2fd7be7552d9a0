//! A database with promises in it, a clock that stands still, and workers that keep them.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tempfile::TempDir;
use tessera::config::{self, Transport};
use tessera::core::seal::Place;
use tessera::core::{
    Actor, Clock, Digest, Email, MessageId, OsRng, Sealer, TicketId, TicketSecret, Timestamp, Urls,
    UserId,
};
use tessera::delivery::{self, Mailer, Needs, Worker};
use tessera::store::{
    Created, Event, EventRow, NewMessage, NewTicket, OutboxMessage, Store, User, UserLimits,
};
use tessera::views::{BuiltIns, CheckMode, Locale, Options, Views};

pub use crate::support::recorder::{from, smtp};

/// The shipped templates alone.
static SHIPPED: LazyLock<Views> = LazyLock::new(|| views(Path::new("/nonexistent")));

/// 2026-11-22 12:00 UTC.
const NOON: i64 = 1_795_348_800_000;
pub const LIFETIME: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// Tells the time that the test sets.
#[derive(Clone)]
pub struct StillClock(Arc<AtomicI64>);

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub struct House {
    pub store: Store,
    pub clock: StillClock,
    pub sealer: Sealer,
    pub folder: TempDir,
    views: Views,
}

/// A ticket that was asked for, and what only its mail tells.
pub struct Asked {
    pub user_id: UserId,
    pub ticket_id: TicketId,
    pub secret: TicketSecret,
    pub message_id: MessageId,
    pub sealed: Vec<u8>,
}

/// Whom a ticket is for.
pub struct Person<'a> {
    pub user_id: &'a str,
    pub email: Option<&'a str>,
    pub ticket_email: Option<&'a str>,
    pub locale: Option<&'a str>,
}

pub const ADA: Person<'static> = Person {
    user_id: "auth0|ada",
    email: Some("ada@example.com"),
    ticket_email: None,
    locale: None,
};

impl House {
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open_sqlite(&folder.path().join("tessera.db"))
            .await
            .unwrap();
        Self::on(store, folder).await
    }

    pub async fn on(store: Store, folder: TempDir) -> Self {
        store.migrate().await.unwrap();
        Self {
            store,
            clock: StillClock(Arc::new(AtomicI64::new(NOON))),
            sealer: Sealer::new(&[7; Sealer::KEY_BYTES]),
            folder,
            views: SHIPPED.clone(),
        }
    }

    /// With the admin's own file over a shipped one.
    pub fn with_template(mut self, name: &str, text: &str) -> Self {
        let file = self.folder.path().join("templates").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self.views = views(self.folder.path());
        self
    }

    pub fn worker(&self, mail: &config::Mail) -> Worker {
        self.worker_with(mail, self.sealer.clone())
    }

    pub fn worker_with(&self, mail: &config::Mail, sealer: Sealer) -> Worker {
        Worker::new(Needs {
            store: self.store.clone(),
            mailer: Mailer::new(mail, &urls()).unwrap(),
            views: self.views.clone(),
            sealer,
            clock: Arc::new(self.clock.clone()),
            rng: Arc::new(OsRng),
            site: site(),
            urls: urls(),
            tally: Arc::new(|_| {}),
        })
    }

    pub fn wait(&self, span: Duration) {
        let span = i64::try_from(span.as_millis()).unwrap();
        self.clock.0.fetch_add(span, Ordering::SeqCst);
    }

    /// Asks for a ticket with a mail.
    pub async fn ask(&self, person: &Person<'_>) -> Asked {
        self.add_user(person).await;
        let asked = self.promise(person);
        let created = self.store.create_tickets(&[asked.1]).await.unwrap();
        assert_eq!(created, [Created::Ticket]);
        asked.0
    }

    pub async fn add_user(&self, person: &Person<'_>) {
        let now = self.clock.now();
        let user = User {
            user_id: UserId::from_str(person.user_id).unwrap(),
            email: person.email.map(str::to_owned),
            blocked: false,
            profile: "{}".to_owned(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.store.begin_write().await.unwrap();
        tx.insert_user(&user).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A ticket and its mail, not stored yet.
    pub fn promise(&self, person: &Person<'_>) -> (Asked, NewTicket) {
        let (now, rng) = (self.clock.now(), OsRng);
        let secret = TicketSecret::new(&rng);
        let user_id = UserId::from_str(person.user_id).unwrap();
        let mail = self.link_mail(&secret);
        let asked = Asked {
            user_id: user_id.clone(),
            ticket_id: TicketId::new(now, &rng),
            secret: secret.clone(),
            message_id: mail.message_id.clone(),
            sealed: mail.payload_sealed.clone().unwrap(),
        };
        let actor = Actor::server();
        let ticket = NewTicket {
            ticket_id: asked.ticket_id.clone(),
            new_user: None,
            secret_hash: secret.digest(),
            factors: String::new(),
            allow_multiple: false,
            email: person
                .ticket_email
                .map(|email| Email::from_str(email).unwrap()),
            locale: person.locale.map(str::to_owned),
            result_url: None,
            created_by: "command-line".to_owned(),
            created_at: now,
            expires_at: now + LIFETIME,
            mail: Some(mail),
            event: Event::new("ticket.created", &actor, now, &rng)
                .user(&user_id)
                .ticket(&asked.ticket_id),
            limits: UserLimits::default(),
            call: None,
            user_id,
        };
        (asked, ticket)
    }

    pub fn link_mail(&self, secret: &TicketSecret) -> NewMessage {
        let now = self.clock.now();
        let message_id = MessageId::new(now, &OsRng);
        let place = Place {
            table: "outbox",
            row: &[message_id.as_str()],
            column: "payload_sealed",
        };
        NewMessage {
            payload_sealed: Some(self.sealer.seal(&place, secret.expose().as_bytes(), &OsRng)),
            message_id,
            kind: "enrollment",
            detail: "{}".to_owned(),
            expires_at: now + LIFETIME,
        }
    }

    /// A new link for the same ticket, with a mail of its own.
    pub async fn resend(&self, asked: &Asked) -> TicketSecret {
        let secret = TicketSecret::new(&OsRng);
        let digest: Digest = secret.digest();
        let now = self.clock.now();
        let mut tx = self.store.begin_write().await.unwrap();
        let ticket = tx
            .replace_ticket_secret(&asked.ticket_id, &digest, now)
            .await
            .unwrap();
        let user_id = ticket.unwrap().user_id;
        let mail = self.link_mail(&secret);
        tx.insert_message(&mail, &user_id, Some(&asked.ticket_id), now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        secret
    }

    pub async fn revoke(&self, asked: &Asked) {
        let mut tx = self.store.begin_write().await.unwrap();
        tx.revoke_ticket(&asked.ticket_id, self.clock.now())
            .await
            .unwrap()
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn message(&self, asked: &Asked) -> OutboxMessage {
        let mut read = self.store.begin_read().await.unwrap();
        let all = read.messages_of_ticket(&asked.ticket_id).await.unwrap();
        all.into_iter()
            .find(|message| message.message_id == asked.message_id)
            .unwrap()
    }

    /// What happened to the mails of a ticket, in order.
    pub async fn mail_events(&self, asked: &Asked) -> Vec<EventRow> {
        let mut read = self.store.begin_read().await.unwrap();
        let timeline = read
            .timeline(&asked.user_id, &asked.ticket_id)
            .await
            .unwrap();
        timeline
            .into_iter()
            .filter(|event| event.kind.starts_with("mail."))
            .collect()
    }

    pub async fn mail_event_kinds(&self, asked: &Asked) -> Vec<String> {
        self.mail_events(asked)
            .await
            .into_iter()
            .map(|event| event.kind)
            .collect()
    }
}

pub fn urls() -> Urls {
    Urls::new(&"https://mfa.example.com".parse().unwrap())
}

pub fn site() -> config::Site {
    config::Site {
        name: "Example Bank".to_owned(),
        accent: None,
        logo: None,
        logo_dark: None,
        favicon: None,
        support_email: Some("help@example.com".to_owned()),
        support_url: None,
        links: Vec::new(),
        default_locale: "en".to_owned(),
    }
}

pub fn files(folder: PathBuf) -> config::Mail {
    config::Mail {
        transport: Transport::File(folder),
        from: from(),
        ca_file: None,
    }
}

fn views(folder: &Path) -> Views {
    Views::load(options(folder), delivery::samples()).unwrap()
}

pub fn options(folder: &Path) -> Options {
    Options {
        templates_dir: folder.join("templates"),
        static_dir: folder.join("static"),
        good_dir: folder.join("templates.good"),
        default_locale: Locale::parse("en").unwrap(),
        check: CheckMode::InProcess,
        builtins: BuiltIns::compiled_in(),
    }
}
