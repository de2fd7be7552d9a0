//! Rows of tickets: reading them, and the conditional UPDATEs that move them from state to state.

use std::str::FromStr;

use super::conn::{Read, Write};
use super::sql::{bind, record, sql};
use crate::core::{AttemptId, Digest, Error, Result, TicketId, Timestamp, UserId};

/// Where a ticket stands. That it has expired is not a state: it is asked of the clock, each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketState {
    /// Nobody has spent it.
    Open,
    /// One attempt has enrolled a factor with it and may add others.
    Held,
    /// Spent.
    Used,
    /// Another ticket of the user was spent.
    Closed,
    /// The back end took it back.
    Revoked,
}

impl TicketState {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Held => "held",
            Self::Used => "used",
            Self::Closed => "closed",
            Self::Revoked => "revoked",
        }
    }
}

impl TryFrom<String> for TicketState {
    type Error = Error;
    fn try_from(word: String) -> Result<Self> {
        Ok(match word.as_str() {
            "open" => Self::Open,
            "held" => Self::Held,
            "used" => Self::Used,
            "closed" => Self::Closed,
            "revoked" => Self::Revoked,
            _ => return Err(Error::internal(anyhow::anyhow!("ticket state {word}"))),
        })
    }
}

/// A ticket.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Its public name.
    pub ticket_id: TicketId,
    /// Whom it lets enroll.
    pub user_id: UserId,
    /// Where it stands.
    pub state: TicketState,
    /// SHA-256 of the link's secret.
    pub secret_hash: Vec<u8>,
    /// The factors it allows, separated by commas; empty when it leaves the choice to the settings.
    pub factors: String,
    /// Whether a user who has a factor may add another with it.
    pub allow_multiple: bool,
    /// Where the mail goes, when that is not the user's address.
    pub email: Option<String>,
    /// The language of the mail and, unless the browser asks for another, of the pages.
    pub locale: Option<String>,
    /// Where the done page offers to go.
    pub result_url: Option<String>,
    /// The API client, or the command line, that asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it stops to be redeemable.
    pub expires_at: Timestamp,
    /// When it was used, closed or revoked, in milliseconds.
    pub ended_at: Option<i64>,
    /// The attempt that spent it.
    pub winner: Option<String>,
    /// When it was spent first, in milliseconds.
    pub redeemed_at: Option<i64>,
    /// Wrong codes since the link was made.
    pub failures: i64,
    /// No code is taken before this.
    pub retry_at: Timestamp,
}
record!(Ticket: ticket_id, user_id, state, secret_hash, factors, allow_multiple, email, locale, result_url, created_by, created_at, expires_at, ended_at, winner, redeemed_at, failures, retry_at);

/// Which tickets to list.
#[derive(Debug, Clone, Default)]
pub struct TicketFilter {
    /// Of this user.
    pub user_id: Option<UserId>,
    /// In this state; `expired` is open and past its time.
    pub status: Option<String>,
}

/// What redeeming writes into the ticket.
#[derive(Debug)]
pub struct RedeemTicket<'a> {
    /// Which ticket.
    pub ticket_id: &'a TicketId,
    /// By which attempt.
    pub attempt: &'a AttemptId,
    /// The link that the attempt came by; another link's secret no longer counts.
    pub secret_hash: &'a [u8],
    /// Whether the attempt may go on to add factors.
    pub hold: bool,
    /// A ticket held since before this is nobody's any more.
    pub held_since: Timestamp,
}

/// The columns of a [`Ticket`], each behind `$table`: SQLite's RETURNING knows no alias, a join needs one.
macro_rules! ticket_columns {
    ($table:literal) => {
        $crate::store::sql::columns!($table:
            ticket_id, user_id, state, secret_hash, factors, allow_multiple, email, locale,
            result_url, created_by, created_at, expires_at, ended_at, winner, redeemed_at,
            failures, retry_at
        )
    };
}

pub(super) use ticket_columns;

