//! The hot write: many tickets in a few multi-row statements and one commit.

use std::collections::{HashMap, HashSet};

use sqlx::{FromRow, QueryBuilder};

use super::calls::{Keys, NewCall};
use super::chunks::chunks;
use super::conn::{ConnMut, Store, Write, on};
use super::events::Event;
use super::outbox::NewMessage;
use super::user_limits::{Full, Given, UserLimits};
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
    /// What its user may have.
    pub limits: UserLimits,
    /// The call that asked for it, if that may come again.
    pub call: Option<NewCall>,
}

impl NewTicket {
    /// Profile and address of the user to create, should there be no such user.
    fn brought_user(&self) -> Option<(&str, &str)> {
        Some((
            self.new_user_profile.as_deref()?,
            self.email.as_ref()?.as_str(),
        ))
    }

    /// Whether there is somebody to give it to.
    fn receiver(&self, known: &HashMap<String, bool>, new_users: &HashSet<String>) -> Created {
        match known.get(self.user_id.as_str()) {
            None if !new_users.contains(self.user_id.as_str()) => Created::NoUser,
            Some(false) if self.mail.is_some() && self.email.is_none() => Created::NoAddress,
            _ => Created::Ticket,
        }
    }

    /// Counts the ticket among what its user was given, if there is room for it.
    fn give(&self, given: &mut Given) -> Created {
        let mail = self.mail.is_some();
        match given.full(self.limits, mail, self.created_at) {
            Some(full) => Created::Full(full),
            None => {
                given.count(self.expires_at, mail, self.created_at);
                Created::Ticket
            }
        }
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
    /// A call with the same key was answered already.
    Repeated,
    /// The user has as much as may be.
    Full(Full),
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
        let known = tx.known_users(wanted, &new_users).await?;
        let mut outcomes: Vec<Created> = wanted
            .iter()
            .map(|ticket| ticket.receiver(&known, &new_users))
            .collect();
        let possible = created(wanted, &outcomes);
        let mut keys = Keys::new(tx.take_keys(&possible).await?);
        let mut given = tx.given_before(wanted, &known).await?;
        for (ticket, outcome) in wanted.iter().zip(&mut outcomes) {
            if *outcome == Created::Ticket {
                let given = given.entry(ticket.user_id.to_string()).or_default();
                *outcome = keys.settle(ticket, || ticket.give(given));
            }
        }
        tx.free_keys(&keys.unused()).await?;
        let tickets = created(wanted, &outcomes);
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

/// The tickets that are created.
fn created<'a>(wanted: &'a [NewTicket], outcomes: &[Created]) -> Vec<&'a NewTicket> {
    let pairs = wanted.iter().zip(outcomes);
    pairs
        .filter(|(_, outcome)| **outcome == Created::Ticket)
        .map(|(ticket, _)| ticket)
        .collect()
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

    /// Which of the users existed before, and whether they have an address. Their rows are locked: nobody else gives
    /// them anything until the commit. They are taken in the order of their ids, for the reason above.
    async fn known_users(
        &mut self,
        wanted: &[NewTicket],
        new_users: &HashSet<String>,
    ) -> Result<HashMap<String, bool>> {
        let mut ids: Vec<&str> = wanted
            .iter()
            .map(|ticket| ticket.user_id.as_str())
            .filter(|id| !new_users.contains(*id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let lock = match self.conn() {
            ConnMut::Sqlite(_) => ")",
            ConnMut::Postgres(_) => ") ORDER BY user_id FOR NO KEY UPDATE",
        };
        let mut known = HashMap::with_capacity(ids.len());
        for chunk in chunks(&ids) {
            let rows: Vec<Known> = on!(self, conn => {
                let mut select = QueryBuilder::new("SELECT user_id, email IS NOT NULL AS has_email FROM users WHERE user_id IN (");
                let mut list = select.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                select.push(lock);
                select.build_query_as().fetch_all(conn).await
            })?;
            known.extend(rows.into_iter().map(|row| (row.user_id, row.has_email)));
        }
        Ok(known)
    }

    /// What the users who existed before have been given already.
    async fn given_before(
        &mut self,
        wanted: &[NewTicket],
        known: &HashMap<String, bool>,
    ) -> Result<HashMap<String, Given>> {
        let Some(since) = wanted.iter().map(|ticket| ticket.created_at).min() else {
            return Ok(HashMap::new());
        };
        let users: Vec<&str> = known.keys().map(String::as_str).collect();
        let limited = |ticket: &NewTicket| ticket.limits.open_tickets.is_some();
        let tickets = wanted.iter().any(limited);
        let limited = |ticket: &NewTicket| ticket.mail.is_some() && ticket.limits.mails.is_some();
        let mails = wanted.iter().any(limited);
        self.given(&users, tickets, mails, since).await
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
