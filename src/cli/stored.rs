//! What the API stored over the files, for the commands that look at these.

use secrecy::ExposeSecret as _;

use super::out;
use crate::config::{Config, DatabaseKind};
use crate::store::Store;
use crate::views::Stored;
use crate::web::stored;

/// What is stored; nothing where there is no database yet. One that is out of reach is told, and stops nobody.
pub(super) async fn of(config: &Config) -> Stored {
    read(config).await.unwrap_or_else(|error| {
        out::remark(&format!(
            "tessera: what is stored by the API is not looked at: {error:#}"
        ));
        Stored::default()
    })
}

async fn read(config: &Config) -> anyhow::Result<Stored> {
    let store = match &config.database.kind {
        DatabaseKind::Sqlite(path) if !path.exists() => return Ok(Stored::default()),
        DatabaseKind::Sqlite(path) => Store::open_sqlite(path).await?,
        DatabaseKind::Postgres => Store::open_postgres(config.database.url.expose_secret()).await?,
    };
    store.check_schema().await?;
    let layer = stored::layer(&store).await?;
    store.close().await;
    Ok(layer)
}
