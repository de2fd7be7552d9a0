//! The hot write: many tickets in a few multi-row statements and one commit.

use std::collections::{HashMap, HashSet};

use super::calls::{Keys, NewCall};
use super::conn::{Store, Write};
use super::events::Event;
use super::outbox::NewMessage;
use super::rows::{Insert, Select};
use super::sql::Bind;
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
    /// The user to create, should there be none; needs `email`.
    pub new_user: Option<NewUser>,
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
    /// What its user may have.
    pub limits: UserLimits,
    /// The call that asked for it, if that may come again.
    pub call: Option<NewCall>,
}

/// A user who may be created with a ticket.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The profile, as JSON.
    pub profile: String,
    /// That the user was created.
    pub event: Event,
}

impl NewTicket {
    /// The user to create, should there be none, and the address.
    fn brought_user(&self) -> Option<(&NewUser, &str)> {
        Some((self.new_user.as_ref()?, self.email.as_ref()?.as_str()))
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

impl Store {
    /// Creates these tickets in one transaction, and says of each what became of it. On SQLite it holds up its thread
    /// for the length of a commit: what [`super::TicketGatherer`] is given is written by a thread of its own.
    ///
    /// # Errors
    /// Of the database; then none of them is there.
    pub async fn create_tickets(&self, wanted: &[NewTicket]) -> Result<Vec<Created>> {
        let mut tx = self.begin_batch().await?;
        let outcomes = write(&mut tx, wanted).await?;
        tx.commit().await?;
        dies_at!("create::committed");
        Ok(outcomes)
    }
}

/// All that is written with these tickets, but for the commit.
pub(super) async fn write(tx: &mut Write, wanted: &[NewTicket]) -> Result<Vec<Created>> {
    dies_at!("create::begun");
    let (new_users, known) = tx.users_of(wanted).await?;
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
    tx.record(creation_events(&tickets, new_users)).await?;
    dies_at!("create::commit");
    Ok(outcomes)
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
fn creation_events<'a>(
    tickets: &[&'a NewTicket],
    mut new_users: HashSet<String>,
) -> Vec<&'a Event> {
    let mut events = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        if let Some((user, _)) = ticket.brought_user()
            && new_users.remove(ticket.user_id.as_str())
        {
            events.push(&user.event);
        }
        events.push(&ticket.event);
    }
    events
}

const USERS: Insert = Insert {
    into: "users (user_id, email, profile, created_at, updated_at)",
    columns: 5,
    then: " ON CONFLICT (user_id) DO NOTHING RETURNING user_id",
};
const TICKETS: Insert = Insert {
    into: "tickets (ticket_id, user_id, state, secret_hash, factors, allow_multiple, email, locale, result_url, \
           created_by, created_at, expires_at)",
    columns: 12,
    then: "",
};
const MAILS: Insert = Insert {
    into: "outbox (message_id, kind, user_id, ticket_id, state, payload_sealed, detail, created_at, due_at, expires_at)",
    columns: 10,
    then: "",
};
/// Whether users have an address. Their rows are locked: nobody else gives them anything until the commit.
const KNOWN: Select = Select {
    from: "SELECT user_id, CAST(CASE WHEN email IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM users WHERE ",
    after: None,
    locks: true,
};

impl Write {
    /// The users who are new, and of the others who exist, whether they have an address.
    async fn users_of(
        &mut self,
        wanted: &[NewTicket],
    ) -> Result<(HashSet<String>, HashMap<String, bool>)> {
        let mut new_users = HashSet::new();
        loop {
            new_users.extend(self.insert_missing_users(wanted).await?);
            let known = self.known_users(wanted, &new_users).await?;
            // On PostgreSQL a user who was there for the first statement may have been deleted before the second.
            let deleted = wanted.iter().any(|ticket| {
                ticket.brought_user().is_some()
                    && ticket.receiver(&known, &new_users) == Created::NoUser
            });
            if !deleted {
                return Ok((new_users, known));
            }
        }
    }

    /// Inserts the users that may be created; says which are new.
    async fn insert_missing_users(&mut self, wanted: &[NewTicket]) -> Result<HashSet<String>> {
        // In the order of their ids: two instances that insert the same users never wait for each other in a ring.
        let mut users: Vec<(&NewTicket, &str, &str)> = wanted
            .iter()
            .filter_map(|ticket| {
                let (user, email) = ticket.brought_user()?;
                Some((ticket, user.profile.as_str(), email))
            })
            .collect();
        users.sort_by(|a, b| a.0.user_id.cmp(&b.0.user_id));
        users.dedup_by(|a, b| a.0.user_id == b.0.user_id);
        let mut values = Vec::with_capacity(users.len() * USERS.columns);
        for (ticket, profile, email) in users {
            values.extend::<[Bind<'_>; USERS.columns]>([
                ticket.user_id.as_str().into(),
                email.into(),
                profile.into(),
                ticket.created_at.into(),
                ticket.created_at.into(),
            ]);
        }
        Ok(self.insert(&USERS, &values).await?.into_iter().collect())
    }

    /// Which of the users existed before, and whether they have an address.
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
        let known = self.numbers(&KNOWN, &ids).await?;
        Ok(known.into_iter().map(|(id, has)| (id, has == 1)).collect())
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
        let mut values = Vec::with_capacity(tickets.len() * TICKETS.columns);
        for ticket in tickets {
            values.extend::<[Bind<'_>; TICKETS.columns]>([
                ticket.ticket_id.as_str().into(),
                ticket.user_id.as_str().into(),
                "open".into(),
                ticket.secret_hash.as_bytes().into(),
                ticket.factors.as_str().into(),
                ticket.allow_multiple.into(),
                ticket.email.as_ref().map(Email::as_str).into(),
                ticket.locale.as_deref().into(),
                ticket.result_url.as_deref().into(),
                ticket.created_by.as_str().into(),
                ticket.created_at.into(),
                ticket.expires_at.into(),
            ]);
        }
        self.insert(&TICKETS, &values).await.map(drop)
    }

    async fn insert_ticket_mails(&mut self, tickets: &[&NewTicket]) -> Result<()> {
        let mut values = Vec::new();
        for ticket in tickets {
            let Some(mail) = &ticket.mail else { continue };
            values.extend::<[Bind<'_>; MAILS.columns]>([
                mail.message_id.as_str().into(),
                mail.kind.into(),
                ticket.user_id.as_str().into(),
                ticket.ticket_id.as_str().into(),
                "due".into(),
                mail.payload_sealed.as_deref().into(),
                mail.detail.as_str().into(),
                ticket.created_at.into(),
                ticket.created_at.into(),
                mail.expires_at.into(),
            ]);
        }
        self.insert(&MAILS, &values).await.map(drop)
    }
}
