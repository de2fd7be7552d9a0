//! Enrollments, seen by a back end (contract §2.1, §2.2).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::method_id::{MethodId, MethodIdText, kind_of};
use super::unread::Unread;
use super::user_body::UserIdText;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::{Error, Result, Timestamp, UserId};
use crate::factors::phone;
use crate::logins::browsers;
use crate::store;
use crate::users::{recovery, reset};
use crate::web::{ApiCaller, App};

/// An enrollment.
#[derive(Serialize, ToSchema)]
pub struct Enrollment {
    /// `dev_…`
    id: String,
    /// `pending` or `confirmed`.
    status: String,
    /// What its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Of a phone: its last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolled_at: Option<String>,
    /// When it was used last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_auth: Option<String>,
}

/// An enrollment in a user's list.
#[derive(Serialize, ToSchema)]
pub struct UserEnrollment {
    #[serde(flatten)]
    enrollment: Enrollment,
    /// The kind of factor, as the id's prefix has it.
    #[serde(rename = "type")]
    kind: String,
    /// `authenticator`, `guardian`, `sms`, `webauthn-platform` or `webauthn-roaming`.
    auth_method: String,
}

/// Shows an enrollment.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/enrollments/{id}", tag = "Enrollments", operation_id = "get_enrollment",
    description = "Needs `read:guardian_enrollments`.",
    params(("id" = MethodIdText, Path, description = "`dev_…`, or with its type before it: `totp|dev_…`")),
    responses(
        (status = 200, description = "The enrollment", body = Enrollment),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_enrollment`", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_ENROLLMENTS])?;
    let id: MethodId = request.id()?;
    let found = app.store.begin_read().await?.enrollment(&id.id).await?;
    let found = found.filter(|found| id.fits(&found.factor));
    Ok(ok(&enrollment(&found.ok_or_else(Error::no_enrollment)?)))
}

/// Removes an enrollment; with a user's last one goes the recovery code.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/guardian/enrollments/{id}", tag = "Enrollments", operation_id = "delete_enrollment",
    description = "Needs `delete:guardian_enrollments`.",
    params(("id" = MethodIdText, Path, description = "`dev_…`, or with its type before it: `totp|dev_…`")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_enrollment`", body = ErrorBody),
    )
)]
pub async fn remove(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_ENROLLMENTS])?;
    let id: MethodId = request.id()?;
    let found = app.store.begin_read().await?.enrollment(&id.id).await?;
    if !found.is_some_and(|found| id.fits(&found.factor)) {
        return Err(Error::no_enrollment());
    }
    reset::remove_enrollment(&app.store, &id.id, &actor, app.now(), app.rng()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes all of a user's enrollments and the recovery code: the person starts over.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/users/{id}/authenticators", tag = "Users", operation_id = "delete_authenticators",
    description = "Needs `delete:guardian_enrollments`. Everything that the user enrolled is removed, the recovery code too, and wrong proofs are forgotten.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    responses(
        (status = 204, description = "The user has no factor now"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn remove_all(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::DELETE_ENROLLMENTS])?;
    let id: UserId = request.id()?;
    reset::reset(&app.store, &id, &actor, app.now(), app.rng()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A fresh recovery code.
#[derive(Serialize, ToSchema)]
pub struct FreshRecoveryCode {
    /// 24 upper-case letters and digits. It is told this once; the former one is dead.
    #[schema(pattern = "^[A-Z0-9]{24}$")]
    recovery_code: String,
}

/// Gives a user a fresh recovery code in place of any other.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/users/{id}/recovery-code-regeneration", tag = "Users", operation_id = "regenerate_recovery_code",
    description = "Needs `update:users`. A mail tells the user.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    responses(
        (status = 200, description = "The code", body = FreshRecoveryCode),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user`, or `inexistent_enrollment` for a user without a factor", body = ErrorBody),
        (status = 409, description = "`recovery_code_disabled`: recovery codes are switched off", body = ErrorBody),
    )
)]
pub async fn regenerate(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_USERS])?;
    let id: UserId = request.id()?;
    if !app.switches.get().await?.is_on("recovery-code") {
        return Err(Error::Conflict {
            code: "recovery_code_disabled",
            message: "Recovery codes are switched off.",
        });
    }
    let code = recovery::regenerate(&app.store, &id, &actor, app.now(), app.rng()).await?;
    app.outbox_bell.notify_one();
    Ok(ok(&FreshRecoveryCode {
        recovery_code: code.expose().to_owned(),
    }))
}

/// Has each browser that a user had remembered ask for a second factor again.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/users/{id}/multifactor/actions/invalidate-remember-browser", tag = "Users",
    operation_id = "invalidate_remember_browser",
    description = "Needs `update:users`.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    responses(
        (status = 204, description = "No browser of the user is remembered"),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn forget_browsers(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_USERS])?;
    let id: UserId = request.id()?;
    browsers::forget(&app.store, &id, &actor, app.now(), app.rng()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists a user's enrollments, the oldest first.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/users/{id}/enrollments", tag = "Users", operation_id = "get_user_enrollments",
    description = "Needs `read:users`.",
    params(("id" = UserIdText, Path, description = "The user's id, percent-encoded")),
    responses(
        (status = 200, description = "The enrollments", body = Vec<UserEnrollment>),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_user`", body = ErrorBody),
    )
)]
pub async fn of_user(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_USERS])?;
    let id: UserId = request.id()?;
    let mut read = app.store.begin_read().await?;
    read.user(&id).await?.ok_or_else(Error::no_user)?;
    let found = read.enrollments_of(&id).await?;
    let list: Vec<UserEnrollment> = found.iter().map(of_list).collect();
    Ok(ok(&list))
}

fn enrollment(found: &store::Enrollment) -> Enrollment {
    let iso = |millis: Option<i64>| millis.map(|millis| Timestamp::from_millis(millis).to_iso());
    Enrollment {
        id: found.enrollment_id.to_string(),
        status: found.status.clone(),
        name: found.name.clone(),
        phone_number: serde_json::from_str(&found.facts)
            .ok()
            .and_then(|facts| phone::masked(&facts)),
        enrolled_at: iso(found.enrolled_at),
        last_auth: iso(found.last_auth_at),
    }
}

fn of_list(found: &store::Enrollment) -> UserEnrollment {
    let kind = kind_of(&found.factor);
    let auth_method = match kind {
        "totp" => "authenticator",
        "push" => "guardian",
        other => other,
    };
    UserEnrollment {
        auth_method: auth_method.to_owned(),
        kind: kind.to_owned(),
        enrollment: enrollment(found),
    }
}
