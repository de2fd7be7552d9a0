//! Opens an installation: its folder, database and keys. The first opening makes them.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;

use super::{Context, in_use};
use crate::access::{Keys, Rates, Tokens, sealing, vapid};
use crate::config::{Config, DatabaseKind, Limits, PhoneProvider};
use crate::core::{Clock, Rng, Sealer, Urls};
use crate::factors::Available;
use crate::factors::webauthn::RelyingParty;
use crate::store::{Store, UserLimits};

/// An installation, open.
pub(super) struct House {
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) sealer: Sealer,
    pub(super) tokens: Tokens,
    pub(super) urls: Urls,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
    /// The share in the database: no restore takes it away meanwhile.
    pub(super) in_use: Arc<File>,
}

impl House {
    /// Opens it; SQLite is brought to this program's schema, PostgreSQL must be there already.
    pub(super) async fn open(config: Config, context: &Context) -> anyhow::Result<Self> {
        let in_use = Arc::new(in_use::share(&config)?);
        let store = open_store(&config).await?;
        // What the first start makes, it makes alone.
        let alone = lock(config.data_dir.join("start.lock")).await?;
        if store.is_embedded() {
            store.migrate().await?;
        } else {
            store.check_schema().await?;
        }
        let sealer = sealing::open_sealer(&store, &config.data_dir, context.rng()).await?;
        let clock: Arc<dyn Clock> = Arc::new(context.clock);
        let keys = Keys::open(
            store.clone(),
            sealer.clone(),
            Arc::clone(&clock),
            context.rng(),
        )
        .await?;
        vapid::ensure(&store, &sealer, clock.now(), context.rng()).await?;
        drop(alone);
        let urls = Urls::new(&config.public_url);
        let tokens = Tokens::new(store.clone(), keys, Arc::clone(&clock), urls.clone());
        Ok(Self {
            config,
            store,
            sealer,
            tokens,
            urls,
            clock,
            rng: Arc::new(context.rng),
            in_use,
        })
    }
}

/// What one user may have, as configured.
pub(super) fn user_limits(limits: &Limits) -> UserLimits {
    UserLimits {
        open_tickets: limits.open_tickets_per_user,
        mails: limits.mails_per_user,
    }
}

/// How often may be called, as configured.
pub(super) fn rates(limits: &Limits) -> Rates {
    Rates {
        client_per_second: limits.client_per_second,
        address_per_second: limits.address_per_second,
    }
}

/// Connects to the database, whatever its schema; makes the data folder.
pub(super) async fn open_store(config: &Config) -> anyhow::Result<Store> {
    make_private(&config.data_dir)?;
    match &config.database.kind {
        DatabaseKind::Sqlite(path) => Store::open_sqlite(path).await,
        DatabaseKind::Postgres => Store::open_postgres(config.database.url.expose_secret()).await,
    }
}

/// Makes a folder that only its user may look into.
pub(super) fn make_private(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make the folder {}", folder.display()))
}

/// Waits until no other process of this installation starts.
async fn lock(path: PathBuf) -> anyhow::Result<File> {
    let failed = format!("cannot lock {}", path.display());
    tokio::task::spawn_blocking(move || {
        let file = File::create(&path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    })
    .await?
    .context(failed)
}

/// Whom security keys and passkeys belong to, as configured.
pub(super) fn relying_party(config: &Config) -> Option<RelyingParty> {
    let urls = Urls::new(&config.public_url);
    let webauthn = &config.webauthn;
    let rp_id = webauthn.rp_id.as_deref();
    RelyingParty::new(&urls, rp_id, &webauthn.origins, &config.site.name)
}

/// What this installation can do at all.
pub(super) fn available(config: &Config) -> Available {
    Available {
        phone: !matches!(config.phone.provider, PhoneProvider::None),
        webauthn: relying_party(config).is_some(),
    }
}
