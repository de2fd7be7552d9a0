//! `/guardian/enrollments/ticket` and what follows from it: list, show, revoke, resend (design §2, §3).

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::paging::Page;
use super::ticket_body::{
    self, CreateTicketRequest, TicketDetails, TicketLink, TicketList, TicketStatus, TicketSummary,
};
use super::unread::Unread;
use super::user_body::UserIdText;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::error::Place;
use crate::core::{Error, Result, TicketId, UserId};
use crate::store::{Created, TicketFilter};
use crate::tickets::{CreateTicket, manage};
use crate::web::{ApiCaller, App};

/// Auth0's path, the one of its documentation, and the one of that document's prose: one handler (contract §1.1).
pub const CREATE_PATHS: [&str; 3] = [
    "/guardian/enrollments/ticket",
    "/guardian/post-ticket",
    "/guardian/post_ticket",
];
const STATUSES: [&str; 6] = ["open", "held", "used", "closed", "revoked", "expired"];

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
    let asked = ticket_body::asked(request.body().await?)?;
    let send_mail = asked.send_mail;
    let switches = app.switches.get().await?;
    let create = CreateTicket::parse(&asked, &app.policy, &switches)?;
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
    Ok(ok(&TicketLink::of(&issued, &app.urls)))
}

/// Lists tickets, the newest first.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/enrollments/tickets", tag = "Tickets", operation_id = "list_tickets",
    description = "Needs `read:guardian_enrollment_tickets`.",
    params(
        ("user_id" = Option<UserIdText>, Query, description = "Of this user only"),
        ("status" = Option<TicketStatus>, Query, description = "In this state only"),
        ("page" = Option<i64>, Query, description = "From 0", minimum = 0, maximum = 100_000),
        ("per_page" = Option<i64>, Query, description = "50 by default", minimum = 0, maximum = 100),
        ("include_totals" = Option<bool>, Query, description = "Wrap the list: start, limit, length, total, tickets"),
    ),
    responses(
        (status = 200, description = "The tickets", body = TicketList),
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
        .map(|ticket| json!(TicketSummary::of(ticket, now)))
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
    params(("id" = String, Path, description = "`gten_…`", pattern = "^gten_[0-9a-f]{32}$")),
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
    let details = TicketDetails::of(&ticket, &messages, timeline, app.now());
    Ok(ok(&details))
}

/// Revokes a ticket; one that is over already stays as it is.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/guardian/enrollments/tickets/{id}", tag = "Tickets", operation_id = "delete_ticket",
    description = "Needs `delete:guardian_enrollment_tickets`.",
    params(("id" = String, Path, description = "`gten_…`", pattern = "^gten_[0-9a-f]{32}$")),
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
    params(("id" = String, Path, description = "`gten_…`", pattern = "^gten_[0-9a-f]{32}$")),
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
    Ok(ok(&TicketLink::of(&issued, &app.urls)))
}
