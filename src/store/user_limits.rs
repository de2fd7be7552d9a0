//! How much one user is given: counted in the transaction that gives it, behind the lock on the user's row.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use super::conn::Write;
use super::rows::Select;
use crate::core::{Result, Timestamp, UserId};

/// Mails are counted over this long.
const MAILS_COUNTED: Duration = Duration::from_secs(24 * 60 * 60);

/// What one user may have; `None` is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserLimits {
    /// Tickets that are open at the same time.
    pub open_tickets: Option<NonZeroU32>,
    /// Mails with a link in 24 hours.
    pub mails: Option<NonZeroU32>,
}

/// What a user has no room for, until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Another open ticket.
    Tickets(Timestamp),
    /// Another mail.
    Mails(Timestamp),
}

/// Until when each thing that a user was given counts.
#[derive(Debug, Default)]
pub(super) struct Given {
    open_tickets: Vec<Timestamp>,
    mails: Vec<Timestamp>,
}

impl Given {
    /// What the user has no room for at `now`.
    pub(super) fn full(&self, limits: UserLimits, mail: bool, now: Timestamp) -> Option<Full> {
        let mails = room_at(&self.mails, limits.mails.filter(|_| mail), now);
        let tickets = room_at(&self.open_tickets, limits.open_tickets, now);
        mails
            .map(Full::Mails)
            .or_else(|| tickets.map(Full::Tickets))
    }

    /// Counts a ticket that is given.
    pub(super) fn count(&mut self, expires_at: Timestamp, mail: bool, now: Timestamp) {
        self.open_tickets.push(expires_at);
        if mail {
            self.mails.push(now + MAILS_COUNTED);
        }
    }
}

/// When there is room for another, if there is none at `now`.
fn room_at(until: &[Timestamp], most: Option<NonZeroU32>, now: Timestamp) -> Option<Timestamp> {
    let most = usize::try_from(most?.get()).ok()?;
    let mut counted: Vec<Timestamp> = until.iter().copied().filter(|end| *end > now).collect();
    let over = counted.len().checked_sub(most)?;
    counted.sort_unstable();
    counted.get(over).copied()
}

impl Write {
    /// What of these users' tickets and mails counts at `now`; the rows of the users are locked before.
    pub(super) async fn given(
        &mut self,
        users: &[&str],
        tickets: bool,
        mails: bool,
        now: Timestamp,
    ) -> Result<HashMap<String, Given>> {
        let mut given: HashMap<String, Given> = HashMap::new();
        if tickets {
            let open = Select {
                from: "SELECT user_id, expires_at FROM tickets WHERE state = 'open' AND expires_at > ",
                after: Some(now.millis()),
                locks: false,
            };
            for (user_id, expires_at) in self.numbers(&open, users).await? {
                let given = given.entry(user_id).or_default();
                given.open_tickets.push(expires_at.into());
            }
        }
        if mails {
            let mailed = Select {
                from: "SELECT user_id, created_at FROM outbox WHERE kind = 'enrollment' AND created_at > ",
                after: Some((now - MAILS_COUNTED).millis()),
                locks: false,
            };
            for (user_id, created_at) in self.numbers(&mailed, users).await? {
                let counts_until = Timestamp::from(created_at) + MAILS_COUNTED;
                given.entry(user_id).or_default().mails.push(counts_until);
            }
        }
        Ok(given)
    }
}

impl Write {
    /// Until when there is no room for another mail to this user, whose row is locked.
    ///
    /// # Errors
    /// Of the database.
    pub async fn mails_full_until(
        &mut self,
        user_id: &UserId,
        limits: UserLimits,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let mails = limits.mails.is_some();
        let given = self.given(&[user_id.as_str()], false, mails, now).await?;
        let mails = given.get(user_id.as_str()).map(|given| &given.mails[..]);
        Ok(room_at(mails.unwrap_or_default(), limits.mails, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn there_is_room_again_when_enough_has_ended() {
        let until = [at(50), at(20), at(40), at(30), at(10)];
        assert_eq!(room_at(&until, None, at(0)), None);
        let room_at = |until: &[Timestamp], most, now| room_at(until, NonZeroU32::new(most), now);
        assert_eq!(room_at(&until, 6, at(0)), None);
        assert_eq!(room_at(&until, 5, at(0)), Some(at(10)));
        assert_eq!(room_at(&until, 5, at(9)), Some(at(10)));
        assert_eq!(room_at(&until, 5, at(10)), None);
        assert_eq!(room_at(&until, 2, at(0)), Some(at(40)));
    }
}
