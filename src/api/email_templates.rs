//! `/email-templates`: the mail that is stored over the files (contract §7.1).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::unread::Unread;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::{Error, Result};
use crate::web::stored::{self, Kept, MailTemplate};
use crate::web::{ApiCaller, App, Fields};

/// The one that is sent by Tessera under a name of Auth0's.
const OURS: &str = "enrollment_email";
const SYNTAX: &str = "tera";

#[rustfmt::skip]
const NAMES: [&str; 14] = [
    "verify_email", "verify_email_by_code", "auth_email_by_code", "reset_email", "reset_email_by_code", "welcome_email",
    "blocked_account", "stolen_credentials", OURS, "mfa_oob_code", "user_invitation", "change_password",
    "password_reset", "async_approval",
];

/// A mail that is stored over the files.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmailTemplate {
    /// `enrollment_email`
    #[schema(pattern = "^enrollment_email$")]
    pub template: &'static str,
    /// The part in HTML, a Tera template that shows `{{ link }}`; the part in plain text is made from it. Null or nothing is the file's.
    #[schema(required = true)]
    pub body: Option<String>,
    /// Whom it is from, one mailbox; null or nothing is the configuration's.
    #[schema(required = true)]
    pub from: Option<String>,
    /// One line, a Tera template; null or nothing is the file's.
    #[schema(required = true)]
    pub subject: Option<String>,
    /// `tera`
    #[schema(pattern = "^tera$")]
    pub syntax: &'static str,
    /// Whether it is sent; one that is not is kept.
    pub enabled: bool,
    /// Empty: a ticket says where its person goes, by `result_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_url: Option<String>,
    /// Has no effect, and is not shorter than tickets live.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub url_lifetime_in_seconds: Option<f64>,
    /// False: no address is part of a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_email_in_redirect: Option<bool>,
}

/// What is to be changed of a mail.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmailTemplateChange {
    /// `enrollment_email`
    #[schema(pattern = "^enrollment_email$")]
    pub template: Option<String>,
    /// As in [`EmailTemplate`].
    pub body: Option<String>,
    /// The same.
    pub from: Option<String>,
    /// The same.
    pub subject: Option<String>,
    /// `tera`
    #[schema(pattern = "^tera$")]
    pub syntax: Option<String>,
    /// The same.
    pub enabled: Option<bool>,
    /// The same.
    pub result_url: Option<String>,
    /// The same.
    #[schema(minimum = 0)]
    pub url_lifetime_in_seconds: Option<f64>,
    /// The same.
    pub include_email_in_redirect: Option<bool>,
}

/// Stores the mail.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    post, path = "/api/v2/email-templates", tag = "Templates", operation_id = "post_email_template",
    description = "Needs `create:email_templates`. The mail is checked as files would be, in every language, before it is accepted.",
    request_body = EmailTemplate,
    responses(
        (status = 200, description = "As it is now", body = EmailTemplate),
        (status = 400, description = "`invalid_body`, saying what is wrong with it and in which line", body = ErrorBody),
        (status = 409, description = "`email_template_exists`", body = ErrorBody),
    )
)]
pub async fn create(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::CREATE_MAILS])?;
    let mut body = request.template_body().await?;
    match body.required_string("template")? {
        name if name == OURS => {}
        name if NAMES.contains(&name.as_str()) => {
            let reason = format!(
                "is a mail that Tessera does not send; {OURS} can be stored, and the others are the files in templates/mail"
            );
            return Err(Error::invalid("template", reason));
        }
        _ => return Err(Error::invalid("template", one_of_them())),
    }
    let mail = whole(body, &app)?;
    let kept = stored::mail(&app.store).await?;
    let exists = Error::Conflict {
        code: "email_template_exists",
        message: "The template exists already; change it with PATCH or PUT.",
    };
    if kept.text.is_some() {
        return Err(exists);
    }
    stored::judge_mail(&app, &mail).await?;
    match stored::keep_mail(&app, &actor, None, &mail).await {
        Err(Error::Conflict { .. }) => Err(exists),
        kept => kept.map(|()| shown(&mail)),
    }
}

/// Shows the mail that is stored.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/email-templates/{templateName}", tag = "Templates", operation_id = "get_email_template",
    description = "Needs `read:email_templates`.",
    params(("templateName" = String, Path, description = "`enrollment_email`")),
    responses(
        (status = 200, description = "As it is", body = EmailTemplate),
        (status = 400, description = "`invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_email_template`, until it is stored", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_MAILS])?;
    let kept = named(&app, &request).await?;
    Ok(shown(&kept.value))
}

/// Puts another mail in the place of the one that is stored.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    put, path = "/api/v2/email-templates/{templateName}", tag = "Templates", operation_id = "put_email_template",
    description = "Needs `update:email_templates`. The mail is checked as with POST.",
    params(("templateName" = String, Path, description = "`enrollment_email`")),
    request_body = EmailTemplate,
    responses(
        (status = 200, description = "As it is now", body = EmailTemplate),
        (status = 400, description = "`invalid_body`, saying what is wrong with it and in which line; `invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_email_template`, until it is stored", body = ErrorBody),
        (status = 409, description = "`changed_meanwhile`", body = ErrorBody),
    )
)]
pub async fn replace(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    update(&app, &caller, request, true).await
}

/// Changes the mail that is stored.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    patch, path = "/api/v2/email-templates/{templateName}", tag = "Templates", operation_id = "patch_email_template",
    description = "Needs `update:email_templates`. What is left out stays; the mail is checked as with POST.",
    params(("templateName" = String, Path, description = "`enrollment_email`")),
    request_body = EmailTemplateChange,
    responses(
        (status = 200, description = "As it is now", body = EmailTemplate),
        (status = 400, description = "`invalid_body`, saying what is wrong with it and in which line; `invalid_uri`", body = ErrorBody),
        (status = 404, description = "`inexistent_email_template`, until it is stored", body = ErrorBody),
        (status = 409, description = "`changed_meanwhile`", body = ErrorBody),
    )
)]
pub async fn change(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    update(&app, &caller, request, false).await
}

