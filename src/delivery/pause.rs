//! The pause of the whole queue while the mail server takes nothing: now and then one mail finds out whether it does
//! again, and the others wait without a try of their own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::backoff::{pause, pause_for_an_admin};
use super::failure::Failure;
use crate::core::{Rng, Timestamp};

/// What the mails of one worker know of their server.
#[derive(Default)]
pub(super) struct Pause(Mutex<State>);

#[derive(Default)]
struct State {
    /// Failures that concern every mail, since the server last answered about one.
    in_a_row: usize,
    /// Pauses since then.
    pauses: i64,
    until: Option<Timestamp>,
}

impl Pause {
    /// How many mails may be tried: none while the pause lasts, one after it, and all the others once that one got an
    /// answer.
    pub(super) fn lets_through(&self, all: usize, now: Timestamp) -> usize {
        match self.lock().until {
            Some(until) if now < until => 0,
            Some(_) => 1,
            None => all,
        }
    }

    /// How long it lasts yet, if it does.
    pub(super) fn left(&self, now: Timestamp) -> Option<Duration> {
        let until = self.lock().until?;
        (now < until).then(|| until.since(now))
    }

    /// The server answered about a mail: it works.
    pub(super) fn end(&self) {
        let over = std::mem::take(&mut *self.lock());
        if over.pauses > 0 {
            tracing::info!("the mail server takes mails again");
        }
    }

    /// The server failed in a way that concerns every mail. It is believed when `patience` mails in a row found the
    /// same, for a server may have no place for one connection more; wrong settings are believed at once.
    pub(super) fn begin(&self, failure: &Failure, patience: usize, now: Timestamp, rng: &dyn Rng) {
        let mut state = self.lock();
        state.in_a_row += 1;
        let is_ours = matches!(failure, Failure::Ours(_));
        let goes_on = state.until.is_some_and(|until| now < until);
        if goes_on || !(is_ours || state.in_a_row >= patience) {
            return;
        }
        state.pauses += 1;
        let span = if is_ours {
            pause_for_an_admin(state.pauses, rng)
        } else {
            pause(state.pauses, rng)
        };
        state.until = Some(now + span);
        // One line for the whole outage; each try has a line of its own.
        if state.pauses == 1 {
            tracing::error!(error = %failure, "no mail can be sent, all of them wait");
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::OsRng;

    const NOON: Timestamp = Timestamp::from_millis(1_795_348_800_000);
    const MINUTE: Duration = Duration::from_secs(60);

    fn away() -> Failure {
        Failure::Away("out of reach".to_owned())
    }

    #[test]
    fn one_asks_after_each_pause_and_pauses_grow_to_minutes() {
        let pause = Pause::default();
        let (mut now, mut spans) = (NOON, Vec::new());
        for _ in 0..12 {
            pause.begin(&away(), 1, now, &OsRng);
            assert_eq!(pause.lets_through(64, now), 0);
            let span = pause.left(now).unwrap();
            now = now + span;
            assert_eq!((pause.left(now), pause.lets_through(64, now)), (None, 1));
            spans.push(span);
        }
        assert!(spans[0] <= Duration::from_secs(10));
        assert!(spans.iter().all(|span| *span <= 5 * MINUTE), "{spans:?}");
        assert!(spans[11] >= 2 * MINUTE, "{spans:?}");
        pause.end();
        assert_eq!(pause.lets_through(64, now), 64);
    }

    #[test]
    fn those_under_way_when_it_begins_do_not_lengthen_it() {
        let pause = Pause::default();
        pause.begin(&away(), 1, NOON, &OsRng);
        let left = pause.left(NOON);
        for _ in 0..7 {
            pause.begin(&away(), 1, NOON, &OsRng);
        }
        assert_eq!(pause.left(NOON), left);
    }

    #[test]
    fn a_server_without_a_place_for_one_more_stops_nobody_else() {
        let pause = Pause::default();
        for _ in 0..10 {
            for _ in 0..3 {
                pause.begin(&away(), 8, NOON, &OsRng);
            }
            assert_eq!(pause.lets_through(64, NOON), 64);
            pause.end();
        }
    }

    #[test]
    fn wrong_settings_are_believed_at_once_and_give_an_admin_time() {
        let pause = Pause::default();
        pause.begin(&Failure::Ours("login refused".into()), 8, NOON, &OsRng);
        assert!(pause.left(NOON).unwrap() >= MINUTE);
    }
}
