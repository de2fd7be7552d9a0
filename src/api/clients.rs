//! `/clients`: the applications whose users prove their second factor, in Auth0's shape.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::client_body::{
    Change, ChangeClientRequest, ClientBody, ClientList, CreateClientRequest, shown,
};
use super::paging::Page;
use super::unread::Unread;
use super::{ErrorBody, ok};
use crate::access::{scopes, tokens};
use crate::core::error::Place;
use crate::core::{Actor, ClientId, Digest, Error, Result};
use crate::store::Event;
use crate::web::faces::JSON;
use crate::web::{ApiCaller, App};

const NO_CLIENT: Error = Error::NotFound {
    code: "inexistent_client",
    message: "The client does not exist.",
};

/// Creates a client, which may do nothing with the management API.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/clients", tag = "Clients", operation_id = "create_client",
    description = "Needs `create:clients`. A client that is made here is an application: it may do nothing with this API.",
    request_body(content(
        (CreateClientRequest = "application/json"),
        (CreateClientRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "The client, and its secret this once", body = ClientBody),
        (status = 400, description = "`invalid_body`, naming the property", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_CLIENTS])?;
    let change = Change::take(request.body().await?)?;
    let Some(name) = change.name.clone() else {
        return Err(Error::invalid("name", "Missing required property"));
    };
    let (now, rng) = (app.now(), app.rng());
    let (id, secret) = (ClientId::new(now, rng), tokens::new_client_secret(rng));
    let digest = Digest::of(secret.as_bytes());
    let mut tx = app.store.begin_write().await?;
    let made = tx.insert_client(&id, &name, &digest, "", now).await?;
    let client = change.apply(made)?;
    tx.update_client(&client).await?;
    tx.record(&[event("client.created", &id, &actor, &app)])
        .await?;
    tx.commit().await?;
    let secret = (!client.signs()).then_some(secret.as_str());
    Ok(HttpResponse::Created()
        .content_type(JSON)
        .json(shown(&client, secret)))
}

/// Shows a client.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/clients/{id}", tag = "Clients", operation_id = "get_client",
    description = "Needs `read:clients`. No secret is ever shown again.",
    params(("id" = String, Path, description = "`cli_…`", pattern = "^cli_[0-9a-f]{32}$")),
    responses(
        (status = 200, description = "The client", body = ClientBody),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_client`", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_CLIENTS])?;
    let id: ClientId = request.id()?;
    let client = app.store.begin_read().await?.client(&id).await?;
    Ok(ok(&shown(&client.ok_or(NO_CLIENT)?, None)))
}

/// Lists clients, the oldest first.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/clients", tag = "Clients", operation_id = "list_clients",
    description = "Needs `read:clients`. The oldest first; also those that an admin made at the command line.",
    params(
        ("page" = Option<i64>, Query, description = "From 0", minimum = 0, maximum = 100_000),
        ("per_page" = Option<i64>, Query, description = "50 by default", minimum = 0, maximum = 100),
        ("include_totals" = Option<bool>, Query, description = "Wrap the list: start, limit, length, total, clients"),
    ),
    responses(
        (status = 200, description = "The clients", body = ClientList),
        (status = 400, description = "`invalid_query_string`, naming the parameter", body = ErrorBody),
    )
)]
pub async fn list(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_CLIENTS])?;
    let mut query = request.query()?;
    let page = Page::take(&mut query)?;
    query.finish().map_err(|error| error.at(Place::Query))?;
    let mut read = app.store.begin_read().await?;
    let clients = read.page_of_clients(page.limit(), page.offset()).await?;
    let total = match page.include_totals {
        true => Some(read.count_clients().await?),
        false => None,
    };
    let rows: Vec<Value> = clients.iter().map(|client| shown(client, None)).collect();
    Ok(ok(&page.answer("clients", rows, total)))
}

/// Changes a client: what is sent replaces.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    patch, path = "/api/v2/clients/{id}", tag = "Clients", operation_id = "update_client",
    description = "Needs `update:clients`; to change how a client proves itself, also all that this client may do. What is sent replaces.",
    params(("id" = String, Path, description = "`cli_…`", pattern = "^cli_[0-9a-f]{32}$")),
    request_body(content(
        (ChangeClientRequest = "application/json"),
        (ChangeClientRequest = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The client as it is now, with its secret if it got a new one", body = ClientBody),
        (status = 400, description = "`invalid_uri`, or `invalid_body` naming the property", body = ErrorBody),
        (status = 404, description = "`inexistent_client`", body = ErrorBody),
    )
)]
pub async fn change(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_CLIENTS])?;
    let id: ClientId = request.id()?;
    let change = Change::take(request.body().await?)?;
    let mut tx = app.store.begin_write().await?;
    let client = tx.lock_client(&id).await?.ok_or(NO_CLIENT)?;
    if change.touches_keys() {
        caller.allow_all_of(&client)?;
    }
    let signed = client.signs();
    let mut client = change.apply(client)?;
    // A secret is good only while it is how the client proves itself.
    let fresh = (signed != client.signs()).then(|| tokens::new_client_secret(app.rng()));
    if let Some(secret) = &fresh {
        client.secret_hash = Digest::of(secret.as_bytes()).as_bytes().to_vec();
    }
    tx.update_client(&client).await?;
    tx.record(&[event("client.updated", &id, &actor, &app)])
        .await?;
    tx.commit().await?;
    let told = fresh.as_ref().filter(|_| !client.signs());
    Ok(ok(&shown(&client, told.map(|secret| secret.as_str()))))
}

/// Removes a client with its logins.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/clients/{id}", tag = "Clients", operation_id = "delete_client",
    description = "Needs `delete:clients`. Its tokens are refused within 30 seconds. A client may delete itself.",
    params(("id" = String, Path, description = "`cli_…`", pattern = "^cli_[0-9a-f]{32}$")),
    responses(
        (status = 204, description = "There is no such client now"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
    )
)]
pub async fn remove(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_CLIENTS])?;
    let id: ClientId = request.id()?;
    let mut tx = app.store.begin_write().await?;
    if tx.delete_client(&id).await? {
        tx.record(&[event("client.deleted", &id, &actor, &app)])
            .await?;
        tx.commit().await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

fn event(kind: &'static str, id: &ClientId, actor: &Actor, app: &App) -> Event {
    Event::new(kind, actor, app.now(), app.rng()).detail("client", id.as_str())
}
