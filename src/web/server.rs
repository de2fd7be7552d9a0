//! The HTTP server, as it runs and as the tests run it.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::num::NonZero;
use std::thread;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};

use super::preview::{self, Preview};
use super::{App, connection, headers, request, routes};

/// A client that takes longer to send its headers is let go.
pub(super) const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// So has a TLS handshake.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(5);
/// What an HTTP/2 client may send ahead: more than the largest body, little enough to be held for every connection.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Connections of one worker, however many files may be open: an idle one holds some 10 KiB.
const MOST_CONNECTIONS: usize = 10_000;
/// Open files that are kept for everything but connections: databases, templates, mail.
const OTHER_FILES: usize = 256;
/// A connection is held by the server and by what watches it.
const FILES_PER_CONNECTION: usize = 2;
/// What is under way when the server stops has this long to end, in seconds.
const DRAIN_SECONDS: u64 = 20;

/// Whom a listener is for.
#[derive(Debug, Clone, Copy)]
pub enum Door {
    /// Everybody.
    Public,
    /// Back ends.
    Api,
}

/// Serves `app` on these listeners, with TLS if it has a certificate, until it is stopped; `workers` of `None` is one a core.
///
/// # Errors
/// When a listener cannot be used.
pub fn start(
    app: web::Data<App>,
    listeners: Vec<TcpListener>,
    workers: Option<usize>,
    door: Door,
) -> std::io::Result<Server> {
    let tls = app.tls.clone();
    let workers = workers.map_or_else(thread::available_parallelism, |count| {
        NonZero::new(count).ok_or(ErrorKind::InvalidInput.into())
    })?;
    let connections = connections_per_worker(workers.get());
    let mut server = HttpServer::new(move || entry(app.clone(), door))
        .workers(workers.get())
        .max_connections(connections)
        // Clients that dawdle over their handshake must not keep others from theirs.
        .max_connection_rate(connections)
        .tls_handshake_timeout(HANDSHAKE_WITHIN)
        .client_request_timeout(HEADERS_WITHIN)
        .keep_alive(connection::KEEP_ALIVE)
        .h2_initial_window_size(STREAM_WINDOW)
        .h2_initial_connection_window_size(CONNECTION_WINDOW)
        .on_connect(connection::greet)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals();
    for listener in listeners {
        server = match &tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls.server_config()?)?,
            None => server.listen(listener)?,
        };
    }
    Ok(server.run())
}

/// As many as the open files allow: a server that runs out of them could not open its database either.
fn connections_per_worker(workers: usize) -> usize {
    let files = rlimit::Resource::NOFILE.get_soft().unwrap_or(1024);
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let spare = files.saturating_sub(OTHER_FILES) / FILES_PER_CONNECTION;
    (spare / workers).clamp(1, MOST_CONNECTIONS)
}

/// The application that each worker runs: state, middleware in its order, routes.
pub fn entry(
    app: web::Data<App>,
    door: Door,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + 'static>,
        Error = actix_web::Error,
        InitError = (),
    > + 'static,
> {
    let api_apart = app.api_apart;
    let preview = app.development.then(|| Preview::of(&app));
    actix_web::App::new()
        .app_data(app)
        .wrap(from_fn(connection::bound))
        .wrap(from_fn(headers::secure))
        .wrap(from_fn(request::observe))
        .configure(|config| {
            if let Some(preview) = preview {
                routes::metrics(config);
                preview::configure(config, web::Data::new(preview));
            }
        })
        .configure(|config| match door {
            Door::Public => routes::configure(config, api_apart),
            Door::Api => routes::api(config),
        })
}
