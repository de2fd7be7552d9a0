//! What a server that others can reach must not start with.

use std::net::SocketAddr;

use url::Url;

use super::http::Http;
use super::mail::{self, Transport};
use super::reader::{Read, Reader};
use super::site::{self, Site};
use super::{root, value};

/// Why this is not a development start; `None` when it is one.
pub(super) fn reason(public_url: &Url, http: &Http) -> Option<String> {
    if !value::is_loopback(public_url) {
        return Some("public_url is not on localhost".to_owned());
    }
    let open = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
    let address = http.listeners().find(open)?;
    Some(format!("{address} can be reached from other machines"))
}

/// Refuses what only development may do, each with its way out.
pub(super) fn check(
    reader: &mut Reader,
    why: &str,
    public_url: &Url,
    site: &Read<Site>,
    transport: Option<&Transport>,
) {
    if public_url.scheme() != "https" {
        reader.refuse(
            &root::PUBLIC_URL,
            &format!(
                "is not https, and this is production ({why}); say the https:// address that \
                 people use, or for development keep public_url and every listener on localhost"
            ),
        );
    }
    if site.as_ref().is_ok_and(|s| s.name == site::DEFAULT_NAME) {
        reader.refuse(
            &site::NAME,
            &format!(
                "is the name of the software, and this is production ({why}); say the name that \
                 your people know you by, like \"Example Inc.\""
            ),
        );
    }
    if matches!(transport, Some(Transport::File(_))) {
        let how = if reader.is_set(&mail::URL) {
            "puts mails into files"
        } else {
            "is not set, so mails would be put into files"
        };
        reader.refuse(
            &mail::URL,
            &format!(
                "{how}, and this is production ({why}); say your mail server, like \
                 \"smtp://user:password@host:587\", or name a file that holds it in url_file"
            ),
        );
    }
}
