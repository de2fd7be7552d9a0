//! `/preview`: the gallery of the templates, beside the pages in development, and alone for `tessera templates preview`.
//!
//! What it shows may be shown in frames of this server alone, and may send nothing to anybody.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_FRAME_OPTIONS};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};

use tokio::time::{Instant, sleep};

use super::resource::get;
use super::routes::plain;
use super::{App, headers, static_files};
use crate::core::{Error, Result, urls};
use crate::pages::host;
use crate::views::gallery::{Content, Gallery, Medium};
use crate::views::{Site, Views};

/// Where the gallery is.
pub const PATH: &str = "/preview/";

/// How long a question for another version waits: whoever stops the server waits for it.
const ASKED_FOR: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A gallery, and the name under which it may be asked for.
pub struct Preview {
    gallery: Gallery,
    host: String,
}

impl Preview {
    /// Of what a server in development serves.
    pub fn of(app: &App) -> Self {
        Self::new(app.views.clone(), &app.site, app.urls.host())
    }

    /// Of these templates.
    pub fn new(views: Views, site: &Site, host: &str) -> Self {
        Self {
            gallery: Gallery::new(views, site, Medium::Server),
            host: host.to_owned(),
        }
    }
}

/// Registers the gallery.
pub fn configure(config: &mut web::ServiceConfig, preview: web::Data<Preview>) {
    config
        .app_data(preview)
        .service(plain("/preview", get().to(lead)))
        .service(plain("/preview/{path:.*}", get().to(show)));
}

/// Serves the gallery alone, with the static files of its pages.
///
/// # Errors
/// When the listener cannot be used.
pub fn start(preview: Preview, listener: TcpListener) -> std::io::Result<Server> {
    let preview = web::Data::new(preview);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .wrap(from_fn(headers::secure))
            .configure(|config| configure(config, preview.clone()))
            .service(plain("/", get().to(lead)))
            .service(plain(urls::SITE_CSS, get().to(site_css)))
            .service(plain("/static/{path:.+}", get().to(asset)))
    });
    Ok(server
        .workers(2)
        .shutdown_timeout(1)
        .listen(listener)?
        .run())
}

/// Its links begin in its folder.
async fn lead() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, PATH))
        .finish()
}

async fn show(
    request: HttpRequest,
    preview: web::Data<Preview>,
    path: web::Path<String>,
) -> Result<HttpResponse> {
    if !host::names(&request, &preview.host) {
        return Err(Error::Misdirected);
    }
    if let Some(known) = request.query_string().strip_prefix("than=") {
        changed(&preview.gallery, known).await;
    }
    // A rendering takes long enough to hold others up, and an excerpt is read from the folder.
    let made = web::block(move || preview.gallery.file(&path)).await;
    let made = made.map_err(|error| Error::internal(anyhow::anyhow!("{error}")))?;
    let file = match made {
        Ok(Some(file)) => file,
        Ok(None) => {
            return Err(Error::NotFound {
                code: "not_found",
                message: "There is no such page in the gallery.",
            });
        }
        // Whom it is for is who can mend it.
        Err(error) => {
            return Ok(HttpResponse::build(StatusCode::INTERNAL_SERVER_ERROR)
                .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
                .insert_header(policy(Content::Page))
                .insert_header((X_FRAME_OPTIONS, "SAMEORIGIN"))
                .body(error.to_string()));
        }
    };
    let mut bytes = file.bytes;
    // A field that takes the focus would scroll the gallery to it.
    let is_framed = request
        .headers()
        .get("Sec-Fetch-Dest")
        .is_some_and(|dest| dest == "iframe");
    if let (true, Ok(html)) = (is_framed, std::str::from_utf8(&bytes)) {
        bytes = html.replace(" autofocus", "").into();
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, file.mime))
        .insert_header(policy(file.content));
    if file.content != Content::Gallery {
        response.insert_header((X_FRAME_OPTIONS, "SAMEORIGIN"));
    }
    Ok(response.body(bytes))
}

/// Waits for a version unlike the one that a browser knows, so that it need not ask again and again.
async fn changed(gallery: &Gallery, known: &str) {
    let asked = Instant::now();
    while gallery.version() == known && asked.elapsed() < ASKED_FOR {
        sleep(LOOK_EVERY).await;
    }
}

/// A page keeps the policy that it has for visitors, but for where it may be shown and whom it may speak to.
fn policy(content: Content) -> (actix_web::http::header::HeaderName, String) {
    let closed = headers::CSP.replace("form-action 'self'", "form-action 'none'");
    let shown = closed
        .replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        .replace(
            "connect-src 'self'",
            "connect-src 'none'; worker-src 'none'",
        );
    let policy = match content {
        Content::Gallery => closed + "; frame-src 'self'",
        Content::Page => shown,
        Content::Mail => {
            // Its styles are on its elements.
            shown
                .replace("style-src 'self'", "style-src 'unsafe-inline'")
                .replace("script-src 'self'", "script-src 'none'")
        }
    };
    (CONTENT_SECURITY_POLICY, policy)
}

async fn asset(
    preview: web::Data<Preview>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    static_files::answer(preview.gallery.views(), &path, &request).await
}

async fn site_css(preview: web::Data<Preview>) -> HttpResponse {
    static_files::css_answer(preview.gallery.site_css().to_owned())
}
