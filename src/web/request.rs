//! One span and one log line a request, with ids and never a query string.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use tracing::Instrument as _;

use super::App;
use super::resource::counted;
use crate::core::{Actor, AttemptId, ClientId, EnrollmentId, Error, LoginId, RequestId};
use crate::store::with_one_deadline;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer addresses are refused: none of ours comes near.
const LONGEST_URI: usize = 4096;

/// What is known of a request from the start: its id, and where it comes from.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its name, in its answer and in the log.
    pub id: RequestId,
    /// The address of the client.
    pub ip: Option<IpAddr>,
}

impl Seen {
    /// An API client as the cause of events.
    pub fn client(&self, id: &ClientId) -> Actor {
        Actor::client(id, self.ip, self.id.clone())
    }

    /// An attempt as the cause of events.
    pub fn attempt(&self, id: &AttemptId) -> Actor {
        Actor::attempt(id, self.ip, self.id.clone())
    }

    /// A login as the cause of events.
    pub fn login(&self, id: &LoginId) -> Actor {
        Actor::login(id, self.ip, self.id.clone())
    }

    /// A phone as the cause of events.
    pub fn device(&self, id: &EnrollmentId) -> Actor {
        Actor::device(id, self.ip, self.id.clone())
    }

    /// What [`observe`] noted of this request.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }
}

impl FromRequest for Seen {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let seen = Self::of(request)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("the request was not observed")));
        std::future::ready(seen)
    }
}

/// The outermost middleware: names the request and logs one line.
///
/// # Errors
/// Those of the handler.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let app = request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("no state")))?;
    let started = tokio::time::Instant::now();
    let id = RequestId::new(app.now(), app.rng());
    let peer = request.peer_addr().map(|peer| peer.ip());
    let ip = peer.map(|peer| app.proxies.client(peer, request.headers()));
    request.extensions_mut().insert(Seen { id: id.clone(), ip });
    let method = request.method().clone();
    let span = tracing::info_span!("http", request_id = %id);
    let answered = with_one_deadline(next.call(request)).instrument(span).await;
    let status = match &answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let seconds = started.elapsed().as_secs_f64();
    let request = answered.as_ref().ok().map(ServiceResponse::request);
    let route = match request {
        Some(request) => counted(request, &app.metrics),
        None => app.metrics.unrouted(),
    };
    route.answered(&method, status, seconds);
    let client = request.and_then(|request| request.extensions().get::<ClientId>().cloned());
    tracing::info!(
        target: "tessera::access",
        request_id = %id,
        method = %method,
        route = route.pattern(),
        status = status.as_u16(),
        millis = seconds * 1e3,
        client_id = client.as_ref().map(ClientId::as_str),
        "request"
    );
    answered.map(|mut response| {
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    })
}

/// The innermost middleware of each scope: refuses what no route takes, so that the scope's face tells it.
///
/// # Errors
/// Those of the handler.
pub async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let refused = if request.headers().contains_key(CONTENT_ENCODING) {
        Some(Error::UnsupportedMedia(
            "a body is taken as it is, without Content-Encoding",
        ))
    } else if request
        .uri()
        .path_and_query()
        .is_some_and(|uri| uri.as_str().len() > LONGEST_URI)
    {
        Some(Error::Unreadable("the address is too long".into()))
    } else {
        None
    };
    match refused {
        Some(error) => Ok(request.error_response(error)),
        None => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}
