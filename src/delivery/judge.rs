//! What is to be done with a leased message, before anybody is called.

use std::str::FromStr as _;

use super::mail::Content;
use crate::core::seal::Place;
use crate::core::{Email, Sealer, TicketId, TicketSecret, Timestamp};
use crate::store::{Leased, Settlement, TicketState};

/// What is to be done with a message.
pub(super) enum Verdict {
    /// Send it.
    Send {
        /// To whom.
        to: Email,
        /// What it tells.
        content: Content,
    },
    /// Nobody waits for it any more, or nobody can have it.
    Settle(Settlement),
}

/// Whether a message is still wanted, and what it takes to send it.
pub(super) fn judge(message: &Leased, sealer: &Sealer, now: Timestamp) -> Verdict {
    match content(message, sealer, now) {
        Ok(content) => match recipient(message) {
            Some(to) => Verdict::Send { to, content },
            None => Verdict::Settle(dead("the recipient has no address that can be mailed")),
        },
        Err(settlement) => Verdict::Settle(settlement),
    }
}

fn content(message: &Leased, sealer: &Sealer, now: Timestamp) -> Result<Content, Settlement> {
    let is_over = || message.expires_at <= now;
    match message.kind.as_str() {
        "enrollment" => {
            let (ticket_id, secret) = link(message, sealer)?;
            if is_over() {
                return Err(too_late(message));
            }
            Ok(Content::Enrollment { ticket_id, secret })
        }
        kind => {
            let content = notice(kind)
                .ok_or_else(|| dead("a message of a kind that this version does not know"))?;
            if is_over() {
                return Err(too_late(message));
            }
            Ok(content)
        }
    }
}

/// What needs nothing to tell it but the message itself.
fn notice(kind: &str) -> Option<Content> {
    match kind {
        "factor-added" => Some(Content::FactorAdded),
        "recovery-code-used" => Some(Content::RecoveryCodeUsed),
        "recovery-code-replaced" => Some(Content::RecoveryCodeReplaced),
        _ => None,
    }
}

/// The link that the mail carries, if the ticket still has it.
fn link(message: &Leased, sealer: &Sealer) -> Result<(TicketId, TicketSecret), Settlement> {
    let ticket = message
        .ticket_id
        .as_deref()
        .and_then(|id| TicketId::from_str(id).ok());
    let (Some(ticket_id), Some(state)) = (ticket, message.ticket_state.as_deref()) else {
        return Err(dropped("the ticket is gone"));
    };
    let is_open = state == TicketState::Open.as_str();
    if !is_open {
        return Err(dropped(&format!("the ticket is {state}")));
    }
    let secret = unseal(message, sealer).ok_or_else(|| dead("sealed with another key"))?;
    let present = message.ticket_secret_hash.as_deref().unwrap_or_default();
    if !secret.digest().matches(present) {
        return Err(dropped("a newer mail was sent"));
    }
    Ok((ticket_id, secret))
}

fn unseal(message: &Leased, sealer: &Sealer) -> Option<TicketSecret> {
    let place = Place {
        table: "outbox",
        row: &[message.message_id.as_str()],
        column: "payload_sealed",
    };
    let opened = sealer.open(&place, message.payload_sealed.as_deref()?)?;
    TicketSecret::parse(std::str::from_utf8(&opened).ok()?)
}

/// A link goes where its creator said; what tells of a change goes to the stored address, whoever asked for the change.
fn recipient(message: &Leased) -> Option<Email> {
    let (ticket, stored) = (&message.ticket_email, &message.user_email);
    let address = match message.kind.as_str() {
        "enrollment" => ticket.as_deref().or(stored.as_deref()),
        _ => stored.as_deref().or(ticket.as_deref()),
    };
    address?.parse().ok()
}

/// What was tried and never taken is for a person to look at; what was never tried is only late.
fn too_late(message: &Leased) -> Settlement {
    if message.attempts > 1 {
        dead("not delivered in time")
    } else {
        dropped("expired")
    }
}

fn dead(error: &str) -> Settlement {
    Settlement::Dead {
        error: error.to_owned(),
    }
}

fn dropped(reason: &str) -> Settlement {
    Settlement::Dropped {
        reason: reason.to_owned(),
    }
}
