//! The pages a person sees, one file per screen family.

mod authenticate;
mod authenticator;
mod choose;
mod cookies;
mod done;
mod frame;
pub mod host;
mod language;
mod link;
mod otp;
mod phone;
mod push;
mod recovery_code;
mod result;
mod session;
mod spend;
mod webauthn;

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{self, post};

use crate::core::{Error, urls};
use crate::views::Sample;
use crate::web::resource::{get, resource};
use crate::web::{able, request, throttle};

/// The enroll pages, and the page for whatever there is not.
pub fn routes() -> impl HttpServiceFactory {
    web::scope("")
        .wrap(from_fn(able::check))
        .wrap(from_fn(host::check))
        .wrap(from_fn(request::refuse))
        .wrap(from_fn(throttle::pages))
        .wrap(from_fn(host::upgrade))
        .wrap(from_fn(result::face))
        .service(
            resource(urls::ENROLL, "GET, HEAD, POST")
                .route(get().to(link::open))
                .route(post().to(choose::post)),
        )
        .service(resource(urls::CHOOSE, "GET, HEAD").route(get().to(choose::get)))
        .service(
            resource(urls::OTP, "GET, HEAD, POST")
                .route(get().to(otp::get))
                .route(post().to(otp::post)),
        )
        .service(webauthn::routes())
        .service(
            resource(urls::PUSH, "GET, HEAD, POST")
                .route(get().to(push::get))
                .route(post().to(push::post)),
        )
        .service(resource(urls::PUSH_STATE, "GET, HEAD").route(get().to(push::state)))
        .configure(authenticator::configure)
        .service(
            resource(urls::PHONE, "GET, HEAD, POST")
                .route(get().to(phone::get))
                .route(post().to(phone::post)),
        )
        .service(
            resource(urls::PHONE_CODE, "GET, HEAD, POST")
                .route(get().to(phone::code))
                .route(post().to(phone::prove)),
        )
        .service(resource(urls::PHONE_RESEND, "POST").route(post().to(phone::resend)))
        .service(
            resource(urls::RECOVERY_CODE, "GET, HEAD, POST")
                .route(get().to(recovery_code::get))
                .route(post().to(recovery_code::post)),
        )
        .service(
            resource(urls::RECOVERY_CODE_DOWNLOAD, "GET, HEAD")
                .route(get().to(recovery_code::download)),
        )
        .service(
            resource(urls::DONE, "GET, HEAD, POST")
                .route(get().to(done::get))
                .route(post().to(done::post)),
        )
        .service(authenticate::routes())
        .default_service(web::to(nothing_here))
}

async fn nothing_here() -> Result<String, Error> {
    Err(Error::NotFound {
        code: "not_found",
        message: "There is nothing here.",
    })
}

/// One rendered example of each page in each of its states: they are checked, previewed and snapshot-tested.
pub fn samples() -> Vec<Sample> {
    let screens = [
        frame::samples::<choose::Choose>(),
        frame::samples::<otp::Otp>(),
        frame::samples::<webauthn::Roaming>(),
        frame::samples::<webauthn::Platform>(),
        frame::samples::<push::PushNotification>(),
        frame::samples::<authenticator::Authenticator>(),
        frame::samples::<phone::PhoneNumber>(),
        frame::samples::<phone::PhoneCode>(),
        frame::samples::<recovery_code::Recovery>(),
        frame::samples::<done::Done>(),
        frame::samples::<result::Outcome>(),
    ];
    let screens = screens.into_iter().flatten();
    screens.chain(authenticate::samples()).collect()
}
