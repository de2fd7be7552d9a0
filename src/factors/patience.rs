//! How many wrong proofs in a row are borne, for tickets and for users alike.

use std::time::Duration;

/// Wrong proofs before a delay begins.
const FREE_FAILURES: i64 = 5;
/// Wrong proofs after which none is taken.
pub const MOST_FAILURES: i64 = 20;
const FIRST_DELAY: Duration = Duration::from_secs(30);
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// How long no proof is taken after so many wrong ones: `None` not at all, `Some(None)` for good.
pub fn delay_after(failures: i64) -> Option<Option<Duration>> {
    match failures {
        ..FREE_FAILURES => None,
        MOST_FAILURES.. => Some(None),
        _ => {
            let doubled = FIRST_DELAY
                * 2_u32
                    .saturating_pow(u32::try_from(failures - FREE_FAILURES).unwrap_or(u32::MAX))
                    .min(64);
            Some(Some(doubled.min(LONGEST_DELAY)))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_codes_are_free_then_the_wait_grows_to_a_stop() {
        let seconds =
            |failures| delay_after(failures).map(|delay| delay.map(|delay| delay.as_secs()));
        for failures in 0..5 {
            assert_eq!(seconds(failures), None);
        }
        assert_eq!(seconds(5), Some(Some(30)));
        assert_eq!(seconds(6), Some(Some(60)));
        assert_eq!(seconds(10), Some(Some(900)));
        assert_eq!(seconds(19), Some(Some(900)));
        assert_eq!(seconds(20), Some(None));
        assert_eq!(seconds(i64::MAX), Some(None));
        let waits: Vec<_> = (5..20)
            .map(|failures| seconds(failures).unwrap().unwrap())
            .collect();
        assert!(waits.is_sorted());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn more_wrong_codes_never_wait_less(failures in prop_oneof![-5_i64..30, any::<i64>()], more in 0_i64..30) {
            // For good is longer than any span.
            let span = |failures| delay_after(failures).map_or(Duration::ZERO, |delay| delay.unwrap_or(Duration::MAX));
            prop_assert!(span(failures.saturating_add(more)) >= span(failures));
            prop_assert_eq!(span(failures) == Duration::MAX, failures >= MOST_FAILURES);
            prop_assert_eq!(span(failures) == Duration::ZERO, failures < FREE_FAILURES);
        }
    }
}
