//! Asking a phone that is enrolled: at most so many prompts, and none for a while once one was denied.

use std::time::Duration;

use serde_json::json;

use super::{ASKED, Asked, Device, LIFETIME, Payload, new_number};
use crate::core::seal::Place;
use crate::core::webpush::Subscription;
use crate::core::{
    Actor, ChallengeId, EnrollmentId, Error, MessageId, Result, Rng, Sealer, Timestamp, UserId,
};
use crate::factors::Factor;
use crate::store::{Challenge, Event, NewChallenge, NewMessage, PromptEvent, Write};
use crate::tickets::start;

/// Prompts are counted over this long, and a denial holds for as long.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);
/// So many prompts are sent in that time.
pub const MOST: usize = 5;

/// What the timeline says of prompts: they are counted by it.
pub const REQUESTED: &str = "push.requested";
/// A prompt was approved: the series is over.
pub const APPROVED: &str = "push.approved";
/// A prompt was denied.
pub const DENIED: &str = "push.denied";

/// Until when no prompt is sent, given what happened with the user's prompts, the oldest first.
pub fn held_until(happened: &[PromptEvent], now: Timestamp) -> Option<Timestamp> {
    let recent: Vec<&PromptEvent> = happened
        .iter()
        .filter(|event| now.since(event.at) < WINDOW)
        .collect();
    let begins = recent
        .iter()
        .rposition(|event| event.kind == APPROVED)
        .map_or(0, |last| last + 1);
    let series = &recent[begins..];
    if let Some(denied) = series.iter().rfind(|event| event.kind == DENIED) {
        return Some(denied.at + WINDOW);
    }
    let mut requested = series.iter().rev().filter(|event| event.kind == REQUESTED);
    requested.nth(MOST - 1).map(|event| event.at + WINDOW)
}

/// A prompt to send.
pub struct Request<'a> {
    /// To whom.
    pub user_id: &'a UserId,
    /// For which login.
    pub bearer: &'a str,
    /// To which phone.
    pub enrollment_id: &'a EnrollmentId,
    /// By which site.
    pub origin: &'a str,
}

