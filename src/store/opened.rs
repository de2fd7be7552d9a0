//! What a page needs to know of a ticket, in one read.

use super::conn::{Pool, Read, Store};
use super::guesses::{GuessLimit, refused_since};
use super::sql::{bind, record, sql};
use super::tickets::{Ticket, ticket_columns};
use crate::core::{Result, TicketId, Timestamp};

/// All that a page needs to know of a ticket, in one read.
#[derive(Debug, Clone)]
pub struct OpenedTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// The user's address.
    pub user_email: Option<String>,
    /// The user's profile, as JSON.
    pub user_profile: String,
    /// Whether the user is blocked.
    pub user_blocked: bool,
    /// How many confirmed factors the user has.
    pub enrolled: i64,
    /// The factors enrolled by this ticket, the oldest first, separated by commas.
    pub enrolled_here: Option<String>,
    /// The factors that an admin switched on, separated by commas.
    pub switched_on: Option<String>,
    /// The factors that an admin switched off, separated by commas.
    pub switched_off: Option<String>,
    /// Whether a recovery code made with this ticket waits to be saved.
    pub unsaved_codes: i64,
    /// The attempt that proved a factor of the user last.
    pub stepped_up_by: Option<String>,
    /// When it did, in milliseconds.
    pub stepped_up_at: Option<i64>,
}
record!(OpenedTicket: ..ticket, user_email, user_profile, user_blocked, enrolled, enrolled_here, switched_on, switched_off, unsaved_codes, stepped_up_by, stepped_up_at);

/// A ticket as its link opens it.
#[derive(Debug, Clone)]
pub struct OpenedLink {
    /// The ticket.
    pub opened: OpenedTicket,
    refused_since: Option<i64>,
}
record!(OpenedLink: ..opened, refused_since);

impl OpenedLink {
    /// Since when whoever opens it is turned away, if they are.
    pub fn refused_since(&self) -> Option<Timestamp> {
        self.refused_since.map(Timestamp::from_millis)
    }
}

/// The read, with `$more` columns, of the ticket that `$which` says.
macro_rules! opened {
    ($more:expr, $which:literal) => {
        concat!(
            "SELECT ",
            ticket_columns!("t."),
            ", u.email AS user_email, u.profile AS user_profile, u.blocked AS user_blocked,
                (SELECT COUNT(*) FROM enrollments e WHERE e.user_id = t.user_id AND e.status = 'confirmed') AS enrolled,
                (SELECT string_agg(e.factor, ',' ORDER BY e.enrolled_at, e.enrollment_id) FROM enrollments e
                  WHERE e.user_id = t.user_id AND e.ticket_id = t.ticket_id AND e.status = 'confirmed') AS enrolled_here,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE f.enabled) AS switched_on,
                (SELECT string_agg(f.factor, ',') FROM factor_settings f WHERE NOT f.enabled) AS switched_off,
                (SELECT COUNT(*) FROM recovery_codes r
                  WHERE r.user_id = t.user_id AND r.ticket_id = t.ticket_id AND r.saved_at IS NULL) AS unsaved_codes,
                t.stepped_up_by, t.stepped_up_at",
            $more,
            " FROM tickets t JOIN users u ON u.user_id = t.user_id ",
            $which
        )
    };
}
pub(super) use opened;

impl Read {
    /// The ticket with its user, the user's factors and the factor settings.
    ///
    /// # Errors
    /// Of the database.
    pub async fn opened_ticket(&mut self, ticket_id: &TicketId) -> Result<Option<OpenedTicket>> {
        sql(BY_ID, &bind![ticket_id.as_str()]).first(self).await
    }
}

const BY_ID: &str = opened!("", "WHERE t.ticket_id = $1");
const BY_LINK: &str = opened!(
    concat!(", (", refused_since!(), ") AS refused_since"),
    "WHERE t.ticket_id = $7"
);

impl Store {
    /// The same for a page.
    ///
    /// # Errors
    /// Of the database.
    pub async fn opened_ticket(&self, ticket_id: &TicketId) -> Result<Option<OpenedTicket>> {
        match &self.0 {
            Pool::Sqlite { lite, .. } => {
                lite.read(|conn| sql(BY_ID, &bind![ticket_id.as_str()]).lite_first(conn))
            }
            Pool::Postgres { pages, .. } => {
                let found = pages.ask(ticket_id, None).await?;
                Ok(found.map(|link| link.opened))
            }
        }
    }

    /// The ticket as its link opens it, and whether who opens it is turned away.
    ///
    /// # Errors
    /// Of the database.
    pub async fn opened_link(
        &self,
        ticket_id: &TicketId,
        limit: &GuessLimit,
    ) -> Result<Option<OpenedLink>> {
        match &self.0 {
            Pool::Sqlite { lite, .. } => lite.read(|conn| {
                let mut bound = limit.bound(limit.since);
                bound[6] = ticket_id.as_str().into();
                sql(BY_LINK, &bound).lite_first(conn)
            }),
            Pool::Postgres { pages, .. } => pages.ask(ticket_id, Some(limit)).await,
        }
    }
}
