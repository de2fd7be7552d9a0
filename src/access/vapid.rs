//! The key pair that push services know this server by (VAPID, RFC 8292): made once, for all instances.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;

use crate::core::webpush::{KEY_PLACE, KEY_SETTING};
use crate::core::{Error, Result, Rng, Sealer, Timestamp};
use crate::store::Store;

/// Makes the key pair, unless there is one.
///
/// # Errors
/// Of the database.
pub async fn ensure(store: &Store, sealer: &Sealer, now: Timestamp, rng: &dyn Rng) -> Result<()> {
    let mut tx = store.begin_write().await?;
    if tx.setting(KEY_SETTING).await?.is_some() {
        return Ok(());
    }
    let failed = |_| Error::internal(anyhow::anyhow!("no key pair could be made"));
    let random = SystemRandom::new();
    let private = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    let private = private.map_err(failed)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private.as_ref())
        .map_err(|_| Error::internal(anyhow::anyhow!("a fresh key pair cannot be read")))?;
    let public = BASE64URL_NOPAD.encode(pair.public_key().as_ref());
    let sealed = sealer.seal(&KEY_PLACE, private.as_ref(), rng);
    tx.set_setting(KEY_SETTING, &public, Some(&sealed), now)
        .await?;
    tx.commit().await
}

/// The public key, as browsers take it: base64url.
///
/// # Errors
/// Of the database.
pub async fn public_key(store: &Store) -> Result<Option<String>> {
    let setting = store.begin_read().await?.setting(KEY_SETTING).await?;
    Ok(setting.map(|setting| setting.value))
}
