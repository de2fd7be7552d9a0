//! Asking a phone that is enrolled, for a login that is to be proved with it: by a code that is sent there, or by a prompt.
//!
//! Whoever may prove nothing now is sent nothing, and every message goes through the same cost guard as those of enrolling
//! (`phone::Send`).

use std::net::IpAddr;

use serde_json::Value;

use super::login;
use super::verify::{Verified, admit};
use crate::core::seal::Place;
use crate::core::{
    Actor, ChallengeId, EnrollmentId, Error, MessageId, Result, Rng, Sealer, Timestamp, UserId,
};
use crate::factors::Factor;
use crate::factors::phone::{
    self, CODE_LIFETIME, Channel, Code, Fault, Held, MOST_WRONG, Number, Policy, Send, Sent,
};
use crate::factors::push::prompts;
use crate::store::{Challenge, Enrollment, NewChallenge, Store, Write};
use crate::tickets::start;

/// A code that is asked for.
pub struct CodeRequest<'a> {
    /// Whose phone it is.
    pub user_id: &'a UserId,
    /// For which login.
    pub login: &'a str,
    /// To which phone.
    pub enrollment_id: &'a EnrollmentId,
    /// How; as the enrollment says, if the person did not choose.
    pub channel: Option<Channel>,
    /// Who asked.
    pub address: Option<IpAddr>,
    /// In which language.
    pub locale: &'a str,
}

/// What became of it.
#[derive(Debug)]
pub enum Asked {
    /// It is promised, and this waits for it; a code that the login asked for before is dead.
    Sent(Challenge),
    /// The cost guard holds it back.
    Held(Held),
    /// No code is sent to this number, or not this way.
    Number(Fault),
    /// No message is sent this way.
    NoChannel,
    /// This login had its wrong codes; another may begin.
    Ended,
    /// Nothing that the user shows is looked at now.
    Refused(Verified),
}

