//! What the database says, read past the server.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use futures_util::TryFutureExt as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tessera::store::Store;

/// Where the rows are.
#[derive(Clone, Debug)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Runs `$query` on a connection of the database's kind.
macro_rules! on {
    ($database:expr, $conn:ident => $query:expr) => {
        match $database {
            Database::Sqlite(path) => {
                let mut opened = SqliteConnectOptions::new()
                    .filename(path)
                    .connect()
                    .await
                    .unwrap();
                let $conn = &mut opened;
                let given = $query.await.unwrap();
                opened.close().await.unwrap();
                given
            }
            Database::Postgres(url) => {
                let mut opened = PgConnection::connect(url).await.unwrap();
                let $conn = &mut opened;
                let given = $query.await.unwrap();
                opened.close().await.unwrap();
                given
            }
        }
    };
}

impl Database {
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(folder.join("data/tessera.db"))
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// As the server opens it.
    pub async fn store(&self) -> Store {
        match self {
            Self::Sqlite(path) => Store::open_sqlite(path).await.unwrap(),
            Self::Postgres(url) => Store::open_postgres(url).await.unwrap(),
        }
    }

    pub async fn run(&self, sql: &'static str) {
        on!(self, conn => sqlx::raw_sql(sql).execute(conn).map_ok(drop));
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        on!(self, conn => sqlx::query_scalar(sql).fetch_one(conn))
    }

    /// Lets the time of leases and of waits for another try pass.
    pub async fn let_mails_be_due(&self) {
        self.run("UPDATE outbox SET due_at = 0 WHERE state = 'due'")
            .await;
    }

    /// What SQLite finds wrong with its own file.
    pub async fn damage(&self) -> Option<String> {
        let Self::Sqlite(path) = self else {
            return None;
        };
        let mut conn = SqliteConnectOptions::new()
            .filename(path)
            .connect()
            .await
            .unwrap();
        let found: String = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        (found != "ok").then_some(found)
    }
}

#[derive(Clone, Debug)]
pub struct Ticket {
    pub user_id: String,
    pub state: String,
    pub winner: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub message_id: String,
    pub kind: String,
    pub state: String,
    pub last_error: Option<String>,
}

/// All rows that the invariants speak of.
pub struct Rows {
    pub tickets: HashMap<String, Ticket>,
    /// How often each kind of thing happened to each ticket.
    pub events: HashMap<(String, String), i64>,
    /// The messages of each ticket.
    pub messages: HashMap<String, Vec<Message>>,
    /// The ticket of each confirmed enrollment, and whose it is.
    pub enrollments: Vec<(String, String)>,
    /// How many recovery codes each ticket made.
    pub recovery_codes: HashMap<String, i64>,
}

type TicketRow = (String, String, String, Option<String>);
type MessageRow = (String, String, String, String, Option<String>);

impl Rows {
    pub async fn of(database: &Database) -> Self {
        let tickets: Vec<TicketRow> = on!(database, conn => sqlx::query_as(
            "SELECT ticket_id, user_id, state, winner FROM tickets"
        ).fetch_all(conn));
        let events: Vec<(String, String, i64)> = on!(database, conn => sqlx::query_as(
            "SELECT ticket_id, kind, COUNT(*) FROM events WHERE ticket_id IS NOT NULL GROUP BY ticket_id, kind"
        ).fetch_all(conn));
        let messages: Vec<MessageRow> = on!(database, conn => sqlx::query_as(
            "SELECT message_id, ticket_id, kind, state, last_error FROM outbox"
        ).fetch_all(conn));
        let enrollments = on!(database, conn => sqlx::query_as(
            "SELECT ticket_id, user_id FROM enrollments WHERE status = 'confirmed'"
        ).fetch_all(conn));
        let recovery_codes: Vec<(String, i64)> = on!(database, conn => sqlx::query_as(
            "SELECT ticket_id, COUNT(*) FROM recovery_codes GROUP BY ticket_id"
        ).fetch_all(conn));
        let ticket = |(id, user_id, state, winner)| {
            let row = Ticket {
                user_id,
                state,
                winner,
            };
            (id, row)
        };
        let mut of_tickets: HashMap<String, Vec<Message>> = HashMap::new();
        for (message_id, ticket_id, kind, state, last_error) in messages {
            of_tickets.entry(ticket_id).or_default().push(Message {
                message_id,
                kind,
                state,
                last_error,
            });
        }
        Self {
            tickets: tickets.into_iter().map(ticket).collect(),
            events: events
                .into_iter()
                .map(|(ticket, kind, count)| ((ticket, kind), count))
                .collect(),
            messages: of_tickets,
            enrollments,
            recovery_codes: recovery_codes.into_iter().collect(),
        }
    }

    pub fn messages_of(&self, ticket: &str, kind: &str) -> Vec<&Message> {
        let all = self.messages.get(ticket).into_iter().flatten();
        all.filter(|message| message.kind == kind).collect()
    }

    pub fn events_of(&self, ticket: &str, kind: &str) -> i64 {
        let key = (ticket.to_owned(), kind.to_owned());
        self.events.get(&key).copied().unwrap_or(0)
    }
}
