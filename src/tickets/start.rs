//! Beginning a challenge: what a factor needs between its first page and its proof (design §4).

use std::time::Duration;

use zeroize::Zeroizing;

use super::open::Admission;
use super::redeem::{self, Redeemed};
use crate::access::Attempt;
use crate::core::seal::Place;
use crate::core::{
    ChallengeId, Digest, EnrollmentId, Error, Refusal, Result, Rng, Sealer, Timestamp,
};
use crate::factors::{Available, Factor};
use crate::store::{Challenge, NewChallenge, OpenedTicket, Store, Write};

/// An attempt that may begin a challenge, in a transaction that has its user's row locked.
pub struct Starting {
    /// For messages and events of the same moment; nothing is done before [`Starting::commit`].
    pub tx: Write,
    /// The ticket.
    pub opened: OpenedTicket,
    /// What the attempt may do.
    pub admission: Admission,
    /// The challenge that a new one would replace, also one that is over.
    pub former: Option<Challenge>,
    attempt: Attempt,
    factor: Factor,
}

/// What a challenge is made of.
pub struct NewPayload<'a> {
    /// Where it begins.
    pub state: &'a str,
    /// What the answer is checked against; it is sealed.
    pub payload: &'a [u8],
    /// The hash of what another device finds it by.
    pub lookup: Option<Digest>,
    /// How long an answer is taken.
    pub lifetime: Duration,
}

/// Lets an attempt begin a challenge for a factor; `Err` of the inner result when wrong proofs hold the ticket back.
///
/// # Errors
/// [`Error::Refused`] when the ticket does not let this attempt enroll the factor; else of the database.
pub async fn start(
    store: &Store,
    attempt: &Attempt,
    factor: Factor,
    available: Available,
    now: Timestamp,
) -> Result<Result<Starting, Redeemed>> {
    let mut tx = store.begin_write().await?;
    let (opened, admission) = redeem::admit(&mut tx, attempt, available, now).await?;
    if !admission.offered.contains(&factor) {
        return Err(Refusal::NoMethod.into());
    }
    if let Some(refused) = redeem::held_back(&opened, now) {
        return Ok(Err(refused));
    }
    let former = tx
        .challenge(&opened.ticket.user_id, attempt.id.as_str(), factor.name())
        .await?;
    Ok(Ok(Starting {
        tx,
        opened,
        admission,
        former,
        attempt: attempt.clone(),
        factor,
    }))
}

impl Starting {
    /// Puts a challenge in the place of the former one, whose wrong answers it inherits. It names the enrollment to be.
    ///
    /// # Errors
    /// Of the database.
    pub async fn put(
        &mut self,
        new: &NewPayload<'_>,
        sealer: &Sealer,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<Challenge> {
        let ticket = &self.opened.ticket;
        let challenge_id = ChallengeId::new(now, rng);
        let row = [ticket.user_id.as_str(), challenge_id.as_str()];
        let payload_sealed = sealer.seal(&place(&row), new.payload, rng);
        let challenge = NewChallenge {
            user_id: &ticket.user_id,
            bearer: self.attempt.id.as_str(),
            factor: self.factor.name(),
            challenge_id: &challenge_id,
            ticket_id: Some(&ticket.ticket_id),
            enrollment_id: &EnrollmentId::new(now, rng),
            state: new.state,
            payload_sealed: &payload_sealed,
            lookup: new.lookup.as_ref(),
            expires_at: now + new.lifetime,
        };
        self.tx.put_challenge(&challenge, now).await
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// Of the database.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await
    }
}

/// What the answer to a challenge is checked against.
///
/// # Errors
/// When it was sealed with another key, or for another row.
pub fn open_challenge(challenge: &Challenge, sealer: &Sealer) -> Result<Zeroizing<Vec<u8>>> {
    let row = [challenge.user_id.as_str(), challenge.challenge_id.as_str()];
    let opened = sealer.open(&place(&row), &challenge.payload_sealed);
    opened.ok_or_else(|| Error::internal(anyhow::anyhow!("a challenge is sealed with another key")))
}

/// Where a challenge's payload is sealed, for `[user_id, challenge_id]`; also for who moves a challenge on.
pub fn place<'a>(row: &'a [&'a str; 2]) -> Place<'a> {
    Place {
        table: "challenges",
        row,
        column: "payload_sealed",
    }
}
