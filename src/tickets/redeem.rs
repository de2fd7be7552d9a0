//! Redeeming: a ticket is spent by proof, in one transaction that begins with the user's row (design §3).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::HOLD;
use super::open::{Admission, Phase};
use super::start::open_challenge;
use crate::access::Attempt;
use crate::core::fault::dies_at;
use crate::core::seal::Place;
use crate::core::{
    Actor, EnrollmentId, Error, LoginId, MessageId, Refusal, Result, Rng, Sealer, Timestamp,
};
use crate::factors::patience::{MOST_FAILURES, delay_after};
use crate::factors::{self, Available, Factor, Pending, Proof, Proved, Wrong, webauthn};
use crate::logins::{enrolling, login};
use crate::store::{
    Challenge, Event, NewEnrollment, NewMessage, OpenedTicket, RedeemTicket, Store, Ticket, Write,
};

/// A mail that tells of a new factor is worth sending for this long.
const NOTICE_LIFETIME: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// An attempt, its proof, and who sends it.
pub struct Redemption {
    /// The attempt, as its cookie says.
    pub attempt: Attempt,
    /// The proof.
    pub proof: Proof,
    /// For the events.
    pub actor: Actor,
    /// What the installation can do.
    pub available: Available,
    /// The login that is proved by it, if it is redeemed for one.
    pub login: Option<LoginId>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// The factor is enrolled, now or by an earlier request of the same attempt.
    Enrolled,
    /// The proof is not taken; this is why.
    Wrong(Wrong),
    /// No proof is taken for so long.
    TooSoon(Duration),
    /// This link takes no more proofs; a resend begins anew.
    Blocked,
}

/// Spends the ticket, if the proof is right and nobody was first.
///
/// The winning attempt may repeat itself: it is told the same again, and nothing is written twice. A login is proved with it
/// in the same transaction, once.
///
/// # Errors
/// [`Error::Refused`] when the ticket no longer lets this attempt in, [`Refusal::LoginOver`] when the login is over; else of
/// the database.
pub async fn redeem(
    store: &Store,
    redemption: Redemption,
    sealer: &Sealer,
    now: Timestamp,
    rng: &Arc<dyn Rng>,
) -> Result<Redeemed> {
    let (sealer, rng) = (sealer.clone(), Arc::clone(rng));
    let work = store.together(move |tx| {
        Box::pin(async move { redeem_in(tx, &redemption, &sealer, now, &rng).await })
    });
    let redeemed = work.await?;
    if redeemed == Redeemed::Enrolled {
        dies_at!("redeem::committed");
    }
    Ok(redeemed)
}

