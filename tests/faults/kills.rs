//! `kill -9` at random moments and at named points: what was answered is there, what was not is there whole or not at
//! all, and people can go on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::client::{Attempt, Client, Proved};
use crate::installation::{Installation, PATIENCE, any, has_points, times};
use crate::journal::Entry;

/// Tells a story on SQLite, and on PostgreSQL where a server is named.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story($crate::installation::Installation::on_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs PostgreSQL: bash tests/run.sh"]
            async fn on_postgres() {
                if let Some(place) = $crate::installation::Installation::on_postgres().await {
                    super::$story(place).await;
                }
            }
        }
    )+};
}
pub(crate) use on_both;

on_both!(creating, repeating, redeeming, delivering);

/// How a life of the server ends.
#[derive(Clone, Debug)]
enum Death {
    /// So long after its start.
    After(Duration),
    /// At a named point, when it comes there for the next time after so many.
    At(&'static str, u64),
}

impl Death {
    /// Every other one at the next of these points.
    fn nth(n: usize, points: &[&'static str], passes: u64) -> Self {
        if n.is_multiple_of(2) || !has_points() {
            return Self::After(Duration::from_millis(any(40..400)));
        }
        Self::At(points[n / 2 % points.len()], any(0..passes))
    }

    fn points(&self) -> String {
        match self {
            Self::After(_) => String::new(),
            Self::At(name, 0) => format!("{name}=return"),
            Self::At(name, passes) => format!("{name}={passes}*off->return"),
        }
    }
}

/// Starts the server, lets `load` run until it dies, and notes how it died. `load` is told by the flag.
async fn live<L: Future<Output = ()>>(
    place: &Installation,
    death: Death,
    load: impl FnOnce(Arc<AtomicBool>) -> L,
) {
    let dead = Arc::new(AtomicBool::new(false));
    let mut process = place.start(&death.points());
    let die = async {
        let how = match &death {
            Death::After(span) => {
                let begun = tokio::time::Instant::now();
                let ready = tokio::time::timeout(*span, process.ready()).await;
                if let Ok(Some(millis)) = ready {
                    place.journal.write(Entry::Ready { millis }).await;
                }
                tokio::time::sleep_until(begun + *span).await;
                process.killed().await;
                format!("{span:?} after its start")
            }
            Death::At(name, _) => {
                // A load that ran out does not bring it there any more.
                match tokio::time::timeout(PATIENCE / 20, process.ended()).await {
                    Ok(_) => (*name).to_owned(),
                    Err(_) => {
                        process.killed().await;
                        format!("{name} was not reached")
                    }
                }
            }
        };
        dead.store(true, Ordering::SeqCst);
        place.journal.write(Entry::Died { how }).await;
    };
    tokio::join!(die, load(Arc::clone(&dead)));
}

/// Does `act` every `pause`, whether the former are answered or not, until the server is dead; waits for all answers.
pub async fn at_a_pace<A: Future<Output = ()> + Send + 'static>(
    pause: Duration,
    dead: Arc<AtomicBool>,
    mut act: impl FnMut() -> Option<A>,
) {
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut under_way = JoinSet::new();
    while !dead.load(Ordering::SeqCst) {
        ticks.tick().await;
        if let Some(act) = act() {
            under_way.spawn(act);
        }
    }
    while let Some(done) = under_way.join_next().await {
        done.unwrap();
    }
}

/// 200 tickets a second are asked for, every fourth with a mail.
async fn creating(place: Installation) {
    const POINTS: [&str; 5] = [
        "create::begun",
        "create::ticket",
        "create::outbox",
        "create::commit",
        "create::committed",
    ];
    let client = place.client().await;
    let users = AtomicUsize::new(0);
    for n in 0..times(50, 500) {
        live(&place, Death::nth(n, &POINTS, 12), async |dead| {
            at_a_pace(Duration::from_millis(5), dead, || {
                let (client, user) = (client.clone(), users.fetch_add(1, Ordering::SeqCst));
                Some(async move {
                    let mail = user.is_multiple_of(4);
                    client.create(&format!("auth0|{user}"), mail).await;
                })
            })
            .await;
        })
        .await;
    }
    let verdict = place.settle().await;
    verdict.tell(&format!("killed while creating, {}", place.database.name()));
}

/// Whoever was not answered asks again under the same key, and so do those who were: one ticket, one link, one mail.
async fn repeating(place: Installation) {
    const POINTS: [&str; 3] = ["create::commit", "create::committed", "create::outbox"];
    let client = place.client().await;
    let lives = times(8, 100);
    let users = AtomicUsize::new(0);
    let answers = Arc::new(Mutex::new(Vec::new()));
    for n in 0..lives {
        live(&place, Death::nth(n, &POINTS, 12), async |dead| {
            at_a_pace(Duration::from_millis(20), dead, || {
                let key = format!("call-{}", users.fetch_add(1, Ordering::SeqCst));
                let (client, answers) = (client.clone(), Arc::clone(&answers));
                Some(async move {
                    let answer = client.create_once(&key).await;
                    answers.lock().unwrap().push((key, answer));
                })
            })
            .await;
        })
        .await;
    }
    let process = place.started().await;
    let answers = std::mem::take(&mut *answers.lock().unwrap());
    for (key, answer) in &answers {
        let again = client.create_once(key).await;
        assert!(again.is_some(), "{key}");
        assert!(
            answer.is_none() || *answer == again,
            "{key}: {answer:?} {again:?}"
        );
    }
    process.killed().await;
    let tickets = "SELECT COUNT(*) FROM tickets";
    assert_eq!(place.database.number(tickets).await, answers.len() as i64);
    let verdict = place.settle().await;
    verdict.tell(&format!("asked again, {}", place.database.name()));
}

/// 100 codes a second are sent, one in five of them wrong; who is not answered sends again.
async fn redeeming(place: Installation) {
    const POINTS: [&str; 5] = [
        "redeem::begun",
        "redeem::ticket",
        "redeem::outbox",
        "redeem::commit",
        "redeem::committed",
    ];
    let client = place.client().await;
    let lives = times(50, 500);
    let waiting = Arc::new(Mutex::new(VecDeque::new()));
    for n in 0..lives {
        // The pages are opened in a life of its own now and then, so that no attempt is older than minutes.
        if n % 50 == 0 {
            let process = place.started().await;
            let opened = open(&client, &format!("{n}"), 8 * 50.min(lives - n)).await;
            waiting.lock().unwrap().extend(opened);
            process.killed().await;
        }
        live(&place, Death::nth(n, &POINTS, 6), async |dead| {
            prove_all(&client, &waiting, CODES, dead).await;
        })
        .await;
    }
    let process = place.started().await;
    everybody_finishes(&client, &waiting).await;
    process.killed().await;
    let verdict = place.settle().await;
    assert_eq!(
        verdict.enrolled, verdict.created,
        "everybody whose page was open is enrolled"
    );
    verdict.tell(&format!(
        "killed while redeeming, {}",
        place.database.name()
    ));
}

/// 100 a second.
const CODES: Duration = Duration::from_millis(10);

/// Whoever was not answered so far tries again, now that nothing is broken.
pub async fn everybody_finishes(client: &Client, people: &Arc<Waiting>) {
    let begun = Instant::now();
    while !people.lock().unwrap().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "somebody cannot finish");
        let round = Arc::new(AtomicBool::new(false));
        let prove = prove_all(client, people, CODES, Arc::clone(&round));
        tokio::join!(prove, async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            round.store(true, Ordering::SeqCst);
        });
    }
}

