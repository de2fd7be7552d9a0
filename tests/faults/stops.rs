//! Told to stop under load, and people who go away: nothing that was begun is left half done or unanswered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::client::Proved;
use crate::installation::{Installation, any, times};
use crate::kills::{at_a_pace, on_both, open};

on_both!(told_to_stop, people_go_away);

async fn told_to_stop(place: Installation) {
    let client = place.client().await;
    let users = AtomicUsize::new(0);
    for _ in 0..times(5, 100) {
        let process = place.started().await;
        let stopped = Arc::new(AtomicBool::new(false));
        let load = at_a_pace(Duration::from_millis(5), Arc::clone(&stopped), || {
            let (client, user) = (client.clone(), users.fetch_add(1, Ordering::SeqCst));
            Some(async move {
                client.create(&format!("auth0|{user}"), false).await;
            })
        });
        let stop = async {
            tokio::time::sleep(Duration::from_millis(any(50..300))).await;
            let told = Instant::now();
            let status = process.told_to_stop().await;
            stopped.store(true, Ordering::SeqCst);
            assert_eq!(status.code(), Some(0), "{}", place.log_text());
            assert!(told.elapsed() < Duration::from_secs(30));
        };
        tokio::join!(load, stop);
    }
    let verdict = place.settle().await;
    assert_eq!(
        verdict.unanswered, 0,
        "a ticket was made and its request not answered; {} answers 503",
        verdict.unavailable
    );
    verdict.tell(&format!("told to stop, {}", place.database.name()));
}

/// They close the page while their code is on its way, and try again later.
async fn people_go_away(place: Installation) {
    let client = place.client().await;
    let process = place.started().await;
    let people = open(&client, "away", times(40, 400)).await;
    let mut impatient = 0;
    for (attempt, _) in &people {
        let patience = Duration::from_micros(any(500..40_000));
        let proved = tokio::time::timeout(patience, client.prove(attempt, true)).await;
        impatient += usize::from(proved.is_err());
    }
    assert!(impatient > 0, "nobody went away");
    for (attempt, _) in &people {
        assert_eq!(client.prove(attempt, true).await, Proved::Enrolled);
    }
    assert!(process.told_to_stop().await.success());
    let verdict = place.settle().await;
    assert_eq!(verdict.enrolled, people.len());
    verdict.tell(&format!(
        "{impatient} of {} went away, {}",
        people.len(),
        place.database.name()
    ));
}
