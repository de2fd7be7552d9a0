//! Rows of challenges: what waits for its answer, one for each factor of a bearer.

use std::fmt;

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{ChallengeId, Digest, EnrollmentId, Result, TicketId, Timestamp, UserId};

/// A challenge.
#[derive(Clone)]
pub struct Challenge {
    /// Whose factor it is.
    pub user_id: UserId,
    /// The attempt, or the login, that began it.
    pub bearer: String,
    /// The kind of factor.
    pub factor: String,
    /// Its name; another with each code that is sent.
    pub challenge_id: ChallengeId,
    /// The ticket that it was begun with.
    pub ticket_id: Option<String>,
    /// The enrollment that it is to make, or that it asks for.
    pub enrollment_id: EnrollmentId,
    /// How far it has come: a word of the factor.
    pub state: String,
    /// What the answer is checked against, sealed.
    pub payload_sealed: Vec<u8>,
    /// How many answers were wrong, those to its predecessors included.
    pub failures: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// From when on no answer is taken.
    pub expires_at: Timestamp,
}
record!(Challenge: user_id, bearer, factor, challenge_id, ticket_id, enrollment_id, state, payload_sealed, failures, created_at, expires_at);

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({}, {})", self.challenge_id, self.state)
    }
}

/// A challenge to begin.
pub struct NewChallenge<'a> {
    /// Whose factor it is.
    pub user_id: &'a UserId,
    /// The attempt, or the login.
    pub bearer: &'a str,
    /// The kind of factor.
    pub factor: &'a str,
    /// Its name.
    pub challenge_id: &'a ChallengeId,
    /// The ticket.
    pub ticket_id: Option<&'a TicketId>,
    /// The enrollment that it is to make, or that it asks for.
    pub enrollment_id: &'a EnrollmentId,
    /// Where it begins.
    pub state: &'a str,
    /// What the answer is checked against, sealed.
    pub payload_sealed: &'a [u8],
    /// The hash of what another device finds it by.
    pub lookup: Option<&'a Digest>,
    /// From when on no answer is taken.
    pub expires_at: Timestamp,
}

macro_rules! columns {
    () => {
        "user_id, bearer, factor, challenge_id, ticket_id, enrollment_id, state, payload_sealed, failures, created_at, expires_at"
    };
}

impl Read {
    /// The challenge of this bearer for a factor, also one that is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn challenge(
        &mut self,
        user_id: &UserId,
        bearer: &str,
        factor: &str,
    ) -> Result<Option<Challenge>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM challenges WHERE user_id = $1 AND bearer = $2 AND factor = $3"
            ),
            &bind![user_id.as_str(), bearer, factor],
        )
        .first(self)
        .await
    }

    /// The challenge that another device finds by a token, also one that is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn challenge_by_lookup(&mut self, lookup: &Digest) -> Result<Option<Challenge>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM challenges WHERE lookup_hash = $1"
            ),
            &bind![lookup.as_bytes()],
        )
        .first(self)
        .await
    }

    /// The prompts of one phone that are not over, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn prompts_of(
        &mut self,
        enrollment_id: &EnrollmentId,
        now: Timestamp,
    ) -> Result<Vec<Challenge>> {
        sql(
            concat!(
                "SELECT ", columns!(), " FROM challenges
             WHERE enrollment_id = $1 AND factor = 'push-notification' AND expires_at > $2 ORDER BY challenge_id"
            ),
            &bind![enrollment_id.as_str(), now.millis()],
        )
        .all(self)
        .await
    }
}

impl Write {
    /// Begins a challenge in the place of the bearer's former one for that factor, whose wrong answers it inherits.
    ///
    /// # Errors
    /// Of the database.
    pub async fn put_challenge(
        &mut self,
        new: &NewChallenge<'_>,
        now: Timestamp,
    ) -> Result<Challenge> {
        sql(
            concat!(
                "INSERT INTO challenges (user_id, bearer, factor, challenge_id, ticket_id, enrollment_id, state,
                payload_sealed, lookup_hash, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             ON CONFLICT (user_id, bearer, factor) DO UPDATE SET challenge_id = $4, ticket_id = $5, enrollment_id = $6,
                state = $7, payload_sealed = $8, lookup_hash = $9, created_at = $10, expires_at = $11
             RETURNING ", columns!()
            ),
            &bind![
                new.user_id.as_str(), new.bearer, new.factor, new.challenge_id.as_str(),
                new.ticket_id.map(TicketId::as_str), new.enrollment_id.as_str(), new.state,
                new.payload_sealed, new.lookup.map(Digest::as_bytes),
                now.millis(), new.expires_at.millis(),
            ],
        )
        .one(self)
        .await
    }

    /// Moves a challenge on; `false` when somebody was first, or it is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn move_challenge(
        &mut self,
        challenge_id: &ChallengeId,
        from: &str,
        to: &str,
        payload_sealed: &[u8],
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE challenges SET state = $3, payload_sealed = $4 WHERE challenge_id = $1 AND state = $2 AND expires_at > $5",
            &bind![challenge_id.as_str(), from, to, payload_sealed, now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Takes a challenge away, to be answered once; `false` when somebody was first, or it is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn take_challenge(
        &mut self,
        challenge_id: &ChallengeId,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "DELETE FROM challenges WHERE challenge_id = $1 AND expires_at > $2",
            &bind![challenge_id.as_str(), now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Counts a wrong answer and says how many there are; nothing when the challenge is gone.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_challenge_failure(
        &mut self,
        challenge_id: &ChallengeId,
    ) -> Result<Option<i64>> {
        sql(
            "UPDATE challenges SET failures = failures + 1 WHERE challenge_id = $1 RETURNING failures",
            &bind![challenge_id.as_str()],
        )
        .first(self)
        .await
    }
}
