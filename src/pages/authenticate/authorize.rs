//! `GET /authorize`: where an application sends its user (RFC 6749 §3.1, RFC 9126 §4). What it asked for came by itself
//! before; the browser carries nothing but a reference, which is taken once.

use actix_web::http::header::{LOCATION, REFERRER_POLICY};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded;

use super::prover::LoginVisit;
use crate::access::{Attempt, Visit};
use crate::core::{BearerSecret, ClientId, Error, Refusal, Result, urls};
use crate::logins::enrolling::{OnTheWay, make_ticket};
use crate::logins::{Answer, browsers, login};
use crate::pages::cookies::{self, Name};
use crate::store::Login;
use crate::web::{App, Seen};

/// Opens the login in this browser, and goes on at its first page.
///
/// # Errors
/// [`Refusal::LoginOver`] when the reference is unknown, another client's, too old or taken: then there is nowhere to lead
/// back to.
pub async fn get(app: web::Data<App>, seen: Seen, request: HttpRequest) -> Result<HttpResponse> {
    let client_id = parameter(&request, "client_id")?;
    let client_id: ClientId = client_id.parse().map_err(|_| unknown_client())?;
    let reference = parameter(&request, "request_uri")?;
    let secret = reference
        .strip_prefix(urls::REQUEST_URI)
        .and_then(BearerSecret::parse);
    let secret = secret.ok_or(Refusal::LoginOver)?;
    if request.method() == Method::HEAD || is_prefetch(&request) {
        return Ok(HttpResponse::NoContent().finish());
    }
    if is_open_here(&app, &request, &secret).await? {
        return Ok(to(urls::AUTHENTICATE));
    }
    let (now, rng) = (app.now(), app.rng());
    let actor = |id: &_| seen.login(id);
    let login = login::open(&app.store, &secret, &client_id, actor, now, rng).await?;
    let browser = cookies::read(&request, Name::Browser, &app.urls);
    let browser = browser.and_then(|value| BearerSecret::parse(&value));
    begin(&app, &seen, login, browser).await
}

/// What becomes of a login that this browser has now.
async fn begin(
    app: &App,
    seen: &Seen,
    login: Login,
    browser: Option<BearerSecret>,
) -> Result<HttpResponse> {
    let visit = Visit::new(login.login_id, login.user_id, app.rng());
    let (opened, enrollments) = {
        let mut read = app.store.begin_read().await?;
        let opened = read.opened_login(&visit.user_id, &visit.login_id).await?;
        let enrollments = read.enrollments_of(&visit.user_id).await?;
        (opened.ok_or(Refusal::LoginOver)?, enrollments)
    };
    let has_factor = enrollments.iter().any(|found| found.status == "confirmed");
    let visit = LoginVisit::new(visit, opened, app)?;
    let request = &visit.request;
    let (code, description) = if visit.opened.user_blocked {
        ("access_denied", "The user is blocked")
    } else if has_factor && is_remembered(app, seen, &visit, browser).await? {
        return Ok(with_visit(app, &visit.visit, to(urls::AUTHENTICATE_FINISH)));
    } else if request.prompt.as_deref() == Some("none") {
        ("login_required", "The user has to prove a second factor")
    } else if has_factor {
        return Ok(with_visit(app, &visit.visit, to(urls::AUTHENTICATE)));
    } else if request.allow_enrollment {
        return enroll(app, seen, &visit).await;
    } else {
        (
            "unmet_authentication_requirements",
            "The user has no second factor: create an enrollment ticket for them, or send allow_enrollment=true",
        )
    };
    refuse(app, seen, &visit, code, description).await
}

/// Whether the login is proved by this browser, which was remembered.
async fn is_remembered(
    app: &App,
    seen: &Seen,
    visit: &LoginVisit,
    browser: Option<BearerSecret>,
) -> Result<bool> {
    let Some(browser) = browser.filter(|_| app.remembers_browsers) else {
        return Ok(false);
    };
    let Visit {
        user_id, login_id, ..
    } = &visit.visit;
    let (of, actor) = ((user_id, login_id), seen.login(login_id));
    let (request, now, rng) = (&visit.request, app.now(), app.rng());
    browsers::recognize(&app.store, of, request, &browser, &actor, now, rng).await
}