async fn update(
    app: &App,
    caller: &ApiCaller,
    request: Unread,
    in_whole: bool,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_MAILS])?;
    let kept = named(app, &request).await?;
    let mut body = request.template_body().await?;
    match body.string("template")? {
        Some(name) if name == OURS => {}
        None if !in_whole => {}
        None => return Err(Error::invalid("template", "Missing required property")),
        Some(_) => return Err(Error::invalid("template", "is not the one in the path")),
    }
    let former = kept.value;
    let mail = if in_whole {
        whole(body, app)?
    } else {
        read(body, former.clone(), app)?
    };
    let texts = |mail: &MailTemplate| (mail.subject.clone(), mail.body.clone());
    if mail != former {
        // Whatever is wrong with it, it can be switched off.
        if mail.enabled && !former.enabled || texts(&mail) != texts(&former) {
            stored::judge_mail(app, &mail).await?;
        }
        stored::keep_mail(app, &actor, kept.text.as_deref(), &mail).await?;
    }
    Ok(shown(&mail))
}

/// What is stored under the name in the path.
async fn named(app: &App, request: &Unread) -> Result<Kept<MailTemplate>> {
    let name = request.segment("templateName")?;
    if !NAMES.contains(&name.as_str()) {
        return Err(Error::invalid_path("templateName", one_of_them()));
    }
    let kept = stored::mail(&app.store).await?;
    if name == OURS && kept.text.is_some() {
        return Ok(kept);
    }
    Err(Error::NotFound {
        code: "inexistent_email_template",
        message: "The template does not exist.",
    })
}

fn one_of_them() -> String {
    format!("must be one of {}", NAMES.join(", "))
}

/// A mail of which all is said.
fn whole(body: Fields, app: &App) -> Result<MailTemplate> {
    for name in ["body", "from", "subject", "syntax", "enabled"] {
        if !body.has(name) {
            return Err(Error::invalid(name, "Missing required property"));
        }
    }
    read(body, MailTemplate::default(), app)
}

/// The former mail with what is said.
fn read(mut body: Fields, former: MailTemplate, app: &App) -> Result<MailTemplate> {
    let mut mail = former;
    if body.has("syntax") {
        syntax(&body.string("syntax")?.unwrap_or_default())?;
    }
    for (name, text) in [
        ("body", &mut mail.body),
        ("subject", &mut mail.subject),
        ("from", &mut mail.from),
    ] {
        if body.has(name) {
            *text = body.string(name)?.filter(|text| !text.is_empty());
        }
    }
    if let Some(from) = &mail.from {
        stored::sender(from).map_err(|clause| Error::invalid("from", clause))?;
    }
    if body.has("enabled") {
        let wrong = || Error::invalid("enabled", "must be true or false");
        mail.enabled = body.boolean("enabled")?.ok_or_else(wrong)?;
    }
    harmless(&mut body, &mut mail, app)?;
    body.finish()?;
    Ok(mail)
}

fn syntax(named: &str) -> Result<()> {
    if named == SYNTAX {
        return Ok(());
    }
    let reason = "must be tera: templates in Liquid are not read; docs/liquid.md says how each part of them is written in Tera";
    Err(Error::invalid("syntax", reason))
}

/// What does not apply to this mail, at Auth0 either: taken where nobody could be misled by it.
fn harmless(body: &mut Fields, mail: &mut MailTemplate, app: &App) -> Result<()> {
    if body.has("resultUrl") {
        mail.result_url = body.string("resultUrl")?;
        if mail
            .result_url
            .as_deref()
            .is_some_and(|url| !url.is_empty())
        {
            let reason = "does not apply to this mail; say result_url when the ticket is created";
            return Err(Error::invalid("resultUrl", reason));
        }
    }
    let name = "urlLifetimeInSeconds";
    if body.has(name) {
        let number = |value: Value| value.as_f64().filter(|seconds| *seconds >= 0.0);
        let sent = body.take(name).map(|value| {
            number(value).ok_or_else(|| Error::invalid(name, "must be a number of seconds"))
        });
        mail.url_lifetime_in_seconds = sent.transpose()?;
        let lifetime = app.policy.lifetime.as_secs_f64();
        if mail
            .url_lifetime_in_seconds
            .is_some_and(|seconds| seconds > 0.0 && seconds < lifetime)
        {
            let reason = format!(
                "does not apply to this mail: its link lives {lifetime} seconds; [tickets] lifetime says so, and ttl_sec for one ticket"
            );
            return Err(Error::invalid(name, reason));
        }
    }
    let name = "includeEmailInRedirect";
    if body.has(name) {
        mail.include_email_in_redirect = body.boolean(name)?;
        if mail.include_email_in_redirect == Some(true) {
            return Err(Error::invalid(
                name,
                "must be false: no address is part of a link",
            ));
        }
    }
    Ok(())
}

fn shown(mail: &MailTemplate) -> HttpResponse {
    let mail = mail.clone();
    ok(&EmailTemplate {
        template: OURS,
        body: mail.body,
        from: mail.from,
        subject: mail.subject,
        syntax: SYNTAX,
        enabled: mail.enabled,
        result_url: mail.result_url,
        url_lifetime_in_seconds: mail.url_lifetime_in_seconds,
        include_email_in_redirect: mail.include_email_in_redirect,
    })
}
