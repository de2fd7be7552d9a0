//! The phone: which number, how the code gets there, and the code that proves it.

mod screens;
mod sending;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::frame::FormError;
use super::session::Session;
use super::spend::spend;
use crate::access::Attempt;
use crate::core::{Result, urls};
use crate::factors::phone::{self, Channel, Code, Number, Sent};
use crate::factors::{Factor, Proof, Wrong};
use crate::tickets::Redeemed;
use crate::web::body::Form;

pub use screens::{PhoneCode, PhoneNumber};
pub use sending::why_held;
use sending::{Asked, ask, confirm, held_page, refused_page, sent};

/// What is typed and longer, in bytes, is not kept.
const LONGEST: usize = 64;

/// What the person typed into the form with the number.
#[derive(Default, Serialize, Deserialize)]
struct Typed {
    country: String,
    number: String,
    channel: Option<Channel>,
}

impl Typed {
    /// What was typed into the form before: to be read in another language, or to be mended.
    fn kept(attempt: &Attempt) -> Self {
        let kept = attempt.typed.as_deref();
        kept.and_then(|kept| serde_json::from_str(kept).ok())
            .unwrap_or_default()
    }

    /// Keeps it in the attempt, whose cookie has no room for what is longer than any number.
    fn keep(&self, attempt: &mut Attempt) {
        let fits = self.number.len() <= LONGEST && self.country.len() <= LONGEST;
        let written = fits.then(|| serde_json::to_string(self).ok());
        attempt.typed = written.flatten().map(Zeroizing::new);
    }
}

/// Whether this attempt may enroll a phone now; if not, it goes on elsewhere.
fn may_enroll(session: &Session) -> bool {
    session.admission.offered.contains(&Factor::Phone)
}

/// The channels that are on.
async fn channels(session: &Session) -> Result<Vec<Channel>> {
    let mut read = session.app.store.begin_read().await?;
    session.app.phone.channels(&mut read).await
}

/// `GET /guardian/enroll/phone`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Session) -> Result<HttpResponse> {
    if !may_enroll(&session) {
        return Ok(session.redirect(session.next()));
    }
    let channels = channels(&session).await?;
    if channels.is_empty() {
        return number_page(
            &session,
            &channels,
            &Typed::default(),
            StatusCode::CONFLICT,
            Some("phone-unreachable"),
        );
    }
    let typed = Typed::kept(&session.attempt);
    number_page(&session, &channels, &typed, StatusCode::OK, None)
}

fn number_page(
    session: &Session,
    channels: &[Channel],
    typed: &Typed,
    status: StatusCode,
    error: Option<&'static str>,
) -> Result<HttpResponse> {
    let errors: Vec<FormError> = error.map(|code| session.error(code)).into_iter().collect();
    with_number(session, channels, typed, status, &errors)
}

fn with_number(
    session: &Session,
    channels: &[Channel],
    typed: &Typed,
    status: StatusCode,
    errors: &[FormError],
) -> Result<HttpResponse> {
    let screen = PhoneNumber::of(
        session,
        channels,
        &typed.country,
        &typed.number,
        typed.channel,
    );
    session.page(status, &screen, errors)
}

/// `POST /guardian/enroll/phone`: sends a code to the number.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn post(mut session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !may_enroll(&session) {
        return Ok(session.redirect(session.next()));
    }
    let channels = channels(&session).await?;
    let typed = Typed {
        country: form.string("country")?.unwrap_or_default(),
        number: form.string("number")?.unwrap_or_default(),
        channel: form.string("channel")?.and_then(|name| name.parse().ok()),
    };
    typed.keep(&mut session.attempt);
    let again =
        |status, errors: &[FormError]| with_number(&session, &channels, &typed, status, errors);
    let wanted = typed.channel.filter(|channel| channels.contains(channel));
    let Some(channel) = wanted.or_else(|| channels.first().copied()) else {
        return again(StatusCode::CONFLICT, &[session.error("phone-unreachable")]);
    };
    let country = Some(typed.country.as_str());
    let number = Number::parse(
        &typed.number,
        country,
        channel,
        &session.app.phone.countries,
    );
    let number = match number {
        Ok(number) => number,
        Err(fault) => {
            let landline = fault == phone::Fault::Landline && channels.contains(&Channel::Voice);
            let code = if landline {
                "number-landline-call"
            } else {
                fault.code()
            };
            return again(StatusCode::UNPROCESSABLE_ENTITY, &[session.error(code)]);
        }
    };
    match ask(&session, &number, channel).await? {
        Asked::Sent => Ok(session.redirect(urls::PHONE_CODE)),
        Asked::HeldBack(refused) => {
            let page = |status, error| again(status, &[error]);
            refused_page(&session, &refused, page)
        }
        Asked::Held(held) => held_page(&session, held, |status, error| again(status, &[error])),
    }
}

