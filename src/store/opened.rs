//! What a page needs to know of a ticket, in one read.

use rusqlite::named_params;
use sqlx::FromRow;

use super::conn::{Pool, Read, Store, on};
use super::guesses::{GuessLimit, refused_since};
use super::lite::Columns;
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
        Ok(
            on!(self, conn => sqlx::query_as(BY_ID).bind(ticket_id.as_str()).fetch_optional(conn).await)?,
        )
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
            Pool::Sqlite { lite, .. } => lite.read(|conn| {
                let mut statement = conn.prepare_cached(BY_ID)?;
                let mut rows = statement.query([ticket_id.as_str()])?;
                rows.next()?
                    .map(|row| OpenedTicket::of(&mut Columns::of(row)))
                    .transpose()
            }),
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
                let mut statement = conn.prepare_cached(BY_LINK)?;
                let mut rows = statement.query(named_params! {
                    "$1": limit.address.as_bytes(),
                    "$2": limit.everybody.as_bytes(),
                    "$3": limit.since.millis(),
                    "$4": limit.attack,
                    "$5": limit.most_in_attack,
                    "$6": limit.most,
                    "$7": ticket_id.as_str(),
                })?;
                let Some(row) = rows.next()? else {
                    return Ok(None);
                };
                let mut columns = Columns::of(row);
                Ok(Some(OpenedLink {
                    opened: OpenedTicket::of(&mut columns)?,
                    refused_since: columns.take()?,
                }))
            }),
            Pool::Postgres { pages, .. } => pages.ask(ticket_id, Some(limit)).await,
        }
    }
}

impl OpenedTicket {
    fn of(columns: &mut Columns<'_, '_>) -> Result<Self> {
        Ok(Self {
            ticket: Ticket {
                ticket_id: columns.text()?.try_into()?,
                user_id: columns.text()?.try_into()?,
                state: columns.text()?.try_into()?,
                secret_hash: columns.take()?,
                factors: columns.take()?,
                allow_multiple: columns.take()?,
                email: columns.take()?,
                locale: columns.take()?,
                result_url: columns.take()?,
                created_by: columns.take()?,
                created_at: columns.time()?,
                expires_at: columns.time()?,
                ended_at: columns.take()?,
                winner: columns.take()?,
                redeemed_at: columns.take()?,
                failures: columns.take()?,
                retry_at: columns.time()?,
            },
            user_email: columns.take()?,
            user_profile: columns.take()?,
            user_blocked: columns.take()?,
            enrolled: columns.take()?,
            enrolled_here: columns.take()?,
            switched_on: columns.take()?,
            switched_off: columns.take()?,
            unsaved_codes: columns.take()?,
            stepped_up_by: columns.take()?,
            stepped_up_at: columns.take()?,
        })
    }
}
