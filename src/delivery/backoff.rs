//! How long to wait before the next try.

use std::time::Duration;

use crate::core::Rng;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// How many steps further the wait begins when only an admin can help.
const STEPS_FOR_AN_ADMIN: i64 = 4;

/// The wait after the `attempts`th try: doubles from ten seconds to an hour, and a random half of it is left out, so
/// that what failed together does not come back together.
pub(super) fn backoff(attempts: i64, rng: &dyn Rng) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    let whole = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    whole.mul_f64(0.5 + rng.fraction() / 2.0)
}

/// The wait when settings or templates are wrong: no mail is lost by it, but trying often helps nobody.
pub(super) fn backoff_for_an_admin(attempts: i64, rng: &dyn Rng) -> Duration {
    backoff(attempts.saturating_add(STEPS_FOR_AN_ADMIN), rng)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::OsRng;

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
}
