//! How long a database may keep anybody waiting.

use std::cell::Cell;
use std::time::Duration;

use tokio::task::futures::TaskLocalFuture;
use tokio::time::Instant;

/// How long a piece of work has with the database, from asking for a connection to its last answer, before the caller
/// is told to come back; a request has no longer for all its pieces. Everybody is answered within three seconds,
/// whatever the database does.
pub(super) const DEADLINE: Duration = Duration::from_millis(2_400);

tokio::task_local! {
    /// What a request has left. Only time with the database counts: a slow line does not use it up.
    static LEFT: Cell<Duration>;
}

/// Lets all work with the database that `request` does share one deadline, in place of one for each piece.
pub fn with_one_deadline<F: Future>(request: F) -> TaskLocalFuture<Cell<Duration>, F> {
    LEFT.scope(Cell::new(DEADLINE), request)
}

/// The same for work that goes on in another task: it has what the request has left now.
pub fn with_the_rest<F: Future>(work: F) -> TaskLocalFuture<Cell<Duration>, F> {
    LEFT.scope(Cell::new(left()), work)
}

fn left() -> Duration {
    LEFT.try_with(Cell::get).unwrap_or(DEADLINE)
}

/// A piece of work with the database, until it is dropped.
pub(super) struct Piece {
    begun: Instant,
    /// When its time is over.
    pub(super) until: Instant,
}

impl Piece {
    pub(super) fn begin() -> Self {
        let begun = Instant::now();
        let until = begun + left();
        Self { begun, until }
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        // Work of no request shares nothing.
        let _ = LEFT.try_with(|left| left.set(left.get().saturating_sub(took)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if a piece had taken this long.
    fn piece(span: Duration) {
        let mut piece = Piece::begin();
        piece.begun -= span;
    }

    fn is_about(span: Duration, wanted: Duration) -> bool {
        span <= wanted && span + Duration::from_millis(200) > wanted
    }

    #[tokio::test]
    async fn pieces_of_one_request_share_its_time_and_nobody_elses() {
        let second = Duration::from_secs(1);
        let request = with_one_deadline(async {
            assert_eq!(left(), DEADLINE);
            piece(second);
            assert!(is_about(left(), DEADLINE - second));
            let until = Piece::begin().until;
            assert!(is_about(until - Instant::now(), DEADLINE - second));
            let elsewhere = with_the_rest(async move {
                piece(second);
                left()
            });
            let elsewhere = tokio::spawn(elsewhere).await.unwrap();
            assert!(is_about(elsewhere, DEADLINE - 2 * second));
            piece(DEADLINE);
            assert_eq!(left(), Duration::ZERO);
        });
        request.await;
        piece(second);
        assert_eq!(left(), DEADLINE, "a job shares nothing");
    }
}
