//! The schema: brought forward once, and refused by name when it does not fit.

use futures_util::future::join_all;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqlSafeStr as _};
use tempfile::TempDir;
use tessera::core::UserId;
use tessera::store::{SchemaError, Store};

use crate::house::{House, Raw, file_in, on_both, on_raw, read, user_id};
use crate::support::postgres::Postgres;

on_both!(
    migrating_again_changes_nothing,
    an_old_schema_is_named_with_the_way_forward,
    a_newer_schema_is_refused,
    a_migration_that_broke_off_does_not_count
);

/// The schema of this program.
const NEWEST: i64 = 9;
const AHEAD: SchemaError = SchemaError::New {
    found: 99,
    known: NEWEST,
};

async fn migrating_again_changes_nothing(house: House) {
    let ada: UserId = house.user("auth0|ada").await;
    house.store.check_schema().await.unwrap();
    house.store.migrate().await.unwrap();
    house.store.check_schema().await.unwrap();
    assert!(read!(house, read => read.user(&ada)).is_some());
    assert_eq!(
        house.number("SELECT COUNT(*) FROM _sqlx_migrations").await,
        NEWEST
    );
}

async fn an_old_schema_is_named_with_the_way_forward(house: House) {
    let old = SchemaError::Old {
        found: 0,
        needed: NEWEST,
    };
    for left in [
        "DELETE FROM _sqlx_migrations",
        "DROP TABLE _sqlx_migrations",
    ] {
        house.raw().await.run(left).await.unwrap();
        let error = house.store.check_schema().await.unwrap_err();
        assert_eq!(error.downcast_ref::<SchemaError>(), Some(&old), "{left}");
        let words = error.to_string();
        assert!(
            words.contains("at schema 0") && words.contains("`tessera migrate`"),
            "{words}"
        );
    }
}

async fn a_newer_schema_is_refused(house: House) {
    let ada = house.user("auth0|ada").await;
    let newer = "UPDATE _sqlx_migrations SET version = 99 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    house.raw().await.run(newer).await.unwrap();
    for refused in [
        house.store.check_schema().await,
        house.store.migrate().await,
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.downcast_ref::<SchemaError>(), Some(&AHEAD));
        assert!(error.to_string().contains("run a newer tessera"), "{error}");
    }
    let ran = house
        .number("SELECT MAX(version) FROM _sqlx_migrations")
        .await;
    assert_eq!(ran, 99, "nothing was written");
    assert!(read!(house, read => read.user(&ada)).is_some());
}

async fn a_migration_that_broke_off_does_not_count(house: House) {
    let broken = "UPDATE _sqlx_migrations SET success = FALSE";
    house.raw().await.run(broken).await.unwrap();
    let error = house.store.check_schema().await.unwrap_err();
    let old = SchemaError::Old {
        found: 0,
        needed: NEWEST,
    };
    assert_eq!(error.downcast_ref::<SchemaError>(), Some(&old));
    assert!(house.store.migrate().await.is_err());
}

/// One in five or so was refused while SQLite turned the file to its log.
#[tokio::test]
async fn many_open_one_new_file_at_once() {
    for _ in 0..10 {
        let folder = TempDir::new().unwrap();
        let file = file_in(folder.path());
        let opened = join_all((0..20).map(|_| Store::open_sqlite(&file))).await;
        for store in opened {
            store.unwrap().ping().await.unwrap();
        }
    }
}

/// Twenty starts at once, each with connections of its own; on one thread, so that one that waits must let the
/// others go on.
#[tokio::test]
async fn twenty_starts_on_one_file_migrate_it_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let starts = (0..20).map(|index| async move {
        let store = Store::open_sqlite(&file_in(path)).await.unwrap();
        store.migrate().await.unwrap();
        store.check_schema().await.unwrap();
        let user = crate::house::user(&format!("auth0|{index}"), None);
        let mut tx = store.begin_write().await.unwrap();
        assert!(tx.insert_user(&user).await.unwrap());
        tx.commit().await.unwrap();
        store
    });
    let all = tokio::time::timeout(std::time::Duration::from_secs(60), join_all(starts));
    let stores = all.await.expect("no start waits for ever");
    let mut read = stores[0].begin_read().await.unwrap();
    assert_eq!(read.count_users().await.unwrap(), 20);
    assert!(read.user(&user_id("auth0|19")).await.unwrap().is_some());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn several_migrations_of_one_postgres_run_it_once() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let url = database.url();
    let starts = (0..6).map(|_| async move {
        let store = Store::open_postgres(url).await.unwrap();
        store.migrate().await.unwrap();
        store.check_schema().await.unwrap();
    });
    join_all(starts).await;
    let connection = PgConnection::connect(url).await.unwrap();
    let ran = "SELECT COUNT(*) FROM _sqlx_migrations";
    assert_eq!(Raw::Postgres(connection).number(ran).await, NEWEST);
}

