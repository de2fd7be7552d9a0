//! Pages are shown under the name of `public_url`, or under an address of this machine's own; never under a stranger's name.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HOST, LOCATION, REFERRER_POLICY};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use url::{Host, Url};

use crate::core::Error;
use crate::web::App;
use crate::web::https::came_by_http;

/// Refuses a request that names another host. No link is ever built from that name; but a page under it would post its
/// forms there, and a cache could keep it.
///
/// # Errors
/// Those of the handler.
pub async fn check(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>();
    if app.is_some_and(|app| names(request.request(), app.urls.host())) {
        Ok(next.call(request).await?.map_into_boxed_body())
    } else {
        Ok(request.error_response(Error::Misdirected))
    }
}

/// Leads a visitor who came by plain http to the same page by https (H8). The link's secret stays in its address: it is
/// the visitor's own.
///
/// # Errors
/// Those of the handler.
pub async fn upgrade(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !came_by_http(request.request()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let app = request.app_data::<web::Data<App>>();
    let asked = request.uri().path_and_query();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (Some(app), Some(asked), true) = (app, asked, reads) else {
        return Ok(request.error_response(Error::PlainHttp));
    };
    let response = HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, app.urls.absolute(asked.as_str())))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish();
    Ok(request.into_response(response))
}

/// Whether a request names us: by this name, or by an address of this machine's own.
pub fn names(request: &HttpRequest, public_host: &str) -> bool {
    named(request).is_some_and(|host| is_ours(host, public_host))
}

/// The host that the request names: in its address (HTTP/2), else in its one `Host` header.
fn named(request: &HttpRequest) -> Option<&str> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str());
    }
    let mut hosts = request.headers().get_all(HOST);
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// A proxy may leave the port out, and a health check may call us by our address.
fn is_ours(authority: &str, public_host: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{authority}/")) else {
        return false;
    };
    let is_bare = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    is_bare
        && match url.host() {
            Some(Host::Domain(name)) => name == public_host || name == "localhost",
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn our_name_and_our_addresses_are_ours() {
        for host in [
            "mfa.example.com",
            "mfa.example.com:8443",
            "MFA.example.com",
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "10.1.2.3",
        ] {
            assert!(is_ours(host, "mfa.example.com"), "{host}");
        }
    }

    #[test]
    fn a_strangers_name_is_not() {
        let strangers = [
            "",
            "evil.example",
            "mfa.example.com.evil.example",
            "evil-mfa.example.com",
            "mfa.example.com@evil.example",
            "evil.example/mfa.example.com",
            "mfa.example.com.",
            "mfa.example.com:x",
            "x:y@mfa.example.com",
            " ",
            "mfa.example.com/",
            "mfa.example.com\\evil.example",
        ];
        for host in strangers {
            assert!(!is_ours(host, "mfa.example.com"), "{host}");
        }
    }
}
