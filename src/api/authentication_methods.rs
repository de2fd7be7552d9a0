//! `/users/{id}/authentication-methods`: a user's factors, as Auth0 names and shows them (contract §2.3).

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::method_body::{
    self, ChangeMethodRequest, CreateMethodRequest, Described, Method, MethodList,
};
use super::method_id::{MethodId, MethodIdText};
use super::paging::Page;
use super::unread::Unread;
use super::user_body::UserIdText;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::error::Place;
use crate::core::{Actor, Error, Result, UserId};
use crate::store::{Enrollment, Read};
use crate::users::methods::{Hand, recovery_code_id};
use crate::users::reset;
use crate::web::faces::JSON;
use crate::web::{ApiCaller, App};

const METHOD: &str = "authentication_method_id";

fn hand<'a>(app: &'a App, actor: &'a Actor) -> Hand<'a> {
    Hand {
        store: &app.store,
        sealer: &app.sealer,
        actor,
        now: app.now(),
        rng: app.rng(),
    }
}

/// Lists a user's methods, the oldest first and the recovery code last.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/users/{id}/authentication-methods", tag = "Authentication methods", operation_id = "list_authentication_methods",
    description = "Needs `read:authentication_methods`. The oldest first, the recovery code last.",
    params(
        ("id" = UserIdText, Path, description = "The user's id, percent-encoded"),
        ("page" = Option<i64>, Query, description = "From 0", minimum = 0, maximum = 100_000),
        ("per_page" = Option<i64>, Query, description = "50 by default", minimum = 0, maximum = 100),
        ("include_totals" = Option<bool>, Query, description = "Wrap the list: start, limit, total, authenticators"),
    ),
    responses(
        (status = 200, description = "The methods", body = MethodList),
        (status = 400, description = "`invalid_uri`, or `invalid_query_string` naming the parameter", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn list(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_METHODS])?;
    let id: UserId = request.id()?;
    let mut query = request.query()?;
    let page = Page::take(&mut query)?;
    query.finish().map_err(|error| error.at(Place::Query))?;
    let mut read = app.store.begin_read().await?;
    let all = methods_of(&mut read, &id).await?;
    let total = all.len();
    let row = |count: i64| usize::try_from(count).unwrap_or(usize::MAX);
    let rows = all.into_iter().skip(row(page.offset()));
    let rows: Vec<Method> = rows.take(row(page.limit())).collect();
    if !page.include_totals {
        return Ok(ok(&rows));
    }
    Ok(ok(&json!({
        "start": page.offset(),
        "limit": page.limit(),
        "total": total,
        "authenticators": rows,
    })))
}

async fn methods_of(read: &mut Read, id: &UserId) -> Result<Vec<Method>> {
    read.user(id).await?.ok_or_else(Error::no_user)?;
    let enrollments = read.enrollments_of(id).await?;
    let code = read.recovery_code(id).await?;
    let code = code.map(|code| Method::recovery_code(id, &code));
    Ok(enrollments.iter().map(Method::of).chain(code).collect())
}

/// Adds a method that the back end vouches for.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/users/{id}/authentication-methods", tag = "Authentication methods", operation_id = "create_authentication_method",
    description = "Needs `create:authentication_methods`. It is confirmed at once, and no mail tells the user.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    request_body(content(
        (CreateMethodRequest = "application/json"),
        (CreateMethodRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "The method", body = Method),
        (status = 400, description = "`invalid_uri`, or `invalid_body` naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
        (status = 409, description = "`authentication_method_exists`: the user has one of this type", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_METHODS])?;
    let id: UserId = request.id()?;
    let described = method_body::described(request.body().await?, &app.phone.countries, app.rng())?;
    let added = hand(&app, &actor).add(&id, &described.new).await?;
    Ok(HttpResponse::Created()
        .content_type(JSON)
        .json(Method::added(&added, described.totp_secret.as_ref())))
}

