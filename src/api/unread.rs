//! What a handler reads of a request once its caller is known; nothing of it is looked at before.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;

use crate::core::error::Place;
use crate::core::{Error, Result};
use crate::web::body::{LARGEST_TEMPLATE, List};
use crate::web::{Body, Fields};

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// A request of which only the caller was looked at.
pub struct Unread {
    request: HttpRequest,
    payload: Payload,
}

impl Unread {
    /// The variable part of the path.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none that could be.
    pub fn id<T: FromStr<Err = Error>>(&self) -> Result<T> {
        self.segment("id")?
            .parse()
            .map_err(|error: Error| error.at(Place::Path))
    }

    /// The variable part of this name, which is not the first of its path.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none that could be.
    pub fn named<T: FromStr<Err = Error>>(&self, name: &'static str) -> Result<T> {
        self.segment(name)?.parse().map_err(|error| match error {
            Error::Invalid { reason, .. } => Error::invalid_path(name, reason),
            other => other,
        })
    }

    /// The variable part of this name, percent-decoded once and strictly, as the router decodes laxly.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not UTF-8.
    pub fn segment(&self, name: &'static str) -> Result<String> {
        let not_text = || Error::invalid_path(name, "must be percent-encoded UTF-8");
        percent_decode_str(self.request.uri().path())
            .decode_utf8()
            .map_err(|_| not_text())?;
        let part = self.request.match_info().get(name).unwrap_or_default();
        percent_decode_str(part)
            .decode_utf8()
            .map(String::from)
            .map_err(|_| not_text())
    }

    /// The parameters of the query string, to be taken like the fields of a form.
    ///
    /// # Errors
    /// [`Error::Invalid`] when one comes twice.
    pub fn query(&self) -> Result<Fields> {
        Fields::form(self.request.query_string().as_bytes()).map_err(|error| error.at(Place::Query))
    }

    /// The `Idempotency-Key`, if there is one.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none that could be.
    pub fn idempotency_key(&self) -> Result<Option<String>> {
        let mut values = self.request.headers().get_all(IDEMPOTENCY_KEY);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let key = value.as_bytes();
        let plain = (1..=255).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
        if !plain || values.next().is_some() {
            let reason = "must be one key of 1 to 255 visible ASCII characters";
            return Err(Error::invalid(IDEMPOTENCY_KEY, reason).at(Place::Header));
        }
        Ok(Some(String::from_utf8_lossy(key).into_owned()))
    }

    /// The objects of a body that is a JSON array.
    ///
    /// # Errors
    /// As [`List`].
    pub async fn list(mut self) -> Result<Vec<Fields>> {
        List::from_request(&self.request, &mut self.payload)
            .await
            .map(|List(items)| items)
    }

    /// The fields of a body that carries a page or a mail.
    ///
    /// # Errors
    /// As [`Body`].
    pub async fn template_body(mut self) -> Result<Fields> {
        Body::up_to(LARGEST_TEMPLATE, &self.request, &mut self.payload)
            .await
            .map(|Body(fields)| fields)
    }

    /// The fields of the body.
    ///
    /// # Errors
    /// As [`Body`].
    pub async fn body(mut self) -> Result<Fields> {
        Body::from_request(&self.request, &mut self.payload)
            .await
            .map(|Body(fields)| fields)
    }
}

impl FromRequest for Unread {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            request: request.clone(),
            payload: payload.take(),
        }))
    }
}
