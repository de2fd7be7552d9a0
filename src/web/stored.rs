//! Pages and mails that an admin stored by the API: how they are kept, and that every instance serves them.

use std::time::Duration;

use actix_web::web;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;

use super::App;
use crate::config::Mailbox;
use crate::core::{Actor, Error, Result};
use crate::store::{Event, STORED_MAIL, STORED_PAGE, Store};
use crate::views::{self, CheckError, StoredMail};

/// How long another instance's change may go unnoticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// So many findings are told; who mends these hears of the rest.
const TOLD: usize = 5;

/// The page that stands for `mfa.html` (contract §6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaPage {
    /// Whether it is served.
    pub enabled: bool,
    /// The template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// The mail that stands for `mail/enrollment/…` (contract §7.1); what is left out is the folder's, or the shipped one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailTemplate {
    /// Whether it is sent.
    pub enabled: bool,
    /// The part in HTML.
    pub body: Option<String>,
    /// Whom it is from.
    pub from: Option<String>,
    /// One line.
    pub subject: Option<String>,
    /// Kept for tools that compare; it has no effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_url: Option<String>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_lifetime_in_seconds: Option<f64>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_email_in_redirect: Option<bool>,
}

/// What is kept, and the text that it was read from, if there is any.
pub struct Kept<T> {
    /// What it says.
    pub value: T,
    /// As it was read.
    pub text: Option<String>,
}

/// The page as it is kept.
///
/// # Errors
/// Of the database.
pub async fn page(store: &Store) -> Result<Kept<MfaPage>> {
    kept(store, STORED_PAGE).await
}

/// The mail as it is kept.
///
/// # Errors
/// Of the database.
pub async fn mail(store: &Store) -> Result<Kept<MailTemplate>> {
    kept(store, STORED_MAIL).await
}

async fn kept<T: DeserializeOwned + Default>(store: &Store, name: &str) -> Result<Kept<T>> {
    let setting = store.begin_read().await?.setting(name).await?;
    let text = setting.map(|setting| setting.value);
    let value = match &text {
        Some(text) => serde_json::from_str(text).map_err(Error::internal)?,
        None => T::default(),
    };
    Ok(Kept { value, text })
}

/// What of both is switched on.
///
/// # Errors
/// Of the database.
pub async fn layer(store: &Store) -> Result<views::Stored> {
    let (page, mail) = (page(store).await?.value, mail(store).await?.value);
    Ok(views::Stored {
        page: page.html.filter(|_| page.enabled),
        mail: mail.enabled.then(|| written(&mail)),
    })
}

fn written(mail: &MailTemplate) -> StoredMail {
    StoredMail {
        subject: mail.subject.clone(),
        body: mail.body.clone(),
        from: mail.from.as_deref().and_then(|from| from.parse().ok()),
    }
}

/// Whom a mail is from, if this is a mailbox; else the clause that says what would be right.
///
/// # Errors
/// The clause.
pub fn sender(text: &str) -> Result<(), String> {
    if text.contains("{{") || text.contains("{%") {
        return Err("is taken as it is, and has no places that are filled".to_owned());
    }
    text.parse::<Mailbox>().map(drop)
}

/// Lets a page pass that could be served now.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong.
pub async fn judge_page(app: &App, html: &str) -> Result<()> {
    let page = Some(html.to_owned());
    let more = views::Stored { page, mail: None };
    let errors = app.views.judge_stored(more).await.errors;
    refuse(&errors, "guardian_mfa_page.html")
}

/// Lets a mail pass that could be sent now.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong.
pub async fn judge_mail(app: &App, mail: &MailTemplate) -> Result<()> {
    let more = views::Stored {
        page: None,
        mail: Some(written(mail)),
    };
    let errors = app.views.judge_stored(more).await.errors;
    refuse(&errors, part(mail, &errors))
}

/// The member that is to blame; one that leads to other files can fail in these.
fn part(mail: &MailTemplate, errors: &[CheckError]) -> &'static str {
    let named = errors
        .iter()
        .find_map(|error| match error.file.rsplit_once('.') {
            Some((_, "subject")) => Some("subject"),
            Some((_, "body")) => Some("body"),
            _ => None,
        });
    let leads_on = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains("{%"));
    named.unwrap_or(if leads_on(&mail.subject) {
        "subject"
    } else {
        "body"
    })
}

fn refuse(errors: &[CheckError], property: &'static str) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let mut told: Vec<String> = errors.iter().take(TOLD).map(ToString::to_string).collect();
    if let more @ 1.. = errors.len().saturating_sub(TOLD) {
        told.push(format!("and {more} more"));
    }
    Err(Error::invalid(property, told.join("; ")))
}

/// Keeps the page in the place of what was read.
///
/// # Errors
/// [`Error::Conflict`] when it was changed since.
pub async fn keep_page(
    app: &App,
    actor: &Actor,
    former: Option<&str>,
    page: &MfaPage,
) -> Result<()> {
    keep(app, actor, STORED_PAGE, former, page, page.enabled).await
}

/// Keeps the mail in the place of what was read.
///
/// # Errors
/// [`Error::Conflict`] when it was changed since.
pub async fn keep_mail(
    app: &App,
    actor: &Actor,
    former: Option<&str>,
    mail: &MailTemplate,
) -> Result<()> {
    keep(app, actor, STORED_MAIL, former, mail, mail.enabled).await
}

async fn keep(
    app: &App,
    actor: &Actor,
    name: &str,
    former: Option<&str>,
    value: &impl Serialize,
    enabled: bool,
) -> Result<()> {
    let text = serde_json::to_string(value).map_err(Error::internal)?;
    let now = app.now();
    let mut tx = app.store.begin_write().await?;
    if !tx.replace_setting(name, former, &text, now).await? {
        return Err(Error::Conflict {
            code: "changed_meanwhile",
            message: "It was changed by another call meanwhile; read it again.",
        });
    }
    let event = Event::new("template.stored", actor, now, app.rng());
    let event = event.detail("setting", name).detail("enabled", enabled);
    tx.record(&[event]).await?;
    tx.commit().await?;
    app.stored.look(app).await
}

/// What this instance saw of it last.
#[derive(Default)]
pub struct Stored(Mutex<Option<Vec<(String, i64)>>>);

impl Stored {
    /// Serves what is kept, if it was changed since the last look.
    ///
    /// # Errors
    /// Of the database.
    pub async fn look(&self, app: &App) -> Result<()> {
        let mut seen = self.0.lock().await;
        let mut read = app.store.begin_read().await?;
        let changed = read.settings_changed([STORED_PAGE, STORED_MAIL]).await?;
        drop(read);
        if seen.as_ref() != Some(&changed) {
            app.views.serve_stored(layer(&app.store).await?).await;
            *seen = Some(changed);
        }
        Ok(())
    }
}

/// Serves what other instances were told to keep, for ever; tells of each trouble once.
pub async fn follow(app: web::Data<App>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = false;
    loop {
        ticks.tick().await;
        let looked = app.stored.look(&app).await;
        if let Some(error) = looked.as_ref().err().filter(|_| !told) {
            tracing::error!(%error, "what is stored by the API could not be read");
        }
        told = looked.is_err();
    }
}
