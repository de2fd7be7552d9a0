//! `/guardian/enrollments/ticket` and what follows from it: list, show, revoke, resend (design §2, §3).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::paging::Page;
use super::unread::Unread;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::error::Place;
use crate::core::{Error, Result, TicketId, Timestamp, UserId};
use crate::factors::parse_list;
use crate::store::{Created, EventRow, OutboxMessage, Ticket, TicketFilter};
use crate::tickets::create::Issued;
use crate::tickets::manage::{self, status};
use crate::tickets::{Asked, CreateTicket};
use crate::web::{ApiCaller, App, Fields};

/// Auth0's path, the one of its documentation, and the one of that document's prose: one handler (contract §1.1).
pub const CREATE_PATHS: [&str; 3] = [
    "/guardian/enrollments/ticket",
    "/guardian/post-ticket",
    "/guardian/post_ticket",
];
const STATUSES: [&str; 6] = ["open", "held", "used", "closed", "revoked", "expired"];

/// What a ticket is asked for with, as JSON or as a form. Unknown and repeated members are refused.
#[derive(ToSchema)]
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

/// Creates a ticket.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/guardian/enrollments/ticket", tag = "Tickets", operation_id = "post_ticket",
    description = "Needs `create:guardian_enrollment_tickets`. `/api/v2/guardian/post-ticket` and `/api/v2/guardian/post_ticket` are the same.",
    request_body(content(
        (CreateTicketRequest = "application/json"),
        (CreateTicketRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The ticket; the link is told this once", body = TicketLink),
        (status = 400, description = "`invalid_body`, naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_TICKETS])?;
    let asked = read(request.body().await?)?;
    let send_mail = asked.send_mail;
    let switches = app.switches.get().await?;
    let create = CreateTicket::parse(asked, &app.policy, &switches)?;
    let (row, issued) = create.issue(&actor, &app.sealer, app.now(), app.rng());
    match app.gatherer.create(row).await? {
        Created::Ticket => {}
        Created::NoUser => return Err(Error::no_user()),
        Created::NoAddress => {
            return Err(Error::invalid(
                "send_mail",
                "needs an address: send `email`, or give the user one",
            ));
        }
    }
    if send_mail {
        app.outbox_bell.notify_one();
    }
    Ok(ok(&link(&app, &issued)))
}

fn read(mut fields: Fields) -> Result<Asked> {
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

fn link(app: &App, issued: &Issued) -> TicketLink {
    TicketLink {
        ticket_id: issued.ticket_id.to_string(),
        ticket_url: app.urls.enroll_link(&issued.ticket_id, &issued.secret),
        expires_at: issued.expires_at.to_iso(),
    }
}

/// Lists tickets, the newest first.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/enrollments/tickets", tag = "Tickets", operation_id = "list_tickets",
    description = "Needs `read:guardian_enrollment_tickets`.",
    params(
        ("user_id" = Option<String>, Query, description = "Of this user only"),
        ("status" = Option<String>, Query, description = "`open`, `held`, `used`, `closed`, `revoked` or `expired`"),
        ("page" = Option<i64>, Query, description = "From 0"),
        ("per_page" = Option<i64>, Query, description = "100 at most, 50 by default"),
        ("include_totals" = Option<bool>, Query, description = "Wrap the list: start, limit, length, total, tickets"),
    ),
    responses(
        (status = 200, description = "The tickets", body = Vec<TicketSummary>),
        (status = 400, description = "`invalid_query_string`, naming the parameter", body = ErrorBody),
    )
)]
pub async fn list(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_TICKETS])?;
    let mut query = request.query()?;
    let page = Page::take(&mut query)?;
    let in_query = |error: Error| error.at(Place::Query);
    let user_id = query.string("user_id")?.map(|id| id.parse::<UserId>());
    let status = query.string("status")?;
    if status
        .as_deref()
        .is_some_and(|status| !STATUSES.contains(&status))
    {
        let reason = format!("must be one of {}", STATUSES.join(", "));
        return Err(Error::invalid_query("status", reason));
    }
    query.finish().map_err(in_query)?;
    let filter = TicketFilter {
        user_id: user_id.transpose().map_err(in_query)?,
        status,
    };
    let now = app.now();
    let mut read = app.store.begin_read().await?;
    let tickets = read
        .tickets(&filter, now, page.limit(), page.offset())
        .await?;
    let total = if page.include_totals {
        Some(read.count_tickets(&filter, now).await?)
    } else {
        None
    };
    let rows = tickets
        .iter()
        .map(|ticket| json!(summary(ticket, now)))
        .collect();
    Ok(ok(&page.answer("tickets", rows, total)))
}

/// Shows a ticket, its mail and what happened to it.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/enrollments/tickets/{id}", tag = "Tickets", operation_id = "get_ticket",
    description = "Needs `read:guardian_enrollment_tickets`.",
    params(("id" = String, Path, description = "`gten_…`")),
    responses(
        (status = 200, description = "The ticket", body = TicketDetails),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_ticket`", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_TICKETS])?;
    let id: TicketId = request.id()?;
    let mut read = app.store.begin_read().await?;
    let ticket = read.ticket(&id).await?.ok_or_else(Error::no_ticket)?;
    let messages = read.messages_of_ticket(&id).await?;
    let timeline = read.timeline(&id).await?;
    Ok(ok(&TicketDetails {
        ticket: summary(&ticket, app.now()),
        mail: mail(&messages),
        timeline: timeline.into_iter().map(moment).collect(),
    }))
}

/// Revokes a ticket; one that is over already stays as it is.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/guardian/enrollments/tickets/{id}", tag = "Tickets", operation_id = "delete_ticket",
    description = "Needs `delete:guardian_enrollment_tickets`.",
    params(("id" = String, Path, description = "`gten_…`")),
    responses(
        (status = 204, description = "Its link opens nothing any more"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_ticket`", body = ErrorBody),
    )
)]
pub async fn revoke(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_TICKETS])?;
    let id: TicketId = request.id()?;
    manage::revoke(&app.store, &id, &actor, app.now(), app.rng()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Mails a ticket again, with a new link; the former one stops to work.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/guardian/enrollments/tickets/{id}/resend", tag = "Tickets", operation_id = "resend_ticket",
    description = "Needs `create:guardian_enrollment_tickets`.",
    params(("id" = String, Path, description = "`gten_…`")),
    responses(
        (status = 200, description = "The ticket with its new link", body = TicketLink),
        (status = 400, description = "`invalid_uri`, or `invalid_body` when there is no address", body = ErrorBody),
        (status = 404, description = "`inexistent_ticket`", body = ErrorBody),
        (status = 409, description = "`ticket_not_open`", body = ErrorBody),
    )
)]
pub async fn resend(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_TICKETS])?;
    let id: TicketId = request.id()?;
    let issued = manage::resend(&app.store, &id, &actor, &app.sealer, app.now(), app.rng()).await?;
    app.outbox_bell.notify_one();
    Ok(ok(&link(&app, &issued)))
}

fn summary(ticket: &Ticket, now: Timestamp) -> TicketSummary {
    let iso = |millis: Option<i64>| millis.map(|millis| Timestamp::from_millis(millis).to_iso());
    TicketSummary {
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
