//! The templates folder is broken in every way while people are on the pages: nobody notices but the admin.

mod crowd;
mod ways;

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tessera::core::{Clock as _, SystemClock, Timestamp};

use crate::support::program::Program;
use crowd::{Crowd, resident};
use ways::BREAKAGES;

/// A debug build on a busy machine takes its time to judge a set.
const PATIENCE: Duration = Duration::from_secs(60);
/// A good save is live after this, whatever was saved before it (P6), on a machine that has time for it.
const LIVE_WITHIN: Duration = Duration::from_secs(2);
/// On a busy machine, after so many times what one check of such a set takes by itself.
const CHECKS: u32 = 4;
const EVERY: Duration = Duration::from_millis(10);

fn shipped(name: &str) -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("templates")
            .join(name),
    )
    .unwrap()
}

/// The frame with a line in it that visitors get to see.
fn marked(mark: &str) -> String {
    shipped("mfa.html").replace("<main ", &format!("<!-- {mark} -->\n<main "))
}

/// The admin's folder of a running server.
struct Folder<'a> {
    program: &'a Program,
    client: reqwest::Client,
    path: PathBuf,
}

impl Folder<'_> {
    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let file = self.path.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// A line that is wrong, in the middle of a good frame: on line 2.
    fn write_line(&self, line: &str) {
        self.write(
            "mfa.html",
            format!("{{# mine #}}\n{line}\n{}", marked("broken")),
        );
    }

    /// Everything is as the shipped pages are, but for the mark.
    fn mend(&self, mark: &str) {
        let lock = fs::symlink_metadata(&self.path);
        if lock.as_ref().is_ok_and(|meta| meta.is_symlink()) {
            fs::remove_file(&self.path).unwrap();
        } else if lock.is_ok() {
            fs::set_permissions(&self.path, fs::Permissions::from_mode(0o755)).unwrap();
            fs::remove_dir_all(&self.path).unwrap();
        }
        self.write("mfa.html", marked(mark));
    }

    /// How long the same set takes to be checked, by a program of its own.
    fn checked(&self) -> Duration {
        let start = Instant::now();
        let check = self.program.verb(&["templates", "check"]);
        assert!(check.status.success(), "{check:?}");
        start.elapsed()
    }

    async fn readyz(&self) -> Value {
        let answer = self
            .client
            .get(self.program.url("/readyz"))
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.status(),
            200,
            "templates do not make a server unready"
        );
        answer.json().await.unwrap()
    }

    /// Waits until visitors see the mark; how long that took.
    async fn serves(&self, mark: &str) -> Duration {
        let (start, wanted) = (Instant::now(), format!("<!-- {mark} -->"));
        loop {
            let page = self
                .client
                .get(self.program.url("/nowhere"))
                .send()
                .await
                .unwrap();
            if page.text().await.unwrap().contains(&wanted) {
                return start.elapsed();
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{mark}: {}",
                self.readyz().await
            );
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Waits until the admin is told of it, and sees that visitors are not.
    async fn tells(&self, what: &str, told: &str, mark: &str) {
        let start = Instant::now();
        loop {
            let ready = self.readyz().await;
            if ready["status"] == "degraded"
                && ready["templates"]["errors"].to_string().contains(told)
            {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{what}: no {told:?} in {ready}");
            tokio::time::sleep(EVERY).await;
        }
        let page = self
            .client
            .get(self.program.url("/nowhere"))
            .send()
            .await
            .unwrap();
        let html = page.text().await.unwrap();
        assert!(
            html.contains(&format!("<!-- {mark} -->")),
            "{what}: the last good page, not {html}"
        );
    }
}

// The crowd goes on while the folder is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_folder_every_page_loads() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("templates")).unwrap();
    // For root, no file is closed; this much of root is left at home.
    let lock = [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
    ];
    let settings = vec![("TESSERA_HTTP__TRUSTED_PROXIES", "127.0.0.1".to_owned())];
    let program = Program::start_by(&lock, folder, settings, "info");
    let folder = Folder {
        // A connection that waits for its next request may be closed meanwhile.
        client: reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .unwrap(),
        path: program.folder().join("templates"),
        program: &program,
    };
    folder.mend("good 0");
    folder.serves("good 0").await;
    let crowd = Crowd::gather(&program).await;
    let (before, start) = (resident(program.id()), Instant::now());
    let (mut slowest, mut checked) = (Duration::ZERO, Duration::ZERO);
    for (nth, (what, breaks, told)) in BREAKAGES.iter().enumerate() {
        let mark = format!("good {nth}");
        breaks(&folder);
        folder.tells(what, told, &mark).await;
        let _ = fs::remove_dir_all(folder.path.parent().unwrap().join("static"));
        let next = format!("good {}", nth + 1);
        folder.mend(&next);
        slowest = slowest.max(folder.serves(&next).await);
        if nth % 4 == 0 {
            checked = checked.max(folder.checked());
        }
    }
    let restless_since = SystemClock.now();
    // An editor that saves without a pause, half of it broken, and never a whole file at once.
    for nth in 0..400 {
        let text = if nth % 2 == 0 {
            marked("restless")
        } else {
            "{% if %}".to_owned()
        };
        let mut file = File::create(folder.path.join("mfa.html")).unwrap();
        for part in text.as_bytes().chunks(700) {
            std::io::Write::write_all(&mut file, part).unwrap();
        }
        tokio::time::sleep(EVERY / 4).await;
    }
    folder.mend("calm");
    slowest = slowest.max(folder.serves("calm").await);
    checked = checked.max(folder.checked());
    assert_eq!(folder.readyz().await["status"], "ok");
    // Nothing of one's own is a good set, too.
    fs::remove_dir_all(&folder.path).unwrap();
    let start_of_end = Instant::now();
    while folder.readyz().await["templates"]["source"] != "built-in" {
        assert!(start_of_end.elapsed() < PATIENCE);
        tokio::time::sleep(EVERY).await;
    }

    let took = start.elapsed();
    let (good, failed, peak) = crowd.leave().await;
    println!(
        "{good} pages in {took:?}, {} failed; a good save was live after {slowest:?} at most, a check takes {checked:?}; {before} kB, {peak} kB at the peak",
        failed.len()
    );
    assert_eq!(failed, Vec::<String>::new());
    assert!(good > 200, "{good}");
    assert!(
        slowest < LIVE_WITHIN.max(checked * CHECKS),
        "a good save was live after {slowest:?}, and a check takes {checked:?}"
    );
    assert!(peak < before + 64 * 1024, "{before} kB, then {peak} kB");
    drop(folder);
    told_once(&program.stop().0[0], restless_since);
}

/// Each fault is told once, with its file, and not again at every look. A restless editor makes one anew and anew.
fn told_once(log: &[u8], restless_since: Timestamp) {
    let log = String::from_utf8_lossy(log);
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<(String, String)> = lines
        .filter(|line| {
            line["message"]
                .as_str()
                .is_some_and(|words| words.starts_with("templates refused"))
        })
        .filter(|line| {
            let at = line["timestamp"].as_str().unwrap();
            at < restless_since.to_iso().as_str()
        })
        .map(|line| (line["file"].to_string(), line["message"].to_string()))
        .collect();
    assert!(told.len() >= BREAKAGES.len(), "{told:#?}");
    for (nth, (file, message)) in told.iter().enumerate() {
        // Broken words are met where a page uses them, which may be a built-in one; the message names the word.
        let places = ["templates", "static", "builtin/"];
        assert!(
            places.iter().any(|place| file.contains(place)),
            "{file}: {message}"
        );
        let again = told.get(nth + 1).is_some_and(|next| next == &told[nth]);
        // This folder changes on while it is looked at: thousands of files come and go.
        let coming = message.contains("more than 1000 files");
        assert!(!again || coming, "{file}: {message} is told twice");
    }
}
