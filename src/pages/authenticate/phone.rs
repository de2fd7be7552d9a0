//! A code that is sent to an enrolled phone.

use std::str::FromStr as _;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::Ways;
use super::prove::{held_back, prove};
use super::prover::Prover;
use crate::core::{Result, urls};
use crate::factors::Factor;
use crate::factors::phone::{Channel, Code, Sent};
use crate::factors::verify::{Answer, Typed};
use crate::logins::{self, Asked, CodeRequest, Shown};
use crate::pages::frame::{FormError, Screen};
use crate::pages::phone::why_held;
use crate::store::Enrollment;
use crate::tickets::start::open_challenge;
use crate::web::body::Form;

/// The screen.
#[derive(Serialize)]
pub struct Phone {
    /// Whether a code waits to be entered.
    is_sent: bool,
    /// The last digits of the number.
    last4: String,
    channel: &'static str,
    /// The channel that a code could take instead.
    other_channel: Option<&'static str>,
    /// In how many seconds another code can be asked for.
    wait: u64,
    /// The same in minutes, rounded up.
    wait_minutes: u64,
    send_url: &'static str,
}

impl Phone {
    async fn of(session: &Prover) -> Result<Option<Self>> {
        let phones = Ways::of(session).await?.of_factor(Factor::Phone);
        let Some(phone) = phones.first() else {
            return Ok(None);
        };
        let app = &session.app;
        let mut read = app.store.begin_read().await?;
        let login = session.bearer();
        let asked = read.challenge(&phone.user_id, &login, Factor::Phone.name());
        let waiting = asked.await?.filter(|asked| asked.expires_at > app.now());
        let sent = match waiting {
            Some(asked) => Sent::from_bytes(&open_challenge(&asked, &app.sealer)?),
            None => None,
        };
        let channels = app.phone.channels(&mut read).await?;
        let usual = usual_channel(phone).filter(|channel| channels.contains(channel));
        let channel = sent.as_ref().map(|sent| sent.channel).or(usual);
        let channel = channel
            .or_else(|| channels.first().copied())
            .unwrap_or(Channel::Sms);
        let wait = sent.as_ref().map_or(0, |sent| {
            let wait = sent.again_at.since(app.now()).as_millis();
            u64::try_from(wait.div_ceil(1000)).unwrap_or(0)
        });
        let other = Some(channel.other()).filter(|other| channels.contains(other));
        Ok(Some(Self::new(
            sent.is_some(),
            last4(phone),
            channel,
            other,
            wait,
        )))
    }

    fn new(
        is_sent: bool,
        last4: String,
        channel: Channel,
        other: Option<Channel>,
        wait: u64,
    ) -> Self {
        Self {
            is_sent,
            last4,
            channel: channel.name(),
            other_channel: other.map(Channel::name),
            wait,
            wait_minutes: wait.div_ceil(60),
            send_url: urls::AUTHENTICATE_PHONE_SEND,
        }
    }
}

fn fact(phone: &Enrollment, name: &str) -> String {
    let facts: Value = serde_json::from_str(&phone.facts).unwrap_or_default();
    facts[name].as_str().unwrap_or_default().to_owned()
}

fn usual_channel(phone: &Enrollment) -> Option<Channel> {
    Channel::from_str(&fact(phone, "channel")).ok()
}

fn last4(phone: &Enrollment) -> String {
    fact(phone, "last4")
}

impl Screen for Phone {
    const NAME: &'static str = "authenticate-phone";
    const ACTION: &'static str = urls::AUTHENTICATE_PHONE;
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let (sms, voice) = (Channel::Sms, Channel::Voice);
        let at = |is_sent, channel, other, wait| {
            Self::new(is_sent, "6789".to_owned(), channel, other, wait)
        };
        let wrong = vec![FormError::sample("phone-code-wrong")];
        vec![
            ("fresh", at(false, sms, Some(voice), 0), Vec::new()),
            ("sent", at(true, sms, Some(voice), 30), Vec::new()),
            ("wrong-code", at(true, sms, None, 0), wrong),
            ("called", at(true, voice, Some(sms), 120), Vec::new()),
        ]
    }
}

