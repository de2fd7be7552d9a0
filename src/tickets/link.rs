//! The emailed link's parameter: `{ticket_id}.{secret}`.

use crate::core::{Refusal, TicketId, TicketSecret};

/// What a link carries: exactly the right shape, or it is refused before anything is asked of the database.
#[derive(Debug, Clone)]
pub struct Link {
    /// The ticket.
    pub ticket_id: TicketId,
    /// The secret that lets its bearer in.
    pub secret: TicketSecret,
}

impl Link {
    /// Reads the value of the `ticket` parameter.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for anything but the exact shape.
    pub fn parse(value: &str) -> Result<Self, Refusal> {
        let (id, secret) = value.split_once('.').ok_or(Refusal::Invalid)?;
        let ticket_id = id.parse().map_err(|_| Refusal::Invalid)?;
        let secret = TicketSecret::parse(secret).ok_or(Refusal::Invalid)?;
        Ok(Self { ticket_id, secret })
    }
}
