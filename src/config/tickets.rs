//! `[tickets]`: how long they live, and where their pages may lead back to.

use std::time::Duration;

use serde_json::{Value, json};
use url::Origin;

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};
use super::value::{self, DAY, MINUTE};

static LIFETIME: Key = Key {
    section: "tickets",
    name: "lifetime",
    kind: Kind::Text,
    shown: Shown::Default("\"5d\""),
    doc: "How long a link can be used: at most 5 days.",
};

static KEEP: Key = Key {
    section: "tickets",
    name: "keep",
    kind: Kind::Text,
    shown: Shown::Default("\"90d\""),
    doc: "How long an ended ticket is remembered, so that a late visitor reads why.",
};

static RESULT_ORIGINS: Key = Key {
    section: "tickets",
    name: "result_origins",
    kind: Kind::TextList,
    shown: Shown::Default("[]"),
    doc: "Sites that a ticket's result_url may lead to, like \"https://app.example.com\".",
};

pub(super) const SECTION: Section = Section {
    name: "tickets",
    doc: "",
    keys: &[&LIFETIME, &KEEP, &RESULT_ORIGINS],
};

/// `[tickets]`.
#[derive(Clone, Debug)]
pub struct Tickets {
    /// At most five days.
    pub lifetime: Duration,
    /// How long the row outlives the ticket.
    pub keep: Duration,
    /// Where a `result_url` may point; compare with `Url::origin`.
    pub result_origins: Vec<Origin>,
}

pub(super) fn read(reader: &mut Reader) -> Read<Tickets> {
    let lifetime = reader.parse(&LIFETIME, |text| value::duration(text, MINUTE, 5 * DAY));
    let keep = reader.parse(&KEEP, |text| value::duration(text, DAY, 3650 * DAY));
    let result_origins = reader.list(&RESULT_ORIGINS, result_origin);
    Ok(Tickets {
        lifetime: lifetime?,
        keep: keep?,
        result_origins: result_origins?,
    })
}

pub(super) fn describe(tickets: &Tickets) -> Vec<(Path, Value)> {
    let origins = tickets.result_origins.iter();
    vec![
        (LIFETIME.path(), json!(value::short(tickets.lifetime))),
        (KEEP.path(), json!(value::short(tickets.keep))),
        (
            RESULT_ORIGINS.path(),
            origins.map(Origin::ascii_serialization).collect(),
        ),
    ]
}

fn result_origin(text: &str) -> Result<Origin, String> {
    let url = value::origin(text)?;
    if url.scheme() != "https" && !value::is_loopback(&url) {
        return Err("is not https; say https://, or a site on localhost".to_owned());
    }
    Ok(url.origin())
}
