//! `[limits]`: how much is too much.

use std::num::NonZeroU32;

use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};

const LARGEST: u32 = 1_000_001;

static OPEN_TICKETS_PER_USER: Key = Key {
    section: "limits",
    name: "open_tickets_per_user",
    kind: Kind::Number,
    shown: Shown::Default("5"),
    doc: "How many open tickets a user can have at the same time.",
};

static MAILS_PER_USER: Key = Key {
    section: "limits",
    name: "mails_per_user",
    kind: Kind::Number,
    shown: Shown::Default("10"),
    doc: "How many mails with a link a user can be sent in 24 hours; a resend counts too.",
};

static CLIENT_PER_SECOND: Key = Key {
    section: "limits",
    name: "client_per_second",
    kind: Kind::Number,
    shown: Shown::Default("500"),
    doc: "How many calls of the API a client can make in a second, at each instance; after a pause\n\
          twice as many at once.",
};

static ADDRESS_PER_SECOND: Key = Key {
    section: "limits",
    name: "address_per_second",
    kind: Kind::Number,
    shown: Shown::Default("30"),
    doc: "How many pages can be asked for from one address in a second, at each instance; after a\n\
          pause ten times as many at once. Behind one address 10,000 people can enroll in an hour.",
};

pub(super) const SECTION: Section = Section {
    name: "limits",
    doc: "What goes beyond a limit is refused with 429 and told when to come back; 0 is no limit.",
    keys: &[
        &CLIENT_PER_SECOND,
        &ADDRESS_PER_SECOND,
        &OPEN_TICKETS_PER_USER,
        &MAILS_PER_USER,
    ],
};

/// `[limits]`; `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls of one API client, at one instance.
    pub client_per_second: Option<NonZeroU32>,
    /// Pages, and tokens, for one address, at one instance.
    pub address_per_second: Option<NonZeroU32>,
    /// Open tickets of one user.
    pub open_tickets_per_user: Option<NonZeroU32>,
    /// Mails with a link to one user in 24 hours.
    pub mails_per_user: Option<NonZeroU32>,
}

pub(super) fn read(reader: &mut Reader) -> Read<Limits> {
    let mut limit = |key| match reader.number(key)? {
        LARGEST.. => Err(reader.refuse(key, "is above a million; say 0 for no limit")),
        most => Ok(NonZeroU32::new(most)),
    };
    let client_per_second = limit(&CLIENT_PER_SECOND);
    let address_per_second = limit(&ADDRESS_PER_SECOND);
    let open_tickets_per_user = limit(&OPEN_TICKETS_PER_USER);
    let mails_per_user = limit(&MAILS_PER_USER);
    Ok(Limits {
        client_per_second: client_per_second?,
        address_per_second: address_per_second?,
        open_tickets_per_user: open_tickets_per_user?,
        mails_per_user: mails_per_user?,
    })
}

pub(super) fn describe(limits: &Limits) -> Vec<(Path, Value)> {
    let number = |limit: Option<NonZeroU32>| json!(limit.map_or(0, NonZeroU32::get));
    vec![
        (CLIENT_PER_SECOND.path(), number(limits.client_per_second)),
        (ADDRESS_PER_SECOND.path(), number(limits.address_per_second)),
        (
            OPEN_TICKETS_PER_USER.path(),
            number(limits.open_tickets_per_user),
        ),
        (MAILS_PER_USER.path(), number(limits.mails_per_user)),
    ]
}
