//! Bodies about tickets: what may be asked for, and how a ticket is shown.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::core::{Error, Result, Timestamp, Urls};
use crate::factors::parse_list;
use crate::store::{EventRow, OutboxMessage, Ticket};
use crate::tickets::manage::status;
use crate::tickets::{Asked, Issued};
use crate::web::Fields;

/// What a ticket is asked for with, as JSON or as a form. Unknown and repeated members are refused.
#[derive(ToSchema)]
#[schema(example = json!({ "user_id": "auth0|ada", "email": "ada@example.com", "send_mail": true }))]
#[serde(deny_unknown_fields)]
pub struct CreateTicketRequest {
    /// Whom the ticket lets enroll; an unknown user with an `email` is created.
    #[schema(min_length = 1, max_length = 255)]
    pub user_id: String,
    /// Where the mail goes, when that is not the user's address.
    pub email: Option<String>,
    /// Whether to mail the link. `"true"` and `"false"` are taken too.
    pub send_mail: Option<bool>,
    /// The same as `send_mail`.
    pub send_email: Option<bool>,
    /// The language of the mail; one that there are no words for falls back.
    pub email_locale: Option<String>,
    /// One factor or several: `otp`, `phone`, `push-notification`, `webauthn-roaming`, `webauthn-platform`; `oob` is
    /// push and phone, `sms` and `voice` are the phone. A form separates several by commas.
    pub factor: Option<OneOrMany>,
    /// Whether a user who has a factor may add another.
    pub allow_multiple_enrollments: Option<bool>,
    /// A shorter life, in seconds.
    #[schema(minimum = 1, maximum = 432_000)]
    pub ttl_sec: Option<i64>,
    /// Where the last page offers to go; its origin must be in `tickets.result_origins`.
    pub result_url: Option<String>,
}

/// One text, or several.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// A ticket and its link, which is told this once.
#[derive(Serialize, ToSchema)]
pub struct TicketLink {
    /// Names the ticket in this API; redeems nothing.
    ticket_id: String,
    /// The link that lets its bearer enroll.
    ticket_url: String,
    /// When it stops to work.
    expires_at: String,
}

/// A ticket in a list.
#[derive(Serialize, ToSchema)]
pub struct TicketSummary {
    ticket_id: String,
    user_id: String,
    /// `open`, `held`, `used`, `closed`, `revoked` or `expired`.
    status: &'static str,
    /// Empty when the settings decide.
    factors: Vec<&'static str>,
    allow_multiple_enrollments: bool,
    created_at: String,
    expires_at: String,
    redeemed_at: Option<String>,
    ended_at: Option<String>,
    /// `client:…` or `command-line`.
    created_by: String,
    email_locale: Option<String>,
    result_url: Option<String>,
}

/// In which state a ticket can be asked for.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TicketStatus {
    /// It can be used.
    Open,
    /// Used once, by an attempt that may go on.
    Held,
    /// Spent.
    Used,
    /// Another ticket of its user was used.
    Closed,
    /// Taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// The tickets, or with `include_totals` a page of them.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum TicketList {
    /// The tickets alone.
    Alone(Vec<TicketSummary>),
    /// With their number.
    Page(TicketPage),
}

/// A page of tickets.
#[derive(ToSchema)]
pub struct TicketPage {
    /// The rows before it.
    pub start: i64,
    /// How many rows were asked for.
    pub limit: i64,
    /// How many came.
    pub length: i64,
    /// How many there are.
    pub total: i64,
    /// The rows.
    pub tickets: Vec<TicketSummary>,
}

/// A ticket with its mail and what happened to it.
#[derive(Serialize, ToSchema)]
pub struct TicketDetails {
    #[serde(flatten)]
    ticket: TicketSummary,
    mail: Mail,
    timeline: Vec<Moment>,
}

/// Where the newest mail with the link stands.
#[derive(Serialize, ToSchema)]
pub struct Mail {
    /// `none`, `due`, `sent`, `dead` or `dropped`.
    state: String,
    attempts: i64,
    last_error: Option<String>,
    sent_at: Option<String>,
}

