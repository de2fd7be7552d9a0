//! A database of the test's own, of either kind, and the rows that stories begin with.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tessera::core::{
    Actor, AttemptId, ChallengeId, Email, EnrollmentId, MessageId, OsRng, TicketId, TicketSecret,
    Timestamp, UserId,
};
use tessera::store::{
    Created, Event, NewChallenge, NewEnrollment, NewMessage, NewTicket, NewUser, Store, User,
    UserLimits,
};

use crate::support::postgres::Postgres;

/// 2026-11-22 12:00 UTC.
pub const NOON: Timestamp = Timestamp::from_millis(1_795_348_800_000);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub const LIFETIME: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// Tells each story on a SQLite file, and on a PostgreSQL database where a server is named.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story($crate::house::House::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL: bash tests/run.sh"]
            async fn on_postgres() {
                if let Some(house) = $crate::house::House::postgres().await {
                    super::$story(house).await;
                }
            }
        }
    )+};
}
pub(crate) use on_both;

/// Commits one call of a transaction, and gives what it gave.
macro_rules! commit {
    ($house:expr, $tx:ident => $call:expr) => {{
        let mut $tx = $house.store.begin_write().await.unwrap();
        let given = $call.await.unwrap();
        $tx.commit().await.unwrap();
        given
    }};
}
pub(crate) use commit;

/// Gives what one call of a reader gives.
macro_rules! read {
    ($house:expr, $read:ident => $call:expr) => {{
        let mut $read = $house.store.begin_read().await.unwrap();
        $call.await.unwrap()
    }};
}
pub(crate) use read;

/// A connection beside the store, for what the store has no method for.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Writes the two arms of a query on a [`Raw`] connection.
macro_rules! on_raw {
    ($raw:expr, $conn:ident => $query:expr) => {
        match $raw {
            $crate::house::Raw::Sqlite($conn) => $query,
            $crate::house::Raw::Postgres($conn) => $query,
        }
    };
}
pub(crate) use on_raw;

impl Raw {
    pub async fn run(&mut self, sql: &'static str) -> Result<u64, sqlx::Error> {
        on_raw!(self, conn => sqlx::query(sql).execute(conn).await.map(|done| done.rows_affected()))
    }

    pub async fn number(&mut self, sql: &'static str) -> i64 {
        on_raw!(self, conn => sqlx::query_scalar(sql).fetch_one(conn).await).unwrap()
    }
}

pub struct House {
    pub store: Store,
    pub folder: TempDir,
    postgres: Option<Postgres>,
}

impl House {
    pub async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open_sqlite(&file_in(folder.path())).await.unwrap();
        Self::migrated(store, folder, None).await
    }

    pub async fn postgres() -> Option<Self> {
        let database = Postgres::fresh().await?;
        let store = Store::open_postgres(database.url()).await.unwrap();
        Some(Self::migrated(store, TempDir::new().unwrap(), Some(database)).await)
    }

    async fn migrated(store: Store, folder: TempDir, postgres: Option<Postgres>) -> Self {
        store.migrate().await.unwrap();
        Self {
            store,
            folder,
            postgres,
        }
    }

    pub fn file(&self) -> PathBuf {
        file_in(self.folder.path())
    }

    /// A second store on the same database, as another instance has it.
    pub async fn other_instance(&self) -> Store {
        match &self.postgres {
            Some(database) => Store::open_postgres(database.url()).await.unwrap(),
            None => Store::open_sqlite(&self.file()).await.unwrap(),
        }
    }

    pub async fn raw(&self) -> Raw {
        match &self.postgres {
            Some(database) => Raw::Postgres(PgConnection::connect(database.url()).await.unwrap()),
            None => Raw::Sqlite(
                SqliteConnectOptions::new()
                    .filename(self.file())
                    .foreign_keys(true)
                    .connect()
                    .await
                    .unwrap(),
            ),
        }
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        self.raw().await.number(sql).await
    }

    /// Adds a user with an address.
    pub async fn user(&self, id: &str) -> UserId {
        let user = user(id, Some("ada@example.com"));
        assert!(commit!(self, tx => tx.insert_user(&user)), "{id} is new");
        user.user_id
    }

    /// Creates a ticket of a user who exists.
    pub async fn ticket(&self, ticket: &NewTicket) -> TicketId {
        let created = self
            .store
            .create_tickets(std::slice::from_ref(ticket))
            .await
            .unwrap();
        assert_eq!(created, [Created::Ticket]);
        ticket.ticket_id.clone()
    }

    /// Enrolls a first factor.
    pub async fn enroll(&self, user_id: &UserId, ticket_id: &TicketId) -> EnrollmentId {
        let id = EnrollmentId::new(NOON, &OsRng);
        let new = enrollment(user_id, ticket_id, &id);
        commit!(self, tx => tx.insert_enrollment(&new, NOON));
        id
    }
}

