//! The sealed columns, table by table: counted by the version of their key, and sealed anew row by row.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::Result;

/// A table with a sealed column. A test compares them with the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedTable {
    /// The private halves of the keys that sign by RS256.
    SigningKeys,
    /// The private halves of the keys that sign by ES256.
    EcSigningKeys,
    /// What proves a factor.
    Enrollments,
    /// What only a message may show.
    Outbox,
    /// The secrets of links whose call may come again.
    IdempotencyKeys,
    /// What answers to challenges are checked against.
    Challenges,
    /// The secrets of what an admin set.
    Settings,
}

impl SealedTable {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SigningKeys,
        Self::EcSigningKeys,
        Self::Enrollments,
        Self::Outbox,
        Self::IdempotencyKeys,
        Self::Challenges,
        Self::Settings,
    ];

    /// The table's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SigningKeys => "signing_keys",
            Self::EcSigningKeys => "ec_signing_keys",
            Self::Enrollments => "enrollments",
            Self::Outbox => "outbox",
            Self::IdempotencyKeys => "idempotency_keys",
            Self::Challenges => "challenges",
            Self::Settings => "settings",
        }
    }

    /// The sealed column's name.
    pub fn column(self) -> &'static str {
        match self {
            Self::SigningKeys | Self::EcSigningKeys => "private_sealed",
            Self::Enrollments => "material_sealed",
            Self::Outbox | Self::Challenges => "payload_sealed",
            Self::IdempotencyKeys => "secret_sealed",
            Self::Settings => "value_sealed",
        }
    }
}

/// A row with something sealed in it.
#[derive(Debug, Clone)]
pub struct SealedRow {
    /// What it belongs to, where the seal is bound to that, too.
    pub owner: Option<String>,
    /// Its name; rows are given in this order.
    pub id: String,
    /// What is sealed.
    pub sealed: Vec<u8>,
}
record!(SealedRow: owner, id, sealed);

struct Counted {
    version: Vec<u8>,
    rows: i64,
}
record!(Counted: version, rows);

/// The three statements of a table with a sealed column.
struct Statements {
    count: &'static str,
    select: &'static str,
    update: &'static str,
}

macro_rules! statements {
    ($table:literal, $owner:literal, $id:literal, $sealed:literal) => {
        Statements {
            count: concat!(
                "SELECT substr(",
                $sealed,
                ", 1, 1) AS version, COUNT(*) AS rows FROM ",
                $table,
                " WHERE ",
                $sealed,
                " IS NOT NULL GROUP BY substr(",
                $sealed,
                ", 1, 1)"
            ),
            select: concat!(
                "SELECT ",
                $owner,
                " AS owner, ",
                $id,
                " AS id, ",
                $sealed,
                " AS sealed FROM ",
                $table,
                " WHERE ",
                $id,
                " > $1 AND substr(",
                $sealed,
                ", 1, 1) <> $2 ORDER BY ",
                $id,
                " LIMIT $3"
            ),
            update: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $sealed,
                " = $3 WHERE ",
                $id,
                " = $1 AND ",
                $sealed,
                " = $2"
            ),
        }
    };
}

#[rustfmt::skip]
fn statements(table: SealedTable) -> Statements {
    match table {
        SealedTable::SigningKeys => statements!("signing_keys", "CAST(NULL AS TEXT)", "kid", "private_sealed"),
        SealedTable::EcSigningKeys => statements!("ec_signing_keys", "CAST(NULL AS TEXT)", "kid", "private_sealed"),
        SealedTable::Enrollments => statements!("enrollments", "user_id", "enrollment_id", "material_sealed"),
        SealedTable::Outbox => statements!("outbox", "CAST(NULL AS TEXT)", "message_id", "payload_sealed"),
        SealedTable::IdempotencyKeys => statements!("idempotency_keys", "CAST(NULL AS TEXT)", "key_hash", "secret_sealed"),
        SealedTable::Challenges => statements!("challenges", "user_id", "challenge_id", "payload_sealed"),
        SealedTable::Settings => statements!("settings", "CAST(NULL AS TEXT)", "name", "value_sealed"),
    }
}

impl Read {
    /// How many rows of a table are sealed with each version of the key.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_sealed(&mut self, table: SealedTable) -> Result<Vec<(u8, i64)>> {
        let counted: Vec<Counted> = sql(statements(table).count, &bind![]).all(self).await?;
        // What is too short to name a version counts as none.
        let version = |row: Counted| (row.version.first().copied().unwrap_or(0), row.rows);
        Ok(counted.into_iter().map(version).collect())
    }

    /// Up to `limit` rows behind `after` that are sealed with another version than this.
    ///
    /// # Errors
    /// Of the database.
    pub async fn rows_sealed_otherwise(
        &mut self,
        table: SealedTable,
        version: u8,
        after: &str,
        limit: i64,
    ) -> Result<Vec<SealedRow>> {
        sql(
            statements(table).select,
            &bind![after, &[version][..], limit],
        )
        .all(self)
        .await
    }
}

impl Write {
    /// Puts `sealed` in the place of what `row` had when it was read; `false` when it was changed or removed since.
    ///
    /// # Errors
    /// Of the database.
    pub async fn reseal(
        &mut self,
        table: SealedTable,
        row: &SealedRow,
        sealed: &[u8],
    ) -> Result<bool> {
        let done = sql(
            statements(table).update,
            &bind![&row.id, &row.sealed, sealed],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