async fn show(session: &Prover, status: StatusCode, errors: &[FormError]) -> Result<HttpResponse> {
    match Phone::of(session).await? {
        Some(screen) => session.page(status, &screen, errors),
        None => Ok(session.redirect(urls::AUTHENTICATE_CHOOSE)),
    }
}

/// `GET /guardian/authenticate/phone`
///
/// # Errors
/// Of the session or the template.
pub async fn get(session: Prover) -> Result<HttpResponse> {
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    show(&session, StatusCode::OK, &[]).await
}

/// `POST /guardian/authenticate/phone/send`: a code, in the place of the former one.
///
/// # Errors
/// Of the session, the form or the database.
pub async fn send(session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let phones = Ways::of(&session).await?.of_factor(Factor::Phone);
    let Some(phone) = phones.first() else {
        return Ok(session.redirect(urls::AUTHENTICATE_CHOOSE));
    };
    let (app, login) = (&session.app, session.bearer());
    let request = CodeRequest {
        user_id: &phone.user_id,
        login: &login,
        enrollment_id: &phone.enrollment_id,
        channel: form.string("channel")?.and_then(|name| name.parse().ok()),
        address: session.seen.ip,
        locale: session.speech.locale.as_str(),
    };
    let (now, rng, actor) = (app.now(), app.rng(), session.actor());
    let asked = logins::send_code(
        &app.store,
        &request,
        &app.phone,
        &app.sealer,
        &actor,
        now,
        rng,
    );
    let conflict = StatusCode::CONFLICT;
    match asked.await? {
        Asked::Sent(_) => {
            app.text_bell.notify_one();
            Ok(session.redirect(urls::AUTHENTICATE_PHONE))
        }
        Asked::Held(held) => {
            app.metrics.text_refused(held.reason());
            let (error, wait) = why_held(&session.app, &session.speech, held);
            let mut response = show(&session, StatusCode::TOO_MANY_REQUESTS, &[error]).await?;
            if let Some(wait) = wait {
                let seconds = wait.as_secs().max(1);
                let header = actix_web::http::header::RETRY_AFTER;
                response.headers_mut().insert(header, seconds.into());
            }
            Ok(response)
        }
        Asked::Number(_) | Asked::NoChannel => {
            show(&session, conflict, &[session.error("phone-unreachable")]).await
        }
        Asked::Ended => show(&session, conflict, &[session.error("login-phone-ended")]).await,
        Asked::Refused(refused) => match Phone::of(&session).await? {
            Some(screen) => held_back(&session, &refused, |session, status, error| {
                session.page(status, &screen, &[error])
            }),
            None => Ok(session.redirect(urls::AUTHENTICATE_CHOOSE)),
        },
    }
}

/// `POST /guardian/authenticate/phone`
///
/// # Errors
/// Of the session, the form or the database.
pub async fn post(session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    if !session.is_proving() {
        return Ok(session.redirect(session.next()));
    }
    let Some(screen) = Phone::of(&session).await? else {
        return Ok(session.redirect(urls::AUTHENTICATE_CHOOSE));
    };
    let page = |session: &Prover, status, error: FormError| session.page(status, &screen, &[error]);
    let typed = form.string("code")?.unwrap_or_default();
    match Code::parse(&typed) {
        Some(code) => {
            let login = session.bearer();
            let shown = Shown::Factor(Answer::Phone(Typed { code, login }));
            prove(session, shown, "phone-code-wrong", page).await
        }
        None => {
            let missing = typed.trim().is_empty();
            let code = if missing {
                "phone-code-missing"
            } else {
                "code-format"
            };
            let error = session.error(code);
            page(&session, StatusCode::UNPROCESSABLE_ENTITY, error)
        }
    }
}
