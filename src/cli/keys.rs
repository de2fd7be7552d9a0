//! `tessera keys …`

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::house::House;
use super::{Context, out, sealing};
use crate::access::keys::{self, Duty};
use crate::core::{Actor, Algorithm, Timestamp};

#[derive(Subcommand)]
pub(super) enum Verb {
    /// List the keys: those that sign tokens, and the versions of the one that seals the database
    List,
    /// Make a new key in the place of the present one; no server stops, and no valid token is refused
    Rotate {
        /// Which kind of key
        kind: Kind,
    },
    /// Remove a key: a signing key that somebody else may know (what it signed is refused within 30 seconds), or a
    /// version of the sealing key that nothing needs any more
    Remove {
        /// Its name or version, as the list shows it
        key: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// The keys that sign tokens, one for each algorithm
    Signing,
    /// The key that seals the database (sealing.key)
    Sealing,
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    match verb {
        Verb::List => list(&house, context).await?,
        Verb::Rotate {
            kind: Kind::Signing,
        } => rotate_signing(&house, context).await?,
        Verb::Rotate {
            kind: Kind::Sealing,
        } => sealing::rotate(&house, context).await?,
        // No signing key has so short a name.
        Verb::Remove { key } => match key.parse() {
            Ok(version) => sealing::remove(&house, context, version).await?,
            Err(_) => remove(&house, context, &key).await?,
        },
    }
    house.store.close().await;
    Ok(())
}

struct Signing {
    kid: String,
    alg: Algorithm,
    made: Timestamp,
    duty: Duty,
}

/// The signing keys, algorithm by algorithm, the newest first.
async fn signing(house: &House, context: &Context) -> anyhow::Result<Vec<Signing>> {
    let rows = house.store.begin_read().await?.signing_keys().await?;
    let made: Vec<_> = rows.iter().map(|key| (key.alg, key.created_at)).collect();
    let duties = keys::duties(&made, context.now());
    let all = rows.into_iter().zip(duties).map(|(row, duty)| Signing {
        kid: row.kid,
        alg: row.alg,
        made: row.created_at,
        duty,
    });
    Ok(all.collect())
}

impl Signing {
    fn told(&self) -> Value {
        let (state, at) = match self.duty {
            Duty::SignsFrom(at) => ("published", Some(at)),
            Duty::Signs => ("signs", None),
            Duty::VerifiesUntil(at) => ("verifies", Some(at)),
        };
        let until = at.map(Timestamp::to_iso);
        let (from, until) = match self.duty {
            Duty::SignsFrom(_) => (until, None),
            _ => (None, until),
        };
        json!({
            "kid": self.kid,
            "alg": self.alg.name(),
            "created_at": self.made.to_iso(),
            "state": state,
            "signs_from": from,
            "verifies_until": until,
        })
    }

    fn state(&self) -> String {
        match self.duty {
            Duty::SignsFrom(at) => format!("signs from {at}"),
            Duty::Signs => "signs".to_owned(),
            Duty::VerifiesUntil(at) => format!("verifies until {at}"),
        }
    }
}

async fn list(house: &House, context: &Context) -> anyhow::Result<()> {
    let signing = signing(house, context).await?;
    let versions = sealing::versions(house).await?;
    let told: Vec<Value> = signing.iter().map(Signing::told).collect();
    let sealing: Vec<Value> = versions.iter().map(sealing::Version::told).collect();
    context
        .out
        .answer(&json!({ "signing": told, "sealing": sealing }), || {
            let rows: Vec<Vec<String>> = signing
                .iter()
                .map(|key| {
                    let alg = key.alg.name().to_owned();
                    vec![key.kid.clone(), alg, key.made.to_iso(), key.state()]
                })
                .collect();
            let versions: Vec<Vec<String>> = versions.iter().map(sealing::Version::line).collect();
            let signing = out::table(&["SIGNING KEY", "SIGNS BY", "MADE", "STATE"], &rows);
            let sealing = out::table(&["SEALING KEY", "STATE", "ROWS"], &versions);
            format!("{signing}\n\n{sealing}")
        })
}

async fn rotate_signing(house: &House, context: &Context) -> anyhow::Result<()> {
    let actor = Actor::command_line();
    let kids = house.tokens.keys.rotate(&actor, context.rng()).await?;
    let mut made = signing(house, context).await?;
    made.retain(|key| kids.contains(&key.kid));
    let told: Vec<Value> = made.iter().map(Signing::told).collect();
    context.out.answer(&told, || {
        let made = made.iter().map(|key| {
            let (alg, kid, state) = (key.alg.name(), &key.kid, key.state());
            format!("Made the {alg} key {kid}: it is published now and {state}.\n")
        });
        let made: String = made.collect();
        format!(
            "{made}The former keys verify what they signed until the last of it has expired, and are removed then."
        )
    })
}

async fn remove(house: &House, context: &Context, kid: &str) -> anyhow::Result<()> {
    let all = signing(house, context).await?;
    anyhow::ensure!(
        all.iter().any(|key| key.kid == kid),
        "there is no signing key {kid}; `tessera keys list` shows them"
    );
    let (actor, now) = (Actor::command_line(), context.now());
    let removed = keys::remove(&house.store, kid, &actor, now, context.rng()).await?;
    anyhow::ensure!(
        removed,
        "{kid} is the only signing key of its algorithm; make another first, with `tessera keys rotate signing`"
    );
    context.out.answer(&json!({ "removed": kid }), || {
        format!("Removed {kid}: what it signed is refused everywhere within 30 seconds.")
    })
}
