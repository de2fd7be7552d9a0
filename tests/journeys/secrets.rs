//! The real program, its whole output and its files: no secret is in them, and every line of the log is whole.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use serde_json::{Value, json};
use tempfile::TempDir;
use tessera::core::{Clock as _, SystemClock};

use crate::support::smtp::{self, SmtpServer, Tls};
use crate::support::visitor::Visitor;
use crate::support::{self, authenticator};

const PASSWORD: &str = "canary-smtp-password-Zq8";
const ADDRESS: &str = "canary.ada@example.com";
const NAME_THAT_BREAKS_LINES: &str = "x\\\"},{\\u0000 \u{1F480} {{7*7}} é";

/// The program as it is installed, with all its output.
struct Program {
    process: Child,
    address: String,
    output: Vec<JoinHandle<Vec<u8>>>,
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Program {
    /// Starts `tessera serve`, and waits until it listens.
    fn start(post_office: &SmtpServer) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = vec![
            ("TESSERA_HTTP__LISTEN", "127.0.0.1:0".to_owned()),
            ("TESSERA_MAIL__URL", post_office.url()),
            (
                "TESSERA_MAIL__CA_FILE",
                post_office.ca_file().display().to_string(),
            ),
        ];
        let mut serve = command(folder.path(), &settings);
        serve.arg("serve").env("RUST_LOG", "trace");
        serve.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = serve.spawn().unwrap();
        let (found, address) = mpsc::channel();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let stdout = std::thread::spawn(move || {
            let mut all = Vec::new();
            for line in lines.split(b'\n') {
                let line = line.unwrap();
                if let Ok(told) = serde_json::from_slice::<Value>(&line)
                    && told["message"] == "listening"
                {
                    found
                        .send(told["address"].as_str().unwrap().to_owned())
                        .ok();
                }
                all.extend_from_slice(&line);
                all.push(b'\n');
            }
            all
        });
        let mut errors = process.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut all = Vec::new();
            errors.read_to_end(&mut all).unwrap();
            all
        });
        let address = address.recv_timeout(Duration::from_secs(60)).unwrap();
        Self {
            process,
            address,
            output: vec![stdout, stderr],
            folder,
            settings,
        }
    }

    /// Another verb of the same installation; what it answers.
    fn run(&self, arguments: &[&str]) -> Value {
        let mut command = command(self.folder.path(), &self.settings);
        let answer = command.args(arguments).arg("--json").output().unwrap();
        let words = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "{arguments:?}: {words}");
        serde_json::from_slice(&answer.stdout).unwrap()
    }

    /// A link of ours, at the port that the program got.
    fn at_home(&self, link: &str) -> String {
        link.replace("localhost:8080", &self.address)
    }

    /// Stops it as a service manager does; standard output, then standard error.
    fn stop(mut self) -> (Vec<Vec<u8>>, TempDir) {
        let stop = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        assert!(stop.unwrap().success());
        assert!(self.process.wait().unwrap().success());
        let output = std::mem::take(&mut self.output).into_iter();
        let output = output.map(|thread| thread.join().unwrap()).collect();
        (output, self.folder)
    }
}

fn command(folder: &Path, settings: &[(&'static str, String)]) -> Command {
    let mut command = support::tessera();
    command.current_dir(folder).envs(settings.iter().cloned());
    command
}

fn post_office() -> Option<SmtpServer> {
    let login = Some(("mailer", PASSWORD));
    let tls = Tls::Upgrade;
    SmtpServer::start(smtp::Options { tls, login })
}

/// How bytes may be written down.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings = vec![
        secret.to_vec(),
        HEXLOWER.encode(secret).into_bytes(),
        HEXUPPER.encode(secret).into_bytes(),
        BASE64URL_NOPAD.encode(secret).into_bytes(),
    ];
    // The end of a base64 text depends on what follows it.
    let base64 = BASE64.encode(secret);
    spellings.push(base64.as_bytes()[..base64.len() - 4].to_vec());
    spellings
}

fn is_in(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// Whether six digits stand alone: inside longer numbers and ids they mean nothing.
fn stands_alone_in(haystack: &[u8], digits: &[u8]) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    let mut windows = haystack.windows(digits.len()).enumerate();
    windows.any(|(at, window)| {
        let before = at.checked_sub(1).and_then(|before| haystack.get(before));
        let after = haystack.get(at + digits.len());
        window == digits && !is_word(before) && !is_word(after)
    })
}

