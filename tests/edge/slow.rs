//! Clients that take their time, and more clients than there is time for (H2, H5, §3.14).

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::UNLIMITED;
use crate::support::house::House;
use crate::support::place::Place;

/// What the slow ones send one byte of every five seconds.
const PACE: Duration = Duration::from_secs(5);
const PAGE: &str = "GET /guardian/enroll HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Whether the counts are those of a long run.
fn long() -> bool {
    env::var_os("TESSERA_TEST_LONG").is_some()
}

/// One page over a connection of its own: how long it took, and its status.
async fn visit(address: &str) -> (Duration, u16) {
    let started = Instant::now();
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return (started.elapsed(), 0);
    };
    let mut answer = Vec::new();
    let sent = stream.write_all(PAGE.as_bytes()).await;
    let read = stream.read_to_end(&mut answer).await;
    let status = answer
        .get(9..12)
        .and_then(|status| std::str::from_utf8(status).ok());
    let status = status.and_then(|status| status.parse().ok());
    let whole = sent.is_ok() && read.is_ok();
    (
        started.elapsed(),
        if whole { status.unwrap_or(0) } else { 0 },
    )
}

/// Visits one after the other until told: the slowest of a hundred, and how many there were.
async fn visits(address: &str, until: impl Fn(usize) -> bool) -> (Duration, usize) {
    let mut took = Vec::new();
    while !until(took.len()) {
        let (time, status) = visit(address).await;
        assert_eq!(status, 401, "a visitor is served whatever others do");
        took.push(time);
    }
    took.sort();
    (took[took.len() * 99 / 100], took.len())
}

/// A client that sends the beginning at once and the rest a byte at a time; says how long it was let.
async fn dawdle(address: String, beginning: &'static str) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let started = Instant::now();
    let (mut reading, mut writing) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while writing.write_all(b"a").await.is_ok() {
            sleep(PACE).await;
        }
    });
    let mut told = Vec::new();
    let _ = timeout(Duration::from_secs(60), reading.read_to_end(&mut told)).await;
    dripping.abort();
    // A byte that arrives behind the end resets the connection, and the answer may be lost with it.
    let status = told.get(9..12).unwrap_or(b"408");
    assert_eq!(status, b"408", "{:?}", String::from_utf8_lossy(&told));
    started.elapsed()
}

