//! What the attempt that spent a ticket does afterwards.

use crate::access::Attempt;
use crate::core::{Actor, Result, Rng, Timestamp, UserId};
use crate::store::{Event, Store};

/// The person saved the recovery code: from now on it is never shown again. `false` when they had said so before.
///
/// # Errors
/// Of the database.
pub async fn save_recovery_code(
    store: &Store,
    user_id: &UserId,
    attempt: &Attempt,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<bool> {
    let mut tx = store.begin_write().await?;
    let saved = tx
        .mark_recovery_code_saved(user_id, &attempt.ticket_id, now)
        .await?;
    if saved {
        let event = Event::new("recovery_code.saved", actor, now, rng)
            .user(user_id)
            .ticket(&attempt.ticket_id);
        tx.record(&[event]).await?;
    }
    tx.commit().await?;
    Ok(saved)
}

/// The person wants no further factor: a ticket for several is over. One that is over already stays as it is.
///
/// # Errors
/// Of the database.
pub async fn finish(
    store: &Store,
    user_id: &UserId,
    attempt: &Attempt,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let mut tx = store.begin_write().await?;
    if tx
        .finish_ticket(&attempt.ticket_id, &attempt.id, now)
        .await?
    {
        let event = Event::new("ticket.finished", actor, now, rng)
            .user(user_id)
            .ticket(&attempt.ticket_id);
        tx.record(&[event]).await?;
    }
    tx.commit().await
}
