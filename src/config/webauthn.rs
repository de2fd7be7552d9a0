//! `[webauthn]`: whom security keys and passkeys belong to.

use serde_json::{Value, json};
use url::{Host, Url};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};
use super::value;

static RP_ID: Key = Key {
    section: "webauthn",
    name: "rp_id",
    kind: Kind::Text,
    shown: Shown::Example("\"localhost\""),
    doc: "The domain that security keys and passkeys belong to: the host of public_url, or a domain above it, like\n\
          \"example.com\". Whoever changes it makes every enrolled one useless.",
};

static ORIGINS: Key = Key {
    section: "webauthn",
    name: "origins",
    kind: Kind::TextList,
    shown: Shown::Default("[]"),
    doc: "Further sites whose ceremonies count, like \"https://login.example.com\"; public_url always does.",
};

pub(super) const SECTION: Section = Section {
    name: "webauthn",
    doc: "",
    keys: &[&RP_ID, &ORIGINS],
};

/// `[webauthn]`. With an IP address in `public_url` neither is set: browsers take no credentials for one.
#[derive(Clone, Debug)]
pub struct Webauthn {
    /// Whom credentials belong to; the host of `public_url`, if nothing.
    pub rp_id: Option<String>,
    /// Sites beside `public_url`.
    pub origins: Vec<Url>,
}

pub(super) fn read(reader: &mut Reader, public_url: Option<&Url>) -> Read<Webauthn> {
    let rp_id = reader.optional(&RP_ID, |text| rp_id(text, public_url));
    let domain = rp_id.as_ref().ok().and_then(Clone::clone);
    let domain = domain.or_else(|| public_url?.host_str().map(str::to_owned));
    let origins = reader.list(&ORIGINS, |text| origin(text, domain.as_deref()));
    Ok(Webauthn {
        rp_id: rp_id?,
        origins: origins?,
    })
}

pub(super) fn describe(webauthn: &Webauthn) -> Vec<(Path, Value)> {
    let origins = webauthn.origins.iter().map(Url::origin);
    vec![
        (RP_ID.path(), json!(webauthn.rp_id)),
        (
            ORIGINS.path(),
            origins.map(|origin| origin.ascii_serialization()).collect(),
        ),
    ]
}

fn rp_id(text: &str, public_url: Option<&Url>) -> Result<String, String> {
    let named = match Host::parse(text) {
        Ok(Host::Domain(name)) if name == text && !text.ends_with('.') => name,
        _ => {
            return Err("is not a domain in lower case; say one like example.com".to_owned());
        }
    };
    let Some(host) = public_url.and_then(Url::host) else {
        return Ok(named);
    };
    let Host::Domain(host) = host else {
        return Err(format!(
            "cannot be used at {host}: browsers take no security key for an IP address; \
             leave it out, or say a public_url with a name"
        ));
    };
    if !is_at_or_below(host, &named) {
        return Err(format!(
            "is neither the host of public_url nor a domain above it; say {host}"
        ));
    }
    Ok(named)
}

fn origin(text: &str, domain: Option<&str>) -> Result<Url, String> {
    let url = value::origin(text)?;
    if url.scheme() != "https" && !value::is_loopback(&url) {
        return Err("is not https; say https://, or a site on localhost".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    match domain {
        Some(domain) if !is_at_or_below(host, domain) => Err(format!(
            "is outside of {domain}, whom the credentials belong to; say a site below it, or another rp_id"
        )),
        _ => Ok(url),
    }
}

fn is_at_or_below(host: &str, domain: &str) -> bool {
    let below = |rest: &str| domain.contains('.') && rest.ends_with('.');
    host == domain || host.strip_suffix(domain).is_some_and(below)
}
