//! `[http]`: where the server listens, with which certificate, and whom it believes about the visitor.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader};

static LISTEN: Key = Key {
    section: "http",
    name: "listen",
    kind: Kind::Text,
    shown: Shown::Default("\"127.0.0.1:8080\""),
    doc: "Address and port of pages and API; 0.0.0.0:8080 is every interface.",
};

static ADMIN_LISTEN: Key = Key {
    section: "http",
    name: "admin_listen",
    kind: Kind::Text,
    shown: Shown::Example("\"127.0.0.1:9090\""),
    doc: "Address and port of /metrics, beside /healthz and /readyz; loopback or private, for it asks nobody who they are.",
};

static TLS_CERT: Key = Key {
    section: "http",
    name: "tls_cert",
    kind: Kind::Text,
    shown: Shown::Example("\"tls/cert.pem\""),
    doc: "Certificate and intermediates (PEM), to speak https without a proxy; a new one is taken up by itself.",
};

static TLS_KEY: Key = Key {
    section: "http",
    name: "tls_key",
    kind: Kind::Text,
    shown: Shown::Example("\"tls/key.pem\""),
    doc: "The certificate's private key (PEM), readable by the server alone.",
};

static TRUSTED_PROXIES: Key = Key {
    section: "http",
    name: "trusted_proxies",
    kind: Kind::TextList,
    shown: Shown::Default("[]"),
    doc: "Addresses or networks of the reverse proxies, like \"10.0.0.5\" or \"10.0.0.0/8\".",
};

pub(super) const SECTION: Section = Section {
    name: "http",
    doc: "",
    keys: &[
        &LISTEN,
        &ADMIN_LISTEN,
        &TLS_CERT,
        &TLS_KEY,
        &TRUSTED_PROXIES,
    ],
};

/// `[http]`.
#[derive(Clone, Debug)]
pub struct Http {
    /// Pages and API.
    pub listen: SocketAddr,
    /// Metrics and health.
    pub admin_listen: Option<SocketAddr>,
    /// The server's own certificate; without one it speaks plain http, to a proxy that ends TLS.
    pub tls: Option<TlsFiles>,
    /// Peers whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
}

/// Where the server's own certificate lies; absolute paths.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Certificate and intermediates, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

impl Http {
    /// Every address that the server listens on.
    pub fn listeners(&self) -> impl Iterator<Item = SocketAddr> {
        std::iter::once(self.listen).chain(self.admin_listen)
    }
}

pub(super) fn read(reader: &mut Reader) -> Read<Http> {
    let listen = reader.parse(&LISTEN, socket);
    let admin_listen = reader.optional(&ADMIN_LISTEN, private_socket);
    let tls = tls(reader);
    let trusted_proxies = reader.list(&TRUSTED_PROXIES, network);
    let http = Http {
        listen: listen?,
        admin_listen: admin_listen?,
        tls: tls?,
        trusted_proxies: trusted_proxies?,
    };
    if http.admin_listen == Some(http.listen) && http.listen.port() != 0 {
        return Err(reader.refuse(
            &ADMIN_LISTEN,
            "is the address of [http] listen; say another port",
        ));
    }
    Ok(http)
}

fn tls(reader: &mut Reader) -> Read<Option<TlsFiles>> {
    let (cert, key) = (reader.path(&TLS_CERT), reader.path(&TLS_KEY));
    match (cert?, key?) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(reader.refuse(
            &TLS_CERT,
            "stands alone; say tls_key too, the file of its private key",
        )),
        (None, Some(_)) => Err(reader.refuse(
            &TLS_KEY,
            "stands alone; say tls_cert too, the file of the certificate",
        )),
    }
}

pub(super) fn describe(http: &Http) -> Vec<(Path, Value)> {
    vec![
        (LISTEN.path(), json!(http.listen)),
        (ADMIN_LISTEN.path(), json!(http.admin_listen)),
        (
            TLS_CERT.path(),
            json!(http.tls.as_ref().map(|tls| &tls.cert)),
        ),
        (TLS_KEY.path(), json!(http.tls.as_ref().map(|tls| &tls.key))),
        (
            TRUSTED_PROXIES.path(),
            http.trusted_proxies.iter().map(IpNet::to_string).collect(),
        ),
    ]
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "is not an IP address with a port; say one like 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080"
            .to_owned()
    })
}

/// Metrics tell how busy the server is and which version runs, to whoever asks.
fn private_socket(text: &str) -> Result<SocketAddr, String> {
    let address = socket(text)?;
    if is_private(address.ip().to_canonical()) {
        return Ok(address);
    }
    Err(
        "can be reached from anywhere, and metrics ask nobody who they are; say an address that \
         only your monitoring reaches, like 127.0.0.1:9090 or 10.0.0.5:9090"
            .to_owned(),
    )
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into()))
        .map_err(|_| {
            "is not an IP address or network; say one like 10.0.0.5 or 10.0.0.0/8".to_owned()
        })?;
    if network.prefix_len() == 0 {
        return Err(
            "would let anybody choose the address they seem to come from; \
                    say the addresses of your proxies"
                .to_owned(),
        );
    }
    Ok(network.trunc())
}
