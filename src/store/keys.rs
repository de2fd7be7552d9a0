//! Rows of the signing keys, and of the value that tells whether the sealing key is the right one.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{Algorithm, Result, Timestamp};

/// A key that signs tokens. All that are here verify; of each algorithm, the newest that is known everywhere signs.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Its name in tokens and in the key set.
    pub kid: String,
    /// How it signs.
    pub alg: Algorithm,
    /// The private key (PKCS#8), sealed.
    pub private_sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}
record!(SigningKey: kid, alg, private_sealed, created_at);

/// The statements for the table that the keys of one algorithm have.
struct Statements {
    insert: &'static str,
    delete: &'static str,
    delete_succeeded: &'static str,
}

macro_rules! statements {
    ($table:literal) => {
        Statements {
            insert: concat!(
                "INSERT INTO ",
                $table,
                " (kid, private_sealed, created_at) VALUES ($1, $2, $3)"
            ),
            delete: concat!(
                "DELETE FROM ",
                $table,
                " WHERE kid = $1 AND EXISTS (SELECT 1 FROM ",
                $table,
                " other WHERE other.kid <> $1)"
            ),
            delete_succeeded: concat!(
                "DELETE FROM ",
                $table,
                " WHERE created_at < (SELECT MAX(created_at) FROM ",
                $table,
                " WHERE created_at <= $1) RETURNING kid"
            ),
        }
    };
}

fn statements(alg: Algorithm) -> Statements {
    match alg {
        Algorithm::Rs256 => statements!("signing_keys"),
        Algorithm::Es256 => statements!("ec_signing_keys"),
    }
}

impl Read {
    /// All signing keys: those that sign by RS256, then the others; of each algorithm the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKey>> {
        sql(
            "SELECT kid, 'RS256' AS alg, private_sealed, created_at FROM signing_keys
             UNION ALL SELECT kid, 'ES256', private_sealed, created_at FROM ec_signing_keys
             ORDER BY alg DESC, created_at DESC, kid DESC",
            &bind![],
        )
        .all(self)
        .await
    }

    /// A named value of the whole installation.
    ///
    /// # Errors
    /// Of the database.
    pub async fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        sql("SELECT value FROM meta WHERE name = $1", &bind![name])
            .first(self)
            .await
    }
}

impl Write {
    /// Adds a signing key.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_signing_key(&mut self, key: &SigningKey) -> Result<()> {
        sql(
            statements(key.alg).insert,
            &bind![&key.kid, &key.private_sealed, key.created_at.millis()],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// Removes a signing key, unless it is the last of its algorithm; `false` when it was not removed.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_signing_key(&mut self, kid: &str) -> Result<bool> {
        let mut removed = false;
        for alg in Algorithm::ALL {
            let done = sql(statements(alg).delete, &bind![kid]).run(self).await?;
            removed |= done == 1;
        }
        Ok(removed)
    }

    /// Removes the signing keys whose successor, of the same algorithm, was made at `until` or before; says which they
    /// were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_succeeded_signing_keys(&mut self, until: Timestamp) -> Result<Vec<String>> {
        let mut kids = Vec::new();
        for alg in Algorithm::ALL {
            let gone: Vec<String> = sql(statements(alg).delete_succeeded, &bind![until.millis()])
                .all(self)
                .await?;
            kids.extend(gone);
        }
        Ok(kids)
    }

    /// Sets a value that must not be set yet; `false` when it is.
    ///
    /// # Errors
    /// Of the database.
    pub async fn insert_meta(&mut self, name: &str, value: &[u8]) -> Result<bool> {
        let done = sql(
            "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            &bind![name, value],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Sets a value, whatever it was.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_meta(&mut self, name: &str, value: &[u8]) -> Result<()> {
        sql(
            "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
            &bind![name, value],
        )
        .run(self)
        .await
        .map(drop)
    }

    /// Changes a value that is still `old`; `false` when it is not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn replace_meta(&mut self, name: &str, old: &[u8], new: &[u8]) -> Result<bool> {
        let done = sql(
            "UPDATE meta SET value = $3 WHERE name = $1 AND value = $2",
            &bind![name, old, new],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Removes a value that is still `old`; `false` when it is not.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_meta(&mut self, name: &str, old: &[u8]) -> Result<bool> {
        let done = sql(
            "DELETE FROM meta WHERE name = $1 AND value = $2",
            &bind![name, old],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }
}
