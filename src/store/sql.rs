//! Statements: written once, run on whatever connection there is.

use std::borrow::Cow;

use rusqlite::types::{FromSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

use super::conn::{ConnMut, Read, within};
use crate::core::{
    Algorithm, ChallengeId, ClientId, EnrollmentId, LoginId, MessageId, Result, TicketId,
    Timestamp, UserId,
};

/// A value to bind.
#[derive(Clone)]
pub(super) enum Bind<'a> {
    Text(Option<Cow<'a, str>>),
    Bytes(Option<&'a [u8]>),
    Number(Option<i64>),
    Truth(bool),
}

/// Values to bind, `$1` first.
macro_rules! bind {
    ($($value:expr),* $(,)?) => {
        [$($crate::store::sql::Bind::from($value)),*]
    };
}
pub(super) use bind;

/// The columns of a select list, each of the table that `$of` names, such as `"t."`.
macro_rules! columns {
    ($of:literal: $first:ident $(, $column:ident)*) => {
        concat!($of, stringify!($first) $(, ", ", $of, stringify!($column))*)
    };
}
pub(super) use columns;

/// A statement with what is bound to it.
pub(super) struct Statement<'a> {
    pub(super) text: &'static str,
    pub(super) on_postgres: &'static str,
    pub(super) bound: &'a [Bind<'a>],
}

/// A statement; SQLite and PostgreSQL understand the same text.
pub(super) fn sql<'a>(text: &'static str, bound: &'a [Bind<'a>]) -> Statement<'a> {
    Statement {
        text,
        on_postgres: text,
        bound,
    }
}

/// A SELECT whose rows stay locked until the commit. On SQLite, whoever writes is alone as it is ([`Store::begin_write`]).
///
/// [`Store::begin_write`]: super::Store::begin_write
macro_rules! sql_locking {
    ($text:expr, $bound:expr) => {
        $crate::store::sql::Statement {
            on_postgres: concat!($text, " FOR NO KEY UPDATE"),
            ..$crate::store::sql::sql($text, $bound)
        }
    };
}
pub(super) use sql_locking;

/// As one of the two databases of sqlx takes it.
macro_rules! query {
    ($database:ty, $text:expr, $statement:expr) => {{
        let mut query = sqlx::query::<$database>($text);
        for value in $statement.bound {
            query = match value {
                Bind::Text(text) => query.bind(text.as_deref()),
                Bind::Bytes(bytes) => query.bind(*bytes),
                Bind::Number(number) => query.bind(*number),
                Bind::Truth(truth) => query.bind(*truth),
            };
        }
        query
    }};
}