pub fn file_in(folder: &Path) -> PathBuf {
    folder.join("tessera.db")
}

pub fn user_id(text: &str) -> UserId {
    UserId::from_str(text).unwrap()
}

pub fn user(id: &str, email: Option<&str>) -> User {
    User {
        user_id: user_id(id),
        email: email.map(str::to_owned),
        blocked: false,
        profile: "{}".to_owned(),
        created_at: NOON,
        updated_at: NOON,
    }
}

/// A ticket without a mail and without a wish.
pub fn ticket(user_id: &UserId) -> NewTicket {
    let ticket_id = TicketId::new(NOON, &OsRng);
    let actor = Actor::command_line();
    NewTicket {
        new_user: None,
        secret_hash: TicketSecret::new(&OsRng).digest(),
        factors: String::new(),
        allow_multiple: false,
        email: None,
        locale: None,
        result_url: None,
        created_by: "command-line".to_owned(),
        created_at: NOON,
        expires_at: NOON + LIFETIME,
        mail: None,
        event: Event::new("ticket.created", &actor, NOON, &OsRng)
            .user(user_id)
            .ticket(&ticket_id),
        limits: UserLimits::default(),
        call: None,
        user_id: user_id.clone(),
        ticket_id,
    }
}

pub fn new_user(user_id: &UserId, profile: &str) -> NewUser {
    let actor = Actor::command_line();
    NewUser {
        profile: profile.to_owned(),
        event: Event::new("user.created", &actor, NOON, &OsRng).user(user_id),
    }
}

/// A ticket that brings its user along.
pub fn ticket_of_new_user(user_id: &UserId) -> NewTicket {
    NewTicket {
        new_user: Some(new_user(user_id, "{}")),
        email: Some(email("new@example.com")),
        ..ticket(user_id)
    }
}

pub fn email(text: &str) -> Email {
    Email::from_str(text).unwrap()
}

pub fn message() -> NewMessage {
    NewMessage {
        message_id: MessageId::new(NOON, &OsRng),
        kind: "enrollment",
        payload_sealed: Some(b"sealed".to_vec()),
        detail: "{}".to_owned(),
        expires_at: NOON + LIFETIME,
    }
}

pub fn attempt() -> AttemptId {
    AttemptId::new(NOON, &OsRng)
}

pub fn challenge<'a>(
    user_id: &'a UserId,
    bearer: &'a str,
    challenge_id: &'a ChallengeId,
    enrollment_id: &'a EnrollmentId,
) -> NewChallenge<'a> {
    NewChallenge {
        user_id,
        bearer,
        factor: "phone",
        challenge_id,
        ticket_id: None,
        enrollment_id,
        state: "waiting",
        payload_sealed: b"sealed",
        lookup: None,
        expires_at: NOON + MINUTE * 10,
    }
}

/// The usual enrollment.
pub fn enrollment<'a>(
    user_id: &'a UserId,
    ticket_id: &'a TicketId,
    id: &'a EnrollmentId,
) -> NewEnrollment<'a> {
    NewEnrollment {
        user_id,
        enrollment_id: id,
        factor: "otp",
        is_first: true,
        ticket_id: Some(ticket_id),
        material_sealed: b"sealed",
        last_step: Some(59_000_000),
        name: None,
        credential_id: None,
        facts: "{}",
    }
}

/// The kinds of events, sorted: those of one moment have no order.
pub fn kinds(events: &[tessera::store::EventRow]) -> Vec<&str> {
    let mut kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds
}
