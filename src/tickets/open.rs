//! What a ticket's bearer may do now: asked at each page, of one read and the clock.

use std::time::Duration;

use super::HOLD;
use crate::core::secret::same;
use crate::core::{AttemptId, Refusal, Timestamp};
use crate::factors::{Available, Factor, Switches, parse_list};
use crate::store::{OpenedTicket, TicketState};

/// How long the attempt that spent a ticket sees its last pages.
const AFTERMATH: Duration = crate::access::attempt::AFTERMATH;

/// A proof of a factor that the user has lets its attempt add another for so long.
const STEPPED_UP: Duration = Duration::from_secs(15 * 60);

/// What the bearer may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Where the attempt stands.
    pub phase: Phase,
    /// The factors that may be enrolled now, in the order they are offered.
    pub offered: Vec<Factor>,
    /// The factors that were enrolled with this ticket.
    pub enrolled: Vec<Factor>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The user has a factor: one of them, or the recovery code, is to be proved before another is added.
    Proving,
    /// Nothing is enrolled yet.
    Enrolling,
    /// This attempt has enrolled a factor: it sees its recovery code and the last page, and may add what is still offered.
    Enrolled,
}

impl OpenedTicket {
    /// Which factors are switched on.
    pub fn switches(&self, available: Available) -> Switches {
        let list = |names: &Option<String>| {
            names
                .iter()
                .flat_map(|names| names.split(','))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        Switches::new(list(&self.switched_on), list(&self.switched_off), available)
    }

    /// Whether `secret_hash` is the hash of the ticket's present secret, in constant time.
    pub fn is_opened_by(&self, secret_hash: &[u8]) -> bool {
        same(&self.ticket.secret_hash, secret_hash)
    }

    /// What the bearer of the right secret may do now; `attempt` is theirs, once they have one.
    ///
    /// # Errors
    /// Why they may do nothing.
    pub fn admit(
        &self,
        attempt: Option<&AttemptId>,
        available: Available,
        now: Timestamp,
    ) -> Result<Admission, Refusal> {
        let ticket = &self.ticket;
        if self.user_blocked {
            return Err(Refusal::Invalid);
        }
        let is_winner =
            ticket.winner.is_some() && ticket.winner.as_deref() == attempt.map(AttemptId::as_str);
        let spent_for = now.since(ticket.redeemed_at.map_or(now, Timestamp::from_millis));
        let enrolled = self
            .enrolled_here
            .as_deref()
            .map(parse_list)
            .unwrap_or_default();
        match ticket.state {
            TicketState::Revoked => Err(Refusal::Revoked),
            TicketState::Closed if self.enrolled > 0 => Err(Refusal::AlreadyEnrolled),
            TicketState::Closed => Err(Refusal::Revoked),
            TicketState::Used if is_winner && spent_for <= AFTERMATH => Ok(Admission {
                phase: Phase::Enrolled,
                offered: Vec::new(),
                enrolled,
            }),
            TicketState::Held if is_winner && spent_for <= HOLD => Ok(Admission {
                phase: Phase::Enrolled,
                offered: self.offered(&enrolled, available),
                enrolled,
            }),
            TicketState::Used | TicketState::Held => Err(Refusal::Used),
            TicketState::Open if ticket.expires_at <= now => Err(Refusal::Expired {
                at: ticket.expires_at,
            }),
            TicketState::Open if self.enrolled > 0 && !ticket.allow_multiple => {
                Err(Refusal::AlreadyEnrolled)
            }
            TicketState::Open if self.enrolled > 0 && !self.is_stepped_up(attempt, now) => {
                Ok(Admission {
                    phase: Phase::Proving,
                    offered: Vec::new(),
                    enrolled,
                })
            }
            TicketState::Open => match self.offered(&enrolled, available) {
                offered if offered.is_empty() => Err(Refusal::NoMethod),
                offered => Ok(Admission {
                    phase: Phase::Enrolling,
                    offered,
                    enrolled,
                }),
            },
        }
    }

    /// Whether this attempt proved a factor of the user, not long ago.
    fn is_stepped_up(&self, attempt: Option<&AttemptId>, now: Timestamp) -> bool {
        let proved_at = Timestamp::from_millis(self.stepped_up_at.unwrap_or_default());
        self.stepped_up_by.is_some()
            && self.stepped_up_by.as_deref() == attempt.map(AttemptId::as_str)
            && now.since(proved_at) <= STEPPED_UP
    }

    /// Of the ticket's factors those that are switched on, have pages and are not enrolled with it yet.
    fn offered(&self, enrolled: &[Factor], available: Available) -> Vec<Factor> {
        let switches = self.switches(available);
        let asked = parse_list(&self.ticket.factors);
        let may = |factor: &Factor| asked.is_empty() || asked.contains(factor);
        Factor::ALL
            .into_iter()
            .filter(|factor| {
                may(factor)
                    && switches.allows(*factor)
                    && factor.has_screens()
                    && !enrolled.contains(factor)
            })
            .collect()
    }
}
