//! What a back end and an admin do with tickets later: resend and revoke.

use super::create::{Issued, link_mail, mails_full};
use crate::core::{Actor, Error, Result, Rng, Sealer, TicketId, TicketSecret, Timestamp};
use crate::store::{Event, Store, Ticket, TicketState, UserLimits};

/// The word for where a ticket stands at `now`, as the API and the command line write it.
pub fn status(ticket: &Ticket, now: Timestamp) -> &'static str {
    match ticket.state {
        TicketState::Open if ticket.expires_at <= now => "expired",
        state => state.as_str(),
    }
}

/// Takes a ticket back; one that is over already stays as it is.
///
/// # Errors
/// [`Error::NotFound`]; else of the database.
pub async fn revoke(
    store: &Store,
    ticket_id: &TicketId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    let mut tx = store.begin_write().await?;
    match tx.revoke_ticket(ticket_id, now).await? {
        Some(ticket) => {
            tx.drop_messages_of_ticket(ticket_id, "the ticket was revoked", now)
                .await?;
            tx.record(&[Event::new("ticket.revoked", actor, now, rng)
                .user(&ticket.user_id)
                .ticket(ticket_id)])
                .await?;
            tx.commit().await
        }
        None => tx
            .ticket(ticket_id)
            .await?
            .map(drop)
            .ok_or_else(Error::no_ticket),
    }
}

/// Makes a new link for the same ticket, with the same end, and mails it. The former link says so from now on.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when the ticket is not open; [`Error::Invalid`] when there is no address;
/// [`Error::Throttled`] when the user was sent enough.
pub async fn resend(
    store: &Store,
    ticket_id: &TicketId,
    limits: UserLimits,
    actor: &Actor,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Issued> {
    let mut tx = store.begin_write().await?;
    let found = tx.ticket(ticket_id).await?.ok_or_else(Error::no_ticket)?;
    let user = tx
        .lock_user(&found.user_id)
        .await?
        .ok_or_else(Error::no_user)?;
    let secret = TicketSecret::new(rng);
    let ticket = tx
        .replace_ticket_secret(ticket_id, &secret.digest(), now)
        .await?
        .ok_or(Error::Conflict {
            code: "ticket_not_open",
            message: "The ticket is used, revoked or expired; create a new one.",
        })?;
    if ticket.email.is_none() && user.email.is_none() {
        return Err(Error::invalid(
            "email",
            "there is no address to send the mail to",
        ));
    }
    if let Some(until) = tx.mails_full_until(&user.user_id, limits, now).await? {
        return Err(mails_full(until, now));
    }
    tx.drop_messages_of_ticket(ticket_id, "a newer mail was sent", now)
        .await?;
    let mail = link_mail(&secret, ticket.expires_at, sealer, now, rng);
    tx.insert_message(&mail, &ticket.user_id, Some(ticket_id), now)
        .await?;
    tx.record(&[Event::new("ticket.resent", actor, now, rng)
        .user(&ticket.user_id)
        .ticket(ticket_id)])
        .await?;
    tx.commit().await?;
    Ok(Issued {
        ticket_id: ticket.ticket_id,
        secret,
        expires_at: ticket.expires_at,
    })
}