/// `POST /guardian/enroll/phone/resend`: another code to the same number; the former one is dead then.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn resend(session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let Some(sent) = sent(&session).await?.filter(|_| may_enroll(&session)) else {
        return Ok(session.redirect(if may_enroll(&session) {
            urls::PHONE
        } else {
            session.next()
        }));
    };
    let channels = channels(&session).await?;
    let channel = form.string("channel")?.and_then(|name| name.parse().ok());
    let channel = channel
        .filter(|channel| channels.contains(channel))
        .unwrap_or(sent.channel);
    let again = |status, error| code_page(&session, &sent, &channels, status, Some(error));
    let countries = &session.app.phone.countries;
    let number = match Number::parse(&sent.number, None, channel, countries) {
        Ok(number) if channels.contains(&channel) => number,
        Ok(_) => return again(StatusCode::CONFLICT, session.error("phone-unreachable")),
        Err(fault) => {
            return again(
                StatusCode::UNPROCESSABLE_ENTITY,
                session.error(fault.code()),
            );
        }
    };
    match ask(&session, &number, channel).await? {
        Asked::Sent => Ok(session.redirect(urls::PHONE_CODE)),
        Asked::HeldBack(refused) => refused_page(&session, &refused, again),
        Asked::Held(held) => held_page(&session, held, again),
    }
}

/// `GET /guardian/enroll/phone/code`
///
/// # Errors
/// Of the session or the template.
pub async fn code(session: Session) -> Result<HttpResponse> {
    if !may_enroll(&session) {
        return Ok(session.redirect(session.next()));
    }
    match sent(&session).await? {
        Some(sent) => code_page(
            &session,
            &sent,
            &channels(&session).await?,
            StatusCode::OK,
            None,
        ),
        None => Ok(session.redirect(urls::PHONE)),
    }
}

fn code_page(
    session: &Session,
    sent: &Sent,
    channels: &[Channel],
    status: StatusCode,
    error: Option<FormError>,
) -> Result<HttpResponse> {
    let screen = PhoneCode::of(session, sent, channels);
    let errors: Vec<FormError> = error.into_iter().collect();
    session.page(status, &screen, &errors)
}

/// `POST /guardian/enroll/phone/code`: spends the ticket, if the code is right.
///
/// # Errors
/// Of the session, the form or the ticket.
pub async fn prove(session: Session, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if session.admission.enrolled.contains(&Factor::Phone) {
        return Ok(session.redirect(urls::RECOVERY_CODE));
    }
    if !may_enroll(&session) {
        return Ok(session.redirect(session.next()));
    }
    let channels = channels(&session).await?;
    let sent = sent(&session).await?;
    let typed = form.string("code")?.unwrap_or_default();
    let page = |status, error: FormError| match &sent {
        Some(sent) => code_page(&session, sent, &channels, status, Some(error)),
        None => with_number(&session, &channels, &Typed::default(), status, &[error]),
    };
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(code) = Code::parse(&typed) else {
        let missing = typed.trim().is_empty();
        let code = if missing {
            "phone-code-missing"
        } else {
            "code-format"
        };
        return page(unprocessable, session.error(code));
    };
    match spend(&session, Proof::Phone(code)).await? {
        Redeemed::Enrolled => {
            if let Some(sent) = &sent {
                confirm(&session, sent).await;
            }
            Ok(session.redirect(urls::RECOVERY_CODE))
        }
        Redeemed::Wrong(Wrong::Ended) => with_number(
            &session,
            &channels,
            &Typed::default(),
            unprocessable,
            &[session.error("phone-code-ended")],
        ),
        Redeemed::Wrong(_) => page(unprocessable, session.error("phone-code-wrong")),
        refused => refused_page(&session, &refused, page),
    }
}
