//! The extractor of the authenticate pages: who proves a factor, and for what.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use crate::access::Visit;
use crate::core::{Actor, Error, RecoveryCode, Refusal, Result, UserId, urls};
use crate::factors::Switches;
use crate::logins::{Purpose, Request, StepUp, browsers};
use crate::pages::cookies::{self, Name};
use crate::pages::frame::{FormError, Page, Screen, Stub};
use crate::pages::language::Speech;
use crate::pages::session::{Session, app, check_origin, remember_language};
use crate::store::OpenedLogin;
use crate::tickets::Phase;
use crate::web::{App, Fields, Seen, headers};

/// A browser on the authenticate pages: an attempt that proves a factor before it adds another, or a login.
pub struct Prover {
    /// The server.
    pub app: web::Data<App>,
    /// The request.
    pub seen: Seen,
    /// In which language.
    pub speech: Speech,
    /// Who is to prove a factor.
    pub user_id: UserId,
    /// Which factors are on.
    pub switches: Switches,
    /// For what.
    pub purpose: Purpose,
    /// Whether the person wants this browser to be remembered; known once the form was let through.
    wants_memory: Cell<bool>,
    by: By,
}

enum By {
    Attempt(Box<Session>),
    Login(Box<LoginVisit>),
}

/// A login in the browser that it was given to.
pub struct LoginVisit {
    /// The browser's part of it.
    pub visit: Visit,
    /// The login.
    pub opened: OpenedLogin,
    /// What its application asked for.
    pub request: Request,
    stub: Stub,
}

impl FromRequest for Prover {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = app(&request)?;
            check_origin(&request, &app.urls)?;
            match LoginVisit::of(&request, &app).await? {
                Some(login) if login.is_live(&app) => Self::of_login(&request, app, login),
                login => {
                    let session = Session::from_request(&request, &mut Payload::None).await;
                    match (session, login) {
                        (Ok(session), _) => Ok(Self::of_attempt(session)),
                        // Nobody comes here by a mail.
                        (Err(_), Some(_)) | (Err(Error::Refused(Refusal::OpenAgain)), None) => {
                            Err(Refusal::LoginOver.into())
                        }
                        (Err(error), None) => Err(error),
                    }
                }
            }
        })
    }
}

impl LoginVisit {
    /// The login of the request's cookie, whatever became of it.
    ///
    /// # Errors
    /// Of the database.
    pub async fn of(request: &HttpRequest, app: &App) -> Result<Option<Self>> {
        let cookie = cookies::read(request, Name::Login, &app.urls);
        let Some(visit) = cookie.and_then(|value| Visit::open(&value, &app.sealer)) else {
            return Ok(None);
        };
        let mut read = app.store.begin_lookup().await?;
        let opened = read.opened_login(&visit.user_id, &visit.login_id).await?;
        opened
            .map(|opened| Self::new(visit, opened, app))
            .transpose()
    }

    /// A login that was just given to this browser.
    ///
    /// # Errors
    /// When its request cannot be read.
    pub fn new(visit: Visit, opened: OpenedLogin, app: &App) -> Result<Self> {
        let request = Request::of(&opened.login)?;
        Ok(Self {
            stub: Stub::of_login(&opened, request.ui_locales.as_deref(), app),
            request,
            visit,
            opened,
        })
    }

    /// Whether it still waits for something in this browser.
    fn is_live(&self, app: &App) -> bool {
        self.opened.login.expires_at > app.now()
            && matches!(
                self.opened.login.state.as_str(),
                "created" | "challenged" | "verified"
            )
    }

    fn is_verified(&self) -> bool {
        self.opened.login.state == "verified"
    }

    /// Which factors are on.
    pub fn switches(&self, app: &App) -> Switches {
        let list = |names: &Option<String>| {
            let names = names.iter().flat_map(|names| names.split(','));
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        let opened = &self.opened;
        Switches::new(
            list(&opened.switched_on),
            list(&opened.switched_off),
            app.available,
        )
    }
}

impl Prover {
    fn of_attempt(session: Session) -> Self {
        let (attempt, opened) = (&session.attempt, &session.opened);
        let purpose = Purpose::StepUp(StepUp {
            ticket_id: attempt.ticket_id.clone(),
            attempt: attempt.id.clone(),
            secret_hash: attempt.secret_hash.clone(),
        });
        Self {
            app: session.app.clone(),
            seen: session.seen.clone(),
            speech: session.speech.clone(),
            user_id: opened.ticket.user_id.clone(),
            switches: opened.switches(session.app.available),
            purpose,
            wants_memory: Cell::new(false),
            by: By::Attempt(Box::new(session)),
        }
    }

