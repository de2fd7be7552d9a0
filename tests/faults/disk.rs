//! No room left: on the disk, in the log, among the descriptors.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::net::TcpStream;

use crate::client::Client;
use crate::installation::{Installation, PATIENCE, Process, is_ready, times};
use crate::journal::Entry;

/// A file system of 64 MiB, gone with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Only root may mount; others are told that this was left out.
    fn at(folder: &Path) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs"]);
        let mounted = mount.arg(folder).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("left out: a full disk (only root may mount one)");
        None
    }

    /// Takes all the room there is.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = File::create(&path).unwrap();
        let mut piece = 1 << 20;
        while piece > 0 {
            if file.write_all(&vec![0; piece]).is_err() {
                piece /= 2;
            }
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        unmount.args(["--lazy"]).arg(&self.0).status().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_costs_answers_and_no_data() {
    let place = Installation::on_sqlite().await;
    let Some(disk) = SmallDisk::at(&place.folder.path().join("data")) else {
        return;
    };
    let client = place.client().await;
    let process = place.started().await;
    let mut users = 0..;
    for round in 0..times(3, 30) {
        assert!(create(&client, &mut users, 20).await > 0);
        let ballast = disk.fill();
        // What is left of the last page of the log may still take a few.
        let begun = Instant::now();
        while create(&client, &mut users, 20).await > 0 {
            assert!(begun.elapsed() < PATIENCE, "{round}: the disk is not full");
            disk.fill();
        }
        assert_eq!(place.database.damage().await, None);
        fs::remove_file(ballast).unwrap();
        let begun = Instant::now();
        while create(&client, &mut users, 1).await == 0 {
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "{round}: it does not go on: {}",
                place.log_text()
            );
        }
    }
    assert!(process.told_to_stop().await.success());
    let verdict = place.settle().await;
    assert!(verdict.unavailable > 0);
    verdict.tell("a full disk");
    drop(disk);
}

/// How many of so many people get a ticket.
async fn create(client: &Client, users: &mut std::ops::RangeFrom<u32>, count: usize) -> usize {
    let asking = users.take(count).map(|user| {
        let client = client.clone();
        async move { client.create(&format!("auth0|{user}"), false).await }
    });
    let issued = join_all(asking).await;
    issued.into_iter().flatten().count()
}

/// The log's disk is full, or whoever reads the log does not: requests are answered as ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_takes_nothing_stops_nobody() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (what, out, err) in [
        ("a full disk", Stdio::from(full()), Stdio::from(full())),
        ("a reader asleep", Stdio::piped(), Stdio::piped()),
    ] {
        let place = Installation::on_sqlite().await;
        let client = place.client().await;
        let mut process = place.start_logging(out, err);
        process
            .ready()
            .await
            .unwrap_or_else(|| panic!("{what}: it does not start"));
        for user in 0..60 {
            let many = (0..10).map(|n| {
                let client = client.clone();
                async move { client.create(&format!("auth0|{user}-{n}"), false).await }
            });
            let issued = join_all(many).await;
            assert!(issued.iter().all(Option::is_some), "{what}: nobody answers");
        }
        let mut waits: Vec<u64> = place.journal.read().iter().filter_map(answered).collect();
        waits.sort_unstable();
        let slowest = waits.last().unwrap();
        eprintln!(
            "{what}: the slowest of {} answers took {slowest} ms",
            waits.len()
        );
        assert!(*slowest < 2_000, "{what}: {slowest} ms");
        process.killed().await;
    }
}

fn answered(entry: &Entry) -> Option<u64> {
    match entry {
        Entry::Answered { millis, .. } => Some(*millis),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_clients_and_few_descriptors_are_survived() {
    const CLIENTS: usize = 2_000;
    let place = Installation::on_sqlite().await;
    let client = place.client().await;
    if rlimit::increase_nofile_limit(CLIENTS as u64 + 500).unwrap() < CLIENTS as u64 + 500 {
        eprintln!("left out: this process may not open {CLIENTS} sockets itself");
        return;
    }
    let mut process: Process = place.started().await;
    let mut prlimit = Command::new("prlimit");
    let pid = process.pid().to_string();
    let limited = prlimit
        .args(["--pid", &pid, "--nofile=256:256"])
        .status()
        .unwrap();
    assert!(limited.success());
    let connect = |_| {
        let patience = Duration::from_secs(2);
        tokio::time::timeout(patience, TcpStream::connect(place.address()))
    };
    let crowd = join_all((0..CLIENTS).map(connect)).await;
    let connected = crowd.iter().filter(|one| matches!(one, Ok(Ok(_)))).count();
    eprintln!("{connected} of {CLIENTS} clients are connected to a server with 256 descriptors");
    assert!(connected > 256);
    drop(crowd);
    let begun = Instant::now();
    while !is_ready(place.port()).await {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not recover"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(process.is_alive(), "{}", place.log_text());
    assert!(client.create("auth0|after", false).await.is_some());
    assert!(process.told_to_stop().await.success());
}
