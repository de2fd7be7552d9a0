//! `[mail]`: how mails leave, and whom they are from.

use std::path::{Path as FilePath, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader, Reported};
use super::{secret, value};

pub(super) static URL: Key = Key {
    section: "mail",
    name: "url",
    kind: Kind::Secret,
    shown: Shown::Example("\"file:<data_dir>/mail\""),
    doc: "A folder (development), smtp://user:password@host:587 (STARTTLS is required)\n\
          or smtps://user:password@host:465.",
};

static URL_FILE: Key = Key {
    section: "mail",
    name: "url_file",
    kind: Kind::SecretFile,
    shown: Shown::Example("\"/run/secrets/mail-url\""),
    doc: "A file that holds the url, if it has a password.",
};

static FROM: Key = Key {
    section: "mail",
    name: "from",
    kind: Kind::Text,
    shown: Shown::Default("\"Tessera <no-reply@localhost>\""),
    doc: "Whom mails are from: one mailbox.",
};

static TLS: Key = Key {
    section: "mail",
    name: "tls",
    kind: Kind::Text,
    shown: Shown::Example("\"none\""),
    doc: "Only \"none\": mails and passwords cross the network readable.",
};

static CA_FILE: Key = Key {
    section: "mail",
    name: "ca_file",
    kind: Kind::Text,
    shown: Shown::Example("\"ca.pem\""),
    doc: "Certificates of a private authority that signs the mail server's.",
};

pub(super) const SECTION: Section = Section {
    name: "mail",
    doc: "",
    keys: &[&URL, &URL_FILE, &FROM, &TLS, &CA_FILE],
};

/// `[mail]`.
#[derive(Clone, Debug)]
pub struct Mail {
    /// How mails leave.
    pub transport: Transport,
    /// Whom they are from.
    pub from: Mailbox,
    /// Certificates (PEM) to trust besides the well-known ones.
    pub ca_file: Option<PathBuf>,
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum Transport {
    /// As files, for development.
    File(PathBuf),
    /// Through a server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// 587, 465 or 25 unless the URL says another.
    pub port: u16,
    /// How the connection is kept private.
    pub tls: MailTls,
    /// Who we are to it.
    pub login: Option<Login>,
}

/// User and password at a mail server; either may be a token.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user.
    pub user: SecretString,
    /// The password.
    pub password: SecretString,
}

/// How the connection to a mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// `smtp://`: a server that doesn't offer STARTTLS gets no mail.
    Required,
    /// `smtps://`: from the first byte.
    Implicit,
    /// `mail.tls = "none"`: not at all.
    None,
}

/// A sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name that mail programs show.
    pub name: Option<String>,
    /// The bare address.
    pub address: String,
}

impl FromStr for Mailbox {
    type Err = String;

    /// The error says what would be right.
    fn from_str(text: &str) -> Result<Self, String> {
        mailbox(text)
    }
}

pub(super) fn read(reader: &mut Reader, data_dir: Option<&FilePath>) -> Read<Mail> {
    let from = reader.parse(&FROM, mailbox);
    let plaintext = reader.optional(&TLS, no_tls).map(|said| said.is_some());
    let ca_file = ca_file(reader);
    let transport = transport(reader, data_dir, matches!(plaintext, Ok(true)));
    plaintext?;
    Ok(Mail {
        transport: transport?,
        from: from?,
        ca_file: ca_file?,
    })
}

pub(super) fn describe(mail: &Mail) -> Vec<(Path, Value)> {
    let from = match &mail.from.name {
        Some(name) => format!("{name} <{}>", mail.from.address),
        None => mail.from.address.clone(),
    };
    let (url, tls) = match &mail.transport {
        Transport::File(path) => (format!("file:{}", path.display()), None),
        Transport::Smtp(smtp) => {
            let scheme = match smtp.tls {
                MailTls::Implicit => "smtps",
                MailTls::Required | MailTls::None => "smtp",
            };
            let login = smtp.login.as_ref().map_or("", |_| "***@");
            let host = if smtp.host.contains(':') {
                format!("[{}]", smtp.host)
            } else {
                smtp.host.clone()
            };
            let url = format!("{scheme}://{login}{host}:{}", smtp.port);
            (url, (smtp.tls == MailTls::None).then_some("none"))
        }
    };
    vec![
        (URL.path(), json!(url)),
        (FROM.path(), json!(from)),
        (TLS.path(), json!(tls)),
        (CA_FILE.path(), json!(mail.ca_file)),
    ]
}

