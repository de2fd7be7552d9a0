//! The two kinds of keys: the sealing key, a file outside the database, and the signing keys, sealed inside it.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use arc_swap::ArcSwap;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use data_encoding::{BASE64_MIME, BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::{DecodingKey, EncodingKey};
use zeroize::Zeroizing;

use crate::core::seal::Place;
use crate::core::{Clock, Digest, Error, Result, Rng, Sealer};
use crate::store::{SigningKey, Store};

/// What is sealed in the database to tell whether the key beside it is the right one.
const CHECK: &[u8] = b"tessera sealing key";
const CHECK_NAME: &str = "sealing_key_check";
const CHECK_PLACE: Place<'static> = Place {
    table: "meta",
    row: &[CHECK_NAME],
    column: "value",
};

/// Where the sealing key lies.
pub fn sealing_key_path(data_dir: &Path) -> PathBuf {
    data_dir.join("sealing.key")
}

/// Opens the sealing key of this installation; on the very first start, makes it (mode 0600).
///
/// # Errors
/// When the database was sealed with a key that is missing or another: never a silent new key.
pub async fn open_sealer(store: &Store, data_dir: &Path, rng: &dyn Rng) -> anyhow::Result<Sealer> {
    let path = sealing_key_path(data_dir);
    let check = store.begin_read().await?.meta(CHECK_NAME).await?;
    let key = match (read_key(&path)?, &check) {
        (Some(key), _) => key,
        (None, None) => create_key(&path, rng)?,
        (None, Some(_)) => bail!(
            "{} is missing, and the database was sealed with it; put the key back from its backup (a new key could open nothing)",
            path.display()
        ),
    };
    let sealer = Sealer::new(&key);
    let check = match check {
        Some(check) => check,
        None => {
            let mut tx = store.begin_write().await?;
            tx.insert_meta(CHECK_NAME, &sealer.seal(&CHECK_PLACE, CHECK, rng))
                .await?;
            let stored = tx
                .meta(CHECK_NAME)
                .await?
                .context("the key check was not stored")?;
            tx.commit().await?;
            stored
        }
    };
    if sealer.open(&CHECK_PLACE, &check).is_none() {
        bail!(
            "{} is not the key that the database was sealed with; put the right one there",
            path.display()
        );
    }
    Ok(sealer)
}

fn read_key(path: &Path) -> anyhow::Result<Option<Zeroizing<[u8; Sealer::KEY_BYTES]>>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!(
            "{} can be read by others (mode {:o}); run `chmod 600 {}`",
            path.display(),
            mode & 0o777,
            path.display()
        );
    }
    let bytes = HEXLOWER.decode(text.trim().as_bytes()).map(Zeroizing::new);
    let key = bytes
        .ok()
        .and_then(|bytes| <[u8; Sealer::KEY_BYTES]>::try_from(bytes.as_slice()).ok());
    match key {
        Some(key) => Ok(Some(Zeroizing::new(key))),
        None => bail!(
            "{} does not hold a key (64 hex digits); put the right one there",
            path.display()
        ),
    }
}

fn create_key(path: &Path, rng: &dyn Rng) -> anyhow::Result<Zeroizing<[u8; Sealer::KEY_BYTES]>> {
    let key = Zeroizing::new(rng.bytes::<{ Sealer::KEY_BYTES }>());
    let context = || format!("cannot create {}", path.display());
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(context)?;
    let text = Zeroizing::new(HEXLOWER.encode(key.as_slice()));
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .with_context(context)?;
    Ok(key)
}

/// A signing key, ready to use.
pub struct Signer {
    /// Its name in the header of a token.
    pub kid: String,
    /// Signs.
    pub encoding: EncodingKey,
    /// Verifies.
    pub decoding: DecodingKey,
    /// The modulus, base64url (RFC 7518 §6.3.1.1).
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

/// The signing keys: the newest signs, all verify, so that a rotation refuses no token.
pub struct Keys {
    store: Store,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    signers: ArcSwap<Loaded>,
}

struct Loaded {
    at: crate::core::Timestamp,
    signers: Vec<Signer>,
}

/// How old the list of signing keys may be.
const FRESH: std::time::Duration = std::time::Duration::from_secs(30);

impl Keys {
    /// Loads the signing keys; on the very first start, makes one.
    ///
    /// # Errors
    /// Of the database, or when a key does not open.
    pub async fn open(
        store: Store,
        sealer: Sealer,
        clock: Arc<dyn Clock>,
        rng: &dyn Rng,
    ) -> Result<Self> {
        let keys = Self {
            store,
            sealer,
            clock,
            signers: ArcSwap::from_pointee(Loaded {
                at: 0.into(),
                signers: Vec::new(),
            }),
        };
        keys.load().await?;
        if keys.signers.load().signers.is_empty() {
            keys.rotate(rng).await?;
        }
        Ok(keys)
    }

