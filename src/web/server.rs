//! The application as the server and the tests run it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{Error, web};

use super::{App, headers, request, routes};

/// Every route, observed; the headers come last, so that a refusal has them too.
pub fn application(
    app: web::Data<App>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    actix_web::App::new()
        .app_data(app)
        .wrap(from_fn(request::observe))
        .wrap(from_fn(headers::secure))
        .configure(routes::configure)
}
