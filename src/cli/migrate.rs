//! `tessera migrate`

use serde_json::json;

use super::house::open_store;
use super::{Context, in_use};

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let config = context.config()?;
    let _share = in_use::share(&config)?;
    let store = open_store(&config).await?;
    store.migrate().await?;
    store.close().await;
    context.out.answer(&json!({ "migrated": true }), || {
        "The database has the schema of this program.".to_owned()
    })
}
