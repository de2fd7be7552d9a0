//! The mail that carries a ticket's link.

use serde::Serialize;

use super::user::UserData;
use super::{Mail, Mails};
use crate::core::{TicketId, TicketSecret, Timestamp};
use crate::store::Leased;
use crate::views::Site;

/// The context of `mail/enrollment/…`.
#[derive(Serialize)]
pub(super) struct Enrollment<'a> {
    site: &'a Site,
    #[serde(rename = "userData")]
    user_data: UserData,
    ticket: Ticket,
    ticket_url: String,
    asked_by: Option<&'a str>,
}

#[derive(Serialize)]
struct Ticket {
    id: String,
    expires_at: Timestamp,
}

impl Mail for Enrollment<'_> {
    const KIND: &'static str = "enrollment";
}

impl<'a> Enrollment<'a> {
    pub(super) fn new(
        mails: &'a Mails,
        message: &'a Leased,
        ticket_id: &TicketId,
        secret: &TicketSecret,
    ) -> Self {
        let ends = message
            .ticket_expires_at
            .map_or(message.expires_at, Timestamp::from_millis);
        Self {
            site: &mails.site,
            user_data: mails.user_data(message),
            ticket: Ticket {
                id: ticket_id.as_str().to_owned(),
                expires_at: ends,
            },
            ticket_url: mails.urls.enroll_link(ticket_id, secret),
            asked_by: message.asked_by.as_deref(),
        }
    }

    pub(super) fn sample(site: &'a Site) -> Self {
        Self {
            site,
            user_data: UserData::sample(site),
            ticket: Ticket {
                id: "gten_0192f3a17c2b7d109d7a4b6c8e0f1a2b".to_owned(),
                expires_at: Timestamp::from_millis(1_795_800_000_000),
            },
            ticket_url: "https://mfa.example.com/guardian/enroll?ticket=\
                 gten_0192f3a17c2b7d109d7a4b6c8e0f1a2b.k7m2p9x4w3q8r5t6v2b3n4h5j6f7d8s9"
                .to_owned(),
            asked_by: Some("Customer portal"),
        }
    }
}
