//! An admin looks at all pages and mails at once.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::place::Place;

/// Ends with the test; it would end of a closed pipe, too.
struct Running {
    process: Child,
    _output: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn preview(place: &Place) -> (Running, String) {
    let mut command = place.command(&["templates", "preview", "--listen", "127.0.0.1:0"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut said).unwrap();
    let url = said
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let running = Running {
        process: child,
        _output: output,
    };
    (running, url.unwrap().to_owned())
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[tokio::test]
async fn the_gallery_follows_the_folder_and_is_for_this_machine_alone() {
    let place = Place::new();
    let (_running, url) = preview(&place);
    let client = reqwest::Client::new();
    let get = async |path: &str| {
        let answer = client.get(format!("{url}{path}")).send().await.unwrap();
        (answer.headers().clone(), answer.text().await.unwrap())
    };
    let (headers, index) = get("").await;
    assert!(
        index.contains("screens/done.html</code> built in"),
        "{index}"
    );
    let policy = headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("frame-src 'self'"));
    assert!(!policy.contains("unsafe-inline"), "{policy}");

    let (headers, page) = get("show/de/screens/otp/wrong-code.html").await;
    assert!(
        page.contains("autofocus") && page.contains("<html lang=\"de\""),
        "{page}"
    );
    let policy = headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    for part in [
        "default-src 'none'",
        "frame-ancestors 'self'",
        "form-action 'none'",
        "connect-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(headers["x-frame-options"], "SAMEORIGIN");
    let (headers, _) = get("show/de/mail/enrollment/full.html").await;
    let policy = headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("script-src 'none'"), "{policy}");
    let look = client
        .get(url.replace("preview/", "static/look.css"))
        .send();
    assert_eq!(look.await.unwrap().status(), 200);
    let stranger = client.get(&url).header("host", "evil.example").send();
    assert_eq!(stranger.await.unwrap().status(), 421);

    let (_, known) = get("version").await;
    place.write(
        "templates/screens/done.html",
        "{% extends \"builtin/screens/done.html\" %}{% block title %}mine{% endblock %}",
    );
    let deadline = Instant::now() + Duration::from_secs(60);
    while get(&format!("version?than={known}")).await.1 == known {
        assert!(Instant::now() < deadline, "the change never came");
    }
    let (_, index) = get("").await;
    assert!(index.contains("screens/done.html</code> yours"), "{index}");
}

#[test]
fn nobody_else_is_shown_it() {
    let place = Place::new();
    let why = place.refused(&["templates", "preview", "--listen", "0.0.0.0:0"]);
    assert!(why.contains("127.0.0.1"), "{why}");
}

#[test]
fn the_gallery_as_files_is_the_same_each_time_and_spares_what_is_not_its_own() {
    let place = Place::new();
    place.write(
        "templates/locales/it/pages.ftl",
        "language-name = Italiano\n",
    );
    let told = place.json(&["templates", "preview", "--out", "review"]);
    let review = place.path("review");
    let first = files(&review);
    assert_eq!(told["files"].as_u64().unwrap() + 1, first.len() as u64);
    assert!(
        told["languages"].as_array().unwrap().contains(&"it".into()),
        "{told}"
    );
    for needed in [
        "index.html",
        "it.html",
        "gallery.css",
        "static/look.css",
        "show/it/screens/otp/fresh.html",
    ] {
        assert!(first.contains_key(needed), "{needed}");
    }
    let wrong = &first["show/de/screens/otp/wrong-code.html"];
    let said = String::from_utf8_lossy(wrong);
    assert!(said.contains("Dieser Code stimmt nicht"), "{said}");
    assert!(
        !place.path("data").exists(),
        "a look leaves nothing else behind"
    );

    place.ok(&["templates", "preview", "--out", "review"]);
    assert!(
        files(&review) == first,
        "two looks at the same files differ"
    );

    fs::remove_dir_all(place.path("templates")).unwrap();
    place.write("review/mine.txt", "kept");
    place.ok(&["templates", "preview", "--out", "review"]);
    let third = files(&review);
    assert!(third.contains_key("mine.txt") && !third.keys().any(|name| name.contains("/it/")));

    place.write("thesis/chapter.html", "years of work");
    let why = place.refused(&["templates", "preview", "--out", "thesis"]);
    assert!(why.contains("thesis"), "{why}");
    assert_eq!(files(&place.path("thesis")).len(), 1);

    place.write("templates/mfa.html", "{% if %}");
    let ran = place.run(&["templates", "preview", "--out", "review"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("mfa.html:1"), "{}", ran.err);
    let index = fs::read_to_string(review.join("index.html")).unwrap();
    assert!(index.contains("mfa.html:1"), "{index}");
}
