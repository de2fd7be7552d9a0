//! Certificates, and clients that speak TLS.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::place::{Place, Server};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A certificate for localhost that nobody vouches for but itself.
pub struct Certificate {
    pub cert: String,
    pub key: String,
}

impl Certificate {
    /// Valid for decades.
    pub fn new() -> Self {
        Self::between(2020, 2120)
    }

    /// Valid between the beginnings of two years.
    pub fn between(first: i32, last: i32) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(first, 1, 1);
        params.not_after = date_time_ymd(last, 1, 1);
        let cert = params.self_signed(&key).unwrap().pem();
        let key = key.serialize_pem();
        Self { cert, key }
    }

    /// Where the settings of [`serve`] look for it.
    pub fn lie_in(&self, place: &Place) {
        place.write("cert.pem", &self.cert);
        place.write("key.pem", &self.key);
    }

    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.cert.as_bytes()).unwrap()
    }
}

/// The server's own certificate, and nobody is too frequent.
pub const SETTINGS: [&str; 8] = [
    "--set",
    "limits.address_per_second=0",
    "--set",
    "public_url=https://localhost",
    "--set",
    "http.tls_cert=cert.pem",
    "--set",
    "http.tls_key=key.pem",
];

/// A server with the certificate that lies in its place.
pub fn serve(place: &Place) -> Server {
    place.serve_with(&SETTINGS)
}

/// A connection of TLS, offering this protocol.
pub type Connection = StreamOwned<ClientConnection, TcpStream>;

/// Connects as a client that trusts this one certificate alone.
///
/// # Errors
/// When the server shows another one.
pub fn connect(server: &Server, trusted: &Certificate, alpn: &str) -> io::Result<Connection> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // A server that hears no more is as good as one that has hung up.
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    client.complete_io(&mut stream)?;
    assert_eq!(client.alpn_protocol(), Some(alpn.as_bytes()));
    Ok(StreamOwned::new(client, stream))
}

/// Waits until the server shows this certificate.
#[track_caller]
pub fn wait_until_served(server: &Server, certificate: &Certificate) {
    let deadline = Instant::now() + PATIENCE;
    while connect(server, certificate, "http/1.1").is_err() {
        assert!(Instant::now() < deadline, "the certificate is not taken up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Swaps the folder that a link leads to in one step, as Kubernetes does with a mounted secret.
pub fn swap_link(link: &Path, to: &Path) {
    let beside = link.with_extension("new");
    std::os::unix::fs::symlink(to, &beside).unwrap();
    std::fs::rename(beside, link).unwrap();
}
