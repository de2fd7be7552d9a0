//! `tessera token`

use std::time::Duration;

use anyhow::bail;
use clap::Args;

use super::house::House;
use super::{Context, client, out};
use crate::access::tokens::LIFETIME;
use crate::core::ClientId;
use crate::store::Client;

#[derive(Args)]
pub(super) struct Token {
    /// The client that the token is for; not needed when there is one client only
    #[arg(long, value_name = "ID", value_parser = out::parsed::<ClientId>)]
    client: Option<ClientId>,
    /// How long it lives, like 1h: at most a day
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = lifetime)]
    ttl: Duration,
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let span = humantime::parse_duration(text)
        .map_err(|_| "is not a span of time; say it like 1h or 30m".to_owned())?;
    if span > LIFETIME {
        return Err("is above the limit of a day; say 24h or less".to_owned());
    }
    if span.as_secs() == 0 {
        return Err("is too short; say 1s or more".to_owned());
    }
    Ok(span)
}

pub(super) async fn run(token: &Token, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    let client = chosen(&house, token.client.as_ref(), context).await?;
    let issued = house.tokens.issue(&client, token.ttl).await?;
    house.store.close().await;
    context.out.answer(&issued, || issued.access_token.clone())
}

async fn chosen(
    house: &House,
    wanted: Option<&ClientId>,
    context: &Context,
) -> anyhow::Result<Client> {
    if let Some(id) = wanted {
        let found = house.store.begin_read().await?.client(id).await?;
        return found.ok_or_else(|| {
            anyhow::anyhow!("there is no client {id}; `tessera client list` shows them")
        });
    }
    if let Some((client, is_new)) = client::for_development(house, context).await? {
        if is_new {
            let id = &client.client_id;
            out::remark(&format!(
                "made the client {id} ({}): there was none",
                client.name
            ));
        }
        return Ok(client);
    }
    let mut clients = client::of_api(house).await?;
    match clients.len() {
        0 => bail!("there is no client of the API; make one with `tessera client create NAME`"),
        1 => Ok(clients.remove(0)),
        _ => bail!(
            "there are several clients; say which one, like --client {}",
            clients[0].client_id
        ),
    }
}
