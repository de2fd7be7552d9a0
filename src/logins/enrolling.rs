//! Enrolling on the way: a user who has no factor sets one up in the middle of a login whose application allows it. It
//! vouches for the first factor, and what was just proved is the second.

use super::login;
use crate::access::attempt::TOTAL;
use crate::core::{
    Actor, Digest, Error, LoginId, Refusal, Result, Rng, Sealer, TicketId, Timestamp, UserId,
};
use crate::factors::Switches;
use crate::store::{Event, Store, Ticket, TicketGatherer, UserLimits, Write};
use crate::tickets::create::{Asked, CreateTicket, Policy, written};

/// A login that may go on by enrolling.
pub struct OnTheWay<'a> {
    /// Whose it is.
    pub user_id: &'a UserId,
    /// Which.
    pub login_id: &'a LoginId,
    /// The login itself, as the cause of events.
    pub actor: &'a Actor,
    /// Where the last page leads: back to the login.
    pub result_url: String,
}

/// Makes the one ticket of a login, whose secret no mail carries.
///
/// # Errors
/// [`Refusal::LoginOver`] when the login has a ticket already, or is over; else of the limits or the database.
pub async fn make_ticket(
    (store, gatherer): (&Store, &TicketGatherer),
    login: OnTheWay<'_>,
    (policy, switches): (&Policy, &Switches),
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<(TicketId, Digest)> {
    let asked = Asked {
        user_id: login.user_id.to_string(),
        ..Asked::default()
    };
    let ticket = CreateTicket::parse(&asked, policy, switches)?;
    let (mut row, issued) = ticket.issue(login.actor, sealer, now, rng);
    row.result_url = Some(login.result_url);
    row.expires_at = now + TOTAL;
    // Whoever begins again and again has one that is open, and none that the back end could no longer make.
    row.limits = UserLimits::default();
    written(gatherer.create(row).await?, now)?;
    let mut tx = store.begin_write().await?;
    let until = now + TOTAL;
    let taken = tx.set_ticket_of_login(
        (login.user_id, login.login_id),
        &issued.ticket_id,
        until,
        now,
    );
    if !taken.await? {
        return Err(Refusal::LoginOver.into());
    }
    let former = tx.revoke_other_tickets_of_logins(login.user_id, &issued.ticket_id, now);
    let revoked = |id: &TicketId| {
        let event = Event::new("ticket.revoked", login.actor, now, rng);
        event.user(login.user_id).ticket(id)
    };
    let events: Vec<Event> = former.await?.iter().map(revoked).collect();
    tx.record(&events).await?;
    tx.commit().await?;
    Ok((issued.ticket_id, issued.secret.digest()))
}

/// Notes in the transaction of an enrollment that it proves the login whose pages led there, if one did. The event is the
/// caller's to record.
///
/// # Errors
/// Of the database.
pub async fn note_proof(
    tx: &mut Write,
    ticket: &Ticket,
    proved: (&str, &str),
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Option<Event>> {
    let maker = ticket.created_by.strip_prefix("login:");
    let Some(login_id) = maker.and_then(|id| id.parse::<LoginId>().ok()) else {
        return Ok(None);
    };
    let of = (&ticket.user_id, &login_id);
    match login::note_proof(tx, of, proved, actor, now, rng).await {
        // Over or not, what was enrolled stays so.
        Err(Error::Refused(Refusal::LoginOver)) => Ok(None),
        noted => noted.map(Some),
    }
}
