//! What was asked lately: one caller asks the database, the others have the answer too.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::core::{Error, Result, Timestamp};

/// An answer is asked for again after this, and not before.
const FRESH: Duration = Duration::from_secs(10);
/// Asking takes at most one part in so many of the database's time, however large it grew.
const SHARE: u32 = 50;
/// Who asks waits no longer than this; the answer that comes later is for the next.
const WAIT: Duration = Duration::from_secs(2);

/// The latest answer to one question.
pub struct Lately<T>(Arc<Mutex<Option<Answer<T>>>>);

struct Answer<T> {
    value: Option<T>,
    asked: Timestamp,
    /// It holds until then.
    until: Timestamp,
}

impl<T> Answer<T> {
    /// A clock that was set back is no reason to keep it.
    fn holds_at(&self, now: Timestamp) -> bool {
        self.asked <= now && now < self.until
    }
}

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone + Send + 'static> Lately<T> {
    /// The answer at `now`: at most ten seconds old, older if asking takes long.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the question failed, or is not answered within two seconds.
    pub async fn get(
        &self,
        now: Timestamp,
        ask: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let slot = Arc::clone(&self.0);
        // In a task of its own: who stops waiting does not stop the asking.
        let asking = tokio::spawn(async move {
            let mut slot = slot.lock().await;
            if let Some(answer) = slot.as_ref().filter(|answer| answer.holds_at(now)) {
                return answer.value.clone();
            }
            let begun = Instant::now();
            let value = match ask.await {
                Ok(value) => Some(value),
                Err(error) => {
                    tracing::warn!(error = error.label(), "the database was not asked");
                    None
                }
            };
            let until = now + FRESH.max(begun.elapsed() * SHARE);
            let answer = Answer {
                value,
                asked: now,
                until,
            };
            slot.insert(answer).value.clone()
        });
        match timeout(WAIT, asking).await {
            Ok(Ok(Some(value))) => Ok(value),
            _ => Err(Error::Unavailable(anyhow::anyhow!(
                "the database was not asked"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_ask_and_the_database_is_asked_once() {
        let (lately, asked) = (Lately::default(), Arc::new(AtomicU32::new(0)));
        let ask = || {
            let asked = Arc::clone(&asked);
            async move { Ok(asked.fetch_add(1, Ordering::SeqCst) + 1) }
        };
        let now = Timestamp::from_millis(1_767_225_600_000);
        let all = futures_util::future::join_all((0..5).map(|_| lately.get(now, ask()))).await;
        assert!(all.into_iter().all(|answer| answer.unwrap() == 1));
        let almost = now + (FRESH - Duration::from_millis(1));
        assert_eq!(lately.get(almost, ask()).await.unwrap(), 1);
        assert_eq!(lately.get(now + 2 * FRESH, ask()).await.unwrap(), 2);
        assert_eq!(lately.get(now, ask()).await.unwrap(), 3, "set back");
    }

    #[tokio::test]
    async fn a_question_that_failed_is_asked_again_but_not_at_once() {
        let lately = Lately::default();
        let now = Timestamp::from_millis(1_767_225_600_000);
        let fails = async { Err(Error::internal(anyhow::anyhow!("no"))) };
        assert!(lately.get(now, fails).await.is_err());
        assert!(lately.get(now, async { Ok(1) }).await.is_err());
        assert_eq!(
            lately.get(now + 2 * FRESH, async { Ok(1) }).await.unwrap(),
            1
        );
    }
}
