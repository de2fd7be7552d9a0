//! Security keys and passkeys that are enrolled for another domain than the one that is asked for now: no browser uses them.

use crate::core::Result;
use crate::factors::Factor;
use crate::factors::webauthn::{RelyingParty, Settings};
use crate::store::Store;

/// How many there are.
///
/// # Errors
/// Of the database.
pub(super) async fn stranded(store: &Store, configured: &RelyingParty) -> Result<i64> {
    let mut read = store.begin_read().await?;
    let mut count = 0;
    for factor in [Factor::WebauthnRoaming, Factor::WebauthnPlatform] {
        let stored = read.setting(factor.name()).await?;
        let settings = Settings::read(factor, stored.as_ref().map(|stored| &*stored.value))?;
        let party = settings.party(configured);
        count += read.credentials_elsewhere(factor.name(), &party.id).await?;
    }
    Ok(count)
}

/// Warns of them in the log.
pub(super) async fn warn_of_stranded(store: Store, configured: RelyingParty) {
    match stranded(&store, &configured).await {
        Ok(0) => {}
        Ok(credentials) => tracing::warn!(
            credentials,
            "enrolled security keys and passkeys belong to another domain and cannot be used; see [webauthn] rp_id"
        ),
        Err(error) => tracing::error!(%error, "counting credentials failed"),
    }
}
