//! The extractor that proves an attempt: a browser with our cookie, on a ticket that lets it in.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, LOCATION, ORIGIN};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse, web};

use super::cookies::{self, Name};
use super::frame::{FormError, Page, Screen, Stub};
use super::language::Speech;
use crate::access::Attempt;
use crate::core::{Actor, Error, Refusal, Result, Urls, urls};
use crate::store::OpenedTicket;
use crate::tickets::{Admission, Phase};
use crate::web::{App, Fields, Seen};

/// An attempt that may go on.
pub struct Session {
    /// The server.
    pub app: web::Data<App>,
    /// The request.
    pub seen: Seen,
    /// The attempt.
    pub attempt: Attempt,
    /// Its ticket.
    pub opened: OpenedTicket,
    /// What it may do.
    pub admission: Admission,
    /// In which language.
    pub speech: Speech,
    /// Whose ticket it is.
    pub stub: Stub,
}

impl FromRequest for Session {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = app(&request)?;
            let seen = Seen::of(&request)
                .ok_or_else(|| Error::internal(anyhow::anyhow!("the request was not observed")))?;
            check_origin(&request, &app.urls)?;
            let now = app.now();
            let mut attempt = current(&request, &app).ok_or(Refusal::OpenAgain)?;
            attempt.touch(now)?;
            let opened = app
                .store
                .opened_ticket(&attempt.ticket_id)
                .await?
                .ok_or(Refusal::Invalid)?;
            if !opened.is_opened_by(&attempt.secret_hash) {
                return Err(Refusal::Replaced.into());
            }
            let stub = Stub::of(&opened, attempt.ui_locales.as_deref(), &app);
            // The bearer had the right secret, so a refusal may say whose ticket it is and why.
            request.extensions_mut().insert(stub.clone());
            let admission = opened.admit(Some(&attempt.id), app.available, now)?;
            let speech = Speech::of(&request, &app, stub.languages());
            Ok(Self {
                app,
                seen,
                attempt,
                opened,
                admission,
                speech,
                stub,
            })
        })
    }
}

/// The attempt in the request's cookie, whatever its ticket says.
pub fn current(request: &HttpRequest, app: &App) -> Option<Attempt> {
    Attempt::open(
        &cookies::read(request, Name::Attempt, &app.urls)?,
        &app.sealer,
    )
}

/// The server's state.
///
/// # Errors
/// When it was not registered.
pub fn app(request: &HttpRequest) -> Result<web::Data<App>> {
    request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("no state")))
}

/// A state-changing request comes from our own page: `Sec-Fetch-Site`, if present, says so, else `Origin`, if present;
/// both absent, the token decides alone (design §4).
pub fn check_origin(request: &HttpRequest, urls: &Urls) -> Result<()> {
    if request.method().is_safe() {
        return Ok(());
    }
    let ours = match (
        header(request.headers(), "sec-fetch-site"),
        header(request.headers(), ORIGIN.as_str()),
    ) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == urls.origin(),
        (None, None) => true,
    };
    if ours {
        Ok(())
    } else {
        Err(Error::ForeignForm)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or_default())
}

impl Session {
    /// Lets a form through that this attempt's own page posted.
    ///
    /// # Errors
    /// Of [`Attempt::check_form`].
    pub fn check_form(&self, form: &mut Fields) -> Result<()> {
        let attempt = form.string("attempt")?.unwrap_or_default();
        let csrf = form.string("csrf")?.unwrap_or_default();
        self.attempt.check_form(&attempt, &csrf)
    }

    /// The attempt as the cause of events.
    pub fn actor(&self) -> Actor {
        self.seen.attempt(&self.attempt.id)
    }

    /// Where this attempt goes on.
    pub fn next(&self) -> &'static str {
        match self.admission.phase {
            Phase::Proving => urls::AUTHENTICATE,
            Phase::Enrolling if self.attempt.fresh_recovery_code.is_some() => urls::RECOVERY_CODE,
            Phase::Enrolling => urls::ENROLL,
            Phase::Enrolled if self.shows_recovery_code() => urls::RECOVERY_CODE,
            Phase::Enrolled => urls::DONE,
        }
    }

    /// Whether there is a recovery code that this attempt made and that is not saved yet.
    pub fn shows_recovery_code(&self) -> bool {
        self.admission.phase == Phase::Enrolled
            && self.opened.unsaved_codes > 0
            && self.attempt.recovery_code.is_some()
    }

    /// A sentence about the form.
    pub fn error(&self, code: &'static str) -> FormError {
        FormError::new(code, &self.speech, &self.app)
    }

    /// Renders a screen of this attempt.
    ///
    /// # Errors
    /// Of the template.
    pub fn page<S: Screen>(
        &self,
        status: StatusCode,
        screen: &S,
        errors: &[FormError],
    ) -> Result<HttpResponse> {
        let page = Page {
            app: &self.app,
            speech: &self.speech,
            stub: Some(&self.stub),
            form: (self.attempt.csrf(), self.attempt.id.as_str()),
            application: None,
            request_id: self.seen.id.as_str(),
        };
        page.render(status, screen, errors)
            .map(|response| self.keep(response))
    }

    /// Goes on at another page.
    pub fn redirect(&self, path: &'static str) -> HttpResponse {
        self.keep(
            HttpResponse::SeeOther()
                .insert_header((LOCATION, path))
                .finish(),
        )
    }

    /// Hands the attempt back to the browser with the answer.
    pub fn keep(&self, mut response: HttpResponse) -> HttpResponse {
        let sealed = self.attempt.seal(&self.app.sealer, self.app.rng());
        response
            .add_cookie(&cookies::write(Name::Attempt, sealed, &self.app.urls))
            .ok();
        remember_language(&self.speech, &self.app, &mut response);
        response
    }
}

/// Hands the language that was just chosen to the browser.
pub fn remember_language(speech: &Speech, app: &App, response: &mut HttpResponse) {
    if speech.chosen.is_some() {
        response
            .add_cookie(&cookies::write(
                Name::Language,
                speech.locale.to_string(),
                &app.urls,
            ))
            .ok();
    }
}
