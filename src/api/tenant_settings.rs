//! `/tenants/settings`: what the configuration says of the site, and the page that is stored over the files (contract §6.1).

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::unread::Unread;
use super::users::Wanted;
use super::{ErrorBody, ok};
use crate::access::scopes;
use crate::core::{Error, Result};
use crate::web::stored::{self, MfaPage};
use crate::web::{ApiCaller, App, Fields};

const PAGE: &str = "guardian_mfa_page";

/// Members that are set elsewhere, and where.
#[rustfmt::skip]
const ELSEWHERE: [(&str, &str); 5] = [
    ("friendly_name", "is set in the configuration: [site] name"),
    ("picture_url", "is set in the configuration: [site] logo"),
    ("support_email", "is set in the configuration: [site] support_email"),
    ("support_url", "is set in the configuration: [site] support_url"),
    ("enabled_locales", "are the folders of words, templates/locales; [site] default_locale says which is the first"),
];

/// What the configuration says of the site, and the page that is stored over the files.
#[derive(Serialize, ToSchema)]
pub struct TenantSettings {
    /// `[site] name`
    #[schema(required = false)]
    pub friendly_name: String,
    /// `[site] logo`
    pub picture_url: Option<String>,
    /// `[site] support_email`
    pub support_email: Option<String>,
    /// `[site] support_url`
    pub support_url: Option<String>,
    /// The languages that there are words in, the default one first.
    #[schema(required = false)]
    pub enabled_locales: Vec<String>,
    /// The page that is stored over the files.
    #[schema(required = false)]
    pub guardian_mfa_page: GuardianMfaPage,
}

/// The page that stands for `mfa.html`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardianMfaPage {
    /// Whether it is served; a page that is not is kept.
    pub enabled: Option<bool>,
    /// A Tera template, the frame of every page: it has the block `work`, or begins with `{% extends "builtin/mfa.html" %}`.
    /// An empty text takes it away; null says nothing.
    pub html: Option<String>,
}

/// What can be changed.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantSettingsChange {
    /// The page; null takes it away.
    pub guardian_mfa_page: Option<GuardianMfaPage>,
}

/// Shows the settings of the installation.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    get, path = "/api/v2/tenants/settings", tag = "Templates", operation_id = "get_tenant_settings",
    description = "Needs `read:tenant_settings`. All but `guardian_mfa_page` is set in the configuration.",
    params(
        ("fields" = Option<String>, Query, description = "Members to show, or to leave out, separated by commas"),
        ("include_fields" = Option<bool>, Query, description = "Whether `fields` are shown (the default) or left out"),
    ),
    responses(
        (status = 200, description = "As they are", body = TenantSettings),
        (status = 400, description = "`invalid_query_string`", body = ErrorBody),
    )
)]
pub async fn show(app: web::Data<App>, caller: ApiCaller, request: Unread) -> Result<HttpResponse> {
    caller.allow(&[scopes::READ_SETTINGS])?;
    let mut query = request.query()?;
    let wanted = Wanted::take(&mut query)?;
    query
        .finish()
        .map_err(|error| error.at(crate::core::error::Place::Query))?;
    let page = stored::page(&app.store).await?.value;
    Ok(ok(&shown(&app, &page, &wanted)))
}

/// Stores, changes or takes away the page that wins over the files.
///
/// # Errors
/// [`Error`]
#[utoipa::path(
    patch, path = "/api/v2/tenants/settings", tag = "Templates", operation_id = "patch_tenant_settings",
    description = "Needs `update:tenant_settings`. The page is checked as a file would be, every screen in every language, before it is accepted; it is served at once, by other instances within seconds.",
    request_body = TenantSettingsChange,
    responses(
        (status = 200, description = "As they are now", body = TenantSettings),
        (status = 400, description = "`invalid_body`, saying what is wrong with the page and in which line, or where the member is set", body = ErrorBody),
        (status = 409, description = "`changed_meanwhile`", body = ErrorBody),
    )
)]
pub async fn change(
    app: web::Data<App>,
    caller: ApiCaller,
    request: Unread,
) -> Result<HttpResponse> {
    let actor = caller.allow(&[scopes::UPDATE_SETTINGS])?;
    let mut body = request.template_body().await?;
    let kept = stored::page(&app.store).await?;
    let former = kept.value;
    let page = asked(&mut body, &former)?;
    for (name, place) in ELSEWHERE {
        if body.has(name) {
            return Err(Error::invalid(name, place));
        }
    }
    body.finish()?;
    if page != former {
        // Whatever is wrong with it, it can be switched off.
        if let Some(html) = page.html.as_deref()
            && (page.enabled && !former.enabled || page.html != former.html)
        {
            stored::judge_page(&app, html).await?;
        }
        stored::keep_page(&app, &actor, kept.text.as_deref(), &page).await?;
    }
    Ok(ok(&shown(&app, &page, &Wanted::default())))
}

/// The page as it is to be; what is not said stays.
fn asked(body: &mut Fields, former: &MfaPage) -> Result<MfaPage> {
    if !body.has(PAGE) {
        return Ok(former.clone());
    }
    let Some(mut sent) = body.inner(PAGE)? else {
        return Ok(MfaPage::default());
    };
    let parse = |sent: &mut Fields| {
        let (enabled, html) = (sent.boolean("enabled")?, sent.string("html")?);
        let page = MfaPage {
            enabled: enabled.unwrap_or(former.enabled && html.as_deref() != Some("")),
            html: html
                .or_else(|| former.html.clone())
                .filter(|html| !html.is_empty()),
        };
        if page.enabled && page.html.is_none() {
            return Err(Error::invalid("enabled", "needs an html that is not empty"));
        }
        Ok(page)
    };
    let page = parse(&mut sent).map_err(|error| error.inside(PAGE))?;
    sent.finish().map_err(|error| error.inside(PAGE))?;
    Ok(page)
}

fn shown(app: &App, page: &MfaPage, wanted: &Wanted) -> Value {
    let site = &app.site;
    let picture = site.logo().map(|path| app.urls.absolute(path));
    let first = app.views.negotiate(&[]);
    let others = app
        .views
        .locales()
        .into_iter()
        .filter(|other| *other != first);
    let locales: Vec<String> = std::iter::once(first.to_string())
        .chain(others.map(|other| other.to_string()))
        .collect();
    let members = [
        ("friendly_name", Some(json!(site.name()))),
        ("picture_url", picture.map(Value::String)),
        (
            "support_email",
            site.support_email().map(|text| json!(text)),
        ),
        ("support_url", site.support_url().map(|text| json!(text))),
        ("enabled_locales", Some(json!(locales))),
        (PAGE, Some(json!(page))),
    ];
    let members = members
        .into_iter()
        .filter(|(name, _)| wanted.wants(name))
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}