/// One line of what happened.
#[derive(Serialize, ToSchema)]
pub struct Moment {
    at: String,
    event: String,
    actor: String,
    ip: Option<String>,
    request_id: Option<String>,
    #[schema(value_type = Object)]
    detail: Value,
}

/// What a body asks for.
///
/// # Errors
/// [`Error::Invalid`] naming the property.
pub fn asked(mut fields: Fields) -> Result<Asked> {
    let send_email = fields.boolean("send_email")?;
    let send_mail = fields.boolean("send_mail")?;
    if send_email.is_some_and(|word| send_mail.is_some_and(|other| other != word)) {
        return Err(Error::invalid(
            "send_email",
            "contradicts send_mail; send one of them",
        ));
    }
    let asked = Asked {
        user_id: fields.required_string("user_id")?,
        email: fields.string("email")?,
        send_mail: send_mail.or(send_email).unwrap_or(false),
        email_locale: fields.string("email_locale")?,
        factor: fields.strings("factor")?,
        allow_multiple_enrollments: fields
            .boolean("allow_multiple_enrollments")?
            .unwrap_or(false),
        ttl_sec: fields.integer("ttl_sec")?,
        result_url: fields.string("result_url")?,
    };
    fields.finish()?;
    Ok(asked)
}

impl TicketLink {
    /// The link of a ticket whose secret is known, this once.
    pub fn of(issued: &Issued, urls: &Urls) -> Self {
        Self {
            ticket_id: issued.ticket_id.to_string(),
            ticket_url: urls.enroll_link(&issued.ticket_id, &issued.secret),
            expires_at: issued.expires_at.to_iso(),
        }
    }
}

impl TicketSummary {
    /// A ticket as it stands at `now`.
    pub fn of(ticket: &Ticket, now: Timestamp) -> Self {
        let iso =
            |millis: Option<i64>| millis.map(|millis| Timestamp::from_millis(millis).to_iso());
        Self {
            ticket_id: ticket.ticket_id.to_string(),
            user_id: ticket.user_id.to_string(),
            status: status(ticket, now),
            factors: parse_list(&ticket.factors)
                .iter()
                .map(|factor| factor.name())
                .collect(),
            allow_multiple_enrollments: ticket.allow_multiple,
            created_at: ticket.created_at.to_iso(),
            expires_at: ticket.expires_at.to_iso(),
            redeemed_at: iso(ticket.redeemed_at),
            ended_at: iso(ticket.ended_at),
            created_by: ticket.created_by.clone(),
            email_locale: ticket.locale.clone(),
            result_url: ticket.result_url.clone(),
        }
    }
}

impl TicketDetails {
    /// A ticket as it stands at `now`, with its messages and events.
    pub fn of(
        ticket: &Ticket,
        messages: &[OutboxMessage],
        timeline: Vec<EventRow>,
        now: Timestamp,
    ) -> Self {
        Self {
            ticket: TicketSummary::of(ticket, now),
            mail: mail(messages),
            timeline: timeline.into_iter().map(moment).collect(),
        }
    }
}

fn mail(messages: &[OutboxMessage]) -> Mail {
    let Some(message) = messages
        .iter()
        .rfind(|message| message.kind == "enrollment")
    else {
        return Mail {
            state: "none".to_owned(),
            attempts: 0,
            last_error: None,
            sent_at: None,
        };
    };
    let sent_at = message.settled_at.filter(|_| message.state == "sent");
    Mail {
        state: message.state.clone(),
        attempts: message.attempts,
        last_error: message.last_error.clone(),
        sent_at: sent_at.map(|millis| Timestamp::from_millis(millis).to_iso()),
    }
}

fn moment(event: EventRow) -> Moment {
    let detail = serde_json::from_str::<Value>(&event.detail);
    Moment {
        at: event.at.to_iso(),
        event: event.kind,
        actor: event.actor,
        ip: event.ip,
        request_id: event.request_id,
        detail: detail.unwrap_or_default(),
    }
}
