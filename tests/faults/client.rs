//! Back ends and people: what they ask goes into the journal first, and what they are answered before they go on.

use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tessera::core::{Clock as _, SystemClock};

use crate::journal::{Entry, Journal};
use crate::support::authenticator;

/// The longest that anybody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
const TICKETS: &str = "/api/v2/guardian/enrollments/ticket";

/// Speaks to one instance.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Where it listens.
    address: String,
    /// The host of `public_url`.
    host: String,
    token: String,
    journal: Journal,
}

/// A ticket that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub ticket_id: String,
    pub link: String,
}

/// A browser with the page of the authenticator app open.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub ticket_id: String,
    cookie: String,
    csrf: String,
    id: String,
    pub key: String,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proved {
    Enrolled,
    Wrong,
    /// Answered otherwise.
    Refused(u16),
    /// Not answered at all.
    Lost,
}

impl Client {
    pub fn new(address: String, host: String, token: String, journal: Journal) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self {
            http,
            address,
            host,
            token,
            journal,
        }
    }

    /// The same through another instance.
    pub fn at(&self, address: String) -> Self {
        Self {
            address,
            ..self.clone()
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends a request and notes its answer; `None` when there was none.
    async fn send(&self, what: &str, request: RequestBuilder) -> Option<Response> {
        let begun = Instant::now();
        let response = request.header(HOST, &self.host).send().await.ok()?;
        let answered = Entry::Answered {
            what: what.to_owned(),
            status: response.status().as_u16(),
            retry_after: response.headers().contains_key(RETRY_AFTER),
            millis: u64::try_from(begun.elapsed().as_millis()).unwrap(),
        };
        self.journal.write(answered).await;
        Some(response)
    }

    /// Asks for a ticket, with a mail or without.
    pub async fn create(&self, user: &str, mail: bool) -> Option<Issued> {
        self.ask(user, mail, |request| request).await
    }

    /// Asks for the ticket of this key, for the first time or again.
    pub async fn create_once(&self, key: &str) -> Option<Issued> {
        self.ask(key, true, |request| request.header("Idempotency-Key", key))
            .await
    }

    async fn ask(
        &self,
        user: &str,
        mail: bool,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Option<Issued> {
        let asking = Entry::Asking {
            user: user.to_owned(),
            mail,
        };
        self.journal.write(asking).await;
        let request = self
            .http
            .post(self.url(TICKETS))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .json(&json!({
                "user_id": user,
                "email": "ada@example.com",
                "factor": "otp",
                "send_mail": mail,
            }));
        let response = self.send("create", with(request)).await?;
        if !response.status().is_success() {
            return None;
        }
        let answer: Value = response.json().await.ok()?;
        let issued = Issued {
            ticket_id: answer["ticket_id"].as_str()?.to_owned(),
            link: answer["ticket_url"].as_str()?.to_owned(),
        };
        let created = Entry::Created {
            user: user.to_owned(),
            ticket_id: issued.ticket_id.clone(),
            link: issued.link.clone(),
        };
        self.journal.write(created).await;
        Some(issued)
    }

    /// Opens a link and goes to the page of the authenticator app.
    pub async fn open(&self, issued: &Issued) -> Option<Attempt> {
        let path = issued.link.split_once("/guardian").unwrap().1;
        let link = self.url(&format!("/guardian{path}"));
        let opened = self.send("link", self.http.get(link)).await?;
        let cookie = opened.headers().get(SET_COOKIE)?.to_str().ok()?;
        let cookie = cookie.split(';').next()?.to_owned();
        let page = self.http.get(self.url("/guardian/enroll/otp"));
        let page = self.send("page", page.header(COOKIE, &cookie)).await?;
        let html = page.text().await.ok()?;
        Some(Attempt {
            ticket_id: issued.ticket_id.clone(),
            csrf: field(&html, "csrf")?,
            id: field(&html, "attempt")?,
            key: key(&html)?,
            cookie,
        })
    }

    /// Types the app's code, or another, and presses the button.
    pub async fn prove(&self, attempt: &Attempt, right: bool) -> Proved {
        let proving = Entry::Proving {
            ticket_id: attempt.ticket_id.clone(),
            right,
        };
        self.journal.write(proving).await;
        let request = self
            .http
            .post(self.url("/guardian/enroll/otp"))
            .header(COOKIE, &attempt.cookie)
            .form(&attempt.form(right));
        let Some(response) = self.send("prove", request).await else {
            return Proved::Lost;
        };
        let ticket_id = attempt.ticket_id.clone();
        match response.status().as_u16() {
            303 if leads_on(&response) => {
                self.journal.write(Entry::Enrolled { ticket_id }).await;
                Proved::Enrolled
            }
            422 => {
                self.journal.write(Entry::Corrected { ticket_id }).await;
                Proved::Wrong
            }
            other => Proved::Refused(other),
        }
    }
}

impl Attempt {
    /// The fields of its form.
    pub fn form(&self, right: bool) -> [(&'static str, String); 3] {
        let code = if right {
            self.code()
        } else {
            wrong(&self.code())
        };
        [
            ("csrf", self.csrf.clone()),
            ("attempt", self.id.clone()),
            ("code", code),
        ]
    }

    /// What the app shows now.
    pub fn code(&self) -> String {
        let unix = SystemClock.now().seconds();
        authenticator::code(&self.key, unix.try_into().unwrap())
    }
}

/// A code that no app shows for this key.
fn wrong(code: &str) -> String {
    code.chars()
        .map(|digit| if digit == '9' { '0' } else { '9' })
        .collect()
}

fn leads_on(response: &Response) -> bool {
    let location = response.headers().get(LOCATION);
    location.is_some_and(|to| to == "/guardian/enroll/recovery-code")
}

fn field(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// The key that the page shows, without its groups.
fn key(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<code id=\"key\"")?;
    let (_, rest) = rest.split_once('>')?;
    let (key, _) = rest.split_once("</code>")?;
    let mut within = false;
    let text = key.chars().filter(|letter| {
        within = (within || *letter == '<') && *letter != '>';
        !within && letter.is_ascii_alphanumeric()
    });
    Some(text.collect())
}
