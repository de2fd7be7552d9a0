//! Verifying: whoever shows an enrolled factor, or the recovery code, is let through here and nowhere else.
//!
//! One transaction, which begins with the user's row: parallel guesses wait for each other, on every instance, and what is
//! wrong is counted before anybody is told.

use std::sync::Arc;
use std::time::Duration;

use super::login::{self, Authentication};
use super::purpose::Purpose;
use crate::core::seal::Place;
use crate::core::{
    Actor, EnrollmentId, Error, RecoveryCode, Refusal, Result, Rng, Sealer, Timestamp, UserId,
};
use crate::factors::patience::{MOST_FAILURES, delay_after};
use crate::factors::phone;
use crate::factors::verify::{self as factor, Answer, Judged, Known, Used};
use crate::store::{Challenge, Enrollment, Event, Failures, Shower, Store, Write};
use crate::tickets::start::open_challenge;
use crate::users::recovery;

/// How long a user who was stopped stays so, unless an admin resets them.
const STOPPED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What a person shows. Each is a type that holds nothing but what could be right: what is misspelt never gets here.
pub enum Shown {
    /// An enrolled factor.
    Factor(Answer),
    /// The recovery code.
    RecoveryCode(RecoveryCode),
}

impl Shown {
    fn name(&self) -> &'static str {
        match self {
            Self::Factor(answer) => answer.factor().name(),
            Self::RecoveryCode(_) => "recovery-code",
        }
    }
}

/// Who shows what.
pub struct Verification {
    /// Whose factor it is to be.
    pub user_id: UserId,
    /// What is shown.
    pub shown: Shown,
    /// For the events.
    pub actor: Actor,
}

/// What became of it.
#[derive(Debug)]
pub enum Verified {
    /// It is this enrollment of the user.
    Factor(EnrollmentId),
    /// It was the user's recovery code, which is used up. This one takes its place: it is to be shown now, and never again.
    RecoveryCode(RecoveryCode),
    /// It is wrong, and counted.
    Wrong,
    /// The user has no such factor, and what nobody has is not guessed at: nothing is counted.
    NotEnrolled,
    /// Nothing is looked at for so long.
    TooSoon(Duration),
    /// After too many wrong proofs nothing is looked at for so long, unless an admin resets the user.
    Stopped(Duration),
    /// The back end blocked the user.
    Blocked,
}

/// Looks at what a person shows, if it is not too soon; what is right moves its purpose on, in the same transaction.
///
/// # Errors
/// [`Refusal::Used`] when the ticket is no longer open to the attempt, [`Refusal::LoginOver`] for a login that is over,
/// [`Error::NotFound`] for an unknown user; else of the database or the sealing key. Then nothing was told, nothing is
/// counted, and nothing used.
pub async fn prove(
    store: &Store,
    asked: Verification,
    purpose: Purpose,
    sealer: &Sealer,
    now: Timestamp,
    rng: &Arc<dyn Rng>,
) -> Result<Verified> {
    let (sealer, rng) = (sealer.clone(), Arc::clone(rng));
    let work = store.together(move |tx| {
        Box::pin(async move { prove_in(tx, &asked, &purpose, &sealer, now, &*rng).await })
    });
    Ok(work.await?.0)
}

