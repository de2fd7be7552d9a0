//! `http.admin_listen`: what is for those who run the server, on an address of its own.

use std::net::TcpListener;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};

use super::{App, headers, request, routes};

/// Serves metrics and health on this listener until it is stopped.
///
/// # Errors
/// When the listener cannot be used.
pub fn start(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || entry(app.clone()))
        .workers(1)
        .client_request_timeout(super::server::HEADERS_WITHIN)
        .shutdown_timeout(1)
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// The application behind the admin's listener.
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
    actix_web::App::new()
        .app_data(app)
        .wrap(from_fn(headers::secure))
        .wrap(from_fn(request::observe))
        .configure(routes::health)
        .configure(routes::metrics)
}
