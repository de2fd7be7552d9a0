//! `/users`: the people who enroll, as far as enrolling needs them (contract §2.5).

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::paging::Page;
use super::unread::Unread;
use super::user_body::{
    self, ChangeUserRequest, CreateUserRequest, SomeOfUser, UserBody, UserIdText, UserList,
};
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::error::Place;
use crate::core::{Error, Result, UserId};
use crate::store::{Event, User};
use crate::users::Profile;
use crate::web::faces::JSON;
use crate::web::{ApiCaller, App, Fields};

/// Creates a user.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/users", tag = "Users", operation_id = "create_user",
    description = "Needs `create:users`.",
    request_body(content(
        (CreateUserRequest = "application/json"),
        (CreateUserRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "The user", body = UserBody),
        (status = 400, description = "`invalid_body`, naming the property", body = ErrorBody),
        (status = 409, description = "`user_exists`", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_USERS])?;
    let now = app.now();
    let user = user_body::created(request.body().await?, now, app.rng())?;
    let mut tx = app.store.begin_write().await?;
    if !tx.insert_user(&user).await? {
        return Err(Error::Conflict {
            code: "user_exists",
            message: "The user already exists.",
        });
    }
    tx.record(&[Event::new("user.created", &actor, now, app.rng()).user(&user.user_id)])
        .await?;
    tx.commit().await?;
    Ok(HttpResponse::Created()
        .content_type(JSON)
        .json(shown(&user, &Wanted::default())))
}

/// Shows a user.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/users/{id}", tag = "Users", operation_id = "get_user",
    description = "Needs `read:users`.",
    params(
        ("id" = UserIdText, Path, description = "The user's id, percent-encoded"),
        ("fields" = Option<String>, Query, description = "Members to show, or to leave out, separated by commas"),
        ("include_fields" = Option<bool>, Query, description = "Whether `fields` are shown (the default) or left out"),
    ),
    responses(
        (status = 200, description = "The user", body = SomeOfUser),
        (status = 400, description = "`invalid_uri` or `invalid_query_string`", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_USERS])?;
    let id: UserId = request.id()?;
    let mut query = request.query()?;
    let wanted = Wanted::take(&mut query)?;
    query.finish().map_err(|error| error.at(Place::Query))?;
    let user = app.store.begin_read().await?.user(&id).await?;
    Ok(ok(&shown(&user.ok_or_else(Error::no_user)?, &wanted)))
}

/// Lists users in the order of their ids.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/users", tag = "Users", operation_id = "list_users",
    description = "Needs `read:users`.",
    params(
        ("page" = Option<i64>, Query, description = "From 0", minimum = 0, maximum = 100_000),
        ("per_page" = Option<i64>, Query, description = "50 by default", minimum = 0, maximum = 100),
        ("include_totals" = Option<bool>, Query, description = "Wrap the list: start, limit, length, total, users"),
        ("fields" = Option<String>, Query, description = "Members to show, or to leave out, separated by commas"),
        ("include_fields" = Option<bool>, Query, description = "Whether `fields` are shown (the default) or left out"),
    ),
    responses(
        (status = 200, description = "The users", body = UserList),
        (status = 400, description = "`invalid_query_string`, naming the parameter", body = ErrorBody),
    )
)]
pub async fn list(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_USERS])?;
    let mut query = request.query()?;
    let page = Page::take(&mut query)?;
    let wanted = Wanted::take(&mut query)?;
    query.finish().map_err(|error| error.at(Place::Query))?;
    let mut read = app.store.begin_read().await?;
    let users = read.users(page.limit(), page.offset()).await?;
    let total = if page.include_totals {
        Some(read.count_users().await?)
    } else {
        None
    };
    let rows = users.iter().map(|user| shown(user, &wanted)).collect();
    Ok(ok(&page.answer("users", rows, total)))
}

