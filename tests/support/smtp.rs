//! A real SMTP server in a process of its own.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use serde::Deserialize;
use tempfile::TempDir;

/// How a sender must protect the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Plaintext, what `mail.tls = "none"` allows.
    #[default]
    None,
    /// STARTTLS: the sender must upgrade before it hands over anything.
    Upgrade,
    /// TLS from the first byte (`smtps://`).
    Implicit,
}

/// What the server asks of senders.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How the connection is protected.
    pub tls: Tls,
    /// Name and password without which no mail is taken.
    pub login: Option<(&'static str, &'static str)>,
    /// Its certificate ended long ago.
    pub expired: bool,
}

/// A running server; it ends with this value.
pub struct SmtpServer {
    process: Child,
    port: u16,
    options: Options,
    folder: TempDir,
}

/// One mail that the server took.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Who logged in to send it.
    pub login: Option<String>,
    data: String,
}

impl Message {
    /// The mail, byte for byte as it came.
    pub fn raw(&self) -> Vec<u8> {
        BASE64.decode(self.data.as_bytes()).unwrap()
    }

    /// The text part, decoded.
    pub fn text(&self) -> String {
        self.parsed(|mail| mail.body_text(0).map(|text| text.into_owned()))
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.parsed(|mail| mail.body_html(0).map(|html| html.into_owned()))
    }

    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.parsed(|mail| mail.subject().map(str::to_owned))
    }

    fn parsed(&self, part: impl Fn(&mail_parser::Message<'_>) -> Option<String>) -> String {
        let raw = self.raw();
        let mail = mail_parser::MessageParser::default()
            .parse(&raw)
            .expect("the server took something that is no mail");
        part(&mail).expect("the mail lacks this part")
    }
}

impl SmtpServer {
    /// Starts a server on a free loopback port.
    pub fn start(options: Options) -> Option<Self> {
        let Some(python) = python() else {
            return super::skip("no python3 with aiosmtpd (Debian: python3-aiosmtpd)");
        };
        let folder = TempDir::new().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp_server.py");
        let mut command = Command::new(python);
        command.arg(script).arg(folder.path());
        if options.tls != Tls::None {
            let (certificate, key) = write_certificates(folder.path(), options.expired);
            command.arg("--cert").arg(certificate);
            command.arg("--key").arg(key);
        }
        command.args(match options.tls {
            Tls::None => ["--tls", "none"],
            Tls::Upgrade => ["--tls", "starttls"],
            Tls::Implicit => ["--tls", "implicit"],
        });
        if let Some((name, password)) = options.login {
            command.arg("--login").arg(format!("{name}:{password}"));
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line.trim().parse().expect("the SMTP server did not start");
        Some(Self {
            process,
            port,
            options,
            folder,
        })
    }

    /// What goes into `mail.url`; add `mail.tls = "none"` for [`Tls::None`], `mail.ca_file` otherwise.
    pub fn url(&self) -> String {
        let scheme = match self.options.tls {
            Tls::Implicit => "smtps",
            Tls::None | Tls::Upgrade => "smtp",
        };
        let login = self
            .options
            .login
            .map(|(name, password)| format!("{name}:{password}@"))
            .unwrap_or_default();
        format!("{scheme}://{login}localhost:{}", self.port)
    }

    /// The authority that signed the server's certificate, what goes into `mail.ca_file`.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The mails so far, in the order they came.
    pub fn messages(&self) -> Vec<Message> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| serde_json::from_slice(&fs::read(file).unwrap()).unwrap())
            .collect()
    }

    /// Waits until at least `count` mails came.
    pub async fn wait_for(&self, count: usize, deadline: Duration) -> Vec<Message> {
        let start = Instant::now();
        loop {
            let messages = self.messages();
            if messages.len() >= count {
                return messages;
            }
            assert!(
                start.elapsed() < deadline,
                "{} of {count} mails after {deadline:?}",
                messages.len()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A Python that has aiosmtpd: Debian's own may not be the first in `PATH`.
fn python() -> Option<PathBuf> {
    let named = env::var_os("TESSERA_TEST_PYTHON").map(PathBuf::from);
    named
        .into_iter()
        .chain(["python3".into(), "/usr/bin/python3".into()])
        .find(|python| {
            Command::new(python)
                .args(["-c", "import aiosmtpd"])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
}

/// An authority (`ca.pem`), and its certificate for `localhost` with the key: no client takes the former as the latter.
pub fn write_certificates(folder: &Path, expired: bool) -> (PathBuf, PathBuf) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // OpenSSL takes a certificate of the same name as its issuer for one that signed itself.
    let name = &mut authority.distinguished_name;
    name.push(DnType::CommonName, "An authority of our own");
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let mut certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    if expired {
        certificate.not_before = date_time_ymd(2020, 1, 1);
        certificate.not_after = date_time_ymd(2021, 1, 1);
    }
    let certificate = certificate.signed_by(&key, &issuer).unwrap();
    let write = |name: &str, pem: String| {
        let path = folder.join(name);
        fs::write(&path, pem).unwrap();
        path
    };
    write("ca.pem", authority_certificate.pem());
    (
        write("server.pem", certificate.pem()),
        write("server.key", key.serialize_pem()),
    )
}
