//! Rows of the factors that an admin switched on or off.

use sqlx::FromRow;

use super::conn::{Read, Write, on};
use crate::core::{Result, Timestamp};

/// One switch.
#[derive(Debug, Clone, FromRow)]
pub struct FactorSetting {
    /// The factor.
    pub factor: String,
    /// Whether it may be enrolled.
    pub enabled: bool,
}

impl Read {
    /// All switches that were ever touched.
    ///
    /// # Errors
    /// Of the database.
    pub async fn factor_settings(&mut self) -> Result<Vec<FactorSetting>> {
        Ok(
            on!(self, conn => sqlx::query_as("SELECT factor, enabled FROM factor_settings ORDER BY factor").fetch_all(conn).await)?,
        )
    }
}

impl Write {
    /// Switches a factor on or off.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_factor(&mut self, factor: &str, enabled: bool, now: Timestamp) -> Result<()> {
        Ok(on!(self, conn => sqlx::query(
            "INSERT INTO factor_settings (factor, enabled, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (factor) DO UPDATE SET enabled = $2, updated_at = $3"
        ).bind(factor).bind(enabled).bind(now.millis()).execute(conn).await.map(drop))?)
    }
}
