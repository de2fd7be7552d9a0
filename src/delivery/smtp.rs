//! Conversations with a mail server: how they begin, what one mail costs, and when they end.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret as _;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

use super::failure::{Failure, Stage};
use super::message::Outgoing;
use crate::config::{self, MailTls};
use crate::core::{Timestamp, certificate};

/// How long each step may take; the server's answer to a whole mail may take [`CONTENT`].
const STEP: Duration = Duration::from_secs(10);
const CONTENT: Duration = Duration::from_secs(20);
/// How many addresses of the server's name are tried.
const MOST_ADDRESSES: usize = 3;
/// How long a connection may wait for its next mail, and how many it carries: servers close them sooner or later.
const IDLE: Duration = Duration::from_secs(20);
const MAILS_PER_CONNECTION: u32 = 100;

/// A mail server, and the connections to it that wait for their next mail.
pub(super) struct Smtp {
    host: String,
    port: u16,
    privacy: Privacy,
    login: Option<Credentials>,
    hello: ClientId,
    idle: Mutex<Vec<Connection>>,
}

/// How the connection is kept private. There is no way from one to another: what cannot be kept private is not sent.
enum Privacy {
    StartTls(TlsParameters),
    Implicit(TlsParameters),
    None,
}

struct Connection {
    smtp: AsyncSmtpConnection,
    mails: u32,
    idle_since: Instant,
}

/// A mail was not taken.
struct Refused {
    failure: Failure,
    /// The server answered and expects the next mail on the same connection.
    in_step: bool,
    /// The connection was gone before it had anything of this mail.
    was_gone: bool,
}

