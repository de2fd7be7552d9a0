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

static API_LISTEN: Key = Key {
    section: "http",
    name: "api_listen",
    kind: Kind::Text,
    shown: Shown::Example("\"127.0.0.1:8443\""),
    doc: "Address and port of the management API, which is then not at `listen`: only pages and logins are.",
};

static API_NETWORKS: Key = Key {
    section: "http",
    name: "api_networks",
    kind: Kind::TextList,
    shown: Shown::Default("[]"),
    doc: "From where the management API may be called, like \"10.0.0.0/8\"; empty is from everywhere.",
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
        &API_LISTEN,
        &API_NETWORKS,
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
    /// The management API, if it has an address of its own.
    pub api_listen: Option<SocketAddr>,
    /// From where it may be called; from everywhere, if there is none.
    pub api_networks: Vec<IpNet>,
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
        std::iter::once(self.listen)
            .chain(self.admin_listen)
            .chain(self.api_listen)
    }
}

pub(super) fn read(reader: &mut Reader) -> Read<Http> {
    let listen = reader.parse(&LISTEN, socket);
    let admin_listen = reader.optional(&ADMIN_LISTEN, private_socket);
    let api_listen = reader.optional(&API_LISTEN, socket);
    let api_networks = reader.list(&API_NETWORKS, api_network);
    let tls = tls(reader);
    let trusted_proxies = reader.list(&TRUSTED_PROXIES, network);
    let http = Http {
        listen: listen?,
        admin_listen: admin_listen?,
        api_listen: api_listen?,
        api_networks: api_networks?,
        tls: tls?,
        trusted_proxies: trusted_proxies?,
    };
    for (key, address) in [
        (&ADMIN_LISTEN, http.admin_listen),
        (&API_LISTEN, http.api_listen),
    ] {
        if address == Some(http.listen) && http.listen.port() != 0 {
            return Err(reader.refuse(key, "is the address of [http] listen; say another port"));
        }
    }
    if http
        .api_listen
        .is_some_and(|api| http.admin_listen == Some(api) && api.port() != 0)
    {
        return Err(reader.refuse(
            &API_LISTEN,
            "is the address of [http] admin_listen; say another port",
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
        (API_LISTEN.path(), json!(http.api_listen)),
        (
            API_NETWORKS.path(),
            http.api_networks.iter().map(IpNet::to_string).collect(),
        ),
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
    let network = any_network(text)?;
    if network.prefix_len() == 0 {
        return Err(
            "would let anybody choose the address they seem to come from; \
                    say the addresses of your proxies"
                .to_owned(),
        );
    }
    Ok(network)
}

fn api_network(text: &str) -> Result<IpNet, String> {
    let network = any_network(text)?;
    if network.prefix_len() == 0 {
        return Err("is everywhere; leave the list empty for that".to_owned());
    }
    Ok(network)
}

fn any_network(text: &str) -> Result<IpNet, String> {
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse().map(|address: IpAddr| address.into()))
        .map_err(|_| {
            "is not an IP address or network; say one like 10.0.0.5 or 10.0.0.0/8".to_owned()
        })?;
    Ok(network.trunc())
}
