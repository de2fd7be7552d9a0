//! Many rows at once, by whatever way they go to the database.

use rusqlite::params_from_iter;
use sqlx::{Database, Encode, Postgres, QueryBuilder, Sqlite, Type};

use super::chunks::chunks;
use super::conn::{ConnMut, Write, within};
use super::sql::Bind;
use crate::core::Result;

/// Where rows go.
pub(super) struct Insert {
    /// The table and its columns.
    pub into: &'static str,
    /// How many columns these are.
    pub columns: usize,
    /// What follows the values: what to do about a row that is there, and what to return.
    pub then: &'static str,
}

impl Insert {
    /// As SQLite takes it: a statement for each number of rows.
    fn of_rows(&self, rows: &[&[Bind<'_>]]) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new("INSERT INTO ");
        query.push(self.into).push(" ");
        query.push_values(rows, |mut row, values| {
            for value in *values {
                match value {
                    Bind::Text(text) => row.push_bind(text.as_deref()),
                    Bind::Bytes(bytes) => row.push_bind(*bytes),
                    Bind::Number(number) => row.push_bind(*number),
                    Bind::Truth(truth) => row.push_bind(*truth),
                };
            }
        });
        query.push(self.then);
        query
    }

    /// As PostgreSQL takes it: an array for each column, and one statement for any number of rows, which is planned once.
    fn of_columns(&self, values: &[Bind<'_>]) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new("INSERT INTO ");
        query.push(self.into).push(" SELECT * FROM UNNEST(");
        let mut arrays = query.separated(", ");
        for (place, first) in values.iter().take(self.columns).enumerate() {
            let column = values[place..].iter().step_by(self.columns);
            match first {
                Bind::Text(_) => arrays.push_bind(column.map(Bind::text).collect::<Vec<_>>()),
                Bind::Bytes(_) => arrays.push_bind(column.map(Bind::bytes).collect::<Vec<_>>()),
                Bind::Number(_) => arrays.push_bind(column.map(Bind::number).collect::<Vec<_>>()),
                Bind::Truth(_) => arrays.push_bind(column.map(Bind::truth).collect::<Vec<_>>()),
            };
        }
        query.push(")").push(self.then);
        query
    }
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

impl Select {
    /// Up to what the user is compared with.
    fn begun<DB: Database>(&self) -> QueryBuilder<DB>
    where
        i64: for<'a> Encode<'a, DB> + Type<DB>,
    {
        let mut query = QueryBuilder::new(self.from);
        if let Some(after) = self.after {
            query.push_bind(after).push(" AND ");
        }
        query.push("user_id = ");
        query
    }
}

impl Write {
    /// Inserts rows; `values` are those of all rows, one after the other. Returns what the statement returns: one text
    /// for each row, or nothing.
    pub(super) async fn insert(
        &mut self,
        insert: &Insert,
        values: &[Bind<'_>],
    ) -> Result<Vec<String>> {
        let mut returned = Vec::new();
        if values.is_empty() {
            return Ok(returned);
        }
        let until = self.until();
        match self.conn() {
            ConnMut::Lite(conn) => {
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
            ConnMut::Sqlite(conn) => {
                let rows: Vec<&[Bind<'_>]> = values.chunks(insert.columns).collect();
                for chunk in chunks(&rows) {
                    let mut query = insert.of_rows(chunk);
                    let more = query.build_query_scalar().fetch_all(&mut *conn);
                    returned.extend(more.await?);
                }
            }
            ConnMut::Postgres(conn) => {
                let mut query = insert.of_columns(values);
                let more = query.build_query_scalar().fetch_all(conn);
                returned = within(until, more).await?;
            }
        }
        Ok(returned)
    }

    /// A number for each row of these users.
    pub(super) async fn numbers(
        &mut self,
        select: &Select,
        users: &[&str],
    ) -> Result<Vec<(String, i64)>> {
        let mut found = Vec::with_capacity(users.len());
        let until = self.until();
        match self.conn() {
            ConnMut::Lite(conn) => {
                let after = select.after.map_or("", |_| "? AND ");
                let text = [select.from, after, "user_id = ?"];
                let mut statement = conn.prepare_cached(&text.concat())?;
                for user in users {
                    let after = select.after.map(Bind::from);
                    let bound = after.into_iter().chain([Bind::from(*user)]);
                    let mut rows = statement.query(params_from_iter(bound))?;
                    while let Some(row) = rows.next()? {
                        found.push((row.get(0)?, row.get(1)?));
                    }
                }
            }
            _ if users.is_empty() => {}
            ConnMut::Sqlite(conn) => {
                for user in users {
                    let mut query = select.begun::<Sqlite>();
                    query.push_bind(*user);
                    let more = query.build_query_as().fetch_all(&mut *conn);
                    found.extend(more.await?);
                }
            }
            ConnMut::Postgres(conn) => {
                let mut query = select.begun::<Postgres>();
                query.push("ANY(").push_bind(users).push(")");
                if select.locks {
                    query.push(" ORDER BY user_id FOR NO KEY UPDATE");
                }
                found = within(until, query.build_query_as().fetch_all(conn)).await?;
            }
        }
        Ok(found)
    }
}