impl Smtp {
    pub(super) fn new(server: &config::Smtp, ca_file: Option<&Path>) -> anyhow::Result<Self> {
        let privacy = match server.tls {
            MailTls::Required => Privacy::StartTls(tls(&server.host, ca_file)?),
            MailTls::Implicit => Privacy::Implicit(tls(&server.host, ca_file)?),
            MailTls::None => Privacy::None,
        };
        let login = server.login.as_ref().map(|login| {
            let password = login.password.expose_secret().to_owned();
            Credentials::new(login.user.expose_secret().to_owned(), password)
        });
        Ok(Self {
            host: server.host.clone(),
            port: server.port,
            privacy,
            login,
            hello: ClientId::default(),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Hands over one mail, on a waiting connection if there is one.
    pub(super) async fn send(&self, mail: &Outgoing) -> Result<(), Failure> {
        if let Some(waiting) = self.take_idle() {
            match self.hand_over(waiting, mail).await {
                // Servers close connections that wait; that says nothing about this mail.
                Err(refused) if refused.was_gone => {}
                result => return result.map_err(|refused| refused.failure),
            }
        }
        let fresh = self.connect().await?;
        let result = self.hand_over(fresh, mail).await;
        result.map_err(|refused| refused.failure)
    }

    /// Connects, logs in and says goodbye; returns when the server's certificate ends, if it showed one.
    pub(super) async fn verify(&self) -> Result<Option<Timestamp>, Failure> {
        let mut connection = self.connect().await?;
        let stage = Stage::Greeting;
        step(stage, STEP, connection.smtp.command(Noop)).await?;
        let shown = match &self.privacy {
            Privacy::None => None,
            Privacy::StartTls(_) | Privacy::Implicit(_) => connection.smtp.peer_certificate().ok(),
        };
        let _ = timeout(STEP, connection.smtp.quit()).await;
        Ok(shown.and_then(|leaf| Some(certificate::validity(&leaf).ok()?.1)))
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let mut smtp = match &self.privacy {
            Privacy::Implicit(tls) => {
                let server = (self.host.as_str(), self.port);
                let (each, tls) = (Some(STEP / 2), Some(tls.clone()));
                let greeted =
                    AsyncSmtpConnection::connect_tokio1(server, each, &self.hello, tls, None);
                step(Stage::Connect, 2 * STEP, greeted).await?
            }
            Privacy::StartTls(_) | Privacy::None => {
                let stream = self.reach().await?;
                let greeted =
                    AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello);
                step(Stage::Greeting, STEP, greeted).await?
            }
        };
        if let Privacy::StartTls(tls) = &self.privacy {
            let upgraded = smtp.starttls(tls.clone(), &self.hello);
            step(Stage::Tls, STEP, upgraded).await?;
        }
        if let Some(login) = &self.login {
            step(Stage::Login, STEP, smtp.auth(DEFAULT_MECHANISMS, login)).await?;
        }
        Ok(Connection {
            smtp,
            mails: 0,
            idle_since: Instant::now(),
        })
    }

    /// lettre's own sockets hold small writes back, which costs forty milliseconds a mail; these do not.
    async fn reach(&self) -> Result<TcpStream, Failure> {
        let lost = |error: io::Error| Failure::network(Stage::Connect, &error);
        let server = (self.host.as_str(), self.port);
        let resolved = timeout(STEP, lookup_host(server)).await;
        let addresses = resolved
            .map_err(|_| Failure::silence(Stage::Connect))?
            .map_err(lost)?;
        let mut failure = Failure::silence(Stage::Connect);
        // One after the other: a name may have an IPv6 address that leads nowhere.
        for address in addresses.take(MOST_ADDRESSES) {
            match timeout(STEP / 2, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).map_err(lost)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => failure = lost(error),
                Err(_) => failure = Failure::silence(Stage::Connect),
            }
        }
        Err(failure)
    }

    /// Sends on this connection, and keeps it if the server is ready for more.
    async fn hand_over(&self, mut connection: Connection, mail: &Outgoing) -> Result<(), Refused> {
        let result = converse(&mut connection.smtp, mail).await;
        connection.mails += 1;
        let in_step = match &result {
            Ok(()) => true,
            Err(refused) if refused.in_step => {
                let reset = timeout(STEP, connection.smtp.command(Rset)).await;
                matches!(reset, Ok(Ok(_)))
            }
            Err(_) => false,
        };
        if in_step && connection.mails < MAILS_PER_CONNECTION {
            connection.idle_since = Instant::now();
            self.lock_idle().push(connection);
        } else if in_step {
            let _ = timeout(STEP, connection.smtp.quit()).await;
        }
        result
    }

    /// The connection that waited least; those that waited too long are closed.
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.lock_idle();
        idle.retain(|connection| connection.idle_since.elapsed() < IDLE);
        idle.pop()
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole conversation about one mail.
async fn converse(smtp: &mut AsyncSmtpConnection, mail: &Outgoing) -> Result<(), Refused> {
    let options = options(smtp, mail)?;
    let sender = Mail::new(mail.envelope.from().cloned(), options);
    said(Stage::Sender, STEP, smtp.command(sender)).await?;
    for recipient in mail.envelope.to() {
        let recipient = Rcpt::new(recipient.clone(), Vec::new());
        said(Stage::Recipient, STEP, smtp.command(recipient)).await?;
    }
    said(Stage::Content, STEP, smtp.command(Data)).await?;
    said(Stage::Content, CONTENT, smtp.message(&mail.bytes)).await
}

/// What the mail needs beyond plain ASCII, if the server can carry it.
fn options(smtp: &AsyncSmtpConnection, mail: &Outgoing) -> Result<Vec<MailParameter>, Refused> {
    let mut options = Vec::new();
    let offers = |extension| smtp.server_info().supports_feature(extension);
    let unable = |what: &str| Refused {
        failure: Failure::Permanent(format!("the mail server cannot carry {what}")),
        in_step: true,
        was_gone: false,
    };
    let addresses = mail.envelope.from().into_iter().chain(mail.envelope.to());
    if !addresses.map(AsRef::<str>::as_ref).all(str::is_ascii) {
        if !offers(Extension::SmtpUtfEight) {
            return Err(unable("an address that is not ASCII (SMTPUTF8)"));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !mail.bytes.is_ascii() {
        if !offers(Extension::EightBitMime) {
            return Err(unable("text that is not ASCII (8BITMIME)"));
        }
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

async fn said(
    stage: Stage,
    limit: Duration,
    answer: impl Future<Output = Result<Response, smtp::Error>>,
) -> Result<(), Refused> {
    match timeout(limit, answer).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let code = error.status().map(u16::from);
            Err(Refused {
                failure: Failure::smtp(stage, &error),
                in_step: code.is_some_and(|code| code != 421),
                was_gone: stage == Stage::Sender && code.is_none_or(|code| code == 421),
            })
        }
        Err(_) => Err(Refused {
            failure: Failure::silence(stage),
            in_step: false,
            was_gone: false,
        }),
    }
}

async fn step<T>(
    stage: Stage,
    limit: Duration,
    answer: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Failure> {
    match timeout(limit, answer).await {
        Ok(answered) => answered.map_err(|error| Failure::smtp(stage, &error)),
        Err(_) => Err(Failure::silence(stage)),
    }
}

/// Trusts the well-known authorities and those of `mail.ca_file`; checks name and date.
fn tls(host: &str, ca_file: Option<&Path>) -> anyhow::Result<TlsParameters> {
    let mut tls =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(path) = ca_file {
        let shown = path.display();
        let pem =
            std::fs::read(path).with_context(|| format!("mail.ca_file {shown} cannot be read"))?;
        let authorities = Certificate::from_pem(&pem)
            .with_context(|| format!("mail.ca_file {shown} is not a PEM file of certificates"))?;
        tls = tls.add_root_certificate(authorities);
    }
    tls.build_rustls()
        .context("TLS for the mail server cannot be set up")
}
