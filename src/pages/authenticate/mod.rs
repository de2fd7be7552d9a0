//! Authenticating: a person proves a factor that they have, before they add another. The same frame, without a ticket.

mod choose;
mod otp;
mod phone;
mod prove;
mod push;
mod recovery_code;
mod webauthn;

use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::web::post;

use super::session::Session;
use crate::core::{Result, urls};
use crate::factors::Factor;
use crate::store::Enrollment;
use crate::tickets::Phase;
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
    async fn of(session: &Session) -> Result<Self> {
        let mut read = session.app.store.begin_read().await?;
        let user_id = &session.opened.ticket.user_id;
        let mut enrollments = read.enrollments_of(user_id).await?;
        enrollments.retain(|found| found.status == "confirmed");
        let switches = session.opened.switches(session.app.available);
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

/// Whether there is something to prove; if not, the attempt goes on elsewhere.
fn is_proving(session: &Session) -> bool {
    session.admission.phase == Phase::Proving
}

/// `GET /guardian/authenticate`: goes on with the factor that was used last.
///
/// # Errors
/// Of the session or the database.
async fn first(session: Session) -> Result<HttpResponse> {
    if !is_proving(&session) {
        return Ok(session.redirect(session.next()));
    }
    let ways = Ways::of(&session).await?;
    let page = ways.factors.first().map(|factor| page_of(*factor));
    Ok(session.redirect(page.unwrap_or(urls::AUTHENTICATE_RECOVERY_CODE)))
}
