//! A code to a phone that is to be enrolled: whoever asks, and wherever, it is promised here.

use std::net::IpAddr;
use std::time::Duration;

use super::redeem::Redeemed;
use super::start::{self, NewPayload};
use crate::access::Attempt;
use crate::core::{Actor, MessageId, Result, Rng, Sealer, Timestamp, UserId};
use crate::factors::phone::{self, CODE_LIFETIME, Channel, Code, Held, Number, Policy, Send, Sent};
use crate::factors::{Available, Factor};
use crate::store::{Challenge, Store};

/// Who asks again this soon tapped twice.
const DOUBLE_TAP: Duration = Duration::from_secs(5);

/// A code that is asked for.
pub struct CodeRequest<'a> {
    /// By which attempt.
    pub attempt: &'a Attempt,
    /// What the installation can do.
    pub available: Available,
    /// To which number.
    pub number: &'a Number,
    /// How.
    pub channel: Channel,
    /// From where it was asked for.
    pub address: Option<IpAddr>,
    /// In which language.
    pub locale: &'a str,
}

/// What became of it.
pub enum Asked {
    /// It is promised, and this waits for it; a code that the attempt asked for before is dead.
    Sent(Challenge),
    /// The cost guard holds it back.
    Held(Held),
    /// Wrong proofs hold the ticket back.
    HeldBack(Redeemed),
}

/// Promises a code, in the place of the attempt's former one, whose wrong answers it inherits.
///
/// # Errors
/// [`Error::Refused`](crate::core::Error::Refused) when the ticket does not let this attempt enroll a phone; else of the
/// database.
pub async fn send_code(
    store: &Store,
    asked: &CodeRequest<'_>,
    policy: &Policy,
    sealer: &Sealer,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Asked> {
    let starting = start::start(store, asked.attempt, Factor::Phone, asked.available, now);
    let mut starting = match starting.await? {
        Ok(starting) => starting,
        Err(refused) => return Ok(Asked::HeldBack(refused)),
    };
    let code = Code::new(rng);
    let ticket_id = starting.opened.ticket.ticket_id.clone();
    let send = Send {
        number: asked.number,
        channel: asked.channel,
        code: &code,
        purpose: "enrollment",
        user_id: &starting.opened.ticket.user_id,
        ticket_id: Some(&ticket_id),
        series: ticket_id.as_str(),
        address: asked.address,
        locale: asked.locale,
    };
    let promised = send.promise(&mut starting.tx, &policy.budgets, sealer, actor, now, rng);
    let promised = match promised.await? {
        Ok(promised) => promised,
        Err(held) => {
            let same = starting.former.take();
            let same = same.filter(|former| is_double_tap(held, former, asked, sealer, now));
            if held == Held::Paused {
                starting.commit().await?;
            }
            return Ok(same.map_or(Asked::Held(held), Asked::Sent));
        }
    };
    let former = starting.former.as_ref();
    let former = former.and_then(|former| open(former, sealer));
    if let Some(id) = former.and_then(|former| former.message_id.parse::<MessageId>().ok()) {
        let why = "another code was asked for";
        starting.tx.drop_message(&id, why, now).await?;
    }
    let sent = Sent::new(asked.number, asked.channel, &code, &promised);
    let payload = NewPayload {
        state: "sent",
        payload: &sent.to_bytes(),
        lookup: None,
        lifetime: CODE_LIFETIME,
    };
    let challenge = starting.put(&payload, sealer, now, rng).await?;
    starting.commit().await?;
    Ok(Asked::Sent(challenge))
}

/// Whether the code that was asked for just before is on its way there, and is good.
fn is_double_tap(
    held: Held,
    former: &Challenge,
    asked: &CodeRequest<'_>,
    sealer: &Sealer,
    now: Timestamp,
) -> bool {
    let at_once = phone::send::delay_after(1) - DOUBLE_TAP;
    let is_the_same = |sent: Sent| {
        former.expires_at > now
            && sent.number == asked.number.e164()
            && sent.channel == asked.channel
    };
    matches!(held, Held::TooSoon(wait) if wait > at_once)
        && open(former, sealer).is_some_and(is_the_same)
}

/// The code that a challenge waits for.
pub fn open(challenge: &Challenge, sealer: &Sealer) -> Option<Sent> {
    Sent::from_bytes(&start::open_challenge(challenge, sealer).ok()?)
}

/// That a code was entered counts for its prefix; the enrollment stands without it.
pub async fn entered(
    store: &Store,
    user_id: &UserId,
    sent: &Sent,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) {
    let counted = async {
        let mut tx = store.begin_write().await?;
        phone::send::confirm(&mut tx, user_id, &sent.number, sealer, now, rng).await?;
        tx.commit().await
    };
    if let Err(error) = counted.await {
        tracing::warn!(
            error = error.label(),
            "an entered code was not counted for its prefix"
        );
    }
}