/// Replaces everything that a user enrolled.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/users/{id}/authentication-methods", tag = "Authentication methods", operation_id = "replace_authentication_methods",
    description = "Needs `update:authentication_methods`. Everything that the user enrolled is removed, the recovery code too, and these take its place.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    request_body(content = Vec<CreateMethodRequest>, content_type = "application/json"),
    responses(
        (status = 200, description = "The methods", body = Vec<Method>),
        (status = 400, description = "`invalid_uri`, or `invalid_body` naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn replace(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_METHODS])?;
    let id: UserId = request.id()?;
    let mut all: Vec<Described> = Vec::new();
    for (index, item) in request.list().await?.into_iter().enumerate() {
        let described = method_body::described(item, &app.phone.countries, app.rng());
        let described = described.map_err(|error| error.inside(&index.to_string()))?;
        let factor = described.new.factor;
        if all.iter().any(|before| before.new.factor == factor) {
            let reason = "a user has one of each type";
            return Err(Error::invalid(format!("{index}.type"), reason));
        }
        all.push(described);
    }
    let (new, secrets): (Vec<_>, Vec<_>) = all
        .into_iter()
        .map(|described| (described.new, described.totp_secret))
        .unzip();
    let added = hand(&app, &actor).replace(&id, &new).await?;
    let told = added.iter().zip(&secrets);
    let told: Vec<Method> = told
        .map(|(found, secret)| Method::added(found, secret.as_ref()))
        .collect();
    Ok(ok(&told))
}

/// Removes all of a user's methods.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/users/{id}/authentication-methods", tag = "Authentication methods", operation_id = "delete_authentication_methods",
    description = "Needs `delete:authentication_methods`. The recovery code is removed, too, and wrong proofs are forgotten.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    responses(
        (status = 204, description = "The user has none now"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn remove_all(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_METHODS])?;
    let id: UserId = request.id()?;
    reset::reset(&app.store, &id, &actor, app.now(), app.rng()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shows one of a user's methods.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/users/{id}/authentication-methods/{authentication_method_id}", tag = "Authentication methods", operation_id = "get_authentication_method",
    description = "Needs `read:authentication_methods`.",
    params(
        ("id" = UserIdText, Path, description = "The user's id, percent-encoded"),
        ("authentication_method_id" = MethodIdText, Path, description = "`totp|dev_…`, percent-encoded, or `dev_…`"),
    ),
    responses(
        (status = 200, description = "The method", body = Method),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user` or `inexistent_enrollment`", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_METHODS])?;
    let id: UserId = request.id()?;
    let method: MethodId = request.named(METHOD)?;
    let mut read = app.store.begin_read().await?;
    read.user(&id).await?.ok_or_else(Error::no_user)?;
    let code = if names_code(&method, &id) {
        read.recovery_code(&id).await?
    } else {
        None
    };
    if let Some(code) = code {
        return Ok(ok(&Method::recovery_code(&id, &code)));
    }
    Ok(ok(&Method::of(&own(&mut read, &id, &method).await?)))
}

/// Renames one of a user's methods, or changes how codes reach a phone.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    patch, path = "/api/v2/users/{id}/authentication-methods/{authentication_method_id}", tag = "Authentication methods", operation_id = "update_authentication_method",
    description = "Needs `update:authentication_methods`.",
    params(
        ("id" = UserIdText, Path, description = "The user's id, percent-encoded"),
        ("authentication_method_id" = MethodIdText, Path, description = "`totp|dev_…`, percent-encoded, or `dev_…`"),
    ),
    request_body(content(
        (ChangeMethodRequest = "application/json"),
        (ChangeMethodRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The method as it is now", body = Method),
        (status = 400, description = "`invalid_uri`, or `invalid_body` naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user` or `inexistent_enrollment`; a recovery code has nothing to change", body = ErrorBody),
    )
)]
pub async fn change(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_METHODS])?;
    let id: UserId = request.id()?;
    let method: MethodId = request.named(METHOD)?;
    let (name, channel) = method_body::changed(request.body().await?)?;
    let mut read = app.store.begin_read().await?;
    read.user(&id).await?.ok_or_else(Error::no_user)?;
    own(&mut read, &id, &method).await?;
    drop(read);
    let hand = hand(&app, &actor);
    let changed = hand.change(&id, &method.id, name, channel);
    Ok(ok(&Method::changed(&changed.await?)))
}

/// Removes one of a user's methods; with the last one goes the recovery code.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/users/{id}/authentication-methods/{authentication_method_id}", tag = "Authentication methods", operation_id = "delete_authentication_method",
    description = "Needs `delete:authentication_methods`. With the last one goes the recovery code.",
    params(
        ("id" = UserIdText, Path, description = "The user's id, percent-encoded"),
        ("authentication_method_id" = MethodIdText, Path, description = "`totp|dev_…`, percent-encoded, or `dev_…`"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user` or `inexistent_enrollment`", body = ErrorBody),
    )
)]
pub async fn remove(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_METHODS])?;
    let id: UserId = request.id()?;
    let method: MethodId = request.named(METHOD)?;
    if names_code(&method, &id) {
        hand(&app, &actor).remove_recovery_code(&id).await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    let mut read = app.store.begin_read().await?;
    read.user(&id).await?.ok_or_else(Error::no_user)?;
    own(&mut read, &id, &method).await?;
    drop(read);
    reset::remove_enrollment(&app.store, &method.id, &actor, app.now(), app.rng()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether this names the user's recovery code.
fn names_code(method: &MethodId, id: &UserId) -> bool {
    method.fits("recovery-code") && method.id.as_str() == recovery_code_id(id)
}

/// The user's own enrollment of this name.
async fn own(read: &mut Read, id: &UserId, method: &MethodId) -> Result<Enrollment> {
    let found = read.enrollment(&method.id).await?;
    found
        .filter(|found| found.user_id == *id && method.fits(&found.factor))
        .ok_or_else(Error::no_enrollment)
}
