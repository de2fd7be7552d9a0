//! Rows of enrollments: one factor of one user each.

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{EnrollmentId, Result, TicketId, Timestamp, UserId};

/// An enrollment.
#[derive(Debug, Clone)]
pub struct Enrollment {
    /// Whose it is.
    pub user_id: UserId,
    /// Its name.
    pub enrollment_id: EnrollmentId,
    /// The kind of factor.
    pub factor: String,
    /// `pending` or `confirmed`.
    pub status: String,
    /// The ticket that it was enrolled with.
    pub ticket_id: Option<String>,
    /// The seed or key, sealed.
    pub material_sealed: Vec<u8>,
    /// The last time step of a code that was accepted (RFC 6238 §5.2).
    pub last_step: Option<i64>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// The browser's name for a credential, which is one enrollment's alone.
    pub credential_id: Option<String>,
    /// What may be told of it, as JSON.
    pub facts: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was proved, in milliseconds.
    pub enrolled_at: Option<i64>,
    /// When it was used last, in milliseconds.
    pub last_auth_at: Option<i64>,
}
record!(Enrollment: user_id, enrollment_id, factor, status, ticket_id, material_sealed, last_step, name, credential_id, facts, created_at, enrolled_at, last_auth_at);

/// A proved factor to add.
#[derive(Debug)]
pub struct NewEnrollment<'a> {
    /// Whose it is.
    pub user_id: &'a UserId,
    /// Its name.
    pub enrollment_id: &'a EnrollmentId,
    /// The kind of factor.
    pub factor: &'a str,
    /// Whether the user had none before.
    pub is_first: bool,
    /// The ticket that it is enrolled with, if it was by one.
    pub ticket_id: Option<&'a TicketId>,
    /// The seed or key, sealed.
    pub material_sealed: &'a [u8],
    /// The time step of the code that proved it.
    pub last_step: Option<i64>,
    /// What its owner calls it.
    pub name: Option<&'a str>,
    /// The browser's name for a credential.
    pub credential_id: Option<&'a str>,
    /// What may be told of it, as JSON.
    pub facts: &'a str,
}

macro_rules! columns {
    () => {
        "user_id, enrollment_id, factor, status, ticket_id, material_sealed, last_step, name, credential_id, facts, created_at, enrolled_at, last_auth_at"
    };
}

impl Read {
    /// The enrollment of this id.
    ///
    /// # Errors
    /// Of the database.
    pub async fn enrollment(&mut self, id: &EnrollmentId) -> Result<Option<Enrollment>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM enrollments WHERE enrollment_id = $1"
            ),
            &bind![id.as_str()],
        )
        .first(self)
        .await
    }

    /// The user's enrollments, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn enrollments_of(&mut self, user_id: &UserId) -> Result<Vec<Enrollment>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM enrollments WHERE user_id = $1 ORDER BY enrollment_id"
            ),
            &bind![user_id.as_str()],
        )
        .all(self)
        .await
    }

    /// How many credentials of a factor belong to another relying party. It reads them all.
    ///
    /// # Errors
    /// Of the database.
    pub async fn credentials_elsewhere(&mut self, factor: &str, rp_id: &str) -> Result<i64> {
        let ours = format!("%\"relying_party\":\"{rp_id}\"%");
        sql(
            "SELECT COUNT(*) FROM enrollments WHERE factor = $1 AND facts NOT LIKE $2",
            &bind![factor, &ours],
        )
        .one(self)
        .await
    }
}

impl Write {
    /// Adds a confirmed enrollment; `false` when its credential is one already, of whomever.
    ///
    /// # Errors
    /// Of the database, among them that a constraint refused it.
    pub async fn insert_enrollment(
        &mut self,
        new: &NewEnrollment<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, ticket_id, material_sealed, last_step, created_at, enrolled_at, name, credential_id, facts)
             VALUES ($1, $2, $3, 'confirmed', $4, $5, $6, $7, $8, $8, $9, $10, $11)
             ON CONFLICT (credential_id) DO NOTHING",
            &bind![
                new.user_id.as_str(), new.enrollment_id.as_str(), new.factor, new.is_first,
                new.ticket_id.map(TicketId::as_str), new.material_sealed, new.last_step,
                now.millis(), new.name, new.credential_id, new.facts,
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Uses the user's enrollment with a code of this time step, or with what has none, and keeps its material as it is
    /// from now on, if that changed; `false` when a code of this step or a later one was used before, or it is gone.
    ///
    /// # Errors
    /// Of the database.
    pub async fn use_enrollment(
        &mut self,
        user_id: &UserId,
        id: &EnrollmentId,
        step: Option<i64>,
        material_sealed: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE enrollments SET last_step = COALESCE($3, last_step), last_auth_at = $4, material_sealed = COALESCE($5, material_sealed)
             WHERE user_id = $1 AND enrollment_id = $2 AND (last_step IS NULL OR $3 IS NULL OR last_step < $3)",
            &bind![user_id.as_str(), id.as_str(), step, now.millis(), material_sealed],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Changes what the user's enrollment is called and what may be told of it; says what it is then.
    ///
    /// # Errors
    /// Of the database.
    pub async fn update_enrollment(
        &mut self,
        user_id: &UserId,
        id: &EnrollmentId,
        name: Option<&str>,
        facts: &str,
    ) -> Result<Option<Enrollment>> {
        sql(
            concat!(
                "UPDATE enrollments SET name = $3, facts = $4 WHERE user_id = $1 AND enrollment_id = $2 RETURNING ", columns!()
            ),
            &bind![user_id.as_str(), id.as_str(), name, facts],
        )
        .first(self)
        .await
    }

    /// Removes an enrollment and says what it was.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_enrollment(&mut self, id: &EnrollmentId) -> Result<Option<Enrollment>> {
        sql(
            concat!(
                "DELETE FROM enrollments WHERE enrollment_id = $1 RETURNING ",
                columns!()
            ),
            &bind![id.as_str()],
        )
        .first(self)
        .await
    }

    /// Removes all enrollments of a user and says what they were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delete_enrollments_of(&mut self, user_id: &UserId) -> Result<Vec<Enrollment>> {
        sql(
            concat!(
                "DELETE FROM enrollments WHERE user_id = $1 RETURNING ",
                columns!()
            ),
            &bind![user_id.as_str()],
        )
        .all(self)
        .await
    }
}