/// Status as a filter sees it: an open ticket past its time is `expired`.
macro_rules! filter {
    () => {
        " FROM tickets t WHERE ($1 IS NULL OR t.user_id = $1)
            AND ($2 IS NULL
                 OR ($2 = 'expired' AND t.state = 'open' AND t.expires_at <= $3)
                 OR ($2 = 'open' AND t.state = 'open' AND t.expires_at > $3)
                 OR ($2 NOT IN ('open', 'expired') AND t.state = $2))"
    };
}

impl Read {
    /// The ticket of this id.
    ///
    /// # Errors
    /// Of the database.
    pub async fn ticket(&mut self, ticket_id: &TicketId) -> Result<Option<Ticket>> {
        sql(
            concat!(
                "SELECT ",
                ticket_columns!("t."),
                " FROM tickets t WHERE t.ticket_id = $1"
            ),
            &bind![ticket_id.as_str()],
        )
        .first(self)
        .await
    }

    /// Whether this was the secret of a link that a resend replaced.
    ///
    /// # Errors
    /// Of the database.
    pub async fn is_former_link(&mut self, ticket_id: &TicketId, secret: &Digest) -> Result<bool> {
        let found: i64 = sql(
            "SELECT COUNT(*) FROM former_links WHERE ticket_id = $1 AND secret_hash = $2",
            &bind![ticket_id.as_str(), secret.as_bytes()],
        )
        .one(self)
        .await?;
        Ok(found > 0)
    }

    /// A page of tickets, the newest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn tickets(
        &mut self,
        filter: &TicketFilter,
        now: Timestamp,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Ticket>> {
        sql(
            concat!(
                "SELECT ",
                ticket_columns!("t."),
                filter!(),
                " ORDER BY t.ticket_id DESC LIMIT $4 OFFSET $5"
            ),
            &bind![
                filter.user_id.as_ref().map(UserId::as_str),
                &filter.status,
                now.millis(),
                limit,
                offset
            ],
        )
        .all(self)
        .await
    }

    /// How many tickets the filter lets through.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_tickets(&mut self, filter: &TicketFilter, now: Timestamp) -> Result<i64> {
        sql(
            concat!("SELECT COUNT(*)", filter!()),
            &bind![
                filter.user_id.as_ref().map(UserId::as_str),
                &filter.status,
                now.millis()
            ],
        )
        .one(self)
        .await
    }
}

impl Write {
    /// Spends a ticket, or lets the attempt that holds it go on; `None` when somebody was first or its time is over.
    ///
    /// # Errors
    /// Of the database.
    pub async fn redeem_ticket(
        &mut self,
        redeem: &RedeemTicket<'_>,
        now: Timestamp,
    ) -> Result<Option<Ticket>> {
        let state = if redeem.hold {
            TicketState::Held
        } else {
            TicketState::Used
        };
        sql(
            concat!(
                "UPDATE tickets SET state = $1, winner = $2, redeemed_at = COALESCE(redeemed_at, $3), failures = 0, retry_at = 0,
                ended_at = CASE WHEN $1 = 'used' THEN $3 ELSE ended_at END
             WHERE ticket_id = $4 AND secret_hash = $5
               AND ((state = 'open' AND expires_at > $3) OR (state = 'held' AND winner = $2 AND redeemed_at > $6))
             RETURNING ", ticket_columns!("")
            ),
            &bind![
                state.as_str(), redeem.attempt.as_str(), now.millis(), redeem.ticket_id.as_str(),
                redeem.secret_hash, redeem.held_since.millis(),
            ],
        )
        .first(self)
        .await
    }

