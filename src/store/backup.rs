//! Copies of the database, and what must follow when one is put back.

use std::path::Path;

use anyhow::{Context as _, ensure};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::conn::{ConnMut, Pool, Read, Store, Write};
use super::sql::{bind, sql};
use crate::core::{Result, Timestamp};

/// Checks each page and index of a SQLite file, without changing it.
///
/// # Errors
/// When it is none, or damaged.
pub async fn check_sqlite(file: &Path) -> anyhow::Result<()> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let found = async {
        let mut connection = options.connect().await?;
        let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok::<_, sqlx::Error>(found)
    };
    let found = found
        .await
        .with_context(|| format!("{} cannot be read as a database", file.display()))?;
    ensure!(found == "ok", "{} is damaged: {found}", file.display());
    Ok(())
}

impl Store {
    /// Copies the database as it is at one moment into a file, which must be empty or not be there; others go on
    /// reading and writing meanwhile. SQLite only.
    ///
    /// # Errors
    /// Of the database and the disk.
    pub async fn copy_into(&self, file: &Path) -> anyhow::Result<()> {
        let Pool::Sqlite { read, .. } = &self.0 else {
            anyhow::bail!("PostgreSQL is copied by pg_dump");
        };
        let name = file.to_str().context("the file's name is not UTF-8")?;
        sqlx::query("VACUUM INTO $1")
            .bind(name)
            .execute(read)
            .await?;
        Ok(())
    }

    /// How many bytes the database has on disk; 0 where a server keeps it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn size(&self) -> Result<u64> {
        let Pool::Sqlite { read, .. } = &self.0 else {
            return Ok(0);
        };
        let bytes: i64 = sqlx::query_scalar(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        )
        .fetch_one(read)
        .await?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// How many connections of other Tessera processes a PostgreSQL database has; 0 on SQLite, which has its lock.
    ///
    /// # Errors
    /// Of the database.
    pub async fn other_connections(&self) -> Result<i64> {
        let Pool::Postgres { pool, .. } = &self.0 else {
            return Ok(0);
        };
        let all: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tessera'",
        )
        .fetch_one(pool)
        .await?;
        Ok((all - i64::from(pool.size())).max(0))
    }
}

impl Read {
    /// Lets the statements of this connection take as long as they need. For commands: a server answers in time.
    ///
    /// # Errors
    /// Of the database.
    pub async fn take_its_time(&mut self) -> Result<()> {
        if let ConnMut::Postgres(conn) = self.conn() {
            sqlx::query("SET statement_timeout = 0")
                .execute(conn)
                .await?;
        }
        Ok(())
    }
}

impl Write {
    /// Takes back every ticket that could still be redeemed; says how many they were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn revoke_all_tickets(&mut self, now: Timestamp) -> Result<u64> {
        sql(
            "UPDATE tickets SET state = 'revoked', ended_at = $1 WHERE state IN ('open', 'held')",
            &bind![now.millis()],
        )
        .run(self)
        .await
    }

    /// Drops every link that is not mailed yet; says how many they were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn drop_all_links(&mut self, reason: &str, now: Timestamp) -> Result<u64> {
        sql(
            "UPDATE outbox SET state = 'dropped', payload_sealed = NULL, lease_owner = NULL, last_error = $1, settled_at = $2
             WHERE state = 'due' AND kind = 'enrollment'",
            &bind![reason, now.millis()],
        )
        .run(self)
        .await
    }

    /// Ends every login, and remembers no browser: what was proved, spent or forgotten since is not known.
    ///
    /// # Errors
    /// Of the database.
    pub async fn forget_all_logins(&mut self) -> Result<()> {
        sql("DELETE FROM logins", &bind![]).run(self).await?;
        sql("DELETE FROM browsers", &bind![])
            .run(self)
            .await
            .map(drop)
    }

    /// Notes for every authenticator app that all codes up to this time step are used.
    ///
    /// # Errors
    /// Of the database.
    pub async fn use_up_steps(&mut self, step: i64) -> Result<()> {
        sql(
            "UPDATE enrollments SET last_step = $1 WHERE factor = 'otp' AND (last_step IS NULL OR last_step < $1)",
            &bind![step],
        )
        .run(self)
        .await
        .map(drop)
    }
}
