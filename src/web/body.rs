//! Bodies: of limited size, and of the types that a route takes.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;

use super::Fields;
use crate::core::{Error, Result};

/// The largest body of the pages and of the management API, in bytes (H1).
const LARGEST: usize = 16 * 1024;

/// The largest body that carries a page or a mail, in bytes: programs that show mails cut off less than half of it.
pub const LARGEST_TEMPLATE: usize = 256 * 1024;

/// How long a body may take to arrive: 2 KiB a second is slower than any phone.
const WITHIN: Duration = Duration::from_secs(8);

/// The fields of a JSON or form body.
pub struct Body(pub Fields);

/// The objects of a JSON array.
pub struct List(pub Vec<Fields>);

/// The fields of a form, as the pages post it.
pub struct Form(pub Fields);

impl FromRequest for Body {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        Body::up_to(LARGEST, request, payload)
    }
}

impl Body {
    /// The same of at most so many bytes.
    pub fn up_to(
        most: usize,
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> <Self as FromRequest>::Future {
        let kind = media_type(request);
        let bytes = read(payload.take(), most);
        Box::pin(async move {
            match kind.as_str() {
                "application/json" => Fields::json(&bytes.await?).map(Self),
                "application/x-www-form-urlencoded" => Fields::form(&bytes.await?).map(Self),
                _ => Err(Error::UnsupportedMedia(
                    "send application/json or application/x-www-form-urlencoded",
                )),
            }
        })
    }
}

impl FromRequest for List {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = media_type(request);
        let bytes = read(payload.take(), LARGEST);
        Box::pin(async move {
            if kind != "application/json" {
                return Err(Error::UnsupportedMedia("send application/json"));
            }
            Fields::list(&bytes.await?).map(Self)
        })
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = media_type(request);
        let bytes = read(payload.take(), LARGEST);
        Box::pin(async move {
            if kind != "application/x-www-form-urlencoded" {
                return Err(Error::UnsupportedMedia(
                    "send the form as application/x-www-form-urlencoded",
                ));
            }
            Fields::form(&bytes.await?).map(Self)
        })
    }
}

/// The media type without its parameters, in lower case.
fn media_type(request: &HttpRequest) -> String {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// All of the body, within its own deadline: the one for headers does not cover it (H2).
async fn read(payload: Payload, most: usize) -> Result<Vec<u8>> {
    tokio::time::timeout(WITHIN, gather(payload, most))
        .await
        .unwrap_or(Err(Error::TooSlow))
}

async fn gather(mut payload: Payload, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::Unreadable("the body broke off".into()))?;
        if bytes.len() + chunk.len() > most {
            return Err(Error::TooLarge { most });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
