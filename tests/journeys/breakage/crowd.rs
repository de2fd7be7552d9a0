//! People on the pages, all the while.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::support::program::Program;
use crate::support::visitor::Visitor;

/// How often each of three pages is loaded.
const EVERY: Duration = Duration::from_millis(30);

/// People who load pages without a pause, and what they saw.
pub struct Crowd {
    seen: Arc<Seen>,
    loads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    over: AtomicBool,
    good: AtomicUsize,
    failed: Mutex<Vec<String>>,
    /// kB
    peak: AtomicUsize,
}

/// The memory of a process, in kB.
pub fn resident(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

impl Crowd {
    /// A hundred pages a second: one with a form, one that refuses, one that does not exist.
    pub async fn gather(program: &Program) -> Self {
        let made = program.run(&[
            "ticket",
            "create",
            "--user",
            "auth0|ada",
            "--email",
            "ada@example.com",
            "--factor",
            "otp",
        ]);
        let ada = Visitor::at(&program.at_home(made["ticket_url"].as_str().unwrap())).await;
        assert_eq!(ada.status, 200, "{}", ada.html);
        let pages = [
            ("/guardian/enroll/otp", ada.cookie(), 200, "name=\"code\""),
            ("/guardian/enroll", String::new(), 401, "req_"),
            ("/nowhere", String::new(), 404, "req_"),
        ];
        let seen = Arc::new(Seen::default());
        // A connection that waits for its next request may be closed meanwhile.
        let client = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        let (process, policy) = (program.id(), ada.headers["content-security-policy"].clone());
        let load = |nth: usize| {
            let (path, cookie, status, part) = pages[nth].clone();
            let (url, client, seen, policy) = (
                program.url(path),
                client.clone(),
                Arc::clone(&seen),
                policy.clone(),
            );
            tokio::spawn(async move {
                let mut ticks = tokio::time::interval(EVERY);
                while !seen.over.load(Ordering::SeqCst) {
                    ticks.tick().await;
                    // A crowd, not one person who never stops.
                    let address = seen.good.load(Ordering::SeqCst);
                    let address = format!("198.18.{}.{}", address / 200 % 200, address % 200);
                    let request = client.get(&url).header("cookie", &cookie);
                    let answer = request.header("x-forwarded-for", address).send().await;
                    let fault = match answer {
                        Ok(answer) => {
                            let same = answer.status() == status
                                && answer.headers().get("content-security-policy") == Some(&policy);
                            let told = format!("{} {:?}", answer.status(), answer.headers());
                            match answer.text().await {
                                Ok(html)
                                    if same && html.contains(part) && html.contains("</html>") =>
                                {
                                    None
                                }
                                body => Some(format!("{told}: {body:?}")),
                            }
                        }
                        Err(error) => Some(format!("{error:?}")),
                    };
                    match fault {
                        None => drop(seen.good.fetch_add(1, Ordering::SeqCst)),
                        Some(fault) => seen.failed.lock().unwrap().push(fault),
                    }
                    seen.peak.fetch_max(resident(process), Ordering::SeqCst);
                }
            })
        };
        Self {
            loads: (0..3).map(load).collect(),
            seen,
        }
    }

    /// Everybody goes home: how many pages they saw, how many failed, and the server's memory at its peak.
    pub async fn leave(self) -> (usize, Vec<String>, usize) {
        self.seen.over.store(true, Ordering::SeqCst);
        for load in self.loads {
            load.await.unwrap();
        }
        let told = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        let failed = self.seen.failed.lock().unwrap().clone();
        (told(&self.seen.good), failed, told(&self.seen.peak))
    }
}
