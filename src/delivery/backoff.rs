//! How long to wait before the next try.

use std::time::Duration;

use crate::core::{Rng, Timestamp};

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// The longest wait for a reason that is none of the mail's own: soon after an outage is over, all have left.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// How many steps further the wait begins when only an admin can help.
const STEPS_FOR_AN_ADMIN: i64 = 4;

/// The wait after the `attempts`th try: doubles from ten seconds to an hour, and a random half of it is left out, so
/// that what failed together does not come back together.
pub(super) fn backoff(attempts: i64, rng: &dyn Rng) -> Duration {
    wait(attempts, LONGEST, rng)
}

/// The wait when a template is wrong: no mail is lost by it, but trying often helps nobody.
pub(super) fn backoff_for_an_admin(attempts: i64, rng: &dyn Rng) -> Duration {
    backoff(attempts.saturating_add(STEPS_FOR_AN_ADMIN), rng)
}

/// The wait after the `tries`th try that failed for a reason that is none of the mail's own; five minutes at most.
pub(super) fn pause(tries: i64, rng: &dyn Rng) -> Duration {
    wait(tries, LONGEST_PAUSE, rng)
}

/// The same when the settings are wrong: a refused login that is repeated often locks the account.
pub(super) fn pause_for_an_admin(tries: i64, rng: &dyn Rng) -> Duration {
    pause(tries.saturating_add(STEPS_FOR_AN_ADMIN), rng)
}

fn wait(tries: i64, longest: Duration, rng: &dyn Rng) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    let whole = (FIRST * 2_u32.pow(doublings)).min(longest);
    whole.mul_f64(0.5 + rng.fraction() / 2.0)
}

/// When to try again: the last try comes at the end of the message's time, and finds it over.
pub(super) fn next_try(now: Timestamp, wait: Duration, expires_at: Timestamp) -> Timestamp {
    (now + wait).min(expires_at)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::core::{OsRng, Rng};

    struct Always(u8);

    impl Rng for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn waits_grow_from_seconds_to_an_hour_and_no_further() {
        let longest = |attempts| backoff(attempts, &Always(0xff)).as_secs_f64().round();
        assert_eq!(longest(1), 10.0);
        assert_eq!(longest(2), 20.0);
        assert_eq!(longest(5), 160.0);
        assert_eq!(longest(10), 3600.0);
        assert_eq!(longest(i64::MAX), 3600.0);
    }

    #[test]
    fn every_wait_lies_in_the_upper_half_of_its_step() {
        for attempts in [i64::MIN, -1, 0, 1, 2, 3, 7, 20, 1000, i64::MAX] {
            let (shortest, longest) = (
                backoff(attempts, &Always(0)),
                backoff(attempts, &Always(0xff)),
            );
            for _ in 0..200 {
                let wait = backoff(attempts, &OsRng);
                assert!(shortest <= wait && wait <= longest, "{attempts}: {wait:?}");
            }
            assert!(longest <= shortest * 2 && longest <= LONGEST && shortest >= FIRST / 2);
        }
    }

    #[test]
    fn two_that_failed_together_do_not_come_back_together() {
        let waits: std::collections::HashSet<Duration> =
            (0..100).map(|_| backoff(5, &OsRng)).collect();
        assert!(waits.len() > 90);
    }

    #[test]
    fn an_admin_is_given_minutes() {
        assert!(backoff_for_an_admin(1, &Always(0)) >= Duration::from_secs(80));
        assert!(backoff_for_an_admin(i64::MAX, &Always(0xff)) <= LONGEST);
    }

    /// Gives out the words it was given, one a draw, over and over.
    struct Given(Vec<u32>, std::sync::atomic::AtomicUsize);

    impl Rng for Given {
        fn fill(&self, bytes: &mut [u8]) {
            let at = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            bytes.copy_from_slice(&self.0[at % self.0.len()].to_be_bytes());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn tries_span_the_life_of_the_message_and_end_with_it(
            life in 1_u64..=5 * 86_400, chance in vec(any::<u32>(), 1..20), broken in any::<bool>()
        ) {
            let rng = Given(chance, 0.into());
            let expires_at = Timestamp::from_millis(0) + Duration::from_secs(life);
            let (mut now, mut attempts) = (Timestamp::from_millis(0), 0);
            while now < expires_at {
                attempts += 1;
                let wait = if broken { backoff_for_an_admin(attempts, &rng) } else { backoff(attempts, &rng) };
                let next = next_try(now, wait, expires_at);
                prop_assert!(next > now && next <= expires_at);
                prop_assert!(next.since(now) <= LONGEST);
                now = next;
            }
            // Ten doublings, and then at least half an hour each.
            prop_assert!(attempts <= 10 + 5 * 48 + 1, "{} tries", attempts);
        }

        #[test]
        fn a_later_wait_is_no_shorter(attempts in any::<i64>(), later in 0_i64..100, chance in any::<u32>()) {
            let rng = Given(vec![chance], 0.into());
            let (wait, then) = (backoff(attempts, &rng), backoff(attempts.saturating_add(later), &rng));
            prop_assert!(then >= wait, "with the same chance");
            prop_assert!(wait >= FIRST / 2 && then <= LONGEST);
            prop_assert!(backoff_for_an_admin(attempts, &rng) >= wait);
        }
    }
}