    /// Notes that this attempt proved a factor of its user; `false` when the ticket is no longer open to it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn step_up_ticket(
        &mut self,
        ticket_id: &TicketId,
        user_id: &UserId,
        attempt: &AttemptId,
        secret_hash: &[u8],
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE tickets SET stepped_up_by = $2, stepped_up_at = $4
             WHERE ticket_id = $1 AND user_id = $5 AND secret_hash = $3 AND state = 'open' AND allow_multiple
               AND expires_at > $4",
            &bind![
                ticket_id.as_str(), attempt.as_str(), secret_hash, now.millis(), user_id.as_str(),
            ],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Ends a ticket that this attempt holds; `false` when it does not hold it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn finish_ticket(
        &mut self,
        ticket_id: &TicketId,
        attempt: &AttemptId,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sql(
            "UPDATE tickets SET state = 'used', ended_at = $3 WHERE ticket_id = $1 AND winner = $2 AND state = 'held'",
            &bind![ticket_id.as_str(), attempt.as_str(), now.millis()],
        )
        .run(self)
        .await?;
        Ok(done == 1)
    }

    /// Closes the user's other open tickets that do not allow multiple enrollments; says which they were.
    ///
    /// # Errors
    /// Of the database.
    pub async fn close_other_tickets(
        &mut self,
        user_id: &UserId,
        spent: &TicketId,
        now: Timestamp,
    ) -> Result<Vec<TicketId>> {
        let closed: Vec<String> = sql(
            "UPDATE tickets SET state = 'closed', ended_at = $3
             WHERE user_id = $1 AND ticket_id <> $2 AND state = 'open' AND NOT allow_multiple AND expires_at > $3
             RETURNING ticket_id",
            &bind![user_id.as_str(), spent.as_str(), now.millis()],
        )
        .all(self)
        .await?;
        closed.iter().map(|id| TicketId::from_str(id)).collect()
    }

    /// Takes a ticket back; `None` when it is over already or does not exist.
    ///
    /// # Errors
    /// Of the database.
    pub async fn revoke_ticket(
        &mut self,
        ticket_id: &TicketId,
        now: Timestamp,
    ) -> Result<Option<Ticket>> {
        sql(
            concat!(
                "UPDATE tickets SET state = 'revoked', ended_at = $2
             WHERE ticket_id = $1 AND state IN ('open', 'held') RETURNING ",
                ticket_columns!("")
            ),
            &bind![ticket_id.as_str(), now.millis()],
        )
        .first(self)
        .await
    }

    /// Gives an open ticket a new secret and remembers the former one; `None` when it is not open.
    ///
    /// # Errors
    /// Of the database.
    pub async fn replace_ticket_secret(
        &mut self,
        ticket_id: &TicketId,
        secret: &Digest,
        now: Timestamp,
    ) -> Result<Option<Ticket>> {
        sql(
            "INSERT INTO former_links (ticket_id, secret_hash, replaced_at)
             SELECT ticket_id, secret_hash, $2 FROM tickets WHERE ticket_id = $1 AND state = 'open' AND expires_at > $2
             ON CONFLICT (ticket_id, secret_hash) DO NOTHING",
            &bind![ticket_id.as_str(), now.millis()],
        )
        .run(self)
        .await?;
        sql(
            concat!(
                "UPDATE tickets SET secret_hash = $2, failures = 0, retry_at = 0
             WHERE ticket_id = $1 AND state = 'open' AND expires_at > $3 RETURNING ",
                ticket_columns!("")
            ),
            &bind![ticket_id.as_str(), secret.as_bytes(), now.millis()],
        )
        .first(self)
        .await
    }

    /// Counts a wrong code; the new count, or `None` when codes are not taken now.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_ticket_failure(
        &mut self,
        ticket_id: &TicketId,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        sql(
            "UPDATE tickets SET failures = failures + 1 WHERE ticket_id = $1 AND retry_at <= $2 RETURNING failures",
            &bind![ticket_id.as_str(), now.millis()],
        )
        .first(self)
        .await
    }

    /// Takes no code for this ticket before `retry_at`.
    ///
    /// # Errors
    /// Of the database.
    pub async fn delay_ticket(&mut self, ticket_id: &TicketId, retry_at: Timestamp) -> Result<()> {
        sql(
            "UPDATE tickets SET retry_at = $2 WHERE ticket_id = $1",
            &bind![ticket_id.as_str(), retry_at.millis()],
        )
        .run(self)
        .await
        .map(drop)
    }
}
