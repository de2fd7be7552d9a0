//! In which language a message is written.

use crate::core::language::in_profile;
use crate::store::Leased;
use crate::views::{Locale, Views};

/// What the ticket asks for; where it asks for nothing that there are words for, what the user's profile says.
pub(super) fn of(message: &Leased, views: &Views) -> Locale {
    let users = in_profile(&message.user_profile);
    let wanted: Vec<&str> = [message.ticket_locale.as_deref(), users.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    views.negotiate(&wanted)
}