/// So many people with the page of the authenticator app open; every fifth will mistype first.
pub async fn open(client: &Client, label: &str, count: usize) -> Vec<(Attempt, bool)> {
    let opening = (0..count).map(async |n| {
        let issued = client.create(&format!("auth0|{label}-{n}"), false).await;
        let attempt = client.open(&issued.expect("nothing is broken yet")).await;
        (
            attempt.expect("nothing is broken yet"),
            !n.is_multiple_of(5),
        )
    });
    stream::iter(opening).buffer_unordered(16).collect().await
}

/// People whose code is not accepted yet, and whether they will type it right.
pub type Waiting = Mutex<VecDeque<(Attempt, bool)>>;

/// Sends the codes of those who wait; puts back who was not enrolled.
pub async fn prove_all(
    client: &Client,
    waiting: &Arc<Waiting>,
    pause: Duration,
    dead: Arc<AtomicBool>,
) {
    at_a_pace(pause, dead, || {
        let (attempt, right) = waiting.lock().unwrap().pop_front()?;
        let (client, waiting) = (client.clone(), Arc::clone(waiting));
        Some(async move {
            let proved = client.prove(&attempt, right).await;
            match proved {
                Proved::Enrolled => {}
                // Mistyped once: the next one is right.
                Proved::Wrong => waiting.lock().unwrap().push_back((attempt, true)),
                // Out of reach for a moment, on a machine that is busy with starts.
                // What else went wrong in the server, the oracle tells.
                Proved::Lost | Proved::Refused(500..) => {
                    waiting.lock().unwrap().push_back((attempt, right));
                }
                Proved::Refused(status) => panic!("{} was answered {status}", attempt.ticket_id),
            }
        })
    })
    .await;
}

/// A queue of mails is delivered, as fast as it goes.
async fn delivering(place: Installation) {
    const POINTS: [&str; 3] = ["deliver::taken", "deliver::leased", "deliver::taken"];
    const QUEUE: usize = 300;
    let waiting = "SELECT COUNT(*) FROM outbox WHERE state = 'due'";
    place.client().await;
    for n in 0..times(50, 500) {
        if place.database.number(waiting).await < 100 {
            place.queue_mails(QUEUE).await;
        }
        // The leases of those who died would hold their mails back for minutes.
        place.database.let_mails_be_due().await;
        live(&place, Death::nth(n, &POINTS, 4), async |_| {}).await;
    }
    let verdict = place.settle().await;
    verdict.tell(&format!(
        "killed while delivering, {}",
        place.database.name()
    ));
}