/// A row of each table that is made anew, as the schema before it had them.
const BEFORE: [&str; 6] = [
    "INSERT INTO users (user_id, profile, created_at, updated_at) VALUES ('ada', '{}', 1, 1), ('bob', '{}', 1, 1)",
    "INSERT INTO tickets (ticket_id, user_id, state, secret_hash, factors, allow_multiple, created_by, created_at, expires_at, failures)
     VALUES ('gten_a', 'ada', 'open', 'x', 'otp', FALSE, 'cli_1', 1, 2, 3), ('gten_b', 'bob', 'open', 'y', '', TRUE, 'cli_1', 1, 2, 0)",
    "INSERT INTO former_links (ticket_id, secret_hash, replaced_at) VALUES ('gten_a', 'z', 1)",
    "INSERT INTO outbox (message_id, kind, user_id, ticket_id, state, payload_sealed, detail, created_at, due_at, expires_at)
     VALUES ('msg_a', 'enrollment', 'ada', 'gten_a', 'due', 'sealed', '{}', 1, 1, 2)",
    "INSERT INTO outbox (message_id, kind, user_id, state, detail, created_at, due_at, expires_at, settled_at)
     VALUES ('msg_b', 'factor-added', 'bob', 'sent', '{}', 1, 1, 2, 2)",
    "INSERT INTO challenges (user_id, bearer, factor, challenge_id, ticket_id, enrollment_id, state, payload_sealed, created_at, expires_at)
     VALUES ('ada', 'att_a', 'phone', 'chl_a', 'gten_a', 'dev_a', 'sent', 'sealed', 1, 2)",
];
const REFERRERS: &str = "SELECT (SELECT COUNT(*) FROM former_links) + (SELECT COUNT(*) FROM outbox)
            + (SELECT COUNT(*) FROM challenges)";

async fn rows_outlive_their_tables(store: Store, mut raw: Raw) {
    let before = [
        include_str!("../../migrations/0001_initial.sql"),
        include_str!("../../migrations/0002_limits.sql"),
        include_str!("../../migrations/0003_ticket_secrets.sql"),
        include_str!("../../migrations/0004_factors.sql"),
        include_str!("../../migrations/0005_phone.sql"),
    ];
    let names = ["initial", "limits", "ticket_secrets", "factors", "phone"];
    let migrations = (1..).zip(names).zip(before).map(|((version, name), sql)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    on_raw!(&mut raw, conn => migrator.run(&mut *conn).await).unwrap();
    for row in BEFORE {
        raw.run(row).await.unwrap();
    }
    store.migrate().await.unwrap();
    store.check_schema().await.unwrap();
    let kept = "SELECT COUNT(*) FROM tickets t JOIN former_links f ON f.ticket_id = t.ticket_id
                JOIN outbox o ON o.ticket_id = t.ticket_id JOIN challenges c ON c.ticket_id = t.ticket_id
                WHERE t.failures = 3 AND o.state = 'due' AND c.challenge_id = 'chl_a'";
    assert_eq!(raw.number(kept).await, 1);
    assert_eq!(raw.number("SELECT COUNT(*) FROM tickets").await, 2);
    assert_eq!(raw.number(REFERRERS).await, 4);
    raw.run("DELETE FROM users WHERE user_id = 'ada'")
        .await
        .unwrap();
    assert_eq!(raw.number("SELECT COUNT(*) FROM tickets").await, 1);
    assert_eq!(
        raw.number(REFERRERS).await,
        1,
        "what was hers went with her"
    );
}

#[tokio::test]
async fn rows_outlive_their_tables_on_sqlite() {
    let folder = TempDir::new().unwrap();
    let file = file_in(folder.path());
    let store = Store::open_sqlite(&file).await.unwrap();
    let options = SqliteConnectOptions::new().filename(&file);
    let raw = Raw::Sqlite(options.foreign_keys(true).connect().await.unwrap());
    rows_outlive_their_tables(store, raw).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn rows_outlive_their_tables_on_postgres() {
    let Some(database) = Postgres::fresh().await else {
        return;
    };
    let store = Store::open_postgres(database.url()).await.unwrap();
    let raw = Raw::Postgres(PgConnection::connect(database.url()).await.unwrap());
    rows_outlive_their_tables(store, raw).await;
}
