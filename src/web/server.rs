//! The HTTP server, as it runs and as the tests run it.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};

use super::{App, headers, request, routes};

/// A client that takes longer to send its headers is let go.
pub(super) const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// What is under way when the server stops has this long to end, in seconds.
const DRAIN_SECONDS: u64 = 20;

/// Serves `app` on these listeners, with TLS if it has a certificate, until it is stopped; `workers` of `None` is one a core.
///
/// # Errors
/// When a listener cannot be used.
pub fn start(
    app: web::Data<App>,
    listeners: Vec<TcpListener>,
    workers: Option<usize>,
) -> std::io::Result<Server> {
    let tls = app.tls.clone();
    let mut server = HttpServer::new(move || entry(app.clone()))
        .client_request_timeout(HEADERS_WITHIN)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals();
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    for listener in listeners {
        server = match &tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls.server_config()?)?,
            None => server.listen(listener)?,
        };
    }
    Ok(server.run())
}

/// The application that each worker runs: state, middleware in its order, routes.
pub fn entry(
    app: web::Data<App>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + 'static>,
        Error = actix_web::Error,
        InitError = (),
    > + 'static,
> {
    let development = app.development;
    actix_web::App::new()
        .app_data(app)
        .wrap(from_fn(headers::secure))
        .wrap(from_fn(request::observe))
        .configure(|config| {
            if development {
                routes::metrics(config);
            }
        })
        .configure(routes::configure)
}
