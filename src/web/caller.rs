//! The extractor that proves an API client.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};

use super::throttle::Told;
use super::{App, Seen};
use crate::access::{Caller, Scope};
use crate::core::{Actor, ClientId, Error, Result};
use crate::store::{Client, Event};

/// An API client that proved itself by its token, in this request.
pub struct ApiCaller {
    caller: Caller,
    seen: Seen,
}

impl ApiCaller {
    /// Lets through who has any of these scopes, and says who it is, for the events.
    ///
    /// # Errors
    /// [`Error::InsufficientScope`].
    pub fn allow(&self, any_of: &'static [Scope]) -> Result<Actor> {
        self.caller.require(any_of)?;
        Ok(self.seen.client(&self.caller.client_id))
    }

    /// Lets through who may do all that this client may.
    ///
    /// # Errors
    /// [`Error::InsufficientScope`].
    pub fn allow_all_of(&self, client: &Client) -> Result<()> {
        self.caller.require_all_of(client)
    }

    /// Which client it is.
    pub fn client_id(&self) -> &ClientId {
        &self.caller.client_id
    }
}

impl FromRequest for ApiCaller {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let seen = Seen::of(request);
        let token = bearer(request);
        let request = request.clone();
        Box::pin(async move {
            let (Some(app), Some(seen)) = (app, seen) else {
                return Err(Error::internal(anyhow::anyhow!(
                    "the request was not observed"
                )));
            };
            let caller = app.tokens.verify(&token?).await?;
            request.extensions_mut().insert(caller.client_id.clone());
            if !app.api_networks.admit(seen.ip) {
                let actor = seen.client(&caller.client_id);
                let event = Event::new("client.refused", &actor, app.now(), app.rng());
                app.store.record(&[event]).await?;
                return Err(Error::ForeignAddress);
            }
            if let Some(allowance) = app.limits.call(&caller.client_id) {
                request
                    .extensions_mut()
                    .insert(Told::new(allowance, app.now()));
                allowance.admit()?;
            }
            Ok(Self { caller, seen })
        })
    }
}

/// The token of the one Authorization header (RFC 6750 §2.1).
fn bearer(request: &HttpRequest) -> Result<String> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let Some(value) = values.next() else {
        return Err(Error::Unauthenticated("Missing authentication"));
    };
    let bad_format = || Error::Unreadable("Bad HTTP authentication header format".into());
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or_else(bad_format)?;
    let looks_like_jwt = token.split('.').count() == 3 && !token.contains(' ');
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") || !looks_like_jwt {
        return Err(bad_format());
    }
    Ok(token.to_owned())
}