/// What sqlx does is boxed: a future with room for all three ways would be moved by whoever takes the first.
impl Statement<'_> {
    /// Runs it; says how many rows it wrote.
    pub(super) async fn run(self, on: &mut Read) -> Result<u64> {
        let until = on.until();
        Ok(match on.conn() {
            ConnMut::Lite(conn) => self.prepare(conn)?.raw_execute()? as u64,
            ConnMut::Sqlite(conn) => {
                let done = Box::pin(query!(Sqlite, self.text, self).execute(conn));
                done.await?.rows_affected()
            }
            ConnMut::Postgres(conn) => {
                let done = Box::pin(within(
                    until,
                    query!(Postgres, self.on_postgres, self).execute(conn),
                ));
                done.await?.rows_affected()
            }
        })
    }

    /// The row that it finds, if there is one.
    pub(super) async fn first<R: Record>(self, on: &mut Read) -> Result<Option<R>> {
        let until = on.until();
        match on.conn() {
            ConnMut::Lite(conn) => self.lite_first(conn),
            ConnMut::Sqlite(conn) => {
                let row = Box::pin(query!(Sqlite, self.text, self).fetch_optional(conn)).await?;
                row.map(|row| R::of(&mut Columns::of(Row::Sqlite(&row))))
                    .transpose()
            }
            ConnMut::Postgres(conn) => {
                let row = Box::pin(within(
                    until,
                    query!(Postgres, self.on_postgres, self).fetch_optional(conn),
                ))
                .await?;
                row.map(|row| R::of(&mut Columns::of(Row::Postgres(&row))))
                    .transpose()
            }
        }
    }

    /// The row that it always finds.
    pub(super) async fn one<R: Record>(self, on: &mut Read) -> Result<R> {
        let found = self.first(on).await?;
        found.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// All rows that it finds.
    pub(super) async fn all<R: Record>(self, on: &mut Read) -> Result<Vec<R>> {
        let until = on.until();
        match on.conn() {
            ConnMut::Lite(conn) => {
                let mut statement = self.prepare(conn)?;
                let mut rows = statement.raw_query();
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(R::of(&mut Columns::of(Row::Lite(row)))?);
                }
                Ok(found)
            }
            ConnMut::Sqlite(conn) => {
                let rows = Box::pin(query!(Sqlite, self.text, self).fetch_all(conn)).await?;
                let rows = rows.iter();
                rows.map(|row| R::of(&mut Columns::of(Row::Sqlite(row))))
                    .collect()
            }
            ConnMut::Postgres(conn) => {
                let rows = Box::pin(within(
                    until,
                    query!(Postgres, self.on_postgres, self).fetch_all(conn),
                ))
                .await?;
                let rows = rows.iter();
                rows.map(|row| R::of(&mut Columns::of(Row::Postgres(row))))
                    .collect()
            }
        }
    }

    /// The same in this thread.
    pub(super) fn lite_first<R: Record>(self, conn: &Connection) -> Result<Option<R>> {
        let mut statement = self.prepare(conn)?;
        let mut rows = statement.raw_query();
        rows.next()?
            .map(|row| R::of(&mut Columns::of(Row::Lite(row))))
            .transpose()
    }

    /// With its values bound: to SQLite `$1` is a name, and not a place.
    fn prepare<'c>(&self, conn: &'c Connection) -> Result<CachedStatement<'c>> {
        const NAMES: [&str; 16] = [
            "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13",
            "$14", "$15", "$16",
        ];
        debug_assert!(self.bound.len() <= NAMES.len());
        let mut statement = conn.prepare_cached(self.text)?;
        for (name, value) in NAMES.iter().zip(self.bound) {
            if let Some(place) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(place, value)?;
            }
        }
        Ok(statement)
    }
}

/// What a row is read into: its columns, in order.
pub(super) trait Record: Sized {
    fn of(columns: &mut Columns<'_>) -> Result<Self>;
}

/// Reads these columns, in this order, into the fields of the same names; `..field` takes those of a record of its own.
macro_rules! record {
    ($name:ident: $(..$whole:ident,)* $($column:ident),* $(,)?) => {
        impl $crate::store::sql::Record for $name {
            fn of(columns: &mut $crate::store::sql::Columns<'_>) -> $crate::core::Result<Self> {
                Ok(Self {
                    $($whole: $crate::store::sql::Record::of(columns)?,)*
                    $($column: columns.named(stringify!($column))?,)*
                })
            }
        }
    };
}
pub(super) use record;

/// A row of one of the ways to a database.
#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    Lite(&'a rusqlite::Row<'a>),
    Sqlite(&'a SqliteRow),
    Postgres(&'a PgRow),
}

/// The columns of a row, one after the other.
pub(super) struct Columns<'a> {
    row: Row<'a>,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn of(row: Row<'a>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column, which is called so.
    pub(super) fn named<T: Column>(&mut self, name: &str) -> Result<T> {
        debug_assert_eq!(self.name(), name, "the statement selects other columns");
        self.take()
    }

    /// The next column.
    fn take<T: Column>(&mut self) -> Result<T> {
        let place = self.next;
        self.next += 1;
        T::of(match self.row {
            Row::Lite(row) => row.get(place)?,
            Row::Sqlite(row) => row.try_get(place)?,
            Row::Postgres(row) => row.try_get(place)?,
        })
    }

    fn name(&self) -> &str {
        use sqlx::Column as _;
        match self.row {
            Row::Lite(row) => row.as_ref().column_name(self.next).unwrap_or_default(),
            Row::Sqlite(row) => row.column(self.next).name(),
            Row::Postgres(row) => row.column(self.next).name(),
        }
    }
}

/// What is read from a column.
pub(super) trait Column: Sized {
    /// As the database has it.
    type Kept: FromSql
        + Type<Sqlite>
        + Type<Postgres>
        + for<'r> Decode<'r, Sqlite>
        + for<'r> Decode<'r, Postgres>;

