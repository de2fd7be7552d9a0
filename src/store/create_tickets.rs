//! The hot write: many tickets in a few multi-row statements and one commit.

use std::collections::{HashMap, HashSet};

use sqlx::{FromRow, QueryBuilder};

use super::chunks::chunks;
use super::conn::{Store, Write, on};
use super::events::Event;
use super::outbox::NewMessage;
use crate::core::fault::dies_at;
use crate::core::{Digest, Email, Result, TicketId, Timestamp, UserId};

/// A ticket to create: ids, secrets and sealing are done before it gets here.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// Its public name.
    pub ticket_id: TicketId,
    /// Whom it lets enroll.
    pub user_id: UserId,
    /// The profile to create the user with, as JSON, should there be no such user; needs `email`.
    pub new_user_profile: Option<String>,
    /// SHA-256 of the link's secret.
    pub secret_hash: Digest,
    /// The factors it allows, separated by commas.
    pub factors: String,
    /// Whether a user who has a factor may add another with it.
    pub allow_multiple: bool,
    /// Where the mail goes, when that is not the user's address.
    pub email: Option<Email>,
    /// The language of the mail.
    pub locale: Option<String>,
    /// Where the done page offers to go.
    pub result_url: Option<String>,
    /// Who asked for it.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it stops to be redeemable.
    pub expires_at: Timestamp,
    /// The mail with its link.
    pub mail: Option<NewMessage>,
    /// That it was created.
    pub event: Event,
    /// That the user was created, should that be so.
    pub user_event: Event,
}

impl NewTicket {
    /// Profile and address of the user to create, should there be no such user.
    fn brought_user(&self) -> Option<(&str, &str)> {
        Some((
            self.new_user_profile.as_deref()?,
            self.email.as_ref()?.as_str(),
        ))
    }
}

/// What became of a ticket to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there.
    Ticket,
    /// There is no such user, and none could be made.
    NoUser,
    /// A mail is wanted, and there is no address to send it to.
    NoAddress,
}

#[derive(FromRow)]
struct Known {
    user_id: String,
    has_email: bool,
}

impl Store {
    /// Creates these tickets in one transaction, and says of each what became of it.
    ///
    /// # Errors
    /// Of the database; then none of them is there.
    pub async fn create_tickets(&self, wanted: &[NewTicket]) -> Result<Vec<Created>> {
        let mut tx = self.begin_write().await?;
        dies_at!("create::begun");
        let new_users = tx.insert_missing_users(wanted).await?;
        let known = tx.known_users(wanted).await?;
        let outcomes: Vec<Created> = wanted
            .iter()
            .map(|ticket| match known.get(ticket.user_id.as_str()) {
                None => Created::NoUser,
                Some(false) if ticket.mail.is_some() && ticket.email.is_none() => {
                    Created::NoAddress
                }
                Some(_) => Created::Ticket,
            })
            .collect();
        let tickets: Vec<&NewTicket> = wanted
            .iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| **outcome == Created::Ticket)
            .map(|(ticket, _)| ticket)
            .collect();
        tx.insert_tickets(&tickets).await?;
        dies_at!("create::ticket");
        tx.insert_ticket_mails(&tickets).await?;
        dies_at!("create::outbox");
        tx.record(&creation_events(&tickets, new_users)).await?;
        dies_at!("create::commit");
        tx.commit().await?;
        dies_at!("create::committed");
        Ok(outcomes)
    }
}

/// One event a ticket, and one a user who was created with it.
fn creation_events(tickets: &[&NewTicket], mut new_users: HashSet<String>) -> Vec<Event> {
    let mut events = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        if ticket.brought_user().is_some() && new_users.remove(ticket.user_id.as_str()) {
            events.push(ticket.user_event.clone());
        }
        events.push(ticket.event.clone());
    }
    events
}

