//! `tessera client …`

use clap::Subcommand;
use serde_json::{Value, json};

use super::house::House;
use super::{Context, out};
use crate::access::{scopes, tokens};
use crate::core::{ClientId, Digest, Timestamp};
use crate::store::Client;

/// The client that development makes for whoever asks for a token first.
const DEVELOPMENT: &str = "development";
const LONGEST_NAME: usize = 100;

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Create a client; its secret is shown this once
    Create {
        /// What you call it; mails say who asked by this name
        name: String,
        /// What it may do, like create:guardian_enrollment_tickets; without any, everything
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scopes::ALL)]
        scopes: Vec<String>,
    },
    /// List the clients
    List,
    /// Delete a client; its tokens are refused within 30 seconds
    Delete {
        /// Its id, as the list shows it
        #[arg(value_parser = out::parsed::<ClientId>)]
        id: ClientId,
    },
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    match verb {
        Verb::Create { name, scopes } => create(&house, context, &name, &scopes).await?,
        Verb::List => list(&house, context).await?,
        Verb::Delete { id } => delete(&house, context, &id).await?,
    }
    house.store.close().await;
    Ok(())
}

async fn create(
    house: &House,
    context: &Context,
    name: &str,
    scopes: &[String],
) -> anyhow::Result<()> {
    let plain = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control);
    anyhow::ensure!(
        plain,
        "NAME: say one line of 1 to {LONGEST_NAME} characters"
    );
    let scopes = if scopes.is_empty() {
        scopes::ALL.join(" ")
    } else {
        scopes.join(" ")
    };
    let id = ClientId::new(context.now(), context.rng());
    let secret = tokens::new_client_secret(context.rng());
    insert(house, &id, name, &secret, &scopes, context.now()).await?;
    let told = json!({ "client_id": id, "client_secret": *secret, "name": name, "scope": scopes });
    context.out.answer(&told, || {
        let facts = out::facts(&[
            ("client_id", Some(id.to_string())),
            ("client_secret", Some(secret.to_string())),
            ("scope", Some(scopes.clone())),
        ]);
        format!("{facts}\n\nKeep the secret now: it is not shown again.")
    })
}

async fn insert(
    house: &House,
    id: &ClientId,
    name: &str,
    secret: &str,
    scopes: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut tx = house.store.begin_write().await?;
    let digest = Digest::of(secret.as_bytes());
    tx.insert_client(id, name, &digest, scopes, now).await?;
    Ok(tx.commit().await?)
}

/// The client of development, made when there is no client at all; its secret is known to nobody. Says whether it is
/// new. Production has none: no credential exists unless an admin makes it.
pub(super) async fn for_development(
    house: &House,
    context: &Context,
) -> anyhow::Result<Option<(Client, bool)>> {
    if !house.config.is_development() {
        return Ok(None);
    }
    let clients = house.store.begin_read().await?.clients().await?;
    let is_first = clients.is_empty();
    let known = clients
        .into_iter()
        .find(|client| client.name == DEVELOPMENT);
    if !is_first {
        return Ok(known.map(|client| (client, false)));
    }
    let id = ClientId::new(context.now(), context.rng());
    let secret = tokens::new_client_secret(context.rng());
    let scopes = scopes::ALL.join(" ");
    insert(house, &id, DEVELOPMENT, &secret, &scopes, context.now()).await?;
    let made = house.store.begin_read().await?.client(&id).await?;
    Ok(made.map(|client| (client, true)))
}

async fn list(house: &House, context: &Context) -> anyhow::Result<()> {
    let clients = house.store.begin_read().await?.clients().await?;
    let told: Vec<Value> = clients
        .iter()
        .map(|client| {
            json!({
                "client_id": client.client_id,
                "name": client.name,
                "scope": client.scopes,
                "created_at": client.created_at.to_iso(),
            })
        })
        .collect();
    context.out.answer(&told, || {
        if clients.is_empty() {
            return "There is no client; make one with `tessera client create NAME`.".to_owned();
        }
        let rows: Vec<Vec<String>> = clients
            .iter()
            .map(|client| {
                let may = match client.scopes.split(' ').count() {
                    all if all == scopes::ALL.len() => "everything".to_owned(),
                    _ => client.scopes.clone(),
                };
                vec![
                    client.client_id.to_string(),
                    client.created_at.to_iso(),
                    client.name.clone(),
                    may,
                ]
            })
            .collect();
        out::table(&["CLIENT", "CREATED", "NAME", "MAY"], &rows)
    })
}

async fn delete(house: &House, context: &Context, id: &ClientId) -> anyhow::Result<()> {
    let mut tx = house.store.begin_write().await?;
    anyhow::ensure!(
        tx.delete_client(id).await?,
        "there is no client {id}; `tessera client list` shows them"
    );
    tx.commit().await?;
    context
        .out
        .answer(&json!({ "deleted": id }), || format!("Deleted {id}."))
}