    fn of(kept: Self::Kept) -> Result<Self>;
}

/// A value by itself is a row of one column.
impl<T: Column> Record for T {
    fn of(columns: &mut Columns<'_>) -> Result<Self> {
        columns.take()
    }
}

impl<A: Column, B: Column> Record for (A, B) {
    fn of(columns: &mut Columns<'_>) -> Result<Self> {
        Ok((columns.take()?, columns.take()?))
    }
}

macro_rules! column {
    ($($kind:ty),*) => {$(
        impl Column for $kind {
            type Kept = Self;
            fn of(kept: Self) -> Result<Self> {
                Ok(kept)
            }
        }
    )*};
    ($kept:ty => $($kind:ty),*) => {$(
        impl Column for $kind {
            type Kept = $kept;
            fn of(kept: $kept) -> Result<Self> {
                kept.try_into()
            }
        }
    )*};
}
column!(
    i64,
    bool,
    String,
    Vec<u8>,
    Option<i64>,
    Option<String>,
    Option<Vec<u8>>
);
column!(String => ChallengeId, ClientId, EnrollmentId, LoginId, MessageId, TicketId, UserId);
column!(String => Algorithm, super::TicketState);

impl Column for Timestamp {
    type Kept = i64;
    fn of(millis: i64) -> Result<Self> {
        Ok(Self::from_millis(millis))
    }
}

impl Bind<'_> {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_deref(),
            _ => None,
        }
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => *bytes,
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => *number,
            _ => None,
        }
    }

    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            _ => None,
        }
    }
}

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => text.as_deref().map_or(ValueRef::Null, ValueRef::from),
            Self::Bytes(bytes) => bytes.map_or(ValueRef::Null, ValueRef::Blob),
            Self::Number(number) => number.map_or(ValueRef::Null, ValueRef::Integer),
            Self::Truth(truth) => ValueRef::Integer(i64::from(*truth)),
        }))
    }
}

macro_rules! bind_from {
    ($($kind:ty => $variant:expr),* $(,)?) => {$(
        impl<'a> From<$kind> for Bind<'a> {
            fn from(value: $kind) -> Self {
                $variant(value)
            }
        }
    )*};
}

bind_from!(
    &'a str => |text: &'a str| Self::Text(Some(text.into())),
    &'a String => |text: &'a String| Self::Text(Some(text.into())),
    String => |text: String| Self::Text(Some(text.into())),
    Option<&'a str> => |text: Option<&'a str>| Self::Text(text.map(Cow::from)),
    &'a Option<String> => |text: &'a Option<String>| Self::Text(text.as_deref().map(Cow::from)),
    Option<String> => |text: Option<String>| Self::Text(text.map(Cow::from)),
    &'a [u8] => |bytes: &'a [u8]| Self::Bytes(Some(bytes)),
    &'a Vec<u8> => |bytes: &'a Vec<u8>| Self::Bytes(Some(bytes)),
    Option<&'a [u8]> => Self::Bytes,
    i64 => |number: i64| Self::Number(Some(number)),
    Option<i64> => Self::Number,
    bool => Self::Truth,
    Timestamp => |time: Timestamp| Self::Number(Some(time.millis())),
);
