//! What an admin set by the API beyond the switches: one row a subject, as JSON.

use std::fmt;

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{Result, Timestamp};

/// A setting.
#[derive(Clone, FromRow)]
pub struct Setting {
    /// As JSON.
    pub value: String,
    /// What of it is secret, sealed.
    pub value_sealed: Option<Vec<u8>>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({})", self.value)
    }
}

impl Read {
    /// The setting of this name.
    ///
    /// # Errors
    /// Of the database.
    pub async fn setting(&mut self, name: &str) -> Result<Option<Setting>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT value, value_sealed FROM settings WHERE name = $1")
            .bind(name).fetch_optional(conn).await)?,
        )
    }
}

impl Write {
    /// Sets it, whatever it was.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_setting(
        &mut self,
        name: &str,
        value: &str,
        value_sealed: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<()> {
        Ok(on!(self, conn => sqlx::query(
            "INSERT INTO settings (name, value, value_sealed, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET value = $2, value_sealed = $3, updated_at = $4"
        )
        .bind(name).bind(value).bind(value_sealed.map(<[u8]>::to_vec)).bind(now.millis())
        .execute(conn).await.map(drop))?)
    }
}
