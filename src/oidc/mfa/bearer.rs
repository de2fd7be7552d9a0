//! Who calls the MFA API: whoever has the `mfa_token` of a login, or an access token that says what it may do.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;

use super::refusals::{blocked, expired, foreign, malformed};
use crate::access::mfa_tokens::{ENROLL, Found, MfaCaller};
use crate::core::{BearerSecret, ClientId, Digest, Error, Result, Timestamp, UserId};
use crate::logins::associate::{self, Desk};
use crate::oidc::client_auth;
use crate::oidc::error::OAuthError;
use crate::store::Login;
use crate::web::{App, Fields, Seen};

/// Who calls.
pub enum Bearer {
    /// Whoever goes on with this login.
    Login(Box<Login>),
    /// Whoever has this access token, of this digest.
    Token(MfaCaller, Digest),
}

impl Bearer {
    /// Who calls by the `Authorization` header.
    ///
    /// # Errors
    /// [`OAuthError`]; else of the database.
    pub async fn of(
        app: &App,
        seen: &Seen,
        request: &HttpRequest,
    ) -> Result<Self, actix_web::Error> {
        let mut values = request.headers().get_all(AUTHORIZATION);
        let Some(value) = values.next() else {
            return Err(Error::Unauthenticated("Missing authentication").into());
        };
        let token = value.to_str().ok().and_then(|value| value.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (Some((_, token)), None) = (token, values.next()) else {
            return Err(Error::Unreadable("Bad HTTP authentication header format".into()).into());
        };
        Self::named(app, seen, token).await
    }

    /// Who calls by this token: a call of its client, or one that its address tried in vain.
    ///
    /// # Errors
    /// [`OAuthError`], [`Error::Throttled`]; else of the database.
    pub async fn named(app: &App, seen: &Seen, token: &str) -> Result<Self, actix_web::Error> {
        match Self::find(app, token).await {
            Ok(bearer) => {
                let allowance = app.limits.call(bearer.client_id());
                allowance.map_or(Ok(()), |allowance| allowance.admit())?;
                let user = app
                    .store
                    .begin_lookup()
                    .await?
                    .user(bearer.user_id())
                    .await?;
                match user.ok_or_else(malformed)?.blocked {
                    true => Err(blocked().into()),
                    false => Ok(bearer),
                }
            }
            Err(refused) => {
                app.limits.token(seen.ip, "")?;
                Err(refused)
            }
        }
    }

    async fn find(app: &App, token: &str) -> Result<Self, actix_web::Error> {
        if let Some(secret) = BearerSecret::parse(token) {
            return Ok(Self::Login(Box::new(login(app, &secret.digest()).await?)));
        }
        if token.split('.').count() != 3 {
            return Err(malformed().into());
        }
        match app.tokens.verify_mfa(token).await? {
            Found::Good(caller) => Ok(Self::Token(caller, Digest::of(token.as_bytes()))),
            Found::Expired => Err(expired("mfa_token").into()),
            Found::None => Err(malformed().into()),
        }
    }

    /// Whose factors it is about.
    pub fn user_id(&self) -> &UserId {
        match self {
            Self::Login(login) => &login.user_id,
            Self::Token(caller, _) => &caller.user_id,
        }
    }

    /// On whose behalf.
    pub fn client_id(&self) -> &ClientId {
        match self {
            Self::Login(login) => &login.client_id,
            Self::Token(caller, _) => &caller.client_id,
        }
    }

    /// Lets through an access token with this scope; `mere` says whether the token of a login is enough.
    ///
    /// # Errors
    /// [`OAuthError`].
    pub fn require(&self, scope: &'static str, mere: bool) -> Result<(), OAuthError> {
        let may = match self {
            Self::Login(_) => mere,
            Self::Token(caller, _) => caller.may(scope),
        };
        if may {
            return Ok(());
        }
        let description = format!("Insufficient scope, expected any of: {scope}");
        Err(OAuthError::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            description,
        ))
    }

    /// The login in which a factor is added.
    ///
    /// # Errors
    /// [`OAuthError`]; else of the database.
    pub async fn adding(&self, desk: &Desk<'_>) -> Result<Login, actix_web::Error> {
        match self {
            Self::Login(login) => Ok(Login::clone(login)),
            Self::Token(caller, token) => {
                let found =
                    associate::login_of(desk, &caller.user_id, &caller.client_id, token).await?;
                is_on(&found, desk.now)?;
                Ok(found)
            }
        }
    }

    /// A client that names itself in the body is the one that the token was made for, and proves itself if it sends what does.
    ///
    /// # Errors
    /// [`OAuthError`]; else of the database.
    pub async fn check_client(
        &self,
        app: &App,
        seen: &Seen,
        request: &HttpRequest,
        fields: &mut Fields,
    ) -> Result<(), actix_web::Error> {
        let named = if fields.has("client_secret") || fields.has("client_assertion") {
            let client =
                client_auth::authenticate_in_body(app, seen, request, fields, "access_denied");
            Some(client.await?.client_id.to_string())
        } else {
            fields.string("client_id")?
        };
        match named {
            Some(named) if named != self.client_id().as_str() => Err(foreign().into()),
            _ => Ok(()),
        }
    }
}

/// The login of an `mfa_token` that whoever confirms a factor sends, in `POST /oauth/token`: one that goes on.
///
/// # Errors
/// [`OAuthError`]; else of the database.
pub async fn claimed(
    app: &App,
    token: &str,
    client_id: &ClientId,
) -> Result<Login, actix_web::Error> {
    let bearer = Bearer::find(app, token).await?;
    bearer.require(ENROLL, true)?;
    let login = match bearer {
        Bearer::Login(login) => *login,
        Bearer::Token(_, digest) => login(app, &digest).await?,
    };
    if login.client_id != *client_id {
        return Err(foreign().into());
    }
    Ok(login)
}

async fn login(app: &App, secret: &Digest) -> Result<Login, actix_web::Error> {
    let found = app
        .store
        .begin_lookup()
        .await?
        .login_by_secret(secret)
        .await?;
    let found = found.filter(|login| login.kind == "api");
    let found = found.ok_or_else(malformed)?;
    is_on(&found, app.now())?;
    Ok(found)
}

fn is_on(login: &Login, now: Timestamp) -> Result<(), OAuthError> {
    let waits = matches!(login.state.as_str(), "created" | "challenged");
    if waits && login.expires_at > now {
        Ok(())
    } else {
        Err(expired("mfa_token"))
    }
}
