//! Assertions by which clients proved themselves: each is taken once (RFC 7523 §3).

use super::conn::Write;
use super::sql::{bind, sql};
use crate::core::{ClientId, Digest, Result, Timestamp};

impl Write {
    /// Takes the assertion of this name, which nobody believes after `until`; `false` when it was taken before, or its
    /// client is gone.
    ///
    /// # Errors
    /// Of the database.
    pub async fn take_client_assertion(
        &mut self,
        client_id: &ClientId,
        jti: &Digest,
        until: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "INSERT INTO client_assertions (client_id, jti_hash, expires_at)
             SELECT client_id, $2, $3 FROM clients WHERE client_id = $1
             ON CONFLICT (client_id, jti_hash) DO NOTHING",
            &bind![client_id.as_str(), jti.as_bytes(), until.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
