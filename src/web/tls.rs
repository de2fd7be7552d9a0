//! The server's own certificate: checked before it is served, and followed while its files change.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use crate::config::TlsFiles;
use crate::core::{Clock, Digest, Timestamp, certificate};

/// How often the files are looked at: reading a few kilobytes works for every way to replace them, by rename, in
/// place, or by the swapped links of a mounted secret.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Far above any chain of certificates.
const LARGEST: u64 = 1024 * 1024;

/// The certificate that new connections get.
pub struct Tls {
    files: TlsFiles,
    serving: ArcSwap<Pair>,
    status: ArcSwap<Status>,
}

/// How the certificate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// When the certificate that is served ends.
    pub expires_at: Timestamp,
    /// Why the files that lie there now are not the ones that are served.
    pub problem: Option<String>,
}

/// A certificate and its key, checked.
struct Pair {
    key: Arc<CertifiedKey>,
    expires_at: Timestamp,
    /// Of the files' content.
    digest: Digest,
}

impl Tls {
    /// Reads the pair that the server starts with.
    ///
    /// # Errors
    /// What is wrong with the files, naming the key of the configuration.
    pub fn open(files: &TlsFiles, now: Timestamp) -> anyhow::Result<Arc<Self>> {
        let pair = Contents::read(files)
            .and_then(|contents| contents.check(files, now))
            .map_err(anyhow::Error::msg)?;
        let status = Status {
            expires_at: pair.expires_at,
            problem: None,
        };
        Ok(Arc::new(Self {
            files: files.clone(),
            serving: ArcSwap::from_pointee(pair),
            status: ArcSwap::from_pointee(status),
        }))
    }

    /// How the certificate stands.
    pub fn status(&self) -> Arc<Status> {
        self.status.load_full()
    }

    /// TLS 1.2 and 1.3 with the certificate that is current when a connection comes.
    ///
    /// # Errors
    /// When the cryptography in use knows neither version.
    pub fn server_config(self: &Arc<Self>) -> std::io::Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(std::io::Error::other)?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        Ok(versions.with_no_client_auth().with_cert_resolver(resolver))
    }

    /// Takes up a new pair whenever one lies in the files; one that is wrong leaves the last good one in place.
    pub async fn follow(self: Arc<Self>, clock: Arc<dyn Clock>) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        let mut doubt = None;
        loop {
            ticks.tick().await;
            let (tls, now) = (Arc::clone(&self), clock.now());
            let looked = tokio::task::spawn_blocking(move || tls.look(now)).await;
            match looked {
                Ok(Ok(found)) => {
                    doubt = None;
                    self.settle(found);
                }
                // Files that are being replaced don't match for a moment: what is wrong twice in a row is told.
                Ok(Err(why)) if doubt.as_ref() == Some(&why) => self.complain(why),
                Ok(Err(why)) => doubt = Some(why),
                Err(error) => tracing::error!(%error, "the certificate could not be looked at"),
            }
        }
    }

    /// The pair in the files if it is another than the one that is served.
    fn look(&self, now: Timestamp) -> Result<Option<Pair>, String> {
        let contents = Contents::read(&self.files)?;
        if contents.digest.as_bytes() == self.serving.load().digest.as_bytes() {
            return Ok(None);
        }
        contents.check(&self.files, now).map(Some)
    }

    fn settle(&self, found: Option<Pair>) {
        let changed = found.is_some();
        if let Some(pair) = found {
            self.serving.store(Arc::new(pair));
        }
        if changed || self.status().problem.is_some() {
            let expires_at = self.serving.load().expires_at;
            tracing::info!(%expires_at, "the certificate in the files is served");
            self.tell(None);
        }
    }

    fn complain(&self, why: String) {
        if self.status().problem.as_ref() != Some(&why) {
            tracing::error!(
                error = why,
                "the certificate in the files is not taken; the last good one is served"
            );
            self.tell(Some(why));
        }
    }

    fn tell(&self, problem: Option<String>) {
        let expires_at = self.serving.load().expires_at;
        self.status.store(Arc::new(Status {
            expires_at,
            problem,
        }));
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.serving.load().key))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.files).finish()
    }
}

/// What lies in the two files.
struct Contents {
    cert: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    digest: Digest,
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self, String> {
        let cert = read(&files.cert).map_err(|why| of_cert(files, &why))?;
        let key = open_private(&files.key)
            .and_then(|file| take(file).map(Zeroizing::new))
            .map_err(|why| of_key(files, &why))?;
        let both: Zeroizing<Vec<u8>> = Zeroizing::new([&*cert, &[0], &**key].concat());
        let digest = Digest::of(&both);
        Ok(Self { cert, key, digest })
    }

    fn check(self, files: &TlsFiles, now: Timestamp) -> Result<Pair, String> {
        let chain = chain(&self.cert).map_err(|why| of_cert(files, &why))?;
        let expires_at = end_of(&chain, now).map_err(|why| of_cert(files, &why))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            of_key(
                files,
                "holds no private key in PEM; say the file that begins with -----BEGIN PRIVATE KEY-----",
            )
        })?;
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|error| of_key(files, &mismatch(&error)))?;
        Ok(Pair {
            key: Arc::new(key),
            expires_at,
            digest: self.digest,
        })
    }
}

fn of_cert(files: &TlsFiles, clause: &str) -> String {
    format!("[http] tls_cert = {:?} {clause}", files.cert)
}

fn of_key(files: &TlsFiles, clause: &str) -> String {
    format!("[http] tls_key = {:?} {clause}", files.key)
}

fn mismatch(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InconsistentKeys(_) => {
            "is not the key of the certificate in tls_cert; say the two that were issued together"
                .to_owned()
        }
        error => format!("can't be used ({error}); say an RSA, ECDSA or Ed25519 key"),
    }
}

fn unreadable(error: &std::io::Error) -> String {
    format!("can't be read ({error}); say a file that exists")
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    take(File::open(path).map_err(|error| unreadable(&error))?)
}

fn take(file: File) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

/// Opens the key, unless users other than its owner and group can open it too.
fn open_private(path: &Path) -> Result<File, String> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let about = file.metadata().map_err(|error| unreadable(&error))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(format!(
            "is open to every user of the machine (mode {mode:04o}); run: chmod 600 {} (a mounted secret: set its \
             mode to 0400)",
            path.display()
        ));
    }
    Ok(file)
}

fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let broken = "holds no certificate in PEM; say the file that begins with -----BEGIN CERTIFICATE-----, intermediates \
                  behind it";
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| broken.to_owned())?;
    if chain.is_empty() {
        return Err(broken.to_owned());
    }
    Ok(chain)
}

/// When the first certificate of the chain ends; it must be valid now.
fn end_of(chain: &[CertificateDer<'_>], now: Timestamp) -> Result<Timestamp, String> {
    let leaf = chain.first().map(AsRef::as_ref).unwrap_or_default();
    let (begin, end) = certificate::validity(leaf)
        .map_err(|error| format!("holds a broken certificate ({error}); ask for a new one"))?;
    if end < now {
        return Err(format!("expired at {end}; renew the certificate"));
    }
    if begin > now {
        return Err(format!(
            "is valid from {begin} only; use the one before it, or set the machine's clock"
        ));
    }
    Ok(end)
}
