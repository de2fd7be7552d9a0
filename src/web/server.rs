//! The whole of the HTTP edge: state, middleware in its order, routes. The server and the tests begin here.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::Data;

use super::{App, headers, request, routes};

/// The application that a worker of the server runs.
pub fn entry(
    app: Data<App>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    actix_web::App::new()
        .app_data(app)
        .wrap(from_fn(headers::secure))
        .wrap(from_fn(request::observe))
        .configure(routes::configure)
}
