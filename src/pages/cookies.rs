//! The cookies of the pages: the attempt, the login, that the browser is remembered, and the language that was chosen.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};

use crate::access::attempt::TOTAL;
use crate::core::Urls;
use crate::logins::browsers;

/// A chosen language is remembered this long.
const LANGUAGE_KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Which cookie.
#[derive(Clone, Copy)]
pub enum Name {
    /// The sealed attempt.
    Attempt,
    /// The sealed part of a login that its browser has.
    Login,
    /// The secret of a browser that is remembered.
    Browser,
    /// A language tag.
    Language,
}

impl Name {
    /// On https the prefix binds the cookie to this host and to TLS; browsers drop it on http, loopback or not.
    fn text(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Attempt, true) => "__Host-tessera_attempt",
            (Self::Attempt, false) => "tessera_attempt",
            (Self::Login, true) => "__Host-tessera_login",
            (Self::Login, false) => "tessera_login",
            (Self::Browser, true) => "__Host-tessera_browser",
            (Self::Browser, false) => "tessera_browser",
            (Self::Language, true) => "__Host-tessera_language",
            (Self::Language, false) => "tessera_language",
        }
    }
}

/// The value that the browser sent.
pub fn read(request: &HttpRequest, name: Name, urls: &Urls) -> Option<String> {
    request
        .cookie(name.text(urls.is_https()))
        .map(|cookie| cookie.value().to_owned())
}

/// The cookie that hands `value` to the browser. Lax for its whole life: a Strict one is not sent after a click in webmail.
pub fn write(name: Name, value: String, urls: &Urls) -> Cookie<'static> {
    let kept = match name {
        Name::Attempt | Name::Login => TOTAL,
        Name::Browser => browsers::LIFETIME,
        Name::Language => LANGUAGE_KEPT,
    };
    Cookie::build(name.text(urls.is_https()), value)
        .path("/")
        .http_only(true)
        .secure(urls.is_https())
        .same_site(SameSite::Lax)
        .max_age(time::Duration::try_from(kept).unwrap_or(time::Duration::HOUR))
        .finish()
}

/// The cookie that takes a value from the browser.
pub fn forget(name: Name, urls: &Urls) -> Cookie<'static> {
    let mut cookie = write(name, String::new(), urls);
    cookie.make_removal();
    cookie
}
