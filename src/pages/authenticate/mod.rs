//! Authenticating: a person proves a factor that they have, before they add another, or because an application asks. The
//! same frame, without a ticket.

mod authorize;
mod choose;
mod fresh_code;
mod leave;
mod otp;
mod phone;
mod prove;
mod prover;
mod push;
mod recovery_code;
mod stopped;
mod webauthn;

use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::web::post;

use self::prover::Prover;
use crate::core::{Result, urls};
use crate::factors::Factor;
use crate::store::Enrollment;
use crate::views::Sample;
use crate::web::resource::{get, resource};

/// The pages.
pub fn routes() -> impl HttpServiceFactory {
    (
        resource(urls::AUTHENTICATE, "GET, HEAD").route(get().to(first)),
        resource(urls::AUTHENTICATE_CHOOSE, "GET, HEAD").route(get().to(choose::get)),
        resource(urls::AUTHENTICATE_OTP, "GET, HEAD, POST")
            .route(get().to(otp::get))
            .route(post().to(otp::post)),
        resource(urls::AUTHENTICATE_PHONE, "GET, HEAD, POST")
            .route(get().to(phone::get))
            .route(post().to(phone::post)),
        resource(urls::AUTHENTICATE_PHONE_SEND, "POST").route(post().to(phone::send)),
        resource(urls::AUTHENTICATE_PUSH, "GET, HEAD, POST")
            .route(get().to(push::get))
            .route(post().to(push::post)),
        resource(urls::AUTHENTICATE_PUSH_STATE, "GET, HEAD").route(get().to(push::state)),
        webauthn::routes(),
        resource(urls::AUTHENTICATE_RECOVERY_CODE, "GET, HEAD, POST")
            .route(get().to(recovery_code::get))
            .route(post().to(recovery_code::post)),
        login_routes(),
    )
}

/// What logins have beside them.
fn login_routes() -> impl HttpServiceFactory {
    (
        resource(urls::AUTHENTICATE_FRESH_CODE, "GET, HEAD, POST")
            .route(get().to(fresh_code::get))
            .route(post().to(fresh_code::post)),
        resource(urls::AUTHENTICATE_FRESH_CODE_DOWNLOAD, "GET, HEAD")
            .route(get().to(fresh_code::download)),
        resource(urls::AUTHENTICATE_FINISH, "GET, HEAD").route(get().to(leave::finish)),
        resource(urls::AUTHENTICATE_CANCEL, "POST").route(post().to(leave::cancel)),
        resource(urls::AUTHORIZE, "GET, HEAD").route(get().to(authorize::get)),
    )
}

/// One rendered example of each page in each of its states.
pub fn samples() -> impl Iterator<Item = Sample> {
    use super::frame::samples;
    let screens = [
        samples::<choose::Choose>(),
        samples::<otp::Otp>(),
        samples::<phone::Phone>(),
        samples::<push::Push>(),
        samples::<webauthn::Roaming>(),
        samples::<webauthn::Platform>(),
        samples::<recovery_code::RecoveryCode>(),
        samples::<fresh_code::FreshCode>(),
        samples::<stopped::Stopped>(),
    ];
    screens.into_iter().flatten()
}

/// The page of a factor.
fn page_of(factor: Factor) -> &'static str {
    match factor {
        Factor::Otp => urls::AUTHENTICATE_OTP,
        Factor::Phone => urls::AUTHENTICATE_PHONE,
        Factor::PushNotification => urls::AUTHENTICATE_PUSH,
        Factor::WebauthnRoaming => urls::AUTHENTICATE_ROAMING,
        Factor::WebauthnPlatform => urls::AUTHENTICATE_PLATFORM,
    }
}

/// What a person can prove here.
struct Ways {
    enrollments: Vec<Enrollment>,
    factors: Vec<Factor>,
}

impl Ways {
    /// The user's factors that are switched on, the one that was used last first, then the stronger ones.
    async fn of(session: &Prover) -> Result<Self> {
        let mut read = session.app.store.begin_lookup().await?;
        let user_id = &session.user_id;
        let mut enrollments = read.enrollments_of(user_id).await?;
        enrollments.retain(|found| found.status == "confirmed");
        let switches = &session.switches;
        let last_used = |factor: &Factor| {
            let of_it = enrollments
                .iter()
                .filter(|found| found.factor == factor.name());
            of_it
                .map(|found| found.last_auth_at.unwrap_or_default())
                .max()
        };
        let known = Factor::ALL
            .into_iter()
            .filter(|factor| switches.allows(*factor));
        let mut factors: Vec<(Factor, i64)> = known
            .filter_map(|factor| last_used(&factor).map(|at| (factor, at)))
            .collect();
        // Stable: those that were never used stay in the order of their strength.
        factors.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        Ok(Self {
            factors: factors.into_iter().map(|(factor, _)| factor).collect(),
            enrollments,
        })
    }

    /// The user's enrollments of a factor, the one that was used last first; none if it can't be proved here.
    fn of_factor(self, factor: Factor) -> Vec<Enrollment> {
        if !self.factors.contains(&factor) {
            return Vec::new();
        }
        let mut found = self.enrollments;
        found.retain(|found| found.factor == factor.name());
        found.sort_by_key(|found| std::cmp::Reverse(found.last_auth_at.unwrap_or_default()));
        found
    }
}

/// `GET /guardian/authenticate`: goes on with the factor that was used last.
///
/// # Errors
/// Of the session or the database.
async fn first(session: Prover) -> Result<HttpResponse> {
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let ways = Ways::of(&session).await?;
    let enrolls = session
        .login()
        .is_some_and(|login| login.opened.login.ticket_id.is_some());
    if enrolls && ways.enrollments.is_empty() {
        return Ok(session.redirect(urls::ENROLL));
    }
    let page = ways.factors.first().map(|factor| page_of(*factor));
    Ok(session.redirect(page.unwrap_or(urls::AUTHENTICATE_RECOVERY_CODE)))
}
