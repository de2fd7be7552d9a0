//! What a page needs to know of a ticket, in one read.

use sqlx::FromRow;

use super::conn::{Read, on};
use super::guesses::{GuessLimit, bind_limit, refused_since};
use super::tickets::{Ticket, ticket_columns};
use crate::core::{Result, TicketId, Timestamp};

/// All that a page needs to know of a ticket, in one read.
#[derive(Debug, Clone, FromRow)]
pub struct OpenedTicket {
    /// The ticket.
    #[sqlx(flatten)]
    pub ticket: Ticket,
    /// The user's address.
    pub user_email: Option<String>,
    /// The user's profile, as JSON.
    pub user_profile: String,
    /// Whether the user is blocked.
    pub user_blocked: bool,
    /// How many confirmed factors the user has.
    pub enrolled: i64,
    /// The factors enrolled by this ticket, separated by commas.
    pub enrolled_here: Option<String>,
    /// The factors that an admin switched on, separated by commas.
    pub switched_on: Option<String>,
    /// The factors that an admin switched off, separated by commas.
    pub switched_off: Option<String>,
    /// Whether a recovery code made with this ticket waits to be saved.
    pub unsaved_codes: i64,
}

/// A ticket as its link opens it.
#[derive(Debug, Clone, FromRow)]
pub struct OpenedLink {
    /// The ticket.
    #[sqlx(flatten)]
    pub opened: OpenedTicket,
    refused_since: Option<i64>,
}

impl OpenedLink {
    /// Since when whoever opens it is turned away, if they are.
    pub fn refused_since(&self) -> Option<Timestamp> {
        self.refused_since.map(Timestamp::from_millis)
    }
}

macro_rules! opened {
    ($ticket_id:literal, $more:expr) => {
        concat!(
            "SELECT ",
            ticket_columns!("t."),
            ", u.email AS user_email, u.profile AS user_profile, u.blocked AS user_blocked,
                (SELECT COUNT(*) FROM enrollments e WHERE e.user_id = t.user_id AND e.status = 'confirmed') AS enrolled,
                (SELECT string_agg(e.factor, ',') FROM enrollments e
                  WHERE e.user_id = t.user_id AND e.ticket_id = t.ticket_id AND e.status = 'confirmed') AS enrolled_here,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE f.enabled) AS switched_on,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE NOT f.enabled) AS switched_off,
                (SELECT COUNT(*) FROM recovery_codes r
                  WHERE r.user_id = t.user_id AND r.ticket_id = t.ticket_id AND r.saved_at IS NULL) AS unsaved_codes",
            $more,
            " FROM tickets t JOIN users u ON u.user_id = t.user_id WHERE t.ticket_id = ",
            $ticket_id
        )
    };
}

impl Read {
    /// The ticket with its user, the user's factors and the factor settings.
    ///
    /// # Errors
    /// Of the database.
    pub async fn opened_ticket(&mut self, ticket_id: &TicketId) -> Result<Option<OpenedTicket>> {
        Ok(
            on!(self, conn => sqlx::query_as(opened!("$1", "")).bind(ticket_id.as_str()).fetch_optional(conn).await)?,
        )
    }

    /// The ticket as its link opens it, and whether who opens it is turned away.
    ///
    /// # Errors
    /// Of the database.
    pub async fn opened_link(
        &mut self,
        ticket_id: &TicketId,
        limit: &GuessLimit,
    ) -> Result<Option<OpenedLink>> {
        Ok(on!(self, conn => bind_limit!(
            sqlx::query_as(opened!("$7", concat!(", (", refused_since!(), ") AS refused_since"))), limit
        ).bind(ticket_id.as_str()).fetch_optional(conn).await)?)
    }
}
