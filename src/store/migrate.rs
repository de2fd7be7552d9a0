//! Migrations: one folder for both databases.

use anyhow::Context as _;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::conn::{ConnMut, Pool, Store};
use super::open::lock_beside;
use super::sql::{bind, sql};
use crate::core::Result;
use crate::core::fault::dies_at;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (
        1,
        "initial",
        include_str!("../../migrations/0001_initial.sql"),
    ),
    (
        2,
        "limits",
        include_str!("../../migrations/0002_limits.sql"),
    ),
    (
        3,
        "ticket_secrets",
        include_str!("../../migrations/0003_ticket_secrets.sql"),
    ),
    (
        4,
        "factors",
        include_str!("../../migrations/0004_factors.sql"),
    ),
    (5, "phone", include_str!("../../migrations/0005_phone.sql")),
    (
        6,
        "cheaper_tickets",
        include_str!("../../migrations/0006_cheaper_tickets.sql"),
    ),
    (
        7,
        "step_up",
        include_str!("../../migrations/0007_step_up.sql"),
    ),
    (
        8,
        "logins",
        include_str!("../../migrations/0008_logins.sql"),
    ),
    (9, "es256", include_str!("../../migrations/0009_es256.sql")),
];

/// Why the schema does not fit this program.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The database is behind.
    #[error(
        "the database is at schema {found}, this program needs {needed}; run `tessera migrate`"
    )]
    Old {
        /// The newest migration that ran.
        found: i64,
        /// The newest migration of this program.
        needed: i64,
    },
    /// The database is ahead.
    #[error(
        "the database is at schema {found}, which is newer than this program ({known}); run a newer tessera"
    )]
    New {
        /// The newest migration that ran.
        found: i64,
        /// The newest migration of this program.
        known: i64,
    },
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |&(version, ..)| version)
}

impl Store {
    /// The newest migration of this program.
    pub fn newest_schema() -> i64 {
        newest()
    }

    /// Whether this database is the embedded one, which is migrated at start.
    pub fn is_embedded(&self) -> bool {
        matches!(self.0, Pool::Sqlite { .. })
    }

    /// Brings the schema forward; a lock keeps two starts on one SQLite file apart.
    ///
    /// # Errors
    /// When the schema is newer than this program, or the database is out of reach.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let lock = match &self.0 {
            Pool::Sqlite { lite, .. } => Some(lock_beside(lite.file()).await?),
            Pool::Postgres { .. } => None,
        };
        let found = self.schema_version().await?;
        if found > newest() {
            return Err(SchemaError::New {
                found,
                known: newest(),
            }
            .into());
        }
        dies_at!("migrate::begun");
        match &self.0 {
            Pool::Sqlite { write, .. } => migrator().run(write).await,
            Pool::Postgres { pool, .. } => {
                // It takes the time that it takes; the connection is not used for anything else.
                let mut conn = pool.acquire().await?;
                conn.close_on_drop();
                let patient = "SET statement_timeout = 0; SET lock_timeout = 0";
                sqlx::raw_sql(patient).execute(&mut *conn).await?;
                migrator().run(&mut *conn).await
            }
        }
        .context("the migration failed; the database is as it was before")?;
        dies_at!("migrate::done");
        drop(lock);
        Ok(())
    }

    /// Checks that the schema is exactly the one of this program.
    ///
    /// # Errors
    /// [`SchemaError`], saying what to do.
    pub async fn check_schema(&self) -> anyhow::Result<()> {
        let (found, needed) = (self.schema_version().await?, newest());
        match found {
            _ if found < needed => Err(SchemaError::Old { found, needed }.into()),
            _ if found > needed => Err(SchemaError::New {
                found,
                known: needed,
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// The newest migration that ran; 0 in an empty database.
    ///
    /// # Errors
    /// Of the database.
    pub async fn schema_version(&self) -> Result<i64> {
        let mut read = self.begin_read().await?;
        let tables = match read.conn() {
            ConnMut::Postgres(_) => {
                "SELECT COUNT(*) FROM pg_tables WHERE tablename = '_sqlx_migrations' AND schemaname = ANY(current_schemas(FALSE))"
            }
            _ => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
        };
        let tables: i64 = sql(tables, &[]).one(&mut read).await?;
        if tables == 0 {
            return Ok(0);
        }
        let version: Option<i64> = sql(
            "SELECT MAX(version) FROM _sqlx_migrations WHERE success",
            &bind![],
        )
        .one(&mut read)
        .await?;
        Ok(version.unwrap_or(0))
    }
}
