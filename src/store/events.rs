//! Rows of what happened: the ticket's timeline and the audit log are views of them.

use super::conn::{Read, Store, Write};
use super::rows::Insert;
use super::sql::Bind;
use super::sql::{bind, record, sql};
use crate::core::{
    Actor, EnrollmentId, EventId, RequestId, Result, Rng, TicketId, Timestamp, UserId,
};
use serde_json::Value;

/// One line of what happened. It holds ids, never an address, code or secret.
#[derive(Debug, Clone)]
pub struct Event {
    id: String,
    at: Timestamp,
    kind: &'static str,
    user_id: Option<UserId>,
    ticket_id: Option<TicketId>,
    enrollment_id: Option<EnrollmentId>,
    actor: Actor,
    detail: Value,
}

impl Event {
    /// `actor` did `kind`, now.
    pub fn new(kind: &'static str, actor: &Actor, now: Timestamp, rng: &dyn Rng) -> Self {
        Self {
            id: EventId::new(now, rng).into(),
            at: now,
            kind,
            user_id: None,
            ticket_id: None,
            enrollment_id: None,
            actor: actor.clone(),
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// The first opening of a ticket's link: its id follows from the ticket, so that a second one is not written.
    pub fn opened(ticket_id: &TicketId, user_id: &UserId, actor: &Actor, now: Timestamp) -> Self {
        Self {
            id: ticket_id.as_str().replacen("gten_", "opn_", 1),
            at: now,
            kind: "ticket.opened",
            user_id: Some(user_id.clone()),
            ticket_id: Some(ticket_id.clone()),
            enrollment_id: None,
            actor: actor.clone(),
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// To or by this user.
    pub fn user(mut self, id: &UserId) -> Self {
        self.user_id = Some(id.clone());
        self
    }

    /// With this ticket.
    pub fn ticket(mut self, id: &TicketId) -> Self {
        self.ticket_id = Some(id.clone());
        self
    }

    /// About this enrollment.
    pub fn enrollment(mut self, id: &EnrollmentId) -> Self {
        self.enrollment_id = Some(id.clone());
        self
    }

    /// With this fact beside it.
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(details) = &mut self.detail {
            details.insert(name.to_owned(), value.into());
        }
        self
    }
}

/// One line of what happened, as read back.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// To or by which user.
    pub user_id: Option<String>,
    /// With which ticket.
    pub ticket_id: Option<String>,
    /// About which enrollment.
    pub enrollment_id: Option<String>,
    /// Who.
    pub actor: String,
    /// From where.
    pub ip: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// More facts, as a JSON object.
    pub detail: String,
}
record!(EventRow: at, kind, user_id, ticket_id, enrollment_id, actor, ip, request_id, detail);

macro_rules! columns {
    () => {
        "at, kind, user_id, ticket_id, enrollment_id, actor, ip, request_id, detail"
    };
}

/// What happened with a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptEvent {
    /// `push.requested`, `push.approved` or `push.denied`.
    pub kind: String,
    /// When.
    pub at: Timestamp,
}
record!(PromptEvent: kind, at);

impl Read {
    /// What happened with a user's prompts after `since`, the oldest first.
    ///
    /// # Errors
    /// Of the database.
    pub async fn prompt_events(
        &mut self,
        user_id: &UserId,
        since: Timestamp,
    ) -> Result<Vec<PromptEvent>> {
        sql(
            "SELECT kind, at FROM events WHERE user_id = $1 AND at > $2
                AND kind IN ('push.requested', 'push.approved', 'push.denied') ORDER BY at, event_id",
            &bind![user_id.as_str(), since.millis()],
        )
        .all(self)
        .await
    }

    /// What happened with a ticket of this user, in order. It is sought among all that happened to the user: an index by
    /// ticket would cost each ticket more than it saves whoever looks.
    ///
    /// # Errors
    /// Of the database.
    pub async fn timeline(
        &mut self,
        user_id: &UserId,
        ticket_id: &TicketId,
    ) -> Result<Vec<EventRow>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM events WHERE user_id = $1 AND ticket_id = $2 ORDER BY at, event_id LIMIT 500"
            ),
            &bind![user_id.as_str(), ticket_id.as_str()],
        )
        .all(self)
        .await
    }

    /// What happened to a user, in order.
    ///
    /// # Errors
    /// Of the database.
    pub async fn events_of_user(&mut self, user_id: &UserId) -> Result<Vec<EventRow>> {
        sql(
            concat!(
                "SELECT ",
                columns!(),
                " FROM events WHERE user_id = $1 ORDER BY at, event_id LIMIT 500"
            ),
            &bind![user_id.as_str()],
        )
        .all(self)
        .await
    }
}

const EVENTS: Insert = Insert {
    into: concat!("events (event_id, ", columns!(), ")"),
    columns: 10,
    then: " ON CONFLICT (event_id) DO NOTHING",
};

impl Write {
    /// Writes these lines; one that is there already is left as it is.
    ///
    /// # Errors
    /// Of the database.
    pub async fn record<'a>(&mut self, events: impl IntoIterator<Item = &'a Event>) -> Result<()> {
        let events = events.into_iter();
        let mut values = Vec::with_capacity(events.size_hint().0 * EVENTS.columns);
        for event in events {
            let actor = &event.actor;
            values.extend::<[Bind<'_>; EVENTS.columns]>([
                event.id.as_str().into(),
                event.at.into(),
                event.kind.into(),
                event.user_id.as_ref().map(UserId::as_str).into(),
                event.ticket_id.as_ref().map(TicketId::as_str).into(),
                event
                    .enrollment_id
                    .as_ref()
                    .map(EnrollmentId::as_str)
                    .into(),
                actor.name.as_str().into(),
                actor.ip.map(|ip| ip.to_string()).into(),
                actor.request_id.as_ref().map(RequestId::as_str).into(),
                event.detail.to_string().into(),
            ]);
        }
        self.insert(&EVENTS, &values).await.map(drop)
    }
}

impl Store {
    /// Writes these lines in a transaction of their own.
    ///
    /// # Errors
    /// Of the database.
    pub async fn record(&self, events: &[Event]) -> Result<()> {
        let mut tx = self.begin_write().await?;
        tx.record(events).await?;
        tx.commit().await
    }
}