/// The slow ones come, and somebody visits until all of them are gone.
async fn besiege(
    address: &str,
    count: usize,
    beginning: &'static str,
) -> (Duration, usize, Duration) {
    let mut slow = JoinSet::new();
    for _ in 0..count {
        slow.spawn(dawdle(address.to_owned(), beginning));
    }
    let gone = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&gone);
    let waiting = tokio::spawn(async move {
        let mut longest = Duration::ZERO;
        while let Some(time) = slow.join_next().await {
            longest = longest.max(time.unwrap_or(Duration::MAX));
        }
        told.store(true, Ordering::SeqCst);
        longest
    });
    let (p99, visits) = visits(address, |_| gone.load(Ordering::SeqCst)).await;
    (p99, visits, waiting.await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_hold_nobody_up_and_are_let_go() {
    let count = if long() { 5000 } else { 2000 };
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let place = Place::new();
    let server = place.serve_with(&UNLIMITED);
    let address = server.address().to_owned();
    let (calm, _) = visits(&address, |visits| visits >= 200).await;
    println!("a page, p99: {calm:?} with nobody else");
    let headers = "GET /guardian/enroll HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
    let body = "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 9000\r\n\r\n";
    let chunked = "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                   Transfer-Encoding: chunked\r\n\r\n2000\r\n";
    for (what, beginning, count, within) in [
        ("headers", headers, count, 8),
        // Told after 8 seconds, and gone when the connection is next looked at: after 10, or after 15 on a busy machine.
        ("bodies", body, count, 17),
        ("chunked bodies", chunked, count / 10, 20),
    ] {
        let (p99, visits, longest) = besiege(&address, count, beginning).await;
        println!(
            "a page, p99: {p99:?} of {visits} beside {count} slow {what}, gone after {longest:?}"
        );
        assert!(longest < Duration::from_secs(within), "{what}: {longest:?}");
    }
    let (after, _) = visits(&address, |visits| visits >= 50).await;
    println!("a page, p99: {after:?} after them");
}

/// How many pages were served, refused and lost to so many at once in this time.
async fn storm(address: &str, at_once: usize, time: Duration) -> (usize, usize, usize) {
    let end = Instant::now() + time;
    let mut storm = JoinSet::new();
    for _ in 0..at_once {
        let address = address.to_owned();
        storm.spawn(async move {
            let mut statuses = Vec::new();
            while Instant::now() < end {
                statuses.push(visit(&address).await.1);
            }
            statuses
        });
    }
    let statuses: Vec<u16> = storm.join_all().await.into_iter().flatten().collect();
    let count = |which: &[u16]| {
        statuses
            .iter()
            .filter(|status| which.contains(status))
            .count()
    };
    let (served, refused) = (count(&[401]), count(&[429, 503]));
    (served, refused, statuses.len() - served - refused)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_times_too_many_are_served_or_refused_and_it_passes() {
    let time = Duration::from_secs(if long() { 10 } else { 2 });
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let place = Place::new();
    let server = place.serve_with(&UNLIMITED);
    let address = server.address().to_owned();
    let (peak, _, lost) = storm(&address, 64, time).await;
    assert_eq!(lost, 0);
    let (served, refused, lost) = storm(&address, 320, time).await;
    println!("{peak} pages at 64 at once; at 320: {served} served, {refused} refused, {lost} lost");
    assert_eq!(lost, 0, "neither served nor refused");
    assert!(served * 2 > peak, "{served} of {peak}");
    let (after, status) = visit(&address).await;
    assert_eq!(status, 401);
    assert!(
        after < Duration::from_secs(1),
        "{after:?} after it has passed"
    );
    assert!(server.signal("TERM").status.success());
}

#[tokio::test]
async fn a_busy_database_is_told_in_time_and_health_answers() {
    let house = House::start().await;
    let token = house.admin_token().await;
    let link = house.link_for("auth0|ada").await;
    let client = reqwest::Client::new();
    // The token is known before the database is busy.
    let users = house.url("/api/v2/users");
    let users = || client.get(&users).bearer_auth(&token).send();
    assert_eq!(users().await.unwrap().status(), 200);

    let store = &house.app.store;
    let mut held = Vec::new();
    while let Ok(Ok(read)) = timeout(Duration::from_millis(200), store.begin_read()).await {
        held.push(read);
        assert!(held.len() < 100, "the pool has no bound");
    }
    let writer = store.begin_write().await.unwrap();
    let ticket = client
        .post(house.url("/api/v2/guardian/enrollments/ticket"))
        .bearer_auth(&token)
        .json(&serde_json::json!({ "user_id": "auth0|bob", "email": "bob@example.com" }));
    let started = Instant::now();
    let lists = (0..50).map(|_| users());
    let (lists, created) = tokio::join!(futures_util::future::join_all(lists), ticket.send());
    let took = started.elapsed();
    println!(
        "{} connections held: 51 callers were told after {took:?}",
        held.len() + 1
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
    let told = lists.into_iter().map(Result::unwrap);
    for answer in told.chain([created.unwrap()]) {
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }
    let started = Instant::now();
    let health = client.get(house.url("/healthz")).send().await.unwrap();
    assert_eq!(health.status(), 200);
    // A link asks for one row, which waits for nobody.
    let not_followed = reqwest::Client::builder().redirect(Policy::none());
    let opened = not_followed.build().unwrap().get(&link).send();
    assert_eq!(opened.await.unwrap().status(), 303);
    assert!(started.elapsed() < Duration::from_secs(1));
    drop((held, writer));
    assert_eq!(users().await.unwrap().status(), 200);
}
