//! Retrying a mail: what waits is tried now, what was given up is promised again.

use super::create::seal_link;
use crate::core::{Actor, MessageId, Result, Rng, Sealer, TicketId, TicketSecret, Timestamp};
use crate::store::{Event, OutboxMessage, Store, Write};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It is due now. A link mail that was given up carries a new link: the former secret was blanked.
    Due,
    /// It is left as it is, for this reason.
    Not(&'static str),
}

/// Makes a message due now, if it is still wanted.
///
/// # Errors
/// Of the database.
pub async fn retry(
    store: &Store,
    id: &MessageId,
    actor: &Actor,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Retried> {
    let mut tx = store.begin_write().await?;
    let Some(message) = tx.message(id).await? else {
        return Ok(Retried::Not("there is no such message"));
    };
    let refused = match message.state.as_str() {
        "sent" => Some("it was delivered"),
        "dropped" => Some("it is no longer wanted"),
        _ if message.expires_at <= now => Some("its time is over"),
        "dead" => revive(&mut tx, &message, sealer, now, rng).await?,
        _ => (!tx.hasten_message(id, now).await?).then_some("it is being sent now"),
    };
    if let Some(why) = refused {
        return Ok(Retried::Not(why));
    }
    let mut event = Event::new("mail.retried", actor, now, rng)
        .user(&message.user_id)
        .detail("message_id", id.as_str())
        .detail("mail", message.kind.as_str());
    if let Some(ticket_id) = ticket_of(&message) {
        event = event.ticket(&ticket_id);
    }
    tx.record(&[event]).await?;
    tx.commit().await?;
    Ok(Retried::Due)
}

fn ticket_of(message: &OutboxMessage) -> Option<TicketId> {
    message.ticket_id.as_deref()?.parse().ok()
}

/// Promises it again; why not, if not.
async fn revive(
    tx: &mut Write,
    message: &OutboxMessage,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Option<&'static str>> {
    let id = &message.message_id;
    let payload = if message.kind == "enrollment" {
        let Some(ticket_id) = ticket_of(message) else {
            return Ok(Some("its ticket is gone"));
        };
        // As whoever changes a ticket does: the user's row first.
        tx.lock_user(&message.user_id).await?;
        if tx.has_newer_link_mail(&ticket_id, id).await? {
            return Ok(Some("a newer mail was promised"));
        }
        let secret = TicketSecret::new(rng);
        let digest = secret.digest();
        if tx
            .replace_ticket_secret(&ticket_id, &digest, now)
            .await?
            .is_none()
        {
            return Ok(Some("its ticket is used, revoked or expired"));
        }
        Some(seal_link(&secret, id, sealer, rng))
    } else {
        None
    };
    let revived = tx.revive_message(id, payload.as_deref(), now).await?;
    Ok((!revived).then_some("somebody else retried it"))
}
