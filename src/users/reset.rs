//! Taking factors away: one, or all, so that the user starts over.

use crate::core::{Actor, EnrollmentId, Error, Result, Rng, Timestamp, UserId};
use crate::store::{Event, Store, Write};

/// Removes one enrollment; with the last one goes the recovery code.
///
/// # Errors
/// [`Error::NotFound`]; else of the database.
pub async fn remove_enrollment(
    store: &Store,
    id: &EnrollmentId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let mut tx = store.begin_write().await?;
    let found = tx.enrollment(id).await?.ok_or_else(Error::no_enrollment)?;
    tx.lock_user(&found.user_id).await?;
    let removed = tx
        .delete_enrollment(id)
        .await?
        .ok_or_else(Error::no_enrollment)?;
    // What was proved with it is proved no more.
    tx.forget_browsers(&removed.user_id).await?;
    if tx.enrollments_of(&removed.user_id).await?.is_empty() {
        tx.delete_recovery_code(&removed.user_id).await?;
    }
    let event = Event::new("enrollment.removed", actor, now, rng)
        .user(&removed.user_id)
        .enrollment(&removed.enrollment_id)
        .detail("factor", removed.factor);
    tx.record(&[event]).await?;
    tx.commit().await
}

/// Removes all enrollments and the recovery code of a user, whose wrong proofs are forgotten; says how many enrollments
/// there were.
///
/// # Errors
/// [`Error::NotFound`]; else of the database.
pub async fn reset(
    store: &Store,
    user_id: &UserId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<usize> {
    let mut tx = store.begin_write().await?;
    tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
    let removed = remove_all(&mut tx, user_id, actor, now, rng).await?;
    tx.commit().await?;
    Ok(removed)
}

/// The same for whoever holds the user's row already and goes on.
pub(super) async fn remove_all(
    tx: &mut Write,
    user_id: &UserId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<usize> {
    let removed = tx.delete_enrollments_of(user_id).await?;
    tx.delete_recovery_code(user_id).await?;
    tx.forget_browsers(user_id).await?;
    tx.clear_failures_of(user_id).await?;
    let mut events: Vec<Event> = removed
        .iter()
        .map(|enrollment| {
            Event::new("enrollment.removed", actor, now, rng)
                .user(user_id)
                .enrollment(&enrollment.enrollment_id)
                .detail("factor", enrollment.factor.as_str())
        })
        .collect();
    events.push(
        Event::new("user.reset", actor, now, rng)
            .user(user_id)
            .detail("removed", removed.len()),
    );
    tx.record(&events).await?;
    Ok(removed.len())
}