    /// Makes a new signing key; from now on it signs.
    ///
    /// # Errors
    /// Of the database.
    pub async fn rotate(&self, rng: &dyn Rng) -> Result<()> {
        let pair = tokio::task::spawn_blocking(|| KeyPair::generate(KeySize::Rsa2048))
            .await
            .map_err(Error::internal)?
            .map_err(|_| Error::internal(anyhow::anyhow!("no RSA key could be made")))?;
        let private = pair
            .as_der()
            .map_err(|_| Error::internal(anyhow::anyhow!("the RSA key has no DER form")))?;
        let kid = HEXLOWER.encode(&Digest::of(pair.public_key().as_ref()).as_bytes()[..10]);
        let private_sealed = self.sealer.seal(&place(&[&kid]), private.as_ref(), rng);
        let mut tx = self.store.begin_write().await?;
        tx.insert_signing_key(&SigningKey {
            kid,
            private_sealed,
            created_at: self.clock.now(),
        })
        .await?;
        tx.commit().await?;
        self.load().await
    }

    /// The keys, loaded again when `kid` is none of them or they are old.
    ///
    /// # Errors
    /// Of the database, or when a key does not open.
    pub async fn with<T>(
        &self,
        kid: Option<&str>,
        use_keys: impl FnOnce(&[Signer]) -> T,
    ) -> Result<T> {
        let loaded = self.signers.load();
        let age = self.clock.now().since(loaded.at);
        let unknown = kid.is_some_and(|kid| loaded.signers.iter().all(|signer| signer.kid != kid));
        // An unknown name can be a forgery: it costs a query once a second, not once a request.
        if age >= FRESH || (unknown && age.as_secs() >= 1) {
            self.load().await?;
        }
        Ok(use_keys(&self.signers.load().signers))
    }

    async fn load(&self) -> Result<()> {
        let rows = self.store.begin_read().await?.signing_keys().await?;
        let signers = rows
            .iter()
            .map(|row| self.open_row(row))
            .collect::<Result<Vec<_>>>()?;
        self.signers.store(Arc::new(Loaded {
            at: self.clock.now(),
            signers,
        }));
        Ok(())
    }

    fn open_row(&self, row: &SigningKey) -> Result<Signer> {
        let broken =
            |what: &str| Error::internal(anyhow::anyhow!("signing key {}: {what}", row.kid));
        let private = self
            .sealer
            .open(&place(&[&row.kid]), &row.private_sealed)
            .ok_or_else(|| broken("does not open"))?;
        let pair = KeyPair::from_pkcs8(&private).map_err(|_| broken("is no RSA key"))?;
        let pem = Zeroizing::new(format!(
            "-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n",
            BASE64_MIME.encode(&private).replace('\r', "")
        ));
        let n = BASE64URL_NOPAD.encode(
            pair.public_key()
                .modulus()
                .big_endian_without_leading_zero(),
        );
        let e = BASE64URL_NOPAD.encode(
            pair.public_key()
                .exponent()
                .big_endian_without_leading_zero(),
        );
        Ok(Signer {
            kid: row.kid.clone(),
            encoding: EncodingKey::from_rsa_pem(pem.as_bytes())
                .map_err(|_| broken("does not sign"))?,
            decoding: DecodingKey::from_rsa_components(&n, &e)
                .map_err(|_| broken("does not verify"))?,
            n,
            e,
        })
    }
}

fn place<'a>(row: &'a [&'a str]) -> Place<'a> {
    Place {
        table: "signing_keys",
        row,
        column: "private_sealed",
    }
}
