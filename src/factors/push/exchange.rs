//! What a phone and the server say to each other: it is paired, asks what there is to answer, and answers.

use serde::Serialize;

use super::prompts::{self, open_device};
use super::{
    APPROVED, ASKED, Answer, Asked, CLOCK_SKEW, DENIED, Decision, Device, Judged, LIFETIME,
    MOST_WRONG, PAIRING, Payload, WAITING, list_statement, new_number,
};
use crate::core::{
    Actor, ChallengeId, Digest, EnrollmentId, PairingCode, Result, Rng, Sealer, TicketId, Timestamp,
};
use crate::factors::Factor;
use crate::store::{Challenge, Event, Read, Store, Write};
use crate::tickets::{NewPayload, Starting, redeem, start};

/// What a pairing code is found by.
pub fn lookup(code: &PairingCode, sealer: &Sealer) -> Digest {
    sealer.digest("pairing", code.expose())
}

/// Shows a code that a phone is paired with, in the place of the attempt's former one.
///
/// # Errors
/// Of the database.
pub async fn begin(
    mut starting: Starting,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(PairingCode, Challenge)> {
    let code = PairingCode::new(rng);
    let new = NewPayload {
        state: WAITING,
        payload: &Payload::waiting(&code).write(),
        lookup: Some(lookup(&code, sealer)),
        lifetime: LIFETIME,
    };
    let challenge = starting.put(&new, sealer, now, rng).await?;
    starting.commit().await?;
    Ok((code, challenge))
}

/// A phone that wants to be paired.
pub struct Pairing {
    /// The code that it read.
    pub code: PairingCode,
    /// The phone.
    pub device: Device,
    /// What its owner calls it.
    pub name: String,
}

/// What became of a pairing.
pub enum Paired {
    /// It is paired, now or by an earlier request of the same phone.
    Yes(Box<Challenge>),
    /// Another phone was first.
    Taken,
    /// There is no such code, or no longer.
    Unknown,
}

/// Pairs a phone with the challenge that shows this code, and asks it for the number.
///
/// # Errors
/// Of the database.
pub async fn pair(
    store: &Store,
    pairing: Pairing,
    origin: &str,
    sealer: &Sealer,
    by: impl FnOnce(&EnrollmentId) -> Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Paired> {
    let mut tx = store.begin_write().await?;
    let found = tx
        .challenge_by_lookup(&lookup(&pairing.code, sealer))
        .await?;
    let Some(begun) = locked(&mut tx, found, now).await? else {
        return Ok(Paired::Unknown);
    };
    let mut payload = Payload::read(&start::open_challenge(&begun, sealer)?)?;
    if begun.state != WAITING {
        let is_same = payload
            .asked()
            .is_some_and(|asked| asked.device == pairing.device);
        return Ok(if is_same {
            Paired::Yes(Box::new(begun))
        } else {
            Paired::Taken
        });
    }
    if now.since(begun.created_at) > PAIRING {
        return Ok(Paired::Unknown);
    }
    let subscription = pairing.device.subscription.clone();
    payload.asked = Some(Asked {
        challenge_id: begun.challenge_id.clone(),
        enrollment_id: begun.enrollment_id.clone(),
        origin: origin.to_owned(),
        number: new_number(rng),
        device: pairing.device,
        name: pairing.name,
        wrong: 0,
    });
    payload.code = None;
    if !go_on(&mut tx, &begun, ASKED, &payload, sealer, now, rng).await? {
        return Ok(Paired::Unknown);
    }
    prompts::call(&mut tx, &begun, subscription.as_ref(), sealer, now, rng).await?;
    let event = event("push.paired", &begun, &by(&begun.enrollment_id), now, rng);
    tx.record(&[event]).await?;
    tx.commit().await?;
    Ok(Paired::Yes(Box::new(begun)))
}

/// The challenge as it is once its user's row is locked; nothing when it is over or was replaced meanwhile.
async fn locked(
    tx: &mut Write,
    found: Option<Challenge>,
    now: Timestamp,
) -> Result<Option<Challenge>> {
    let Some(found) = found else {
        return Ok(None);
    };
    if tx.lock_user(&found.user_id).await?.is_none() {
        return Ok(None);
    }
    let present = tx
        .challenge(&found.user_id, &found.bearer, &found.factor)
        .await?;
    Ok(present
        .filter(|present| present.challenge_id == found.challenge_id && present.expires_at > now))
}

async fn go_on(
    tx: &mut Write,
    challenge: &Challenge,
    to: &'static str,
    payload: &Payload,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<bool> {
    let row = [challenge.user_id.as_str(), challenge.challenge_id.as_str()];
    let sealed = sealer.seal(&start::place(&row), &payload.write(), rng);
    tx.move_challenge(&challenge.challenge_id, &challenge.state, to, &sealed, now)
        .await
}

fn event(
    kind: &'static str,
    challenge: &Challenge,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Event {
    let event = Event::new(kind, actor, now, rng)
        .user(&challenge.user_id)
        .enrollment(&challenge.enrollment_id)
        .detail("factor", Factor::PushNotification.name());
    match ticket_of(challenge) {
        Some(ticket_id) => event.ticket(&ticket_id),
        None => event,
    }
}

fn ticket_of(challenge: &Challenge) -> Option<TicketId> {
    challenge.ticket_id.as_deref()?.parse().ok()
}

/// A phone's question what there is to answer, for one of its accounts.
pub struct Question {
    /// The account.
    pub enrollment_id: EnrollmentId,
    /// When it was asked.
    pub time: Timestamp,
    /// Over [`list_statement`].
    pub signature: String,
}

/// What there is to answer.
#[derive(Serialize)]
pub struct Told {
    /// The account.
    pub enrollment_id: EnrollmentId,
    /// `pending` or `confirmed`; `gone` when there is no such phone any more; `refused` when it did not sign, or its
    /// clock is wrong.
    pub status: &'static str,
    /// The prompts that wait for an answer, the oldest first.
    pub prompts: Vec<Prompt>,
}

/// A prompt that waits for an answer.
#[derive(Serialize)]
pub struct Prompt {
    /// Its name, which the answer is signed with.
    pub challenge_id: ChallengeId,
    /// Since when, in milliseconds.
    pub created_at: i64,
}

/// Tells a phone what there is to answer.
///
/// # Errors
/// Of the database.
pub async fn list(
    store: &Store,
    questions: Vec<Question>,
    origin: &str,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Vec<Told>> {
    let mut read = store.begin_read().await?;
    let mut told = Vec::with_capacity(questions.len());
    for question in questions {
        told.push(tell(&mut read, question, origin, sealer, now).await?);
    }
    Ok(told)
}

async fn tell(
    read: &mut Read,
    question: Question,
    origin: &str,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Told> {
    let id = question.enrollment_id;
    let begun = read.prompts_of(&id, now).await?;
    let enrolled = read.enrollment(&id).await?;
    let mut device = None;
    if let Some(enrolled) = &enrolled {
        let factor = Factor::PushNotification.name();
        if enrolled.factor == factor {
            let sealed = &enrolled.material_sealed;
            device = Some(open_device(&enrolled.user_id, &id, sealed, sealer)?);
        }
    } else if let Some(begun) = begun.first() {
        let payload = Payload::read(&start::open_challenge(begun, sealer)?)?;
        device = payload.asked.map(|asked| asked.device);
    }
    let is_timely =
        now.since(question.time) <= CLOCK_SKEW && question.time.since(now) <= CLOCK_SKEW;
    let statement = list_statement(origin, &id, question.time);
    let status = match device {
        None => "gone",
        Some(device) if !is_timely || !device.has_signed(&statement, &question.signature) => {
            "refused"
        }
        Some(_) if enrolled.is_some() => "confirmed",
        Some(_) if begun.iter().all(|begun| begun.state == DENIED) => "gone",
        Some(_) => "pending",
    };
    let asked = begun.iter().filter(|begun| begun.state == ASKED);
    let prompts = asked.map(|begun| Prompt {
        challenge_id: begun.challenge_id.clone(),
        created_at: begun.created_at.millis(),
    });
    Ok(Told {
        prompts: match status {
            "pending" | "confirmed" => prompts.collect(),
            _ => Vec::new(),
        },
        enrollment_id: id,
        status,
    })
}

/// A phone's answer to a prompt.
pub struct Given {
    /// The prompt.
    pub challenge_id: ChallengeId,
    /// The account.
    pub enrollment_id: EnrollmentId,
    /// The answer.
    pub answer: Answer,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It is approved.
    Approved,
    /// It is denied.
    Denied,
    /// The number is not the one on the other screen; so many tries are left.
    WrongNumber(u8),
    /// There is nothing to answer, or no longer.
    Over,
    /// This phone did not sign it.
    Forged,
}

/// Takes a phone's answer to a prompt, once.
///
/// # Errors
/// Of the database.
pub async fn answer(
    store: &Store,
    given: Given,
    sealer: &Sealer,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Answered> {
    let Given {
        challenge_id,
        enrollment_id,
        answer,
    } = given;
    let mut tx = store.begin_write().await?;
    let waiting = tx.prompts_of(&enrollment_id, now).await?;
    let found = waiting
        .into_iter()
        .find(|begun| begun.challenge_id == challenge_id);
    let Some(begun) = locked(&mut tx, found, now).await? else {
        return Ok(Answered::Over);
    };
    let mut payload = Payload::read(&start::open_challenge(&begun, sealer)?)?;
    let Some(asked) = payload.asked.as_mut().filter(|_| begun.state == ASKED) else {
        return Ok(Answered::Over);
    };
    let (to, answered) = match asked.judge(&answer) {
        Judged::Forged => return Ok(Answered::Forged),
        Judged::Approved => (APPROVED, Answered::Approved),
        Judged::Denied => (DENIED, Answered::Denied),
        Judged::WrongNumber => {
            asked.wrong += 1;
            match MOST_WRONG.saturating_sub(asked.wrong) {
                0 => (DENIED, Answered::Denied),
                left => (ASKED, Answered::WrongNumber(left)),
            }
        }
    };
    let is_wrong = answer.decision == Decision::Approve && to != APPROVED;
    let reason = if is_wrong {
        "wrong-number"
    } else {
        answer.decision.name()
    };
    payload.answer = (to != ASKED).then_some(answer);
    if !go_on(&mut tx, &begun, to, &payload, sealer, now, rng).await? {
        return Ok(Answered::Over);
    }
    if is_wrong {
        count_wrong(&mut tx, &begun, actor, now, rng).await?;
    }
    // What happens while enrolling is no part of the series of prompts that a login sends.
    let kind = match (to, begun.ticket_id.is_some()) {
        (DENIED, true) => Some("enrollment.denied"),
        (DENIED, false) => Some(prompts::DENIED),
        (APPROVED, false) => Some(prompts::APPROVED),
        _ => None,
    };
    if let Some(kind) = kind {
        let event = event(kind, &begun, actor, now, rng).detail("reason", reason);
        tx.record(&[event]).await?;
    }
    tx.commit().await?;
    Ok(answered)
}

/// Counts a wrong number on the challenge, and on its ticket.
async fn count_wrong(
    tx: &mut Write,
    challenge: &Challenge,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    tx.count_challenge_failure(&challenge.challenge_id).await?;
    let Some(ticket_id) = ticket_of(challenge) else {
        return Ok(());
    };
    match tx.ticket(&ticket_id).await? {
        Some(ticket) => {
            redeem::count_failure(tx, &ticket, Factor::PushNotification, actor, now, rng).await
        }
        None => Ok(()),
    }
}