impl Write {
    /// Inserts the users that may be created; says which are new.
    async fn insert_missing_users(&mut self, wanted: &[NewTicket]) -> Result<HashSet<String>> {
        // In the order of their ids: two instances that insert the same users never wait for each other in a ring.
        let mut users: Vec<(&NewTicket, &str, &str)> = wanted
            .iter()
            .filter_map(|ticket| {
                let (profile, email) = ticket.brought_user()?;
                Some((ticket, profile, email))
            })
            .collect();
        users.sort_by(|a, b| a.0.user_id.cmp(&b.0.user_id));
        users.dedup_by(|a, b| a.0.user_id == b.0.user_id);
        let mut new = HashSet::new();
        for chunk in chunks(&users) {
            let inserted: Vec<String> = on!(self, conn => {
                let mut insert = QueryBuilder::new("INSERT INTO users (user_id, email, profile, created_at, updated_at) ");
                insert.push_values(chunk, |mut row, (ticket, profile, email)| {
                    row.push_bind(ticket.user_id.as_str())
                        .push_bind(*email)
                        .push_bind(*profile)
                        .push_bind(ticket.created_at.millis())
                        .push_bind(ticket.created_at.millis());
                });
                insert.push(" ON CONFLICT (user_id) DO NOTHING RETURNING user_id");
                insert.build_query_scalar().fetch_all(conn).await
            })?;
            new.extend(inserted);
        }
        Ok(new)
    }

    /// Which of the users exist, and whether they have an address.
    async fn known_users(&mut self, wanted: &[NewTicket]) -> Result<HashMap<String, bool>> {
        let ids: Vec<&str> = wanted
            .iter()
            .map(|ticket| ticket.user_id.as_str())
            .collect();
        let mut known = HashMap::with_capacity(ids.len());
        for chunk in chunks(&ids) {
            let rows: Vec<Known> = on!(self, conn => {
                let mut select = QueryBuilder::new("SELECT user_id, email IS NOT NULL AS has_email FROM users WHERE user_id IN (");
                let mut list = select.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                select.push(")");
                select.build_query_as().fetch_all(conn).await
            })?;
            known.extend(rows.into_iter().map(|row| (row.user_id, row.has_email)));
        }
        Ok(known)
    }

    async fn insert_tickets(&mut self, tickets: &[&NewTicket]) -> Result<()> {
        for chunk in chunks(tickets) {
            on!(self, conn => {
                let mut insert = QueryBuilder::new(
                    "INSERT INTO tickets (ticket_id, user_id, state, secret_hash, factors, allow_multiple, email, locale, \
                     result_url, created_by, created_at, expires_at) ");
                insert.push_values(chunk, |mut row, ticket| {
                    row.push_bind(ticket.ticket_id.as_str())
                        .push_bind(ticket.user_id.as_str())
                        .push_bind("open")
                        .push_bind(ticket.secret_hash.as_bytes())
                        .push_bind(ticket.factors.as_str())
                        .push_bind(ticket.allow_multiple)
                        .push_bind(ticket.email.as_ref().map(Email::as_str))
                        .push_bind(ticket.locale.as_deref())
                        .push_bind(ticket.result_url.as_deref())
                        .push_bind(ticket.created_by.as_str())
                        .push_bind(ticket.created_at.millis())
                        .push_bind(ticket.expires_at.millis());
                });
                insert.build().execute(conn).await.map(drop)
            })?;
        }
        Ok(())
    }

    async fn insert_ticket_mails(&mut self, tickets: &[&NewTicket]) -> Result<()> {
        let mails: Vec<(&NewTicket, &NewMessage)> = tickets
            .iter()
            .filter_map(|ticket| Some((*ticket, ticket.mail.as_ref()?)))
            .collect();
        for chunk in chunks(&mails) {
            on!(self, conn => {
                let mut insert = QueryBuilder::new(
                    "INSERT INTO outbox (message_id, kind, user_id, ticket_id, state, payload_sealed, detail, created_at, due_at, expires_at) ");
                insert.push_values(chunk, |mut row, (ticket, mail)| {
                    row.push_bind(mail.message_id.as_str())
                        .push_bind(mail.kind)
                        .push_bind(ticket.user_id.as_str())
                        .push_bind(ticket.ticket_id.as_str())
                        .push_bind("due")
                        .push_bind(mail.payload_sealed.as_deref())
                        .push_bind(mail.detail.as_str())
                        .push_bind(ticket.created_at.millis())
                        .push_bind(ticket.created_at.millis())
                        .push_bind(mail.expires_at.millis());
                });
                insert.build().execute(conn).await.map(drop)
            })?;
        }
        Ok(())
    }
}
