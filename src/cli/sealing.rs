//! The sealing key at the command line, and in the server that follows it.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

use super::house::House;
use super::progress::Progress;
use super::{Context, out};
use crate::access::rotation::{self, Batch, Cause, NOTICED, Standing};
use crate::access::sealing::{self, FOLLOW_EVERY, Followed};
use crate::core::{Actor, Clock as _, Sealer, Timestamp};
use crate::store::{SealedTable, Store};

/// Keeps the server's keys those of the file and of the database, for ever; tells of each trouble once.
pub(super) async fn follow(store: Store, sealer: Sealer, data_dir: PathBuf) {
    let mut ticks = tokio::time::interval(FOLLOW_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        ticks.tick().await;
        let trouble = match sealing::follow(&store, &sealer, &data_dir).await {
            Ok(Followed::Same) => None,
            Ok(Followed::Changed { seals }) => {
                tracing::info!(version = seals, "the sealing key was read again");
                None
            }
            Ok(Followed::Lacking { version }) => Some(format!(
                "sealing.key lacks version {version}, which is about to be used; copy the file from the instance that made it"
            )),
            Err(error) => Some(format!("{error:#}")),
        };
        if let Some(error) = trouble.as_ref().filter(|_| trouble != told) {
            tracing::error!(error, "the sealing key");
        }
        told = trouble;
    }
}

/// A version of the sealing key.
pub(super) struct Version {
    version: u8,
    state: &'static str,
    removable_from: Option<Timestamp>,
    rows: Vec<(&'static str, i64)>,
}

impl Version {
    pub(super) fn told(&self) -> Value {
        let rows: serde_json::Map<String, Value> = self
            .rows
            .iter()
            .map(|(table, rows)| ((*table).to_owned(), json!(rows)))
            .collect();
        json!({
            "version": self.version,
            "state": self.state,
            "rows": rows,
            "removable_from": self.removable_from.map(Timestamp::to_iso),
        })
    }

