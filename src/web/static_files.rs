//! `/static/…`: the admin's files over the compiled-in ones, from memory.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, AcceptEncoding, ETag, Encoding, EntityTag, Header as _, IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use super::App;
use crate::core::{Error, Result};
use crate::views::{Asset, Views};

/// A year: links carry a hash of the content, so a changed file has another address.
const FOREVER: &str = "public, max-age=31536000, immutable";
const SHORT: &str = "public, max-age=300";

/// The hash that a link carries.
#[derive(serde::Deserialize)]
struct Version {
    v: Option<String>,
}

/// Serves one file.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    app: web::Data<App>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    answer(&app.views, &path, &request).await
}

/// One file of these.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn answer(
    views: &Views,
    path: &str,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    let missing = || Error::NotFound {
        code: "not_found",
        message: "There is no such file.",
    };
    let asset = views.asset(path).ok_or_else(missing)?;
    // Weak: one tag is that of both forms.
    let tag = EntityTag::new_weak(asset.version().to_owned());
    let is_known = is_known(request, &tag);
    let kept = match is_current(request, &asset) {
        true => FOREVER,
        false => SHORT,
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, kept))
        .insert_header((header::CONTENT_TYPE, asset.mime));
    if asset.is_text() {
        response.insert_header((header::VARY, "accept-encoding"));
    }
    if is_known {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(match packed(&asset, request).await {
        Some(packed) => response
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(packed),
        None => response.body(asset.bytes.clone()),
    })
}

/// Whether the link is to this very content.
fn is_current(request: &HttpRequest, asset: &Asset) -> bool {
    // What cannot be read of a request is as if it were not there: the file is served all the same.
    let version = web::Query::<Version>::from_query(request.query_string());
    version.is_ok_and(|version| version.v.as_deref() == Some(asset.version()))
}

/// Whether the browser has it already.
fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        _ => false,
    }
}

/// Its content under gzip, for who prefers that.
async fn packed(asset: &Arc<Asset>, request: &HttpRequest) -> Option<Bytes> {
    if !asset.is_text() {
        return None;
    }
    let forms = [Encoding::gzip(), Encoding::identity()];
    let accepted = AcceptEncoding::parse(request).ok()?;
    let preferred = accepted.negotiate(forms.iter());
    preferred.filter(|form| *form == Encoding::gzip())?;
    match asset.made_gzip() {
        Some(made) => made,
        None => {
            let asset = Arc::clone(asset);
            let made = web::block(move || asset.gzip()).await;
            made.ok().flatten()
        }
    }
}

/// The colours of `[site]`.
pub async fn site_css(app: web::Data<App>) -> HttpResponse {
    css_answer(app.site.css().to_owned())
}

/// The same of any site.
pub(super) fn css_answer(css: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, SHORT))
        .body(css)
}
