//! The proxies' snippets: a person gets through, and no log learns a link.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::house::{House, Setup};

const NAME: &str = "mfa.example.com";
const PATIENCE: Duration = Duration::from_secs(30);

/// A proxy in a folder of its own, where it also logs. It stops when it is dropped.
struct Proxy {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Proxy {
    fn run(mut command: Command, folder: TempDir, port: u16) -> Self {
        let log = |name: &str| fs::File::create(folder.path().join(name)).unwrap();
        let process = command
            .stdin(Stdio::null())
            .stdout(log("stdout.log"))
            .stderr(log("stderr.log"))
            .spawn()
            .unwrap();
        let proxy = Self {
            process,
            folder,
            port,
        };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "{}", proxy.logs());
            thread::yield_now();
        }
        proxy
    }

    fn visit(&self, url: &str, more: &[&str]) -> String {
        visit(self.port, url, more)
    }
    /// All that it has written, also to its standard streams.
    fn logs(&self) -> String {
        let mut text = String::new();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "log") {
                text += &String::from_utf8_lossy(&fs::read(&path).unwrap());
            }
        }
        text
    }

    /// Its logs, once it has written them all.
    fn end(mut self) -> String {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        self.process.wait().unwrap();
        self.logs()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What a person's browser gets from this port: the head of the answer, and its body.
fn visit(port: u16, url: &str, more: &[&str]) -> String {
    let curl = Command::new("curl")
        .args(["--silent", "--insecure", "--include", "--max-time", "20"])
        .args(["--connect-to", &format!("::127.0.0.1:{port}")])
        .args(more)
        .arg(url)
        .output()
        .unwrap();
    assert!(curl.status.success(), "{curl:?}");
    String::from_utf8_lossy(&curl.stdout).into_owned()
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("packaging")
        .join(name);
    fs::read_to_string(path).unwrap()
}

/// Replaces what an admin adapts; a snippet that lacks it has changed, and this test must follow.
fn adapt(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the snippet has no {from}");
        text.replace(from, to)
    })
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn nginx(upstream: u16) -> (Proxy, u16) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).unwrap();
    fs::write(at("fullchain.pem"), made.cert.pem()).unwrap();
    fs::write(at("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let (plain, tls) = (free_port(), free_port());
    let site = adapt(
        &shipped("nginx.conf"),
        &[
            ("127.0.0.1:8080", &format!("127.0.0.1:{upstream}")),
            ("listen 80;", &format!("listen 127.0.0.1:{plain};")),
            ("listen 443 ", &format!("listen 127.0.0.1:{tls} ")),
            ("/etc/ssl/tessera/", &at("")),
            ("/var/log/nginx/", &at("")),
        ],
    );
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
        .concat();
    let whole = format!(
        "daemon off; master_process off; pid {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n",
        at("pid")
    );
    fs::write(at("nginx.conf"), whole).unwrap();
    let mut command = Command::new(program("nginx"));
    command.args([
        "-p",
        &at(""),
        "-c",
        &at("nginx.conf"),
        "-e",
        &at("start.log"),
    ]);
    (Proxy::run(command, folder, tls), plain)
}

fn caddy(upstream: u16) -> Proxy {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let port = free_port();
    let site = adapt(
        &shipped("Caddyfile"),
        &[
            (
                "\n{\n\tlog {",
                "\n{\n\tadmin off\n\tauto_https off\n\tlog {",
            ),
            ("\nmfa.example.com {", &format!("\nhttp://{NAME}:{port} {{")),
            ("127.0.0.1:8080", &format!("127.0.0.1:{upstream}")),
            ("/var/log/caddy/", &at("")),
        ],
    );
    fs::write(at("Caddyfile"), site).unwrap();
    let mut command = Command::new(program("caddy"));
    command
        .args([
            "run",
            "--adapter",
            "caddyfile",
            "--config",
            &at("Caddyfile"),
        ])
        .env("HOME", folder.path());
    Proxy::run(command, folder, port)
}

/// Debian has some of them where only root looks.
fn program(name: &str) -> PathBuf {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];
    let found = places.iter().map(|place| Path::new(place).join(name));
    found
        .into_iter()
        .find(|file| file.is_file())
        .unwrap_or_else(|| name.into())
}

async fn house() -> House {
    let setup = Setup::new()
        .set("TESSERA_PUBLIC_URL", format!("https://{NAME}"))
        .set("TESSERA_SITE__NAME", "Example Inc.")
        .set("TESSERA_MAIL__URL", "smtp://localhost:25");
    setup.start().await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn secret_of(link: &str) -> &str {
    link.rsplit_once('.').unwrap().1
}

/// The link's page through the proxy, by every way that makes a proxy write a line.
fn stir(proxy: &Proxy, link: &str, house: House) {
    let opened = proxy.visit(link, &["--referer", link, "--user-agent", "Tester"]);
    assert_eq!(status(&opened), 303, "{opened}");
    let cookie = opened.to_ascii_lowercase();
    assert!(cookie.contains("set-cookie: __host-tessera"), "{opened}");
    let large = "x".repeat(70_000);
    let refused = proxy.visit(link, &["--data", &large]);
    assert!(status(&refused) >= 400, "{refused}");
    drop(house);
    let down = proxy.visit(link, &[]);
    assert_eq!(status(&down), 502, "{down}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and curl: bash tests/run.sh"]
async fn behind_nginx_a_link_opens_and_no_log_learns_it() {
    let house = house().await;
    let link = house.link_for("auth0|ada").await;
    let (proxy, plain) = nginx(house.port);

    let http = link.replace("https://", "http://");
    let led = visit(plain, &http, &[]);
    assert_eq!(status(&led), 308, "{led}");
    assert!(led.contains(&format!("Location: {link}")), "{led}");
    let api = format!("http://{NAME}/api/v2/users");
    assert_eq!(status(&visit(plain, &api, &[])), 403);
    stir(&proxy, &link, house);

    let logs = proxy.end();
    assert!(logs.contains("GET /guardian/enroll HTTP"), "{logs}");
    assert!(!logs.contains(secret_of(&link)), "{logs}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Caddy and curl: bash tests/run.sh"]
async fn behind_caddy_a_link_opens_and_no_log_learns_it() {
    let house = house().await;
    let link = house.link_for("auth0|ada").await;
    let proxy = caddy(house.port);

    stir(&proxy, &link.replace("https://", "http://"), house);

    let logs = proxy.end();
    assert!(logs.contains("/guardian/enroll\""), "{logs}");
    assert!(!logs.contains(secret_of(&link)), "{logs}");
}
