//! The emailed link, and the clean address that it leads to. Opening it changes nothing durable.

use actix_web::http::header::{HeaderName, LOCATION, REFERRER_POLICY};
use actix_web::{FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse, web};
use url::form_urlencoded;

use super::choose;
use super::cookies::{self, Name};
use super::frame::Stub;
use super::language;
use super::session::{self, Session};
use crate::access::{Attempt, LinkGuard};
use crate::core::{Error, Refusal, Result, Timestamp, urls};
use crate::store::{Event, OpenedTicket, TicketState};
use crate::tickets::Link;
use crate::web::{App, Seen};

/// `GET /guardian/enroll`: with `?ticket=…` the emailed link, without it the first page.
///
/// # Errors
/// [`crate::core::Error::Refused`] when the link does not let its bearer in.
pub async fn open(app: web::Data<App>, seen: Seen, request: HttpRequest) -> Result<HttpResponse> {
    let tickets: Vec<_> = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| name == "ticket")
        .collect();
    match tickets.as_slice() {
        [] => {
            let session =
                Session::from_request(&request, &mut actix_web::dev::Payload::None).await?;
            choose::first(&session)
        }
        [(_, value)] => enter(&app, &seen, &request, &Link::parse(value)?).await,
        _ => Err(Refusal::Invalid.into()),
    }
}

/// Checks the link and hands the browser an attempt; the address that it goes on with has no secret.
async fn enter(app: &App, seen: &Seen, request: &HttpRequest, link: &Link) -> Result<HttpResponse> {
    let now = app.now();
    let digest = link.secret.digest();
    let guard = LinkGuard::against(seen.ip);
    let store = &app.store;
    let found = store
        .opened_link(&link.ticket_id, &guard.limit(now))
        .await?;
    let Some(found) = found else {
        return Err(Box::pin(guard.fail(store, now)).await);
    };
    LinkGuard::admit(found.refused_since(), now)?;
    let opened = found.opened;
    if !opened.is_opened_by(digest.as_bytes()) {
        return Err(Box::pin(not_its_secret(app, link, &guard, now)).await);
    }
    if !opened.user_blocked {
        request
            .extensions_mut()
            .insert(Stub::of(&opened, None, app));
    }
    let former = session::current(request, app);
    // The same link again in the same browser goes on where it was, so that the QR code that was scanned stays right.
    let same = former.clone().filter(|attempt| {
        attempt.ticket_id == link.ticket_id && opened.is_opened_by(&attempt.secret_hash)
    });
    let same = same.and_then(|mut attempt| attempt.touch(now).is_ok().then_some(attempt));
    let mine = same.as_ref().map(|attempt| &attempt.id);
    opened.admit(mine, app.available, now)?;
    let mut attempt = same.unwrap_or_else(|| {
        Attempt::new(
            link.ticket_id.clone(),
            &digest,
            former.as_ref(),
            now,
            app.rng(),
        )
    });
    if let Some(wishes) = language::wishes(request) {
        attempt.ui_locales = Some(wishes);
    }
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((LOCATION, urls::ENROLL))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    if is_embedded(request) {
        return Ok(response.finish());
    }
    note_opening(app, seen, request, &opened, &attempt);
    let sealed = attempt.seal(&app.sealer, app.rng());
    Ok(response
        .cookie(cookies::write(Name::Attempt, sealed, &app.urls))
        .finish())
}

/// Why the secret opens nothing; boxed where it is called, as futures of requests are moved and this is rare.
async fn not_its_secret(app: &App, link: &Link, guard: &LinkGuard, now: Timestamp) -> Error {
    let former = async {
        let mut read = app.store.begin_read().await?;
        let digest = link.secret.digest();
        read.is_former_link(&link.ticket_id, &digest).await
    };
    match former.await {
        Ok(true) => Refusal::Replaced.into(),
        Ok(false) => guard.fail(&app.store, now).await,
        Err(error) => error,
    }
}

/// A picture or a script whose address is somebody's link must not swap the attempt that a person is in the middle of.
fn is_embedded(request: &HttpRequest) -> bool {
    let destination = request.headers().get("sec-fetch-dest");
    destination.is_some_and(|destination| destination != "document")
}

/// Best effort, and only what looks like a person: a GET that is no prefetch, of a ticket that nobody has spent.
fn note_opening(
    app: &App,
    seen: &Seen,
    request: &HttpRequest,
    opened: &OpenedTicket,
    attempt: &Attempt,
) {
    let purpose = request
        .headers()
        .get(HeaderName::from_static("sec-purpose"));
    let is_prefetch = purpose.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"));
    if request.method() == actix_web::http::Method::GET
        && !is_prefetch
        && opened.ticket.state == TicketState::Open
    {
        let ticket = &opened.ticket;
        app.openings.note(Event::opened(
            &ticket.ticket_id,
            &ticket.user_id,
            &seen.attempt(&attempt.id),
            app.now(),
        ));
    }
}