    fn of_login(request: &HttpRequest, app: web::Data<App>, login: LoginVisit) -> Result<Self> {
        if login.opened.user_blocked {
            return Err(Refusal::Invalid.into());
        }
        let seen = Seen::of(request)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("the request was not observed")))?;
        Ok(Self {
            speech: Speech::of(request, &app, login.stub.languages()),
            user_id: login.visit.user_id.clone(),
            switches: login.switches(&app),
            purpose: Purpose::Login(login.visit.login_id.clone()),
            wants_memory: Cell::new(false),
            seen,
            app,
            by: By::Login(Box::new(login)),
        })
    }

    /// The login, if that is what it is for.
    pub fn login(&self) -> Option<&LoginVisit> {
        match &self.by {
            By::Attempt(_) => None,
            By::Login(login) => Some(login),
        }
    }

    /// Whether there is something to prove; if not, it goes on elsewhere.
    pub fn is_proving(&self) -> bool {
        match &self.by {
            By::Attempt(session) => session.admission.phase == Phase::Proving,
            By::Login(login) => !login.is_verified(),
        }
    }

    /// Where it goes on.
    pub fn next(&self) -> &'static str {
        match &self.by {
            By::Attempt(session) => session.next(),
            By::Login(login) if !login.is_verified() => urls::AUTHENTICATE,
            By::Login(login) if login.visit.fresh_recovery_code.is_some() => {
                urls::AUTHENTICATE_FRESH_CODE
            }
            By::Login(_) => urls::AUTHENTICATE_FINISH,
        }
    }

    /// Where it goes on once a factor was proved.
    pub fn proved(&self) -> &'static str {
        match self.by {
            By::Attempt(_) => urls::ENROLL,
            By::Login(_) => urls::AUTHENTICATE_FINISH,
        }
    }

    /// Keeps the code that took the place of the used one until the person has it; says where it is shown.
    pub fn keep_fresh_code(&mut self, code: RecoveryCode) -> &'static str {
        match &mut self.by {
            By::Attempt(session) => {
                session.attempt.fresh_recovery_code = Some(code);
                urls::RECOVERY_CODE
            }
            By::Login(login) => {
                login.visit.fresh_recovery_code = Some((code, self.app.now()));
                urls::AUTHENTICATE_FRESH_CODE
            }
        }
    }

    /// The fresh code is saved.
    pub fn forget_fresh_code(&mut self) {
        if let By::Login(login) = &mut self.by {
            login.visit.fresh_recovery_code = None;
        }
    }

    /// Remembers this browser, if the person wants it and may; hands it what it is known by.
    ///
    /// # Errors
    /// Of the database.
    pub async fn remember(&self, mut response: HttpResponse) -> Result<HttpResponse> {
        let app = &self.app;
        let Purpose::Login(login_id) = &self.purpose else {
            return Ok(response);
        };
        if app.remembers_browsers && self.wants_memory.get() {
            let (of, actor) = ((&self.user_id, login_id), self.actor());
            let secret = browsers::remember(&app.store, of, &actor, app.now(), app.rng()).await?;
            if let Some(secret) = secret {
                let value = secret.expose().to_owned();
                let cookie = cookies::write(Name::Browser, value, &app.urls);
                response.add_cookie(&cookie).map_err(Error::internal)?;
            }
        }
        Ok(response)
    }

    /// What challenges are begun for.
    pub fn bearer(&self) -> String {
        self.purpose.bearer()
    }

    /// The account, as pages name it.
    pub fn account(&self) -> &str {
        match &self.by {
            By::Attempt(session) => session.stub.account(),
            By::Login(login) => login.stub.account(),
        }
    }

    /// Lets a form through that this browser's own page posted.
    ///
    /// # Errors
    /// Of [`Visit::check_form`].
    pub fn check_form(&self, form: &mut Fields) -> Result<()> {
        match &self.by {
            By::Attempt(session) => session.check_form(form),
            By::Login(login) => {
                let named = form.string("attempt")?.unwrap_or_default();
                let csrf = form.string("csrf")?.unwrap_or_default();
                let remember = form.string("remember")?;
                self.wants_memory.set(remember.as_deref() == Some("yes"));
                login.visit.check_form(&named, &csrf)
            }
        }
    }

    /// The cause of events.
    pub fn actor(&self) -> Actor {
        match &self.by {
            By::Attempt(session) => session.actor(),
            By::Login(login) => self.seen.login(&login.visit.login_id),
        }
    }

    /// A sentence about the form.
    pub fn error(&self, code: &'static str) -> FormError {
        FormError::new(code, &self.speech, &self.app)
    }

    /// Renders a screen.
    ///
    /// # Errors
    /// Of the template.
    pub fn page<S: Screen>(
        &self,
        status: StatusCode,
        screen: &S,
        errors: &[FormError],
    ) -> Result<HttpResponse> {
        let login = match &self.by {
            By::Attempt(session) => return session.page(status, screen, errors),
            By::Login(login) => login,
        };
        let page = Page {
            app: &self.app,
            speech: &self.speech,
            stub: Some(&login.stub),
            form: (login.visit.csrf(), login.visit.login_id.as_str()),
            application: Some(&login.opened.client_name),
            request_id: self.seen.id.as_str(),
        };
        let mut response = page.render(status, screen, errors)?;
        // Browsers hold the redirect after a form to its page's policy: the last one leads to the application.
        let policy = login
            .request
            .origin()
            .map(|origin| headers::with_form_target(&origin));
        if let Some(Ok(policy)) = policy.map(|policy| HeaderValue::from_str(&policy)) {
            response
                .headers_mut()
                .insert(CONTENT_SECURITY_POLICY, policy);
        }
        Ok(self.keep(response))
    }

    /// Goes on at another page.
    pub fn redirect(&self, path: &'static str) -> HttpResponse {
        let mut response = HttpResponse::SeeOther();
        self.keep(response.insert_header((LOCATION, path)).finish())
    }

    /// Hands the browser's part back to it with the answer.
    pub fn keep(&self, mut response: HttpResponse) -> HttpResponse {
        let login = match &self.by {
            By::Attempt(session) => return session.keep(response),
            By::Login(login) => login,
        };
        let sealed = login.visit.seal(&self.app.sealer, self.app.rng());
        let cookie = cookies::write(Name::Login, sealed, &self.app.urls);
        response.add_cookie(&cookie).ok();
        remember_language(&self.speech, &self.app, &mut response);
        response
    }
}