/// Ends a login, and tells its application why.
///
/// # Errors
/// [`Refusal::LoginOver`] when it is over already.
pub async fn refuse(
    app: &App,
    seen: &Seen,
    visit: &LoginVisit,
    code: &'static str,
    description: &'static str,
) -> Result<HttpResponse> {
    let Visit {
        user_id, login_id, ..
    } = &visit.visit;
    let (actor, now, rng) = (seen.login(login_id), app.now(), app.rng());
    login::deny(&app.store, user_id, login_id, description, &actor, now, rng).await?;
    back(app, visit, Answer::Error { code, description })
}

/// Leads the browser back to the application; the login is over here.
///
/// # Errors
/// Of [`crate::logins::Request::answer`].
pub fn back(app: &App, visit: &LoginVisit, answer: Answer<'_>) -> Result<HttpResponse> {
    let url = visit.request.answer(&app.urls.issuer(), answer)?;
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, url.as_str()))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .cookie(cookies::forget(Name::Login, &app.urls))
        .finish())
}

/// Sends a user who has no factor through the enroll pages, and from there back here.
async fn enroll(app: &App, seen: &Seen, visit: &LoginVisit) -> Result<HttpResponse> {
    let Visit {
        user_id, login_id, ..
    } = &visit.visit;
    let (now, rng) = (app.now(), app.rng());
    let on_the_way = OnTheWay {
        user_id,
        login_id,
        actor: &seen.login(login_id),
        result_url: app.urls.absolute(urls::AUTHENTICATE_FINISH),
    };
    let (ticket_id, digest) = make_ticket(
        (&app.store, &app.gatherer),
        on_the_way,
        (&app.policy, &visit.switches(app)),
        &app.sealer,
        now,
        rng,
    )
    .await?;
    let mut attempt = Attempt::new(ticket_id, &digest, None, now, rng);
    attempt.ui_locales.clone_from(&visit.request.ui_locales);
    let sealed = attempt.seal(&app.sealer, rng);
    let mut response = with_visit(app, &visit.visit, to(urls::ENROLL));
    let cookie = cookies::write(Name::Attempt, sealed, &app.urls);
    response.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(response)
}

fn with_visit(app: &App, visit: &Visit, mut response: HttpResponse) -> HttpResponse {
    let sealed = visit.seal(&app.sealer, app.rng());
    let cookie = cookies::write(Name::Login, sealed, &app.urls);
    response.add_cookie(&cookie).ok();
    response
}

/// Whether this very browser has the login already: who reloads the page goes on.
async fn is_open_here(app: &App, request: &HttpRequest, secret: &BearerSecret) -> Result<bool> {
    let cookie = cookies::read(request, Name::Login, &app.urls);
    let Some(visit) = cookie.and_then(|value| Visit::open(&value, &app.sealer)) else {
        return Ok(false);
    };
    let mut read = app.store.begin_read().await?;
    let found = read.login_by_secret(&secret.digest()).await?;
    Ok(found.is_some_and(|found| found.login_id == visit.login_id))
}

/// A browser that guesses where its person goes next takes nothing.
fn is_prefetch(request: &HttpRequest) -> bool {
    let purpose = request.headers().get("sec-purpose");
    purpose.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"))
}

/// A parameter that must be there once (RFC 6749 §3.1).
fn parameter(request: &HttpRequest, name: &'static str) -> Result<String> {
    let mut values = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(found, _)| found == name)
        .map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(Error::invalid_query(name, "must be there once")),
    }
}

fn unknown_client() -> Error {
    Error::invalid_query("client_id", "names no client")
}

fn to(path: &'static str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER)
        .insert_header((LOCATION, path))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
