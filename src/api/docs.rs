//! `/docs`: shows people what `/openapi.json` tells programs. All of it comes from here; it only reads.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::core::{Error, Result};

/// Where the reader is.
pub const PATH: &str = "/docs";
/// Its parts.
pub const PARTS: &str = "/docs/{part}";

/// Unlike a page it runs a program that fetches; from here alone, as everything.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                   connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Answers the page.
pub async fn page() -> HttpResponse {
    answer(HTML, include_str!("docs/index.html"))
}

/// Answers a part of it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn part(name: web::Path<String>) -> Result<HttpResponse> {
    match name.as_str() {
        "reader.css" => Ok(answer(CSS, include_str!("docs/reader.css"))),
        "reader.js" => Ok(answer(JS, include_str!("docs/reader.js"))),
        "swagger-ui.css" => Ok(answer(CSS, vendored("swagger-ui.css")?)),
        "swagger-ui-bundle.js" => Ok(answer(JS, vendored("swagger-ui-bundle.js")?)),
        _ => Err(Error::NotFound {
            code: "not_found",
            message: "There is no such file.",
        }),
    }
}

fn vendored(name: &str) -> Result<Bytes> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(Arc::default);
    let file = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG));
    let file = file.map_err(|error| Error::internal(anyhow::anyhow!("{name}: {error}")))?;
    let file = file.ok_or_else(|| Error::internal(anyhow::anyhow!("{name} is not built in")))?;
    Ok(match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    })
}

fn answer(kind: &'static str, body: impl Into<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(body.into())
}