/// All of it but the commit; with how a login of the MFA API is proved by it, if one is.
pub(super) async fn prove_in(
    tx: &mut Write,
    asked: &Verification,
    purpose: &Purpose,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(Verified, Option<Authentication>)> {
    let Looked {
        verified,
        amr,
        mut events,
    } = look(tx, asked, sealer, now, rng).await?;
    let (actor, factor) = (&asked.actor, asked.shown.name());
    let mut proved = None;
    match (purpose, amr) {
        (Purpose::StepUp(to), Some(_)) => {
            let (ticket_id, secret_hash) = (&to.ticket_id, &to.secret_hash);
            let moved = tx.step_up_ticket(ticket_id, &asked.user_id, &to.attempt, secret_hash, now);
            if !moved.await? {
                return Err(Refusal::Used.into());
            }
            let event = Event::new("ticket.stepped_up", actor, now, rng)
                .user(&asked.user_id)
                .ticket(ticket_id);
            events.push(event.detail("factor", factor));
        }
        (Purpose::Login(login_id), Some(amr)) => {
            let of = (&asked.user_id, login_id);
            events.push(login::note_proof(tx, of, (factor, amr), actor, now, rng).await?);
        }
        (Purpose::ApiLogin(login_id), Some(amr)) => {
            let of = (&asked.user_id, login_id);
            let noted = login::note_api_proof(tx, of, (factor, amr), actor, now, rng);
            let (how, event) = noted.await?;
            events.push(event);
            proved = Some(how);
        }
        (Purpose::StepUp(_), None) => {}
        (Purpose::Login(login_id) | Purpose::ApiLogin(login_id), None) => {
            login::note_factor(tx, &asked.user_id, login_id, factor, now).await?;
        }
    }
    tx.record(&events).await?;
    Ok((verified, proved))
}

/// What was seen of what a person shows.
struct Looked {
    verified: Verified,
    /// How it was proved (RFC 8176), if it was.
    amr: Option<&'static str>,
    /// To record.
    events: Vec<Event>,
}

impl Looked {
    fn refused(verified: Verified) -> Self {
        Self {
            verified,
            amr: None,
            events: Vec::new(),
        }
    }
}

/// Looks at what a person shows, if it is not too soon, and counts what is wrong.
async fn look(
    tx: &mut Write,
    asked: &Verification,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Looked> {
    let user_id = &asked.user_id;
    let Shower { user, failures } = match admit(tx, user_id, now).await? {
        Ok(shower) => shower,
        Err(refused) => return Ok(Looked::refused(refused)),
    };
    let event = |kind| Event::new(kind, &asked.actor, now, rng).user(user_id);
    let mut amr = None;
    let mut events = Vec::new();
    let verified = match &asked.shown {
        Shown::Factor(answer) => {
            let of = |kind, id| {
                let event = event(kind).enrollment(id);
                event.detail("factor", answer.factor().name())
            };
            match use_factor(tx, user_id, answer, sealer, now, rng).await? {
                Tried::Right(id, how) => {
                    amr = Some(how);
                    events.push(of("enrollment.used", &id));
                    Verified::Factor(id)
                }
                Tried::Copied(id) => {
                    events.push(of("enrollment.counter_regressed", &id));
                    Verified::Wrong
                }
                Tried::Wrong => Verified::Wrong,
                Tried::NotEnrolled => return Ok(Looked::refused(Verified::NotEnrolled)),
            }
        }
        Shown::RecoveryCode(code) => {
            let fresh = RecoveryCode::new(rng);
            let (old, new) = (code.digest(), fresh.digest());
            match tx.use_recovery_code(user_id, &old, &new, now).await? {
                true => {
                    // RFC 8176 has no name for it.
                    amr = Some("");
                    recovery::tell(tx, &user, recovery::USED, now, rng).await?;
                    events.extend([event("recovery_code.used"), event("recovery_code.created")]);
                    Verified::RecoveryCode(fresh)
                }
                false => Verified::Wrong,
            }
        }
    };
    if amr.is_none() {
        let failures = count(tx, user_id, now).await?;
        let refused = event("verification.failed").detail("factor", asked.shown.name());
        events.push(refused.detail("failures", failures));
        events.extend((failures >= MOST_FAILURES).then(|| event("user.stopped")));
    } else if failures.failures > 0 {
        tx.clear_failures_of(user_id).await?;
    }
    Ok(Looked {
        verified,
        amr,
        events,
    })
}

/// Locks the user's row; `Err` of the inner result when nothing of theirs is looked at now.
pub(super) async fn admit(
    tx: &mut Write,
    user_id: &UserId,
    now: Timestamp,
) -> Result<Result<Shower, Verified>> {
    let shower = tx.lock_shower(user_id).await?;
    let shower = shower.ok_or_else(Error::no_user)?;
    if shower.user.blocked {
        return Ok(Err(Verified::Blocked));
    }
    let Failures { failures, retry_at } = shower.failures;
    if retry_at > now {
        let wait = retry_at.since(now);
        return Ok(Err(match failures {
            MOST_FAILURES.. => Verified::Stopped(wait),
            _ => Verified::TooSoon(wait),
        }));
    }
    Ok(Ok(shower))
}

/// Counts a wrong proof, and says how many that makes.
async fn count(tx: &mut Write, user_id: &UserId, now: Timestamp) -> Result<i64> {
    let counted = tx.count_failure_of(user_id).await?;
    let failures = counted.ok_or_else(Error::no_user)?;
    if let Some(delay) = delay_after(failures) {
        let until = now + delay.unwrap_or(STOPPED_FOR);
        tx.delay_user(user_id, until).await?;
    }
    Ok(failures)
}

/// What an answer is to a user.
enum Tried {
    /// It proves this enrollment, in this way.
    Right(EnrollmentId, &'static str),
    /// It would, but the key's counter went back: there may be two of it.
    Copied(EnrollmentId),
    /// It proves nothing.
    Wrong,
    /// There is none that it could prove.
    NotEnrolled,
}

/// The user's own enrollment that the answer proves: used with it, once. What it answers is over with it; a ceremony is
/// over in any case, while a code may be mistyped, and is counted.
async fn use_factor(
    tx: &mut Write,
    user_id: &UserId,
    answer: &Answer,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Tried> {
    let begun = match answer.login() {
        None => None,
        Some(login) => match waiting(tx, user_id, login, answer, now).await? {
            None => return Ok(Tried::Wrong),
            begun => begun,
        },
    };
    let found = find(tx, user_id, answer, begun.as_ref(), sealer, now).await?;
    if let Some(begun) = &begun {
        let id = &begun.challenge_id;
        let is_over = matches!(found, Found::Right(..)) || answer.factor().is_one_try();
        if !is_over {
            tx.count_challenge_failure(id).await?;
        } else if !tx.take_challenge(id, now).await? {
            return Ok(Tried::Wrong);
        }
    }
    let (id, used) = match found {
        Found::Right(id, used) => (id, used),
        Found::Copied(id) => return Ok(Tried::Copied(id)),
        Found::Nothing => return Ok(Tried::Wrong),
        Found::NoFactor => return Ok(Tried::NotEnrolled),
    };
    if let Some(number) = &used.number {
        phone::send::confirm(tx, user_id, number, sealer, now, rng).await?;
    }
    let row = [user_id.as_str(), id.as_str()];
    let seal = |kept: &[u8]| sealer.seal(&place(&row), kept, rng);
    let material = used.material.as_ref().map(|kept| seal(kept));
    let is_used = tx.use_enrollment(user_id, &id, used.last_step, material.as_deref(), now);
    Ok(match is_used.await? {
        true => Tried::Right(id, used.amr),
        false => Tried::Wrong,
    })
}

/// What this login began for the factor, if it still waits. What an attempt began while enrolling proves nothing.
async fn waiting(
    tx: &mut Write,
    user_id: &UserId,
    login: &str,
    answer: &Answer,
    now: Timestamp,
) -> Result<Option<Challenge>> {
    let begun = tx.challenge(user_id, login, answer.factor().name()).await?;
    Ok(begun.filter(|begun| begun.ticket_id.is_none() && begun.expires_at > now))
}

/// What was found among a user's enrollments.
enum Found {
    /// This one is proved.
    Right(EnrollmentId, Used),
    /// There may be two of this one's key.
    Copied(EnrollmentId),
    /// None of them.
    Nothing,
    /// There is none of this factor.
    NoFactor,
}

/// The first of the user's own enrollments that the answer fits.
async fn find(
    tx: &mut Write,
    user_id: &UserId,
    answer: &Answer,
    begun: Option<&Challenge>,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<Found> {
    let challenge = match begun {
        Some(begun) => Some(open_challenge(begun, sealer)?),
        None => None,
    };
    let mut enrollments = tx.enrollments_of(user_id).await?;
    let factor = answer.factor().name();
    enrollments.retain(|found| found.factor == factor && found.status == "confirmed");
    if enrollments.is_empty() {
        return Ok(Found::NoFactor);
    }
    let credential = answer.credential_id();
    let is_asked = |found: &Enrollment| credential.is_none() || credential == found.credential_id;
    for found in enrollments.into_iter().filter(is_asked) {
        let row = [user_id.as_str(), found.enrollment_id.as_str()];
        let material = sealer.open(&place(&row), &found.material_sealed);
        let material = material.ok_or_else(|| {
            Error::internal(anyhow::anyhow!("an enrollment is sealed with another key"))
        })?;
        let known = Known {
            enrollment_id: &found.enrollment_id,
            material: &material,
            last_step: found.last_step,
            challenge: challenge.as_ref().map(|kept| kept.as_slice()),
            failures: begun.map_or(0, |begun| begun.failures),
        };
        match factor::verify(answer, &known, now)? {
            Judged::Right(used) => return Ok(Found::Right(found.enrollment_id, used)),
            Judged::Copied => return Ok(Found::Copied(found.enrollment_id)),
            Judged::Wrong => {}
        }
    }
    Ok(Found::Nothing)
}

/// Where an enrollment's material is sealed, for `[user_id, enrollment_id]`.
pub(super) fn place<'a>(row: &'a [&'a str; 2]) -> Place<'a> {
    Place {
        table: "enrollments",
        row,
        column: "material_sealed",
    }
}
