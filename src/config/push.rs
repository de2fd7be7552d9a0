//! `[push]`: whom the server may call to wake a phone.

use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};
use super::site::Site;
use super::value;
use crate::core::webpush::{LOOPBACK, PushHosts};

pub(super) static ALLOWED_HOSTS: Key = Key {
    section: "push",
    name: "allowed_hosts",
    kind: Kind::TextList,
    shown: Shown::Default(
        "[\"fcm.googleapis.com\", \"*.push.services.mozilla.com\", \"web.push.apple.com\", \"*.push.apple.com\", \"*.notify.windows.com\"]",
    ),
    doc: "The push services that phones may name; no other host is ever called. \"*.\" stands for\n\
          any beginning; [] sends nothing, and prompts are seen while the phone's page is open.",
};

static SUBJECT: Key = Key {
    section: "push",
    name: "subject",
    kind: Kind::Text,
    shown: Shown::Example("\"mailto:help@example.com\""),
    doc: "Whom a push service turns to when something is wrong: mailto: or https://. Without it\n\
          support_email or support_url of [site], else public_url.",
};

pub(super) const SECTION: Section = Section {
    name: "push",
    doc: "Prompts on the phone leave by Web Push, which needs no account with anybody.",
    keys: &[&ALLOWED_HOSTS, &SUBJECT],
};

/// `[push]`.
#[derive(Clone, Debug, Default)]
pub struct Push {
    /// The push services that may be called.
    pub hosts: PushHosts,
    /// `mailto:…` or `https://…`, if an admin said or `[site]` has one.
    pub subject: Option<String>,
}

pub(super) fn read(reader: &mut Reader, site: &Read<Site>) -> Read<Push> {
    let hosts = reader.list(&ALLOWED_HOSTS, host);
    let subject = reader.optional(&SUBJECT, contact);
    let support = site.as_ref().ok().and_then(|site| {
        let mail = site.support_email.as_ref();
        let page = site.support_url.as_ref();
        mail.map(|address| format!("mailto:{address}")).or_else(|| {
            page.filter(|page| page.scheme() == "https")
                .map(ToString::to_string)
        })
    });
    Ok(Push {
        hosts: PushHosts::new(hosts?),
        subject: subject?.or(support),
    })
}

/// What production may not do: call itself.
pub(super) fn in_production(reader: &mut Reader, why: &str, push: &Push) {
    if push.hosts.as_slice().iter().any(|host| host == LOOPBACK) {
        reader.refuse(
            &ALLOWED_HOSTS,
            &format!(
                "names localhost, which is for tests, and this is production ({why}); leave it out"
            ),
        );
    }
}

pub(super) fn describe(push: &Push) -> Vec<(Path, Value)> {
    vec![
        (ALLOWED_HOSTS.path(), json!(push.hosts.as_slice())),
        (SUBJECT.path(), json!(push.subject)),
    ]
}

fn host(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_address = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_whole = name.contains('.') || (name == LOOPBACK && text == LOOPBACK);
    if name.split('.').all(is_label) && is_whole && !is_address {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(
            "is not the name of a host; say one like fcm.googleapis.com or *.push.apple.com"
                .to_owned(),
        )
    }
}

fn contact(text: &str) -> Result<String, String> {
    let fine = match text.strip_prefix("mailto:") {
        Some(address) => value::address(address).is_ok(),
        None => value::web_url(text).is_ok_and(|url| url.scheme() == "https"),
    };
    if fine {
        Ok(text.to_owned())
    } else {
        Err("is neither mailto: nor https://; say one like mailto:help@example.com".to_owned())
    }
}
