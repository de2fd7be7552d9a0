//! Many rows at once, by whatever way they go to the database.

use std::borrow::Cow;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use sqlx::QueryBuilder;

use super::chunks::chunks;
use super::conn::{ConnMut, Read, on};
use crate::core::{Result, Timestamp};

/// A value to bind.
pub(super) enum Bind<'a> {
    Text(Option<Cow<'a, str>>),
    Bytes(Option<&'a [u8]>),
    Number(i64),
    Truth(bool),
}

/// Where rows go.
pub(super) struct Insert {
    /// The table and its columns.
    pub into: &'static str,
    /// How many columns these are.
    pub columns: usize,
    /// What follows the values: what to do about a row that is there, and what to return.
    pub then: &'static str,
}

/// A number of each row that users have.
pub(super) struct Select {
    /// What is selected, `user_id` first, and the conditions but for the last, which is about the users.
    pub from: &'static str,
    /// What `from` compares with at its end, if it does.
    pub after: Option<i64>,
    /// Whether the rows stay locked until the commit, taken in the order of their users.
    pub locks: bool,
}

/// The connection that many rows go through.
pub(super) enum Rows<'a> {
    /// SQLite, in this thread.
    Lite(&'a mut Connection),
    /// Either database behind sqlx.
    Sqlx(&'a mut Read),
}

impl Rows<'_> {
    /// Inserts rows; `values` are those of all rows, one after the other. Returns what the statement returns: one text
    /// for each row, or nothing.
    pub(super) async fn insert(
        &mut self,
        insert: &Insert,
        values: &[Bind<'_>],
    ) -> Result<Vec<String>> {
        let mut returned = Vec::new();
        match self {
            Self::Lite(conn) => {
                let places = vec!["?"; insert.columns].join(", ");
                let text = [
                    "INSERT INTO ",
                    insert.into,
                    " VALUES (",
                    &places,
                    ")",
                    insert.then,
                ];
                let mut statement = conn.prepare_cached(&text.concat())?;
                for row in values.chunks(insert.columns) {
                    let mut rows = statement.query(params_from_iter(row))?;
                    while let Some(row) = rows.next()? {
                        returned.push(row.get(0)?);
                    }
                }
            }
            Self::Sqlx(read) => {
                let rows: Vec<&[Bind<'_>]> = values.chunks(insert.columns).collect();
                for chunk in chunks(&rows) {
                    let more: Vec<String> = on!(read, conn => {
                        let mut query = QueryBuilder::new("INSERT INTO ");
                        query.push(insert.into).push(" ");
                        query.push_values(chunk, |mut row, values| {
                            for value in *values {
                                match value {
                                    Bind::Text(text) => row.push_bind(text.as_deref()),
                                    Bind::Bytes(bytes) => row.push_bind(*bytes),
                                    Bind::Number(number) => row.push_bind(*number),
                                    Bind::Truth(truth) => row.push_bind(*truth),
                                };
                            }
                        });
                        query.push(insert.then);
                        query.build_query_scalar().fetch_all(conn).await
                    })?;
                    returned.extend(more);
                }
            }
        }
        Ok(returned)
    }

    /// Deletes what has this key.
    pub(super) async fn delete(&mut self, statement: &'static str, key: &str) -> Result<()> {
        match self {
            Self::Lite(conn) => drop(conn.prepare_cached(statement)?.execute([key])?),
            Self::Sqlx(read) => {
                on!(read, conn => sqlx::query(statement).bind(key).execute(conn).await.map(drop))?;
            }
        }
        Ok(())
    }

    /// A number for each row of these users.
    pub(super) async fn numbers(
        &mut self,
        select: &Select,
        users: &[&str],
    ) -> Result<Vec<(String, i64)>> {
        let mut found = Vec::with_capacity(users.len());
        match self {
            Self::Lite(conn) => {
                let after = select.after.map_or("", |_| "? AND ");
                let text = [select.from, after, "user_id = ?"];
                let mut statement = conn.prepare_cached(&text.concat())?;
                for user in users {
                    let after = select.after.map(Bind::Number);
                    let bound = after.into_iter().chain([Bind::from(*user)]);
                    let mut rows = statement.query(params_from_iter(bound))?;
                    while let Some(row) = rows.next()? {
                        found.push((row.get(0)?, row.get(1)?));
                    }
                }
            }
            Self::Sqlx(read) => {
                for chunk in chunks(users) {
                    let lock = match read.conn() {
                        ConnMut::Postgres(_) if select.locks => {
                            ") ORDER BY user_id FOR NO KEY UPDATE"
                        }
                        _ => ")",
                    };
                    let more: Vec<(String, i64)> = on!(read, conn => {
                        let mut query = QueryBuilder::new(select.from);
                        if let Some(after) = select.after {
                            query.push_bind(after).push(" AND ");
                        }
                        query.push("user_id IN (");
                        let mut list = query.separated(", ");
                        for user in chunk {
                            list.push_bind(*user);
                        }
                        query.push(lock);
                        query.build_query_as().fetch_all(conn).await
                    })?;
                    found.extend(more);
                }
            }
        }
        Ok(found)
    }
}

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => text.as_deref().map_or(ValueRef::Null, ValueRef::from),
            Self::Bytes(bytes) => bytes.map_or(ValueRef::Null, ValueRef::Blob),
            Self::Number(number) => ValueRef::Integer(*number),
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
    Option<&'a str> => |text: Option<&'a str>| Self::Text(text.map(Cow::from)),
    String => |text: String| Self::Text(Some(text.into())),
    Option<String> => |text: Option<String>| Self::Text(text.map(Cow::from)),
    &'a [u8] => |bytes: &'a [u8]| Self::Bytes(Some(bytes)),
    Option<&'a [u8]> => Self::Bytes,
    bool => Self::Truth,
    Timestamp => |time: Timestamp| Self::Number(time.millis()),
);
