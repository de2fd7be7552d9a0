//! What every page has in its context (design §5), and how a page becomes an answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use serde::Serialize;

use super::language::{self, Language, Speech};
use crate::core::{Error, Result, UserId};
use crate::factors::parse_list;
use crate::logins::browsers;
use crate::store::{OpenedLogin, OpenedTicket};
use crate::users::Profile;
use crate::views::{Sample, SampleKind, Site};
use crate::web::App;

/// How long a browser is remembered, for the words of its box.
const REMEMBER_DAYS: u64 = browsers::LIFETIME.as_secs() / (24 * 60 * 60);

/// One screen: its own part of the context, with a sample of each of its states.
pub trait Screen: Serialize + Sized {
    /// The name of its file, `screens/<NAME>.html`.
    const NAME: &'static str;
    /// Where its form posts to.
    const ACTION: &'static str;
    /// The inputs that its form must have.
    const INPUTS: &'static [&'static str] = &[];
    /// Whether it enrolls; else it authenticates, and its context has no `ticket`.
    const HAS_TICKET: bool = true;
    /// A sample of each state, with the errors that it shows.
    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)>;
}

/// One sentence about a form that needs another look.
#[derive(Debug, Clone, Serialize)]
pub struct FormError {
    code: &'static str,
    message: String,
}

impl FormError {
    /// The words `error-<code>` in the page's language.
    pub fn new(code: &'static str, speech: &Speech, app: &App) -> Self {
        Self::with(code, &[], speech, app)
    }

    /// The words `error-<code>`, with values in them.
    pub fn with(code: &'static str, values: &[(&str, &str)], speech: &Speech, app: &App) -> Self {
        Self {
            code,
            message: app
                .views
                .translate(&speech.locale, &format!("error-{code}"), values),
        }
    }

    /// A sample of a sentence.
    pub fn sample(code: &'static str) -> Self {
        Self {
            code,
            message: "That code isn’t right. Wait for the next one in your app and enter it here."
                .to_owned(),
        }
    }
}

/// `ticket`: never its secret.
#[derive(Debug, Clone, Serialize)]
pub struct TicketContext {
    id: String,
    expires_at: i64,
    factors: Vec<&'static str>,
}

/// `userData`: the words of the seed.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserData {
    email: String,
    user_id: String,
    friendly_user_id: String,
    tenant: String,
    tenant_friendly_name: String,
}

/// Whose ticket a page is about: shown only to who presented its secret.
#[derive(Debug, Clone)]
pub struct Stub {
    /// None while a login authenticates: its pages have no ticket.
    ticket: Option<TicketContext>,
    user_data: UserData,
    languages: Vec<String>,
}

impl Stub {
    /// Of an opened ticket; `ui_locales` are the languages that its link was opened with, separated by spaces.
    pub fn of(opened: &OpenedTicket, ui_locales: Option<&str>, app: &App) -> Self {
        let ticket = &opened.ticket;
        let profile = Profile::parse(&opened.user_profile);
        Self {
            ticket: Some(TicketContext {
                id: ticket.ticket_id.to_string(),
                expires_at: ticket.expires_at.millis(),
                factors: parse_list(&ticket.factors)
                    .into_iter()
                    .map(|factor| factor.name())
                    .collect(),
            }),
            user_data: UserData::of(&ticket.user_id, opened.user_email.as_deref(), &profile, app),
            languages: language::split(ui_locales)
                .chain(ticket.locale.as_deref())
                .chain(profile.language())
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Of a login, with the languages that its application asked for, separated by spaces.
    pub fn of_login(opened: &OpenedLogin, ui_locales: Option<&str>, app: &App) -> Self {
        let email = opened.user_email.as_deref();
        let profile = Profile::parse(&opened.user_profile);
        Self {
            ticket: None,
            user_data: UserData::of(&opened.login.user_id, email, &profile, app),
            languages: language::split(ui_locales)
                .chain(profile.language())
                .map(str::to_owned)
                .collect(),
        }
    }

    /// The languages that were asked for by who sent the person here, and then the person's own; the best first.
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// The name of the account, as pages show it.
    pub fn account(&self) -> &str {
        &self.user_data.email
    }
}

impl UserData {
    fn of(user_id: &UserId, email: Option<&str>, profile: &Profile, app: &App) -> Self {
        let printable = || {
            profile
                .printable_name()
                .unwrap_or_else(|| user_id.friendly())
        };
        Self {
            email: email.unwrap_or_else(printable).to_owned(),
            user_id: user_id.to_string(),
            friendly_user_id: user_id.friendly().to_owned(),
            ..Self::of_nobody(app)
        }
    }

    fn of_nobody(app: &App) -> Self {
        Self {
            tenant: app.urls.host().to_owned(),
            tenant_friendly_name: app.site.name().to_owned(),
            ..Self::default()
        }
    }
}

#[derive(Serialize)]
struct Form {
    action: &'static str,
}

#[derive(Serialize)]
struct Frame<'a, S> {
    screen: &'static str,
    languages: Vec<Language>,
    site: &'a Site,
    csrf: &'a str,
    attempt: &'a str,
    errors: &'a [FormError],
    form: Form,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a TicketContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remember_days: Option<u64>,
    #[serde(rename = "userData")]
    user_data: &'a UserData,
    request_id: &'a str,
    #[serde(flatten)]
    content: &'a S,
}

/// All of a page but its screen.
pub struct Page<'a> {
    /// The server.
    pub app: &'a App,
    /// Its language.
    pub speech: &'a Speech,
    /// Whose ticket it is about.
    pub stub: Option<&'a Stub>,
    /// The token of the attempt's forms, and the attempt's name; empty without one.
    pub form: (&'a str, &'a str),
    /// What the admin calls the application that a login is for.
    pub application: Option<&'a str>,
    /// The request's name.
    pub request_id: &'a str,
}

