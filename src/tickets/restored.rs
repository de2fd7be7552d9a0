//! A database that was put back from a copy does not know what was used since: none of it may work again.

use crate::core::{Actor, Result, Rng, Timestamp};
use crate::factors::otp;
use crate::store::{Event, Store};

/// What was taken back.
#[derive(Debug, Clone, Copy)]
pub struct TakenBack {
    /// Tickets that were open, or held by an attempt.
    pub tickets: u64,
    /// Links that were not mailed yet.
    pub links: u64,
}

/// Revokes every ticket that could be redeemed, drops the links that wait to be mailed, ends every login, and takes no code that an
/// authenticator app shows now or showed before. Attempts end with their tickets.
///
/// # Errors
/// Of the database; then nothing is changed.
pub async fn take_back(
    store: &Store,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<TakenBack> {
    let mut tx = store.begin_write().await?;
    tx.take_its_time().await?;
    let taken = TakenBack {
        tickets: tx.revoke_all_tickets(now).await?,
        links: tx.drop_all_links("the database was restored", now).await?,
    };
    tx.forget_all_logins().await?;
    tx.use_up_steps(otp::newest_step(now)).await?;
    let event = Event::new("database.restored", actor, now, rng)
        .detail("tickets_revoked", taken.tickets)
        .detail("links_dropped", taken.links);
    tx.record(&[event]).await?;
    tx.commit().await?;
    Ok(taken)
}
