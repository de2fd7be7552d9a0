//! What one connection may cost: how long it may go without asking for anything, and how much it may ask for at once.
//!
//! The framework's own deadline for headers covers the first request of a connection alone. A client that sends one
//! good request and then a byte of the next now and then, or never reads its answer, or keeps an HTTP/2 connection
//! alive with pings, would stay for ever.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::net::{self, Shutdown};
use std::os::fd::AsFd as _;
use std::rc::{Rc, Weak};
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::http::{ConnectionType, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::{HttpResponse, ResponseError as _};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::core::Error;

/// How long a connection stays open between two requests: longer than balancers keep theirs (60 s), so that none sends
/// a request into a connection that is just being closed.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// From one request's answer to the next request, all of its headers and the reading of the answer included.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(80);
/// The same after a body that did not arrive in time: no more of it is waited for.
const AFTER_SLOW_BODY: Duration = Duration::from_secs(1);
/// How often a connection is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Requests under way on one connection; only HTTP/2 has more than one.
const AT_ONCE: u32 = 100;
/// Headers of one request, in number and bytes. HTTP/1 has such limits in its parser; HTTP/2's is 16 MiB.
const MOST_HEADERS: usize = 96;
const LARGEST_HEADERS: usize = 32 * 1024;

/// A connection's life, as its requests tell it.
struct Life {
    /// A second handle to the connection: closing it here ends it there.
    stream: net::TcpStream,
    under_way: Cell<u32>,
    /// When a request last began or ended.
    since: Cell<Instant>,
    /// How long it may go without a request.
    allowed: Cell<Duration>,
    watch: OnceCell<JoinHandle<()>>,
}

/// Starts to watch a new connection.
pub fn greet(io: &dyn Any, data: &mut Extensions) {
    let secure = io.downcast_ref::<TlsStream<TcpStream>>();
    let stream = io
        .downcast_ref::<TcpStream>()
        .or_else(|| secure.map(|stream| stream.get_ref().0));
    let Some(Ok(handle)) = stream.map(|stream| stream.as_fd().try_clone_to_owned()) else {
        return;
    };
    let life = Rc::new(Life {
        stream: handle.into(),
        under_way: Cell::new(0),
        since: Cell::new(Instant::now()),
        allowed: Cell::new(BETWEEN_REQUESTS),
        watch: OnceCell::new(),
    });
    let watch = actix_web::rt::spawn(watch(Rc::downgrade(&life)));
    life.watch.set(watch).ok();
    data.insert(life);
}

async fn watch(life: Weak<Life>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(life) = life.upgrade() else { return };
        if life.is_over() {
            life.end();
            return;
        }
    }
}

impl Life {
    fn is_over(&self) -> bool {
        self.under_way.get() == 0 && self.since.get().elapsed() > self.allowed.get()
    }

    fn end(&self) {
        self.stream.shutdown(Shutdown::Both).ok();
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.get() {
            watch.abort();
        }
    }
}

/// A request under way.
struct UnderWay(Rc<Life>);

impl UnderWay {
    fn begin(life: &Rc<Life>) -> Self {
        life.under_way.set(life.under_way.get() + 1);
        Self(Rc::clone(life))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get() - 1);
        self.0.since.set(Instant::now());
    }
}

/// Tells the connection of each of its requests, and answers those that are too many or too large.
///
/// # Errors
/// Those of the handler.
pub async fn bound<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    // A request that came without a network has no connection.
    let life = request.request().conn_data::<Rc<Life>>().cloned();
    let _under_way = life.as_ref().map(UnderWay::begin);
    if life
        .as_ref()
        .is_some_and(|life| life.under_way.get() > AT_ONCE)
    {
        let error = Error::Throttled {
            reason: "Too many requests on one connection",
            retry_after: Duration::from_secs(1),
        };
        let mut response = error.error_response();
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        return Ok(request.into_response(response).map_into_right_body());
    }
    let http_2 = request.version() == Version::HTTP_2;
    if http_2 && !fits(&request) {
        let response = HttpResponse::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        return Ok(request.into_response(response).map_into_right_body());
    }
    let mut response = next.call(request).await?;
    // The rest of a chunked body would be read and thrown away for as long as it drips.
    if response.status() == StatusCode::REQUEST_TIMEOUT && !http_2 {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
        if let Some(life) = life {
            life.allowed.set(AFTER_SLOW_BODY);
        }
    }
    Ok(response.map_into_left_body())
}

fn fits(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let bytes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    headers.len() <= MOST_HEADERS && bytes.sum::<usize>() <= LARGEST_HEADERS
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    #[actix_web::test]
    async fn a_connection_ends_when_nothing_is_under_way_and_its_time_is_over() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let mut data = Extensions::new();
        greet(&server, &mut data);
        let life = data.get::<Rc<Life>>().unwrap();
        assert!(!life.is_over());
        let working = UnderWay::begin(life);
        life.allowed.set(Duration::ZERO);
        assert!(!life.is_over(), "a request under way is not cut off");
        drop(working);
        assert!(life.is_over());
        life.end();
        assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    }
}