/// Changes a user: what is sent replaces, null clears, metadata merge member by member.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    patch, path = "/api/v2/users/{id}", tag = "Users", operation_id = "update_user",
    description = "Needs `update:users`. What is sent replaces, null clears; metadata merge member by member, and an empty `app_metadata` clears it.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    request_body(content(
        (ChangeUserRequest = "application/json"),
        (ChangeUserRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The user as it is now", body = UserBody),
        (status = 400, description = "`invalid_uri`, or `invalid_body` naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn change(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_USERS])?;
    let id: UserId = request.id()?;
    let body = request.body().await?;
    let now = app.now();
    let mut tx = app.store.begin_write().await?;
    let user = tx.lock_user(&id).await?.ok_or_else(Error::no_user)?;
    let user = user_body::changed(body, user, now)?;
    tx.update_user(&user).await?;
    tx.record(&[Event::new("user.updated", &actor, now, app.rng()).user(&id)])
        .await?;
    tx.commit().await?;
    Ok(ok(&shown(&user, &Wanted::default())))
}

/// Removes a user with all enrollments, tickets and messages.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/users/{id}", tag = "Users", operation_id = "delete_user",
    description = "Needs `delete:users`.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    responses(
        (status = 204, description = "There is no such user now"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
    )
)]
pub async fn remove(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_USERS])?;
    let id: UserId = request.id()?;
    let mut tx = app.store.begin_write().await?;
    if tx.delete_user(&id).await? {
        tx.record(&[Event::new("user.deleted", &actor, app.now(), app.rng()).user(&id)])
            .await?;
        tx.commit().await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Which members of a thing the caller wants.
#[derive(Default)]
pub(super) struct Wanted {
    names: Option<Vec<String>>,
    left_out: bool,
}

impl Wanted {
    pub(super) fn take(query: &mut Fields) -> Result<Self> {
        let in_query = |error: Error| error.at(Place::Query);
        let names = query.string("fields").map_err(in_query)?;
        let include = query.boolean("include_fields").map_err(in_query)?;
        Ok(Self {
            names: names.map(|names| {
                names
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .collect()
            }),
            left_out: include == Some(false),
        })
    }

    pub(super) fn wants(&self, member: &str) -> bool {
        self.names
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == member) != self.left_out)
    }
}

/// A user in Auth0's shape: what is not known is left out.
fn shown(user: &User, wanted: &Wanted) -> Value {
    let profile = Profile::parse(&user.profile);
    let provider = user
        .user_id
        .as_str()
        .split_once('|')
        .map_or("auth0", |(head, _)| head);
    let identity = json!({
        "user_id": user.user_id.friendly(),
        "connection": profile.connection,
        "provider": provider,
        "isSocial": false,
    });
    let metadata = |map: Map<String, Value>| (!map.is_empty()).then_some(Value::Object(map));
    let phone_verified = profile
        .phone_number
        .is_some()
        .then_some(profile.phone_verified);
    let members = [
        ("created_at", Some(json!(user.created_at.to_iso()))),
        ("email", user.email.as_ref().map(|email| json!(email))),
        ("email_verified", Some(json!(profile.email_verified))),
        ("identities", Some(json!([identity]))),
        ("name", profile.name.map(Value::String)),
        ("nickname", profile.nickname.map(Value::String)),
        ("given_name", profile.given_name.map(Value::String)),
        ("family_name", profile.family_name.map(Value::String)),
        ("picture", profile.picture.map(Value::String)),
        ("phone_number", profile.phone_number.map(Value::String)),
        ("phone_verified", phone_verified.map(Value::Bool)),
        ("username", profile.username.map(Value::String)),
        ("blocked", user.blocked.then_some(Value::Bool(true))),
        ("user_metadata", metadata(profile.user_metadata)),
        ("app_metadata", metadata(profile.app_metadata)),
        ("updated_at", Some(json!(user.updated_at.to_iso()))),
        ("user_id", Some(json!(user.user_id))),
    ];
    let members = members
        .into_iter()
        .filter(|(name, _)| wanted.wants(name))
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect())
}