fn transport(reader: &mut Reader, data: Option<&FilePath>, plaintext: bool) -> Read<Transport> {
    let Some(url) = reader.secret(&URL, &URL_FILE)? else {
        // Without a data folder there is no default; that it is missing is reported already.
        return Ok(Transport::File(data.ok_or(Reported)?.join("mail")));
    };
    let text = url.expose_secret();
    if let Some(path) = text.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(reader.refuse(&URL, "names no folder; say one, like file:data/mail"));
        }
        let path = reader.resolve_within(&URL, path);
        if path.is_file() {
            return Err(reader.refuse(&URL, "is a file; say a folder that mails are put in"));
        }
        return Ok(Transport::File(path));
    }
    smtp(text, plaintext)
        .map(Transport::Smtp)
        .map_err(|clause| reader.refuse(&URL, &clause))
}

fn smtp(text: &str, plaintext: bool) -> Result<Smtp, String> {
    let hint = "say smtp://user:password@host:587 or smtps://user:password@host:465, and write \
                / ? # @ % of a password as %2F %3F %23 %40 %25";
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}); {hint}"))?;
    let (tls, port) = match (url.scheme(), plaintext) {
        ("smtp", false) => (MailTls::Required, 587),
        ("smtp", true) => (MailTls::None, 25),
        ("smtps", false) => (MailTls::Implicit, 465),
        ("smtps", true) => {
            return Err("contradicts [mail] tls = \"none\"; say smtp://, or leave tls out".into());
        }
        _ => return Err(format!("is not a way to send mail; {hint}")),
    };
    if secret::ends_early(&url) {
        return Err(format!("ends its host too early; {hint}"));
    }
    if url.query().is_some() || !matches!(url.path(), "" | "/") {
        return Err(
            "has something after its host; say only the host, and leave TLS to smtp, smtps and \
             [mail] tls"
                .to_owned(),
        );
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return Err(format!("names no host; {hint}"));
    };
    Ok(Smtp {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(port),
        tls,
        login: login(&url, hint)?,
    })
}

fn login(url: &Url, hint: &str) -> Result<Option<Login>, String> {
    let decode = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8();
        decoded
            .map(|text| SecretString::from(text.into_owned()))
            .map_err(|_| format!("has a password that is not UTF-8; {hint}"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => Ok(Some(Login {
            user: decode(user)?,
            password: decode(password)?,
        })),
        ("", Some(_)) => Err(format!("has a password but no user; {hint}")),
        _ => Err(format!("has a user but no password; {hint}")),
    }
}

fn no_tls(text: &str) -> Result<(), String> {
    if text == "none" {
        Ok(())
    } else {
        Err("is not \"none\"; leave it out: smtp:// requires STARTTLS, smtps:// is TLS".to_owned())
    }
}

fn ca_file(reader: &mut Reader) -> Read<Option<PathBuf>> {
    let Some(path) = reader.path(&CA_FILE)? else {
        return Ok(None);
    };
    match std::fs::read_to_string(&path) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => Ok(Some(path)),
        Ok(_) => Err(reader.refuse(&CA_FILE, "holds no certificate; say a PEM file with one")),
        Err(error) => {
            let clause = format!("can't be read ({error}); say a PEM file with a certificate");
            Err(reader.refuse(&CA_FILE, &clause))
        }
    }
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    let hint = "say one mailbox, like Example <no-reply@example.com>";
    let (name, address) = match text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    {
        Some((name, address)) => (name.trim(), address),
        None => ("", text),
    };
    let name = match name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
    {
        Some(quoted) => quoted,
        None if name.contains([',', ';', ':', '@', '<', '>', '"']) => {
            return Err(format!("is not one mailbox; {hint}"));
        }
        None => name,
    };
    if name.contains(['"', '\\']) {
        return Err(format!("has a name with a quote or a backslash; {hint}"));
    }
    let name = value::line(name, 64)?;
    Ok(Mailbox {
        name: (!name.is_empty()).then_some(name),
        address: value::address(address).map_err(|_| format!("is not one mailbox; {hint}"))?,
    })
}
