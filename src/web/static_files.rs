//! `/static/…`: the admin's files over the compiled-in ones, from memory.

use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};

use super::App;
use crate::core::{Error, Result};

/// A year: links carry a hash of the content, so a changed file has another address.
const FOREVER: &str = "public, max-age=31536000, immutable";
const SHORT: &str = "public, max-age=300";

/// The hash that a link carries.
#[derive(serde::Deserialize)]
pub struct Version {
    v: Option<String>,
}

/// Serves one file.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(
    app: web::Data<App>,
    path: web::Path<String>,
    version: Option<web::Query<Version>>,
    known: Option<web::Header<IfNoneMatch>>,
) -> Result<HttpResponse> {
    let missing = || Error::NotFound {
        code: "not_found",
        message: "There is no such file.",
    };
    let asset = app.views.asset(&path).ok_or_else(missing)?;
    // What cannot be read of a request is as if it were not there: the file is served all the same.
    let current = version.is_some_and(|version| version.v.as_deref() == Some(asset.version()));
    let tag = EntityTag::new_strong(asset.version().to_owned());
    let mut response = match known.as_deref() {
        Some(IfNoneMatch::Items(tags)) if tags.iter().any(|known| known.weak_eq(&tag)) => {
            HttpResponse::NotModified()
        }
        _ => HttpResponse::Ok(),
    };
    response.insert_header(ETag(tag));
    response.insert_header((header::CACHE_CONTROL, if current { FOREVER } else { SHORT }));
    response.insert_header((header::CONTENT_TYPE, asset.mime));
    Ok(response.body(asset.bytes))
}

/// The colours of `[site]`.
pub async fn site_css(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, SHORT))
        .body(app.site.css())
}