/// All of it but the commit.
async fn redeem_in(
    tx: &mut Write,
    redemption: &Redemption,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Redeemed> {
    let Redemption { attempt, proof, .. } = redemption;
    let factor = proof.factor();
    dies_at!("redeem::begun");
    let (opened, admission) = admit(tx, attempt, redemption.available, now).await?;
    if admission.enrolled.contains(&factor) {
        return match redemption.login {
            None => Ok(Redeemed::Enrolled),
            // Nothing was proved now.
            Some(_) => Err(Refusal::LoginOver.into()),
        };
    }
    if !admission.offered.contains(&factor) {
        return Err(Refusal::NoMethod.into());
    }
    if let Some(refused) = held_back(&opened, now) {
        return Ok(refused);
    }
    let challenge = if factor.is_challenged() {
        let begun = tx.challenge(&opened.ticket.user_id, attempt.id.as_str(), factor.name());
        match begun.await?.filter(|begun| begun.expires_at > now) {
            Some(begun) => Some(begun),
            None => return Ok(Redeemed::Wrong(Wrong::Ended)),
        }
    } else {
        None
    };
    let payload = match &challenge {
        Some(challenge) => Some(open_challenge(challenge, sealer)?),
        None => None,
    };
    let pending = Pending {
        seed: attempt.seed.as_ref(),
        challenge: payload.as_ref().map(|payload| payload.as_slice()),
    };
    let wrong = match factors::check(proof, &pending, now)? {
        Err(wrong) => wrong,
        Ok(proved) => {
            let admitted = Admitted {
                opened: &opened,
                admission: &admission,
                proved: &proved,
                factor,
                challenge: challenge.as_ref(),
            };
            if admitted.enroll(tx, redemption, sealer, now, rng).await? {
                dies_at!("redeem::commit");
                return Ok(Redeemed::Enrolled);
            }
            Wrong::Webauthn(webauthn::Wrong::AlreadyRegistered)
        }
    };
    fail(tx, redemption, &opened, challenge.as_ref(), now, rng).await?;
    Ok(Redeemed::Wrong(wrong))
}

/// Lets an attempt in, with its user's row locked: whatever touches that user's factors waits.
pub(super) async fn admit(
    tx: &mut Write,
    attempt: &Attempt,
    available: Available,
    now: Timestamp,
) -> Result<(OpenedTicket, Admission)> {
    let ticket = tx.ticket(&attempt.ticket_id).await?;
    let user_id = ticket.ok_or(Refusal::Invalid)?.user_id;
    tx.lock_user(&user_id).await?.ok_or(Refusal::Invalid)?;
    let opened = tx.opened_ticket(&attempt.ticket_id).await?;
    let opened = opened.ok_or(Refusal::Invalid)?;
    if !opened.is_opened_by(&attempt.secret_hash) {
        return Err(Refusal::Replaced.into());
    }
    let admission = opened.admit(Some(&attempt.id), available, now)?;
    Ok((opened, admission))
}

/// What [`redeem`] would say of any proof, by what was read of the ticket before: an answer that needs no transaction, as
/// wrong proofs only become more until the link is another.
pub fn refused_already(
    opened: &OpenedTicket,
    admission: &Admission,
    factor: Factor,
    now: Timestamp,
) -> Option<Redeemed> {
    let may_prove = admission.offered.contains(&factor) && !admission.enrolled.contains(&factor);
    held_back(opened, now).filter(|_| may_prove)
}

/// Whether wrong proofs keep this ticket from taking another now.
pub(super) fn held_back(opened: &OpenedTicket, now: Timestamp) -> Option<Redeemed> {
    let ticket = &opened.ticket;
    if ticket.failures >= MOST_FAILURES {
        return Some(Redeemed::Blocked);
    }
    (ticket.retry_at > now).then(|| Redeemed::TooSoon(ticket.retry_at.since(now)))
}

/// Counts a wrong proof on the ticket, and on its challenge: the user's login is none of its business.
async fn fail(
    tx: &mut Write,
    redemption: &Redemption,
    opened: &OpenedTicket,
    challenge: Option<&Challenge>,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let factor = redemption.proof.factor();
    if let Some(challenge) = challenge {
        if factor.is_one_try() {
            tx.take_challenge(&challenge.challenge_id, now).await?;
        } else {
            tx.count_challenge_failure(&challenge.challenge_id).await?;
        }
    }
    count_failure(tx, &opened.ticket, factor, &redemption.actor, now, rng).await
}

/// Counts a wrong proof on the ticket, in a transaction that has its user's row locked.
///
/// # Errors
/// Of the database.
pub async fn count_failure(
    tx: &mut Write,
    ticket: &Ticket,
    factor: Factor,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let failures = tx
        .count_ticket_failure(&ticket.ticket_id, now)
        .await?
        .unwrap_or(MOST_FAILURES);
    if let Some(delay) = delay_after(failures) {
        tx.delay_ticket(
            &ticket.ticket_id,
            delay.map_or(ticket.expires_at, |delay| now + delay),
        )
        .await?;
    }
    let event = Event::new("enrollment.failed", actor, now, rng)
        .user(&ticket.user_id)
        .ticket(&ticket.ticket_id)
        .detail("factor", factor.name())
        .detail("failures", failures);
    tx.record(&[event]).await
}

/// A proof found right, for a ticket that lets it in.
struct Admitted<'a> {
    opened: &'a OpenedTicket,
    admission: &'a Admission,
    proved: &'a Proved,
    factor: Factor,
    challenge: Option<&'a Challenge>,
}

