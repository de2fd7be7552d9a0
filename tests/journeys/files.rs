//! Static files: those that are meant, and no other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::house::House;

/// Twice: the file system's clock can hide a change from the first look.
async fn looks(house: &House) {
    house.app.views.poll_once().await;
    house.app.views.poll_once().await;
}

/// Sends a request line that a well-behaved client would tidy up first.
fn raw(house: &House, target: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", house.port)).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn nothing_but_the_files_that_are_meant_is_served() {
    let house = House::start().await;
    let folder = house.dir.path().join("static");
    std::fs::create_dir_all(folder.join("deep")).unwrap();
    let canary = "canary-that-nobody-may-see";
    for name in [
        "static/.env",
        "static/deep/.hidden.css",
        "static/key.pem",
        "static/db.sqlite",
        "static/x.html",
        "static/Makefile",
        "outside.css",
    ] {
        std::fs::write(house.dir.path().join(name), canary).unwrap();
    }
    std::fs::write(folder.join("deep/mine.css"), "b { color: teal }").unwrap();
    looks(&house).await;
    let mine = raw(&house, "/static/deep/mine.css");
    assert!(mine.contains("teal") && mine.contains("text/css"), "{mine}");
    // A link that leads out is no file of the folder: the set is refused, the former one stays.
    std::os::unix::fs::symlink("../outside.css", folder.join("linked.css")).unwrap();
    looks(&house).await;
    assert_eq!(
        raw(&house, "/static/deep/mine.css").lines().next(),
        mine.lines().next()
    );
    for target in [
        "/static/../outside.css",
        "/static/%2e%2e/outside.css",
        "/static/..%2foutside.css",
        "/static/%2e%2e%2foutside.css",
        "/static/deep/../../outside.css",
        "/static/..\\outside.css",
        "/static/..%5coutside.css",
        "/static/%252e%252e%252foutside.css",
        "/static/....//outside.css",
        "/static/.%00./outside.css",
        "/static/look.css%00.png",
        "/static/%c0%ae%c0%ae/outside.css",
        "/static//outside.css",
        "/static/./look.css",
        "/static/.env",
        "/static/%2eenv",
        "/static/deep/.hidden.css",
        "/static/key.pem",
        "/static/db.sqlite",
        "/static/x.html",
        "/static/Makefile",
        "/static/linked.css",
        "/static/deep",
        "/static/deep/",
        "/static/",
        "/static",
        "/static//",
        "/static//etc/passwd",
        "/static/look.css/",
        "/static/LOOK.CSS",
        "/static/.keep",
        "/static/mfa.html",
        "/static/../data/tessera.db",
        "/static/..;/outside.css",
        "/static/~root",
        "/static/%ff",
        "//static/look.css",
        "/static/look.css%20",
        "/static/look.css%0d%0aX: y",
    ] {
        let answer = raw(&house, target);
        let status = answer
            .split_whitespace()
            .nth(1)
            .unwrap_or("none")
            .to_owned();
        assert!(
            ["400", "404"].contains(&status.as_str()),
            "{target}: {status}"
        );
        assert!(
            !answer.contains(canary) && !answer.contains("root:"),
            "{target}"
        );
        let silent = !answer.to_lowercase().contains("index of");
        assert!(silent, "{target}: {answer}");
    }
}
