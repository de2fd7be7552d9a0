//! Enrollments, seen by a back end (contract §2.1, §2.2).

use std::str::FromStr;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::unread::Unread;
use super::user_body::UserIdText;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::{EnrollmentId, Error, Result, Timestamp, UserId};
use crate::factors::Factor;
use crate::store;
use crate::users::reset;
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

/// `dev_…`, or with the type of the method before it: `totp|dev_…`.
struct MethodId {
    kind: Option<String>,
    id: EnrollmentId,
}

const KINDS: [&str; 8] = [
    "totp",
    "sms",
    "voice",
    "push",
    "email",
    "recovery-code",
    "webauthn-roaming",
    "webauthn-platform",
];

impl FromStr for MethodId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let Some((kind, id)) = text.split_once('|') else {
            let id = text.parse()?;
            return Ok(Self { kind: None, id });
        };
        if !KINDS.contains(&kind) {
            let reason = format!(
                "begins with dev_, or with one of {} and |",
                KINDS.join(", ")
            );
            return Err(Error::invalid_path("id", reason));
        }
        Ok(Self {
            kind: Some(kind.to_owned()),
            id: id.parse()?,
        })
    }
}

impl MethodId {
    /// Whether the prefix, if there is one, fits the enrollment.
    fn fits(&self, found: &store::Enrollment) -> bool {
        let kind = kind_of(&found.factor);
        let voice = |asked: &str| asked == "voice" && kind == "sms";
        self.kind
            .as_deref()
            .is_none_or(|asked| asked == kind || voice(asked))
    }
}

fn kind_of(factor: &str) -> &str {
    Factor::from_str(factor).map_or(factor, |factor| factor.method_type())
}

/// Shows an enrollment.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/guardian/enrollments/{id}", tag = "Enrollments", operation_id = "get_enrollment",
    description = "Needs `read:guardian_enrollments`.",
    params(("id" = String, Path, description = "`dev_…`, or with its type before it: `totp|dev_…`", pattern = r"^((totp|sms|voice|push|email|recovery-code|webauthn-roaming|webauthn-platform)\|)?dev_[0-9a-f]{32}$")),
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
    let found = found.filter(|found| id.fits(found));
    Ok(ok(&enrollment(&found.ok_or_else(Error::no_enrollment)?)))
}

/// Removes an enrollment; with a user's last one goes the recovery code.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    delete, path = "/api/v2/guardian/enrollments/{id}", tag = "Enrollments", operation_id = "delete_enrollment",
    description = "Needs `delete:guardian_enrollments`.",
    params(("id" = String, Path, description = "`dev_…`, or with its type before it: `totp|dev_…`", pattern = r"^((totp|sms|voice|push|email|recovery-code|webauthn-roaming|webauthn-platform)\|)?dev_[0-9a-f]{32}$")),
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
    if !found.is_some_and(|found| id.fits(&found)) {
        return Err(Error::no_enrollment());
    }
    reset::remove_enrollment(&app.store, &id.id, &actor, app.now(), app.rng()).await?;
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