    pub(super) fn line(&self) -> Vec<String> {
        let rows: Vec<String> = self
            .rows
            .iter()
            .filter(|(_, rows)| *rows > 0)
            .map(|(table, rows)| format!("{rows} {table}"))
            .collect();
        let state = match self.removable_from {
            Some(from) => format!("{}, removable from {from}", self.state),
            None => self.state.to_owned(),
        };
        vec![self.version.to_string(), state, rows.join(", ")]
    }
}

/// The versions that the file has, the newest first.
pub(super) async fn versions(house: &House) -> anyhow::Result<Vec<Version>> {
    let standing = Standing::of(&house.store).await?;
    let mut counts = Vec::new();
    for table in SealedTable::ALL {
        let counted = rotation::counted(&house.store, table).await?;
        counts.push((table.name(), counted));
    }
    let version = |version: u8| {
        let rows: Vec<(&'static str, i64)> = counts
            .iter()
            .map(|(table, counted)| {
                let of_this = counted.iter().find(|(with, _)| *with == version);
                (*table, of_this.map_or(0, |(_, rows)| *rows))
            })
            .collect();
        let (state, is_over) = match version {
            _ if version == standing.seals => ("seals", false),
            _ if Some(version) == standing.next => ("announced", false),
            _ => ("opens", rows.iter().all(|(_, rows)| *rows == 0)),
        };
        Version {
            version,
            state,
            removable_from: standing.removable_from().filter(|_| is_over),
            rows,
        }
    };
    Ok(house
        .sealer
        .versions()
        .into_iter()
        .rev()
        .map(version)
        .collect())
}

/// Goes on with the rotation that is under way; begins one when there is none.
pub(super) async fn rotate(house: &House, context: &Context) -> anyhow::Result<()> {
    let (store, data_dir) = (&house.store, &house.config.data_dir);
    let actor = Actor::command_line();
    let cause = || Cause {
        actor: &actor,
        now: context.now(),
        rng: context.rng(),
    };
    let standing = Standing::of(store).await?;
    if standing.next.is_none() && !standing.is_unfinished {
        let version = rotation::announce(store, data_dir, &cause()).await?;
        // Where others may share the database, each has a file of its own.
        if !store.is_embedded() {
            let told = json!({ "version": version, "state": "announced" });
            return context.out.answer(&told, || {
                format!(
                    "Made version {version} of the sealing key; nothing is sealed with it yet.\n\
                     Copy {} to every instance (running servers read it within seconds),\n\
                     then run `tessera keys rotate sealing` again to go on.",
                    sealing::sealing_key_path(data_dir).display()
                )
            });
        }
    }
    let standing = Standing::of(store).await?;
    if standing.next.is_some() {
        until_noticed(&standing, context).await;
        rotation::switch(store, data_dir, &cause()).await?;
    }
    sealing::follow(store, &house.sealer, data_dir).await?;
    let (sealed, broken) = reseal_all(house, context).await?;
    let version = house.sealer.version();
    rotation::finish(store, version, &cause()).await?;
    if broken > 0 {
        out::remark(&format!(
            "tessera: {broken} rows open with no key of sealing.key, and were left as they are; `tessera keys list` counts them by version"
        ));
    }
    let from = Standing::of(store).await?.removable_from();
    let told = json!({
        "version": version,
        "state": "seals",
        "resealed": sealed,
        "unreadable": broken,
        "former_removable_from": from.map(Timestamp::to_iso),
    });
    context.out.answer(&told, || {
        let from = from.map(Timestamp::to_iso).unwrap_or_default();
        format!(
            "Version {version} of the sealing key seals everything; {sealed} rows were sealed anew.\n\
             Keep a copy of sealing.key apart from the backups of the database. Former versions open what old backups\n\
             hold; `tessera keys remove VERSION` takes one out of the file, from {from} on."
        )
    })
}

/// Every server that runs notices a step within a few seconds.
async fn until_noticed(standing: &Standing, context: &Context) {
    let left = left(standing, context);
    if !left.is_zero() {
        let _progress = Progress::waiting("until every server has noticed");
        tokio::time::sleep(left).await;
    }
}

fn left(standing: &Standing, context: &Context) -> Duration {
    let noticed = standing.step_at.map(|at| at + NOTICED);
    let left = noticed.map_or(Duration::ZERO, |noticed| noticed.since(context.clock.now()));
    left.min(NOTICED)
}

/// Seals all rows anew; says how many, and how many no key opens.
async fn reseal_all(house: &House, context: &Context) -> anyhow::Result<(u64, u64)> {
    let (store, sealer) = (&house.store, &house.sealer);
    let others = rotation::count_others(store, sealer.version()).await?;
    let progress = Progress::counting("sealing anew", others);
    let standing = Standing::of(store).await?;
    let mut sealed = 0;
    loop {
        // A server that has not noticed the switch yet still adds rows of the old version.
        let is_last = left(&standing, context).is_zero();
        let mut broken = 0;
        for table in SealedTable::ALL {
            let mut after = Some(String::new());
            while let Some(from) = after {
                let batch: Batch =
                    rotation::reseal(store, sealer, table, &from, context.rng()).await?;
                progress.add(batch.sealed);
                sealed += batch.sealed;
                broken += batch.broken;
                after = batch.last;
            }
        }
        if is_last {
            return Ok((sealed, broken));
        }
        until_noticed(&standing, context).await;
    }
}

/// Takes a version out of the file.
pub(super) async fn remove(house: &House, context: &Context, version: u8) -> anyhow::Result<()> {
    let cause = Cause {
        actor: &Actor::command_line(),
        now: context.now(),
        rng: context.rng(),
    };
    rotation::remove(&house.store, &house.config.data_dir, version, &cause).await?;
    context.out.answer(&json!({ "removed": version }), || {
        format!(
            "Removed version {version} from {}. Backups that it sealed need a copy of the former file.",
            sealing::sealing_key_path(&house.config.data_dir).display()
        )
    })
}