/// Asks an enrolled phone; the number that the other screen shows is in the challenge. Locks the user's row.
///
/// # Errors
/// [`Error::Throttled`] when there were too many prompts or one was denied, [`Error::NotFound`] without such a phone;
/// else of the database.
pub async fn request(
    tx: &mut Write,
    request: &Request<'_>,
    sealer: &Sealer,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Challenge> {
    tx.lock_user(request.user_id).await?;
    let device = device_of(tx, request, sealer).await?;
    let happened = tx.prompt_events(request.user_id, now - WINDOW).await?;
    if let Some(until) = held_until(&happened, now) {
        return Err(Error::Throttled {
            reason: "Too many prompts, or one was denied",
            retry_after: until.since(now),
        });
    }
    let challenge_id = ChallengeId::new(now, rng);
    let subscription = device.0.subscription.clone();
    let asked = Asked {
        challenge_id: challenge_id.clone(),
        enrollment_id: request.enrollment_id.clone(),
        origin: request.origin.to_owned(),
        number: new_number(rng),
        device: device.0,
        name: device.1,
        wrong: 0,
    };
    let payload = Payload {
        asked: Some(asked),
        ..Payload::default()
    };
    let row = [request.user_id.as_str(), challenge_id.as_str()];
    let challenge = NewChallenge {
        user_id: request.user_id,
        bearer: request.bearer,
        factor: Factor::PushNotification.name(),
        challenge_id: &challenge_id,
        ticket_id: None,
        enrollment_id: request.enrollment_id,
        state: ASKED,
        payload_sealed: &sealer.seal(&start::place(&row), &payload.write(), rng),
        lookup: None,
        expires_at: now + LIFETIME,
    };
    let challenge = tx.put_challenge(&challenge, now).await?;
    call(tx, &challenge, subscription.as_ref(), sealer, now, rng).await?;
    let event = Event::new(REQUESTED, actor, now, rng)
        .user(request.user_id)
        .enrollment(request.enrollment_id);
    tx.record(&[event]).await?;
    Ok(challenge)
}

/// The phone and its name.
async fn device_of(
    tx: &mut Write,
    request: &Request<'_>,
    sealer: &Sealer,
) -> Result<(Device, String)> {
    let found = tx.enrollment(request.enrollment_id).await?;
    let found = found.filter(|found| {
        found.user_id == *request.user_id && found.factor == Factor::PushNotification.name()
    });
    let found = found.ok_or(Error::NotFound {
        code: "enrollment_not_found",
        message: "There is no such phone.",
    })?;
    let device = open_device(
        &found.user_id,
        request.enrollment_id,
        &found.material_sealed,
        sealer,
    )?;
    Ok((device, found.name.unwrap_or_default()))
}

/// The phone that an enrollment keeps.
///
/// # Errors
/// When it was sealed with another key.
pub fn open_device(
    user_id: &UserId,
    enrollment_id: &EnrollmentId,
    sealed: &[u8],
    sealer: &Sealer,
) -> Result<Device> {
    let place = Place {
        table: "enrollments",
        row: &[user_id.as_str(), enrollment_id.as_str()],
        column: "material_sealed",
    };
    let opened = sealer.open(&place, sealed);
    opened
        .and_then(|material| serde_json::from_slice(&material).ok())
        .ok_or_else(|| Error::internal(anyhow::anyhow!("a phone's material cannot be read")))
}

/// Promises a call to the phone, if it can be called: that there is something to answer, and nothing else.
pub(super) async fn call(
    tx: &mut Write,
    challenge: &Challenge,
    subscription: Option<&Subscription>,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let Some(subscription) = subscription else {
        return Ok(());
    };
    let message_id = MessageId::new(now, rng);
    let place = Place {
        table: "outbox",
        row: &[message_id.as_str()],
        column: "payload_sealed",
    };
    let payload = serde_json::to_vec(subscription).unwrap_or_default();
    let message = NewMessage {
        payload_sealed: Some(sealer.seal(&place, &payload, rng)),
        kind: "push",
        detail: json!({ "enrollment_id": challenge.enrollment_id }).to_string(),
        expires_at: challenge.expires_at,
        message_id,
    };
    let ticket_id = challenge
        .ticket_id
        .as_deref()
        .and_then(|id| id.parse().ok());
    tx.insert_message(&message, &challenge.user_id, ticket_id.as_ref(), now)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * 60_000)
    }

    fn happened(told: &[(&str, i64)]) -> Vec<PromptEvent> {
        let event = |(kind, minute): &(&str, i64)| PromptEvent {
            kind: (*kind).to_owned(),
            at: at(*minute),
        };
        told.iter().map(event).collect()
    }

    #[test]
    fn five_prompts_in_ten_minutes_and_none_after_a_denial() {
        let five: Vec<(&str, i64)> = (0..5).map(|minute| (REQUESTED, minute)).collect();
        assert_eq!(held_until(&happened(&five[..4]), at(4)), None);
        assert_eq!(held_until(&happened(&five), at(5)), Some(at(10)));
        assert_eq!(held_until(&happened(&five), at(10)), None);
        let mut won = five.clone();
        won.push((APPROVED, 5));
        assert_eq!(
            held_until(&happened(&won), at(5)),
            None,
            "a success ends the series"
        );
        let denied = [(REQUESTED, 0), (DENIED, 1)];
        assert_eq!(held_until(&happened(&denied), at(2)), Some(at(11)));
        assert_eq!(held_until(&happened(&denied), at(11)), None);
        let later = [(DENIED, 1), (APPROVED, 2)];
        assert_eq!(held_until(&happened(&later), at(3)), None);
        assert_eq!(held_until(&[], at(0)), None);
    }
}