impl Admitted<'_> {
    /// `false` when somebody has its credential already: then nothing is written.
    async fn enroll(
        &self,
        tx: &mut Write,
        redemption: &Redemption,
        sealer: &Sealer,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Result<bool> {
        let Redemption { attempt, actor, .. } = redemption;
        let ticket = &self.opened.ticket;
        let first = self.admission.phase == Phase::Enrolling && self.opened.enrolled == 0;
        // A challenge names the enrollment that it makes. An app has the name that was pinned, unless it is a further
        // factor of the same attempt.
        let enrollment_id = match self.challenge {
            Some(challenge) => challenge.enrollment_id.clone(),
            None if self.admission.phase == Phase::Enrolling => attempt.enrollment_id.clone(),
            None => EnrollmentId::new(now, rng),
        };
        let place = Place {
            table: "enrollments",
            row: &[ticket.user_id.as_str(), enrollment_id.as_str()],
            column: "material_sealed",
        };
        let new = NewEnrollment {
            user_id: &ticket.user_id,
            enrollment_id: &enrollment_id,
            factor: self.factor.name(),
            is_first: first,
            ticket_id: Some(&ticket.ticket_id),
            material_sealed: &sealer.seal(&place, &self.proved.material, rng),
            last_step: self.proved.last_step,
            name: self.proved.name.as_deref(),
            credential_id: self.proved.credential_id.as_deref(),
            facts: &self.proved.facts.to_string(),
        };
        if !tx.insert_enrollment(&new, now).await? {
            return Ok(false);
        }
        let redeem = RedeemTicket {
            ticket_id: &ticket.ticket_id,
            attempt: &attempt.id,
            secret_hash: &attempt.secret_hash,
            hold: ticket.allow_multiple
                && ticket.factors.contains(',')
                && self.admission.offered.len() > 1,
            held_since: now - HOLD,
        };
        let spent = tx
            .redeem_ticket(&redeem, now)
            .await?
            .ok_or(Error::Refused(Refusal::Used))?;
        dies_at!("redeem::ticket");
        if let Some(challenge) = self.challenge
            && !tx.take_challenge(&challenge.challenge_id, now).await?
        {
            return Err(Error::Refused(Refusal::Used));
        }
        let event = |kind| {
            Event::new(kind, actor, now, rng)
                .user(&ticket.user_id)
                .ticket(&ticket.ticket_id)
        };
        let mut events = vec![
            event("enrollment.confirmed")
                .enrollment(&enrollment_id)
                .detail("factor", self.factor.name()),
            event("ticket.redeemed").detail("state", spent.state.as_str()),
        ];
        let switches = self.opened.switches(redemption.available);
        let gets_code = first && switches.is_on("recovery-code");
        if let Some(code) = attempt.recovery_code.as_ref().filter(|_| gets_code) {
            tx.set_recovery_code(
                &ticket.user_id,
                &code.digest(),
                Some(&ticket.ticket_id),
                now,
            )
            .await?;
            events.push(event("recovery_code.created"));
        }
        tx.drop_messages_of_ticket(&ticket.ticket_id, "the ticket was used", now)
            .await?;
        for other in tx
            .close_other_tickets(&ticket.user_id, &ticket.ticket_id, now)
            .await?
        {
            tx.drop_messages_of_ticket(&other, "another ticket of the user was used", now)
                .await?;
            events.push(
                Event::new("ticket.closed", actor, now, rng)
                    .user(&ticket.user_id)
                    .ticket(&other),
            );
        }
        tx.insert_message(
            &self.notice(now, rng),
            &ticket.user_id,
            Some(&ticket.ticket_id),
            now,
        )
        .await?;
        dies_at!("redeem::outbox");
        let proved = (self.factor.name(), self.proved.amr);
        events.extend(match &redemption.login {
            Some(login_id) => {
                let of = (&ticket.user_id, login_id);
                let noted = login::note_api_proof(tx, of, proved, actor, now, rng);
                Some(noted.await?.1)
            }
            None => enrolling::note_proof(tx, ticket, proved, actor, now, rng).await?,
        });
        tx.record(&events).await?;
        Ok(true)
    }

    /// The mail that tells the user of the new factor.
    fn notice(&self, now: Timestamp, rng: &dyn Rng) -> NewMessage {
        NewMessage {
            message_id: MessageId::new(now, rng),
            kind: "factor-added",
            payload_sealed: None,
            detail: json!({ "factor": self.factor.name(), "added_at": now.millis() }).to_string(),
            expires_at: now + NOTICE_LIFETIME,
        }
    }
}
