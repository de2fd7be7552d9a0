//! Why the MFA API does not do it: the words that Auth0's libraries compare (contract §5.3).

use std::time::Duration;

use actix_web::http::StatusCode;

use crate::core::{Error, Refusal, Timestamp};
use crate::factors::phone::Held;
use crate::logins::Verified;
use crate::oidc::error::OAuthError;
use crate::store::Login;
use crate::tickets::Redeemed;
use crate::web::App;

/// Something is missing, or contradicts itself.
pub fn invalid_request(description: impl Into<String>) -> OAuthError {
    OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", description)
}

/// It was good, and is no more.
pub fn expired(what: &str) -> OAuthError {
    let description = format!("{what} is expired");
    OAuthError::new(StatusCode::UNAUTHORIZED, "expired_token", description)
}

/// It never was an `mfa_token`.
pub fn malformed() -> OAuthError {
    let description = "Malformed mfa_token";
    OAuthError::new(StatusCode::UNAUTHORIZED, "invalid_grant", description)
}

/// The `mfa_token` is another client's.
pub fn foreign() -> OAuthError {
    invalid_request("mfa_token not issued to this client")
}

/// What the person shows is not it.
pub fn wrong(description: &'static str) -> OAuthError {
    OAuthError::new(StatusCode::FORBIDDEN, "invalid_grant", description)
}

/// The user has no authenticator that this API knows.
pub fn not_enrolled(error: &'static str) -> OAuthError {
    let description = "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.";
    OAuthError::new(StatusCode::UNAUTHORIZED, error, description)
}

/// The user has a factor, which a mere `mfa_token` does not prove.
pub fn already_enrolled() -> OAuthError {
    let description = "User is already enrolled.";
    OAuthError::new(StatusCode::FORBIDDEN, "access_denied", description)
}

/// Nothing is looked at, or sent, for so long.
pub fn too_many(description: &'static str, wait: Duration) -> OAuthError {
    let status = StatusCode::TOO_MANY_REQUESTS;
    OAuthError::new(status, "too_many_attempts", description).after(wait)
}

/// It is asked about too often.
pub fn slow_down(error: Error) -> actix_web::Error {
    let Error::Throttled { retry_after, .. } = error else {
        return error.into();
    };
    let description = "You are polling too fast: please wait before you repeat the request.";
    let status = StatusCode::BAD_REQUEST;
    OAuthError::new(status, "slow_down", description)
        .after(retry_after)
        .into()
}

/// Codes were asked for, or guessed, as often as one login may.
pub fn ended(login: &Login, now: Timestamp) -> OAuthError {
    let description = "Too many wrong codes: begin another login";
    too_many(description, login.expires_at.since(now))
}

/// No code can be sent to this number.
pub fn unreachable() -> OAuthError {
    let description = "No code can be sent to this number now; use another authenticator";
    OAuthError::new(StatusCode::FORBIDDEN, "access_denied", description)
}

/// The cost guard holds a message back.
pub fn why_held(app: &App, held: Held) -> OAuthError {
    app.metrics.text_refused(held.reason());
    match held {
        Held::TooSoon(wait) => too_many("The former code may still be on its way", wait),
        Held::Often(wait) => too_many("Too many codes were asked for", wait),
        Held::Paused | Held::Spent(_) => unreachable(),
    }
}

/// The back end blocked the user.
pub fn blocked() -> OAuthError {
    OAuthError::new(StatusCode::FORBIDDEN, "access_denied", "user is blocked")
}

/// What a user shows is not looked at.
pub fn why_refused(refused: &Verified) -> OAuthError {
    match refused {
        Verified::TooSoon(wait) | Verified::Stopped(wait) => {
            too_many("Too many wrong codes", *wait)
        }
        _ => blocked(),
    }
}

/// Why a factor is not added.
pub fn why_not_redeemed(redeemed: &Redeemed, login: &Login, now: Timestamp) -> OAuthError {
    match redeemed {
        Redeemed::TooSoon(wait) => too_many("Too many wrong codes", *wait),
        _ => ended(login, now),
    }
}

/// What the rules refuse in the words of this API.
pub fn over(error: Error) -> actix_web::Error {
    match error {
        Error::Refused(Refusal::AlreadyEnrolled) => already_enrolled().into(),
        Error::Refused(Refusal::NoMethod) => {
            let description = "This kind of authenticator is switched off";
            OAuthError::new(
                StatusCode::BAD_REQUEST,
                "unsupported_challenge_type",
                description,
            )
            .into()
        }
        // The user was blocked, or the login's ticket taken back, meanwhile; or its time is over.
        Error::Refused(_) => expired("mfa_token").into(),
        Error::NotFound { .. } => not_enrolled("unsupported_challenge_type").into(),
        other => other.into(),
    }
}
