//! What an admin set by the API beyond the switches: one row a subject, as JSON.

use std::fmt;

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Result, Timestamp};

/// The setting of the page that was stored by the API.
pub const STORED_PAGE: &str = "guardian_mfa_page";
/// The setting of the mail that was stored by the API.
pub const STORED_MAIL: &str = "email_template.enrollment_email";

/// A setting.
#[derive(Clone)]
pub struct Setting {
    /// As JSON.
    pub value: String,
    /// What of it is secret, sealed.
    pub value_sealed: Option<Vec<u8>>,
}
record!(Setting: value, value_sealed);

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
        sql(
            "SELECT value, value_sealed FROM settings WHERE name = $1",
            &bind![name],
        )
        .first(self)
        .await
    }

    /// When these two were changed last: the same answer is the same settings.
    ///
    /// # Errors
    /// Of the database.
    pub async fn settings_changed(&mut self, names: [&str; 2]) -> Result<Vec<(String, i64)>> {
        let [first, second] = names;
        sql(
            "SELECT name, updated_at FROM settings WHERE name = $1 OR name = $2 ORDER BY name",
            &bind![first, second],
        )
        .all(self)
        .await
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
        sql(
            "INSERT INTO settings (name, value, value_sealed, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET value = $2, value_sealed = $3, updated_at = $4",
            &bind![name, value, value_sealed, now.millis()],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// Sets it if it is still what it was; says whether it was. Each change has a later time than the one before.
    ///
    /// # Errors
    /// Of the database.
    pub async fn replace_setting(
        &mut self,
        name: &str,
        former: Option<&str>,
        value: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let written = sql(
            "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET value = $2, updated_at =
                CASE WHEN settings.updated_at < $3 THEN $3 ELSE settings.updated_at + 1 END
             WHERE settings.value = $4",
            &bind![name, value, now.millis(), former],
        )
        .run(self)
        .await?;
        Ok(written == 1)
    }
}
