//! Malformed HTTP over raw sockets: straight to the server, and through the proxies that stand before it (H3, §3.10).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::UNLIMITED;
use crate::corpus::{self, Case, Verdict};
use crate::raw::{Reply, exchange};
use crate::support::place::Place;

/// What comes behind each case on the same connection: answered only if the case was a request.
const NEXT: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const QUIET: Duration = Duration::from_millis(400);
const AT_ONCE: usize = 16;

/// Sends each case on a connection of its own, some at a time.
pub fn send_all(address: &str, cases: &[Case]) -> Vec<Reply> {
    let next = AtomicUsize::new(0);
    let replies = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(at) else { return };
                    let bytes = [case.bytes.as_slice(), NEXT.as_bytes()].concat();
                    let reply = exchange(address, &bytes, QUIET);
                    replies.lock().unwrap().insert(at, reply);
                }
            });
        }
    });
    replies.into_inner().unwrap().into_values().collect()
}

/// What is wrong with the reply, if anything is.
fn fault(case: &Case, reply: &Reply) -> Option<&'static str> {
    let by_parser = |status: u16| matches!(status, 400 | 431);
    if reply.answers.iter().any(|answer| answer.status >= 500) {
        return Some("5xx");
    }
    if !reply.rest.is_empty() {
        return Some("what came back is no HTTP");
    }
    let refused = reply.answers.iter().position(|answer| answer.id.is_none());
    if let Some(at) = refused {
        if !by_parser(reply.answers[at].status) || at + 1 != reply.answers.len() {
            return Some("something was answered behind what could not be read");
        }
        if !reply.closed {
            return Some("the connection stays after a framing error");
        }
    }
    let next = reply
        .answers
        .last()
        .is_some_and(|answer| answer.body == b"{\"status\":\"ok\"}");
    match case.verdict {
        Verdict::Broken if refused.is_none() => Some("not refused"),
        Verdict::BrokenBody if next || !reply.closed => Some("read on behind a broken body"),
        Verdict::Served if refused.is_some() || !next => Some("not served"),
        _ => None,
    }
}

fn shown(case: &Case) -> String {
    let text = String::from_utf8_lossy(&case.bytes);
    let text: String = text.chars().take(160).collect();
    format!("{}: {:?}: {text:?}", case.family, case.verdict)
}

fn answered(reply: &Reply) -> String {
    let statuses: Vec<u16> = reply.answers.iter().map(|answer| answer.status).collect();
    let end = if reply.closed { "closed" } else { "open" };
    format!("{statuses:?}, {end}")
}

#[test]
fn what_is_no_http_is_refused_and_nothing_behind_it_is_read() {
    let cases = corpus::all();
    assert!(cases.len() >= 2000, "{} requests", cases.len());
    let place = Place::new();
    let server = place.serve_with(&UNLIMITED);
    let replies = send_all(server.address(), &cases);
    let mut faults = BTreeMap::<_, Vec<String>>::new();
    for (case, reply) in cases.iter().zip(&replies) {
        if let Some(fault) = fault(case, reply) {
            let of_kind = faults.entry((fault, case.family)).or_default();
            of_kind.push(format!("{} -> {}", shown(case), answered(reply)));
        }
    }
    for ((fault, family), which) in &faults {
        println!(
            "{fault}: {} of {family}: {:#?}",
            which.len(),
            &which[..which.len().min(3)]
        );
    }
    assert!(
        faults.is_empty(),
        "of {} requests, some go wrong",
        cases.len()
    );
    let mut by_verdict = BTreeMap::<_, usize>::new();
    for (case, reply) in cases.iter().zip(&replies) {
        let refused = reply.answers.iter().any(|answer| answer.id.is_none());
        *by_verdict.entry((case.family, refused)).or_default() += 1;
    }
    println!("{} requests: {by_verdict:?}", cases.len());
    let ran = server.signal("TERM");
    assert!(ran.status.success(), "{}", ran.err);
    // actix-http 3.20 takes no header name of 64 KiB and panics: that connection ends, its worker goes on.
    let panics = |line: &&str| line.contains("\"panic\"") && !line.contains("actix-http-");
    assert_eq!(ran.out.lines().find(panics), None);
    let noise = ran.out.lines().filter(|line| !line.contains("\"request\""));
    let noise: Vec<&str> = noise.collect();
    assert!(noise.len() < 20, "strangers fill the log: {noise:#?}");
}
