//! The mail that carries a ticket's link.

use serde::Serialize;

use super::user::{User, UserData};
use super::{Mail, Mails};
use crate::core::{TicketId, TicketSecret, Timestamp};
use crate::store::Leased;
use crate::views::{Locale, Site};

/// The context of `mail/enrollment/…`.
#[derive(Serialize)]
pub(super) struct Enrollment<'a> {
    site: &'a Site,
    #[serde(rename = "userData")]
    user_data: UserData,
    ticket: Ticket,
    ticket_url: String,
    asked_by: Option<&'a str>,
    // What the same mail is called at Auth0 (contract §7.2).
    link: String,
    user: User,
    tenant: String,
    friendly_name: String,
    support_email: String,
    support_url: String,
    request_language: String,
    custom_domain: Domain,
}

#[derive(Serialize)]
struct Domain {
    domain: String,
}

#[derive(Serialize)]
struct Ticket {
    id: String,
    expires_at: Timestamp,
}

impl Mail for Enrollment<'_> {
    const KIND: &'static str = "enrollment";
    const IS_STORABLE: bool = true;
}

impl<'a> Enrollment<'a> {
    pub(super) fn new(
        mails: &'a Mails,
        message: &'a Leased,
        ticket_id: &TicketId,
        secret: &TicketSecret,
        locale: &Locale,
    ) -> Self {
        let ends = message
            .ticket_expires_at
            .map_or(message.expires_at, Timestamp::from_millis);
        let wanted = message.ticket_locale.clone();
        let basics = Basics {
            user_data: mails.user_data(message),
            user: User::new(message),
            ticket: Ticket {
                id: ticket_id.as_str().to_owned(),
                expires_at: ends,
            },
            ticket_url: mails.urls.enroll_link(ticket_id, secret),
            asked_by: message.asked_by.as_deref(),
            host: mails.urls.host().to_owned(),
            language: wanted.unwrap_or_else(|| locale.to_string()),
        };
        basics.at(&mails.site)
    }

    pub(super) fn sample(site: &'a Site) -> Self {
        let basics = Basics {
            user_data: UserData::sample(site),
            user: User::sample(),
            ticket: Ticket {
                id: "gten_0192f3a17c2b7d109d7a4b6c8e0f1a2b".to_owned(),
                expires_at: Timestamp::from_millis(1_795_800_000_000),
            },
            ticket_url: "https://mfa.example.com/guardian/enroll?ticket=\
                 gten_0192f3a17c2b7d109d7a4b6c8e0f1a2b.k7m2p9x4w3q8r5t6v2b3n4h5j6f7d8s9"
                .to_owned(),
            asked_by: Some("Customer portal"),
            host: "mfa.example.com".to_owned(),
            language: "en".to_owned(),
        };
        basics.at(site)
    }
}

/// What a mail says, once.
struct Basics<'a> {
    user_data: UserData,
    user: User,
    ticket: Ticket,
    ticket_url: String,
    asked_by: Option<&'a str>,
    host: String,
    language: String,
}

impl<'a> Basics<'a> {
    /// Under every name that it has.
    fn at(self, site: &'a Site) -> Enrollment<'a> {
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Enrollment {
            site,
            user_data: self.user_data,
            ticket: self.ticket,
            link: self.ticket_url.clone(),
            ticket_url: self.ticket_url,
            asked_by: self.asked_by,
            user: self.user,
            tenant: self.host.clone(),
            friendly_name: site.name().to_owned(),
            support_email: said(site.support_email()),
            support_url: said(site.support_url()),
            request_language: self.language,
            custom_domain: Domain { domain: self.host },
        }
    }
}
