//! Rows of the factors that an admin switched on or off.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Result, Timestamp};

/// One switch.
#[derive(Debug, Clone)]
pub struct FactorSetting {
    /// The factor.
    pub factor: String,
    /// Whether it may be enrolled.
    pub enabled: bool,
}
record!(FactorSetting: factor, enabled);

impl Read {
    /// All switches that were ever touched.
    ///
    /// # Errors
    /// Of the database.
    pub async fn factor_settings(&mut self) -> Result<Vec<FactorSetting>> {
        sql(
            "SELECT factor, enabled FROM factor_settings ORDER BY factor",
            &bind![],
        )
        .all(self)
        .await
    }
}

impl Write {
    /// Switches a factor on or off.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_factor(&mut self, factor: &str, enabled: bool, now: Timestamp) -> Result<()> {
        sql(
            "INSERT INTO factor_settings (factor, enabled, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (factor) DO UPDATE SET enabled = $2, updated_at = $3",
            &bind![factor, enabled, now.millis()],
        )
        .run(self)
        .await
        .map(drop)
    }
}