/// Every file of a folder, but delivered mails: those are for the person.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn no_secret_of_a_whole_journey_is_in_the_log_or_in_the_files() {
    let Some(post_office) = post_office() else {
        return;
    };
    let program = Program::start(&post_office);
    let token = program.run(&["token"])["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let client = reqwest::Client::new();
    let body =
        json!({ "user_id": "auth0|ada", "email": ADDRESS, "send_mail": true, "factor": "otp" });
    let tickets = format!(
        "http://{}/api/v2/guardian/enrollments/ticket",
        program.address
    );
    let created = client.post(tickets).bearer_auth(&token).json(&body);
    assert_eq!(created.send().await.unwrap().status(), 200);
    let mail = post_office.wait_for(1, Duration::from_secs(30)).await;
    let text = mail[0].text();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("?ticket="))
        .unwrap();
    let secret = link.rsplit_once('.').unwrap().1.to_owned();

    let mut ada = Visitor::at(&program.at_home(link)).await;
    assert_eq!(ada.status, 200, "{}", ada.html);
    let csrf = ada.form("form").1["csrf"].clone();
    let key = ada.key().replace(' ', "");
    let first_cookie = cookie(&ada);
    ada.submit("form", &[("code", "00000x")]).await;
    let now = u64::try_from(SystemClock.now().seconds()).unwrap();
    let code = authenticator::code(&key, now);
    ada.submit("form", &[("code", &code)]).await;
    let recovery = ada.text("#recovery");
    let last_cookie = cookie(&ada);
    ada.save_recovery_code().await;
    assert_eq!(ada.url.path(), "/guardian/enroll/done", "{}", ada.html);
    post_office.wait_for(2, Duration::from_secs(30)).await;
    // What goes wrong is told too, and must not tell more.
    Visitor::at(&program.at_home(&format!("{link}x"))).await;
    let api = format!(
        "http://{}/api/v2/users/{ADDRESS}?token={token}",
        program.address
    );
    client.get(&api).bearer_auth(&token).send().await.unwrap();
    client
        .get(&api)
        .bearer_auth(format!("{token}x"))
        .send()
        .await
        .unwrap();

    let folder = program.folder.path().to_owned();
    let on_disk: Vec<(String, Vec<u8>)> = files(&folder)
        .into_iter()
        .map(|file| (file.display().to_string(), fs::read(file).unwrap()))
        .collect();
    assert!(
        on_disk.iter().any(|(name, _)| name.ends_with("-wal")),
        "the WAL is searched too"
    );
    let (output, _folder) = program.stop();
    assert!(output[0].len() > 1000, "there is a log");

    let seed = BASE32_NOPAD.decode(key.as_bytes()).unwrap();
    let recovery_plain = recovery.replace(' ', "");
    let secrets = [
        ("the link's secret", secret.as_bytes()),
        ("the first cookie", first_cookie.as_bytes()),
        ("the last cookie", last_cookie.as_bytes()),
        ("the form's token", csrf.as_bytes()),
        ("the key", key.as_bytes()),
        ("the seed", &seed),
        ("the recovery code", recovery_plain.as_bytes()),
        ("the recovery code as shown", recovery.as_bytes()),
        ("the bearer token", token.as_bytes()),
        ("the mail server's password", PASSWORD.as_bytes()),
    ];
    let outputs = output
        .into_iter()
        .map(|bytes| ("the output".to_owned(), bytes));
    for (place, bytes) in outputs.chain(on_disk) {
        for (what, secret) in secrets {
            for spelling in spellings(secret) {
                assert!(!is_in(&bytes, &spelling), "{what} is in {place}");
            }
        }
        assert!(
            !stands_alone_in(&bytes, code.as_bytes()),
            "the code is in {place}"
        );
        if place == "the output" {
            assert!(
                !is_in(&bytes, ADDRESS.as_bytes()),
                "the address is in {place}"
            );
            assert!(
                !is_in(&bytes, b"canary.ada%40"),
                "the address is in {place}"
            );
        }
    }
}

/// The value of the cookie that came with the page.
fn cookie(visitor: &Visitor) -> String {
    let cookie = visitor.headers["set-cookie"].to_str().unwrap();
    let value = cookie.split_once('=').unwrap().1;
    value.split(';').next().unwrap().to_owned()
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn every_line_of_the_log_is_one_whole_json_object_whatever_is_sent() {
    let Some(post_office) = post_office() else {
        return;
    };
    let program = Program::start(&post_office);
    let user = format!("auth0|{NAME_THAT_BREAKS_LINES}");
    program.run(&[
        "ticket",
        "create",
        "--user",
        &user,
        "--email",
        "x@example.com",
        "--send-mail",
    ]);
    post_office.wait_for(1, Duration::from_secs(30)).await;
    let targets: [&[u8]; 10] = [
        b"/%0d%0a{\"level\":\"INFO\",\"message\":\"forged\"}",
        b"/guardian/enroll?ticket=%0a{\"forged\":true}",
        b"/guardian/enroll?ticket=\x1b[31mred",
        b"/static/%1b]0;title%07%0aforged",
        b"/\xff\xfe",
        b"/api/v2/\xe2\x80\xae",
        b"/guardian/enroll?lang=%0a&lang=x",
        b"/%00",
        b"*",
        b"http://evil.example/",
    ];
    for target in targets {
        let mut stream = TcpStream::connect(&program.address).unwrap();
        let mut request = b"GET ".to_vec();
        request.extend_from_slice(target);
        request.extend_from_slice(b" HTTP/1.1\r\nHost: x\"}\x1b[2J\r\nUser-Agent: \x1b[31m{\"forged\":1}\t\xe2\x80\xae\r\nReferer: \"},{\"forged\":1}\r\nConnection: close\r\n\r\n");
        stream.write_all(&request).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    }
    let (output, _folder) = program.stop();
    let log = String::from_utf8(output[0].clone()).unwrap();
    assert!(log.lines().count() > 10, "{log}");
    for line in log.lines() {
        let told: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(told.is_object() && told.get("forged").is_none(), "{line}");
        assert!(
            told["timestamp"].is_string() && told["level"].is_string(),
            "{line}"
        );
        assert!(
            !line.chars().any(|c| c.is_control() || c == '\u{202e}'),
            "{line:?}"
        );
        assert_ne!(told["message"], "forged");
    }
}
