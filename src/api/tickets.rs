//! `/guardian/enrollments/ticket` and what follows from it: list, show, revoke, resend (design §2, §3).

use actix_web::http::header::{HeaderName, HeaderValue};
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
use crate::tickets::{CreateTicket, KeyedCall, manage, written};
use crate::web::{ApiCaller, App};

/// Auth0's path, the one of its documentation, and the one of that document's prose: one handler (contract §1.1).
pub const CREATE_PATHS: [&str; 3] = [
    "/guardian/enrollments/ticket",
    "/guardian/post-ticket",
    "/guardian/post_ticket",
];
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const STATUSES: [&str; 6] = ["open", "held", "used", "closed", "revoked", "expired"];

/// Creates a ticket.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/guardian/enrollments/ticket", tag = "Tickets", operation_id = "post_ticket",
    description = "Needs `create:guardian_enrollment_tickets`. `/api/v2/guardian/post-ticket` and `/api/v2/guardian/post_ticket` are the same.",
    params(
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "A key of the \
          caller's choice: the same request under the same key is answered the same for 24 hours, with `Idempotent-Replayed: true`, and makes no other ticket"),
    ),
    request_body(content(
        (CreateTicketRequest = "application/json"),
        (CreateTicketRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The ticket; the link is told this once", body = TicketLink),
        (status = 400, description = "`invalid_body`, naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
        (status = 409, description = "`idempotency_conflict`: the `Idempotency-Key` was used for another request", body = ErrorBody),
        (status = 429, description = "`too_many_requests`: the user has enough open tickets, or was sent enough mails", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_TICKETS])?;
    let key = request.idempotency_key()?;
    let asked = ticket_body::asked(request.body().await?)?;
    let call = key.map(|key| KeyedCall::new(&actor, &key, &asked));
    let call = call.transpose()?;
    // Boxed, as few calls have a key: every future around it is moved for each request.
    if let Some(call) = &call
        && let Some(answer) = Box::pin(answered(&app, call)).await?
    {
        return Ok(answer);
    }
    let send_mail = asked.send_mail;
    let switches = app.switches.get().await?;
    let create = CreateTicket::parse(&asked, &app.policy, &switches)?;
    let now = app.now();
    let (mut row, issued) = create.issue(&actor, &app.sealer, now, app.rng());
    row.call = call
        .as_ref()
        .map(|call| call.remember(&issued, &app.sealer, app.rng()));
    let outcome = app.gatherer.create(row).await?;
    if outcome == Created::Repeated
        && let Some(call) = &call
        && let Some(answer) = Box::pin(answered(&app, call)).await?
    {
        return Ok(answer);
    }
    written(outcome, now)?;
    if send_mail {
        app.outbox_bell.notify_one();
    }
    Ok(ok(&TicketLink::of(&issued, &app.urls)))
}

/// The same answer again, for a call that was answered already.
async fn answered(app: &App, call: &KeyedCall) -> Result<Option<HttpResponse>> {
    let issued = call.answer(&app.store, &app.sealer, app.now()).await?;
    Ok(issued.map(|issued| {
        let mut answer = ok(&TicketLink::of(&issued, &app.urls));
        let yes = HeaderValue::from_static("true");
        answer.headers_mut().insert(REPLAYED, yes);
        answer
    }))
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
    let timeline = read.timeline(&ticket.user_id, &id).await?;
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
        (status = 429, description = "`too_many_requests`: the user was sent enough mails", body = ErrorBody),
    )
)]
pub async fn resend(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_TICKETS])?;
    let id: TicketId = request.id()?;
    let limits = app.policy.limits;
    let (store, sealer) = (&app.store, &app.sealer);
    let resent = manage::resend(store, &id, limits, &actor, sealer, app.now(), app.rng());
    let issued = resent.await?;
    app.outbox_bell.notify_one();
    Ok(ok(&TicketLink::of(&issued, &app.urls)))
}