impl Page<'_> {
    /// Renders `screen` into an answer.
    ///
    /// # Errors
    /// When the template fails: what is served passed its check, so that is our own fault.
    pub fn render<S: Screen>(
        &self,
        status: StatusCode,
        screen: &S,
        errors: &[FormError],
    ) -> Result<HttpResponse> {
        let nobody = UserData::of_nobody(self.app);
        let frame = Frame {
            screen: S::NAME,
            languages: self.speech.switch(&self.app.views, S::ACTION),
            site: &self.app.site,
            csrf: self.form.0,
            attempt: self.form.1,
            errors,
            form: Form { action: S::ACTION },
            ticket: self
                .stub
                .filter(|_| S::HAS_TICKET)
                .and_then(|stub| stub.ticket.as_ref()),
            application: self.application,
            remember_days: self
                .application
                .filter(|_| self.app.remembers_browsers)
                .map(|_| REMEMBER_DAYS),
            user_data: self.stub.map_or(&nobody, |stub| &stub.user_data),
            request_id: self.request_id,
            content: screen,
        };
        let html = self
            .app
            .views
            .render(&template::<S>(), &self.speech.locale, &frame)
            .map_err(Error::internal)?;
        Ok(HttpResponse::build(status)
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .body(html))
    }
}

fn template<S: Screen>() -> String {
    format!("screens/{}.html", S::NAME)
}

/// The samples of a screen: each of its states, on a site with everything and on a bare one.
pub fn samples<S: Screen>() -> Vec<Sample> {
    let ticket = TicketContext {
        id: "gten_019377a1b2c3d4e5f60718293a4b5c6d".to_owned(),
        expires_at: 1_795_737_600_000,
        factors: vec!["otp"],
    };
    let user_data = UserData {
        email: "ada@example.com".to_owned(),
        user_id: "auth0|5f7c8ec7c33c6c004bbafe82".to_owned(),
        friendly_user_id: "5f7c8ec7c33c6c004bbafe82".to_owned(),
        tenant: "mfa.example.com".to_owned(),
        tenant_friendly_name: "Example Bank".to_owned(),
    };
    let nobody = UserData {
        email: String::new(),
        user_id: String::new(),
        friendly_user_id: String::new(),
        ..user_data.clone()
    };
    let [full, bare] = Site::samples("");
    let mut samples = Vec::new();
    for (index, (name, content, errors)) in S::samples().into_iter().enumerate() {
        // A screen with a form always has a ticket; the others are also shown to strangers.
        let is_stranger = S::ACTION.is_empty() && name.starts_with("stranger");
        let frame = Frame {
            screen: S::NAME,
            languages: Language::samples(),
            site: if index % 2 == 0 { &full } else { &bare },
            csrf: if is_stranger {
                ""
            } else {
                "c2FtcGxlLXRva2VuLW9ubHk"
            },
            attempt: if is_stranger {
                ""
            } else {
                "att_019377a1b2c3d4e5f60718293a4b5c6d"
            },
            errors: &errors,
            form: Form { action: S::ACTION },
            ticket: (!is_stranger && S::HAS_TICKET).then_some(&ticket),
            application: (!S::HAS_TICKET && index % 2 == 1).then_some("Example Shop"),
            remember_days: (!S::HAS_TICKET && index % 2 == 1).then_some(REMEMBER_DAYS),
            user_data: if is_stranger { &nobody } else { &user_data },
            request_id: "req_019377a1b2c3d4e5f60718293a4b5c6d",
            content: &content,
        };
        samples.push(Sample {
            template: template::<S>(),
            name: name.to_owned(),
            context: serde_json::to_value(&frame).unwrap_or_default(),
            required_fields: S::INPUTS.iter().map(|input| (*input).to_owned()).collect(),
            kind: SampleKind::Page,
        });
    }
    samples
}
