//! `tessera client …`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::house::House;
use super::{Context, out};
use crate::access::{clients, redirect_uris, scopes, tokens};
use crate::core::{Actor, Algorithm, ClientId, Digest};
use crate::store::{Client, Event};

/// The client that development makes for whoever asks for a token first.
const DEVELOPMENT: &str = "development";
/// The method of a client that shows its secret.
const SECRET: &str = "client_secret";

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Create a client; its secret is shown this once
    Create {
        /// What you call it; mails and pages say who asked by this name
        name: String,
        /// What it may do, like create:guardian_enrollment_tickets; without any, everything, or nothing if it has a
        /// redirect URI
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scopes::ALL)]
        scopes: Vec<String>,
        #[command(flatten)]
        application: Application,
        /// How it proves itself
        #[arg(long, value_name = "METHOD", value_parser = [SECRET, Client::PRIVATE_KEY_JWT], default_value = SECRET)]
        auth_method: String,
    },
    /// Change where a client's logins lead back to, its keys, or how its tokens are signed
    Update {
        /// Its id, as the list shows it
        #[arg(value_parser = out::parsed::<ClientId>)]
        id: ClientId,
        #[command(flatten)]
        application: Application,
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

/// What may change of a client.
#[derive(Args)]
pub(super) struct Application {
    /// Where its logins may lead back to, letter by letter; all of them, if there are several
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Its public keys, as a JWK set; with --auth-method private_key_jwt
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// How its tokens are signed: RS256, which every library takes, or ES256, which costs the server far less
    #[arg(long, value_name = "ALG", value_parser = out::parsed::<Algorithm>)]
    signing_alg: Option<Algorithm>,
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    match verb {
        Verb::Create {
            name,
            scopes,
            application,
            auth_method,
        } => create(&house, context, &name, &scopes, &application, &auth_method).await?,
        Verb::Update { id, application } => update(&house, context, &id, &application).await?,
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
    application: &Application,
    auth_method: &str,
) -> anyhow::Result<()> {
    clients::check_name(name).map_err(|why| anyhow::anyhow!("NAME: {why}"))?;
    let (redirect_uris, jwks) = (application.redirect_uris()?, application.jwks()?);
    let signs = auth_method == Client::PRIVATE_KEY_JWT;
    anyhow::ensure!(
        signs == jwks.is_some(),
        "--jwks FILE belongs to --auth-method private_key_jwt, and the other way round"
    );
    let scopes = match scopes {
        [] if redirect_uris.is_empty() => scopes::ALL.join(" "),
        named => named.join(" "),
    };
    let id = ClientId::new(context.now(), context.rng());
    let secret = tokens::new_client_secret(context.rng());
    let mut tx = house.store.begin_write().await?;
    let digest = Digest::of(secret.as_bytes());
    let client = tx.insert_client(&id, name, &digest, &scopes, context.now());
    let client = Client {
        redirect_uris,
        auth_method: auth_method.to_owned(),
        jwks,
        signing_alg: application.signing_alg.unwrap_or_default(),
        ..client.await?
    };
    tx.update_client(&client).await?;
    tx.record(&[event("client.created", &id, context)]).await?;
    tx.commit().await?;
    let mut told = shown(&client);
    if !signs {
        told["client_secret"] = Value::from(secret.as_str());
    }
    context.out.answer(&told, || {
        let facts = out::facts(&[
            ("client_id", Some(id.to_string())),
            ("client_secret", (!signs).then(|| secret.to_string())),
            ("scope", (!scopes.is_empty()).then(|| scopes.clone())),
            ("redirect_uris", several(&client)),
            (
                "signing_alg",
                application.signing_alg.map(|alg| alg.name().to_owned()),
            ),
        ]);
        match signs {
            true => facts,
            false => format!("{facts}\n\nKeep the secret now: it is not shown again."),
        }
    })
}

async fn update(
    house: &House,
    context: &Context,
    id: &ClientId,
    application: &Application,
) -> anyhow::Result<()> {
    let (redirect_uris, jwks) = (application.redirect_uris()?, application.jwks()?);
    anyhow::ensure!(
        jwks.is_some() || !redirect_uris.is_empty() || application.signing_alg.is_some(),
        "say what to change: --redirect-uri URI (all of them), --jwks FILE, or --signing-alg ALG"
    );
    let mut tx = house.store.begin_write().await?;
    let client = tx.lock_client(id).await?.ok_or_else(|| unknown(id))?;
    anyhow::ensure!(
        jwks.is_none() || client.signs(),
        "{id} proves itself by its secret; create a client with --auth-method private_key_jwt for keys"
    );
    let client = Client {
        redirect_uris: match redirect_uris.is_empty() {
            true => client.redirect_uris,
            false => redirect_uris,
        },
        jwks: jwks.or(client.jwks),
        signing_alg: application.signing_alg.unwrap_or(client.signing_alg),
        ..client
    };
    tx.update_client(&client).await?;
    tx.record(&[event("client.updated", id, context)]).await?;
    tx.commit().await?;
    context
        .out
        .answer(&shown(&client), || format!("Updated {id}."))
}

impl Application {
    fn redirect_uris(&self) -> anyhow::Result<String> {
        redirect_uris::registered(&self.redirect_uris)
            .map_err(|why| anyhow::anyhow!("--redirect-uri: {why}"))
    }

    fn jwks(&self) -> anyhow::Result<Option<String>> {
        let Some(file) = &self.jwks else {
            return Ok(None);
        };
        let wrong = || format!("--jwks {}", file.display());
        let text = std::fs::read_to_string(file).with_context(wrong)?;
        let set = serde_json::from_str(&text).with_context(wrong)?;
        let keys = clients::registered_keys(&set);
        Ok(Some(
            keys.map_err(|why| anyhow::anyhow!("{}: {why}", wrong()))?,
        ))
    }
}

fn event(kind: &'static str, id: &ClientId, context: &Context) -> Event {
    let actor = Actor::command_line();
    Event::new(kind, &actor, context.now(), context.rng()).detail("client", id.as_str())
}

fn unknown(id: &ClientId) -> anyhow::Error {
    anyhow::anyhow!("there is no client {id}; `tessera client list` shows them")
}

/// What programs read of a client.
fn shown(client: &Client) -> Value {
    json!({
        "client_id": client.client_id,
        "name": client.name,
        "scope": client.scopes,
        "redirect_uris": client.redirects().collect::<Vec<_>>(),
        "auth_method": client.auth_method,
        "signing_alg": client.signing_alg.name(),
        "created_at": client.created_at.to_iso(),
    })
}

fn several(client: &Client) -> Option<String> {
    let uris: Vec<&str> = client.redirects().collect();
    (!uris.is_empty()).then(|| uris.join(" "))
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
    let clients = of_api(house).await?;
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
    let digest = Digest::of(secret.as_bytes());
    let mut tx = house.store.begin_write().await?;
    let made = tx.insert_client(&id, DEVELOPMENT, &digest, &scopes, context.now());
    let made = made.await?;
    tx.commit().await?;
    Ok(Some((made, true)))
}

/// The clients that may call the management API: a token of another one lets its bearer do nothing.
pub(super) async fn of_api(house: &House) -> anyhow::Result<Vec<Client>> {
    let mut clients = house.store.begin_read().await?.clients().await?;
    clients.retain(|client| !client.scopes.is_empty());
    Ok(clients)
}

async fn list(house: &House, context: &Context) -> anyhow::Result<()> {
    let clients = house.store.begin_read().await?.clients().await?;
    let told: Vec<Value> = clients.iter().map(shown).collect();
    context.out.answer(&told, || {
        if clients.is_empty() {
            return "There is no client; make one with `tessera client create NAME`.".to_owned();
        }
        let rows: Vec<Vec<String>> = clients
            .iter()
            .map(|client| {
                let may = match client.scopes.split(' ').count() {
                    all if all == scopes::ALL.len() => "everything".to_owned(),
                    _ if client.scopes.is_empty() => "-".to_owned(),
                    _ => client.scopes.clone(),
                };
                vec![
                    client.client_id.to_string(),
                    client.created_at.to_iso(),
                    client.name.clone(),
                    may,
                    several(client).unwrap_or_else(|| "-".to_owned()),
                ]
            })
            .collect();
        out::table(&["CLIENT", "CREATED", "NAME", "MAY", "LEADS TO"], &rows)
    })
}

async fn delete(house: &House, context: &Context, id: &ClientId) -> anyhow::Result<()> {
    let mut tx = house.store.begin_write().await?;
    anyhow::ensure!(tx.delete_client(id).await?, unknown(id));
    tx.record(&[event("client.deleted", id, context)]).await?;
    tx.commit().await?;
    context
        .out
        .answer(&json!({ "deleted": id }), || format!("Deleted {id}."))
}