/// Promises a code to a user's own phone, in the place of the login's former one, whose wrong answers it inherits.
///
/// # Errors
/// [`Error::NotFound`] for an unknown user and for what is no phone of theirs; else of the database or the sealing key.
pub async fn send_code(
    store: &Store,
    asked: &CodeRequest<'_>,
    policy: &Policy,
    sealer: &Sealer,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Asked> {
    let mut tx = store.begin_write().await?;
    if let Err(refused) = admit(&mut tx, asked.user_id, now).await? {
        return Ok(Asked::Refused(refused));
    }
    let (user_id, login) = (asked.user_id, asked.login);
    login::challenge(
        &mut tx,
        user_id,
        login,
        Factor::Phone.name(),
        actor,
        now,
        rng,
    )
    .await?;
    let phone = phone_of(&mut tx, asked).await?;
    let channels = policy.channels(&mut tx).await?;
    let Some(channel) = channel_of(asked, &phone, &channels) else {
        return Ok(Asked::NoChannel);
    };
    let number = match number_of(&phone, channel, policy, sealer)? {
        Ok(number) => number,
        Err(fault) => return Ok(Asked::Number(fault)),
    };
    let former = tx
        .challenge(asked.user_id, asked.login, Factor::Phone.name())
        .await?;
    if former
        .as_ref()
        .is_some_and(|former| former.failures >= MOST_WRONG)
    {
        return Ok(Asked::Ended);
    }
    let code = Code::new(rng);
    let series = format!("{} {}", asked.user_id, asked.login);
    let send = Send {
        number: &number,
        channel,
        code: &code,
        purpose: "verification",
        user_id: asked.user_id,
        ticket_id: None,
        series: &series,
        address: asked.address,
        locale: asked.locale,
    };
    let promised = send.promise(&mut tx, &policy.budgets, sealer, actor, now, rng);
    let promised = match promised.await? {
        Ok(promised) => promised,
        Err(held) => {
            if held == Held::Paused {
                tx.commit().await?;
            }
            return Ok(Asked::Held(held));
        }
    };
    if let Some(former) = &former {
        drop_message_of(&mut tx, former, sealer, now).await?;
    }
    let sent = Sent::new(&number, channel, &code, &promised).verifying(asked.enrollment_id);
    let challenge = put(&mut tx, asked, &sent, sealer, now, rng).await?;
    tx.commit().await?;
    Ok(Asked::Sent(challenge))
}

/// Asks a user's own phone to approve; `Err` of the inner result when nothing that they show is looked at now.
///
/// # Errors
/// Of [`prompts::request`]; [`Error::NotFound`] for an unknown user.
pub async fn ask_phone(
    store: &Store,
    request: &prompts::Request<'_>,
    sealer: &Sealer,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Result<Challenge, Verified>> {
    let mut tx = store.begin_write().await?;
    if let Err(refused) = admit(&mut tx, request.user_id, now).await? {
        return Ok(Err(refused));
    }
    let (user_id, factor) = (request.user_id, Factor::PushNotification.name());
    login::challenge(&mut tx, user_id, request.bearer, factor, actor, now, rng).await?;
    let asked = prompts::request(&mut tx, request, sealer, actor, now, rng).await?;
    tx.commit().await?;
    Ok(Ok(asked))
}

/// The user's own phone that is asked for.
async fn phone_of(tx: &mut Write, asked: &CodeRequest<'_>) -> Result<Enrollment> {
    let found = tx.enrollment(asked.enrollment_id).await?;
    let found = found.filter(|found| {
        found.user_id == *asked.user_id
            && found.factor == Factor::Phone.name()
            && found.status == "confirmed"
    });
    found.ok_or_else(Error::no_enrollment)
}

/// What the person chose, if it is on; else what the enrollment says, or what is on in its place.
fn channel_of(asked: &CodeRequest<'_>, phone: &Enrollment, on: &[Channel]) -> Option<Channel> {
    let is_on = |channel: &Channel| on.contains(channel);
    if let Some(chosen) = asked.channel {
        return Some(chosen).filter(is_on);
    }
    let facts: Value = serde_json::from_str(&phone.facts).unwrap_or_default();
    let usual = facts["channel"].as_str().and_then(|name| name.parse().ok());
    usual.filter(is_on).or_else(|| on.first().copied())
}

/// The number of an enrollment, if a code may still be sent there.
fn number_of(
    phone: &Enrollment,
    channel: Channel,
    policy: &Policy,
    sealer: &Sealer,
) -> Result<Result<Number, Fault>> {
    let place = Place {
        table: "enrollments",
        row: &[phone.user_id.as_str(), phone.enrollment_id.as_str()],
        column: "material_sealed",
    };
    let material = sealer.open(&place, &phone.material_sealed);
    let number = material.and_then(|material| phone::number_in(&material));
    let number = number
        .ok_or_else(|| Error::internal(anyhow::anyhow!("a phone's material cannot be read")))?;
    Ok(Number::parse(&number, None, channel, &policy.countries))
}

/// A code that still waits to be sent is sent no more.
async fn drop_message_of(
    tx: &mut Write,
    former: &Challenge,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<()> {
    let opened = start::open_challenge(former, sealer).ok();
    let sent = opened.and_then(|opened| Sent::from_bytes(&opened));
    if let Some(id) = sent.and_then(|sent| sent.message_id.parse::<MessageId>().ok()) {
        tx.drop_message(&id, "another code was asked for", now)
            .await?;
    }
    Ok(())
}

async fn put(
    tx: &mut Write,
    asked: &CodeRequest<'_>,
    sent: &Sent,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Challenge> {
    let challenge_id = ChallengeId::new(now, rng);
    let row = [asked.user_id.as_str(), challenge_id.as_str()];
    let new = NewChallenge {
        user_id: asked.user_id,
        bearer: asked.login,
        factor: Factor::Phone.name(),
        challenge_id: &challenge_id,
        ticket_id: None,
        enrollment_id: asked.enrollment_id,
        state: "sent",
        payload_sealed: &sealer.seal(&start::place(&row), &sent.to_bytes(), rng),
        lookup: None,
        expires_at: now + CODE_LIFETIME,
    };
    tx.put_challenge(&new, now).await
}
