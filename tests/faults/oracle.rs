//! The invariants: what must be true of journal, database and mails, whatever was broken.

use std::collections::{HashMap, HashSet};

use crate::journal::Entry;
use crate::rows::{Message, Rows};

/// What was found, and how much there was to find it in.
#[derive(Default)]
pub struct Verdict {
    pub violations: Vec<String>,
    pub asked: usize,
    pub created: usize,
    /// Tickets that are there, of whose making nobody was told.
    pub unanswered: usize,
    pub enrolled: usize,
    pub mails: usize,
    /// Mails that came once more.
    pub duplicates: usize,
    pub deaths: usize,
    /// Answers that said: not now.
    pub unavailable: usize,
    /// Milliseconds from start to ready.
    pub ready: Vec<u64>,
}

impl Verdict {
    fn check(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(violation());
        }
    }

    /// Tells the figures, and stops the test if anything is wrong.
    #[track_caller]
    pub fn tell(mut self, what: &str) {
        self.ready.sort_unstable();
        let ready = |part: usize| {
            let last = self.ready.len().saturating_sub(1);
            self.ready.get(last * part / 100).copied().unwrap_or(0)
        };
        // The rule of three: what never happened in n trials is rarer than 3/n, with 95 % confidence.
        let bound = match self.deaths {
            0 => String::new(),
            deaths => format!(": at most {:.1} % at 95 %", 300.0 / deaths as f64),
        };
        eprintln!(
            "{what}: {} deaths; {} tickets asked for, {} answered, {} enrolled, {} mails, {} of them repeated; \
             {} answers 503; ready after {} ms (median), {} ms (longest); {} violations{bound}",
            self.deaths,
            self.asked,
            self.created,
            self.enrolled,
            self.mails,
            self.duplicates,
            self.unavailable,
            ready(50),
            ready(100),
            self.violations.len(),
        );
        assert!(
            self.violations.is_empty(),
            "{what}:\n{}",
            self.violations.join("\n")
        );
    }
}

/// Compares the journal with the rows, once everything has settled.
pub fn judge(journal: &[Entry], rows: &Rows) -> Verdict {
    let mut verdict = Verdict::default();
    answered_creations_are_there(journal, rows, &mut verdict);
    nothing_is_there_by_half(journal, rows, &mut verdict);
    answered_enrollments_are_there(journal, rows, &mut verdict);
    factors_and_marks_agree(rows, &mut verdict);
    wrong_codes_are_counted(journal, rows, &mut verdict);
    promised_mails_arrived(journal, rows, &mut verdict);
    answers_are_in_order(journal, &mut verdict);
    verdict.unanswered = rows.tickets.len() - verdict.created.min(rows.tickets.len());
    for entry in journal {
        match entry {
            Entry::Asking { .. } => verdict.asked += 1,
            Entry::Died { .. } => verdict.deaths += 1,
            Entry::Answered { status: 503, .. } => verdict.unavailable += 1,
            Entry::Ready { millis } => verdict.ready.push(*millis),
            _ => {}
        }
    }
    verdict
}

/// I2: what was answered is there, with the line that tells it and the mail that was promised.
fn answered_creations_are_there(journal: &[Entry], rows: &Rows, verdict: &mut Verdict) {
    for entry in journal {
        let Entry::Created {
            user, ticket_id, ..
        } = entry
        else {
            continue;
        };
        verdict.created += 1;
        let row = rows.tickets.get(ticket_id);
        verdict.check(row.is_some_and(|row| row.user_id == *user), || {
            format!("I2: {ticket_id} was answered and is not there")
        });
    }
}

/// A creation is there whole or not at all, whether it was answered or not.
fn nothing_is_there_by_half(journal: &[Entry], rows: &Rows, verdict: &mut Verdict) {
    let wanted: HashMap<&String, usize> = journal
        .iter()
        .filter_map(|entry| match entry {
            Entry::Asking { user, mail } => Some((user, usize::from(*mail))),
            _ => None,
        })
        .collect();
    for (ticket, row) in &rows.tickets {
        let told = rows.events_of(ticket, "ticket.created");
        verdict.check(told == 1, || {
            format!("half: {ticket} has {told} lines that tell of its creation")
        });
        let mails = rows.messages_of(ticket, "enrollment").len();
        verdict.check(wanted.get(&row.user_id) == Some(&mails), || {
            format!("half: {ticket} has {mails} link mails in the outbox")
        });
    }
    for (ticket, kind) in rows.events.keys() {
        verdict.check(rows.tickets.contains_key(ticket), || {
            format!("half: {kind} tells of {ticket}, which is not there")
        });
    }
}

/// I2: a success that was answered has its factor, its mark, its lines and its mail.
fn answered_enrollments_are_there(journal: &[Entry], rows: &Rows, verdict: &mut Verdict) {
    let bound: HashSet<&String> = rows.enrollments.iter().map(|(ticket, _)| ticket).collect();
    let mut told = HashSet::new();
    for entry in journal {
        let Entry::Enrolled { ticket_id } = entry else {
            continue;
        };
        if told.insert(ticket_id) {
            verdict.enrolled += 1;
            verdict.check(bound.contains(ticket_id), || {
                format!("I2: {ticket_id} was answered as enrolled and has no factor")
            });
        }
    }
}

/// I1, I3, I6: one factor a ticket, and with it all that belongs to it; nothing of it without a factor.
fn factors_and_marks_agree(rows: &Rows, verdict: &mut Verdict) {
    let mut factors: HashMap<&str, usize> = HashMap::new();
    for (ticket, _) in &rows.enrollments {
        *factors.entry(ticket).or_default() += 1;
    }
    for (ticket, row) in &rows.tickets {
        let bound = factors.get(ticket.as_str()).copied().unwrap_or(0);
        verdict.check(bound <= 1, || format!("I1: {ticket} bound {bound} factors"));
        let belongings = [
            ("used", usize::from(row.state == "used")),
            ("a winner", usize::from(row.winner.is_some())),
            (
                "told as confirmed",
                rows.events_of(ticket, "enrollment.confirmed") as usize,
            ),
            (
                "told as redeemed",
                rows.events_of(ticket, "ticket.redeemed") as usize,
            ),
            (
                "recovery codes",
                rows.recovery_codes.get(ticket).copied().unwrap_or(0) as usize,
            ),
            (
                "mails that tell of it",
                rows.messages_of(ticket, "factor-added").len(),
            ),
        ];
        for (what, count) in belongings {
            verdict.check(count == bound, || {
                format!("I3: {ticket} bound {bound} factors, but {what}: {count}")
            });
        }
    }
}

/// I9: a wrong code that was answered is counted for ever.
fn wrong_codes_are_counted(journal: &[Entry], rows: &Rows, verdict: &mut Verdict) {
    let mut answered: HashMap<&str, i64> = HashMap::new();
    for entry in journal {
        if let Entry::Corrected { ticket_id } = entry {
            *answered.entry(ticket_id).or_default() += 1;
        }
    }
    for (ticket, count) in answered {
        let counted = rows.events_of(ticket, "enrollment.failed");
        verdict.check(counted >= count, || {
            format!("I9: {count} wrong codes were answered for {ticket}, {counted} counted")
        });
    }
}

/// I4, I5: each promised mail came at least once, or is visible with a reason; nobody was mailed about what never was;
/// what came twice is the same mail.
fn promised_mails_arrived(journal: &[Entry], rows: &Rows, verdict: &mut Verdict) {
    let promised: HashMap<&str, &Message> = rows
        .messages
        .values()
        .flatten()
        .map(|message| (message.message_id.as_str(), message))
        .collect();
    let mut seen: HashMap<&str, Option<&String>> = HashMap::new();
    for entry in journal {
        let Entry::Mail {
            message_id, link, ..
        } = entry
        else {
            continue;
        };
        verdict.mails += 1;
        verdict.check(promised.contains_key(message_id.as_str()), || {
            format!("I5: {message_id} came and was never promised")
        });
        if let Some(before) = seen.insert(message_id, link.as_ref()) {
            verdict.duplicates += 1;
            verdict.check(before == link.as_ref(), || {
                format!("I5: {message_id} came twice with different links")
            });
        }
    }
    for message in rows.messages.values().flatten() {
        let arrived = seen.contains_key(message.message_id.as_str());
        let given_up = matches!(message.state.as_str(), "dead" | "dropped");
        verdict.check(
            arrived || (given_up && message.last_error.is_some()),
            || {
                format!(
                    "I4: {} ({}) never came and is {}",
                    message.message_id, message.kind, message.state
                )
            },
        );
        verdict.check(message.state != "sent" || arrived, || {
            format!("I4: {} counts as sent and never came", message.message_id)
        });
    }
    for entry in journal {
        let Entry::Created {
            ticket_id, link, ..
        } = entry
        else {
            continue;
        };
        for message in rows.messages_of(ticket_id, "enrollment") {
            let mailed = seen.get(message.message_id.as_str()).copied().flatten();
            verdict.check(mailed.is_none_or(|mailed| mailed == link), || {
                format!("I5: {ticket_id} was mailed with another link than was answered")
            });
        }
    }
}

/// I8: nothing but 503 with `Retry-After` says that something is broken, and nobody waits long to hear it.
fn answers_are_in_order(journal: &[Entry], verdict: &mut Verdict) {
    for entry in journal {
        let Entry::Answered {
            what,
            status,
            retry_after,
            ..
        } = entry
        else {
            continue;
        };
        verdict.check(*status < 500 || (*status == 503 && *retry_after), || {
            format!("I8: {what} was answered {status}, Retry-After: {retry_after}")
        });
    }
}
