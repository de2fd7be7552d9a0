//! The database, and what only it can tell: keys, clocks, messages that wait.

use std::fs;
use std::time::Duration;

use super::{CLOCKS_APART, Finding, Level};
use crate::access::{keys, sealing};
use crate::cli::{Context, credentials, house};
use crate::config::{Config, DatabaseKind};
use crate::core::Timestamp;
use crate::store::Store;

/// A message that waits longer has been tried, and tried again.
const STALLED: Duration = Duration::from_secs(15 * 60);

pub(super) async fn look(config: &Config, context: &Context) -> Vec<Finding> {
    let about = "database";
    if let DatabaseKind::Sqlite(path) = &config.database.kind
        && !path.exists()
    {
        return vec![Finding::new(
            Level::Hint,
            about,
            format!("{} does not exist", path.display()),
            "the first start makes it",
        )];
    }
    let store = match house::open_store(config).await {
        Ok(store) => store,
        Err(error) => {
            return vec![Finding::new(
                Level::Error,
                about,
                format!("{error:#}"),
                "see [database]; PostgreSQL must run, know the user and let this machine in",
            )];
        }
    };
    if let Err(error) = store.check_schema().await {
        let (level, to_do) = if store.is_embedded() {
            (Level::Hint, "the next start brings it forward")
        } else {
            (
                Level::Error,
                "run `tessera migrate` with the newest version",
            )
        };
        return vec![Finding::new(level, about, format!("{error:#}"), to_do)];
    }
    let mut findings = Vec::new();
    findings.push(match try_to_write(&store).await {
        Ok(()) => Finding::ok(about, "reads, writes, and has this program's schema"),
        Err(error) => Finding::new(
            Level::Error,
            about,
            format!("cannot be written: {error}"),
            "look at its disk, and at the rights of the user in database.url",
        ),
    });
    findings.extend(clock(&store, context).await);
    findings.push(look_at_keys(&store, config, context).await);
    findings.extend(outbox(&store, context.now()).await);
    findings.extend(webauthn(&store, config).await);
    store.close().await;
    findings
}

/// In a transaction that ends without a commit.
async fn try_to_write(store: &Store) -> crate::core::Result<()> {
    let mut tx = store.begin_write().await?;
    tx.insert_meta("doctor", b"").await?;
    Ok(())
}

async fn clock(store: &Store, context: &Context) -> Option<Finding> {
    let theirs = store.begin_read().await.ok()?.server_time().await.ok()??;
    Some(apart("the database server", theirs, context.now()))
}

async fn outbox(store: &Store, now: Timestamp) -> Vec<Finding> {
    let about = "outbox";
    let vitals = async { store.begin_read().await?.outbox_vitals(now).await };
    let vitals = match vitals.await {
        Ok(vitals) => vitals,
        Err(error) => {
            return vec![Finding::new(
                Level::Error,
                about,
                error.to_string(),
                "see the database",
            )];
        }
    };
    let mut findings = Vec::new();
    let waits = vitals
        .oldest
        .map(|at| now.since(Timestamp::from_millis(at)));
    if waits.is_some_and(|waits| waits > STALLED) {
        findings.push(Finding::new(
            Level::Warning,
            about,
            format!("{} messages wait, the oldest too long", vitals.due),
            "`tessera outbox list` says why; see that the server runs",
        ));
    }
    if vitals.dead > 0 {
        findings.push(Finding::new(
            Level::Warning,
            about,
            format!("{} messages were given up", vitals.dead),
            "`tessera outbox list` says why; `tessera outbox retry --dead` tries them again",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(about, format!("{} messages wait", vitals.due)));
    }
    findings
}

/// Whether another machine's clock agrees with ours.
pub(super) fn apart(whose: &str, theirs: Timestamp, ours: Timestamp) -> Finding {
    let apart = theirs.since(ours).max(ours.since(theirs));
    if apart > CLOCKS_APART {
        Finding::new(
            Level::Warning,
            "clock",
            format!(
                "this machine and {whose} are {} seconds apart",
                apart.as_secs()
            ),
            "set both by NTP: codes of authenticator apps hold for half a minute",
        )
    } else {
        Finding::ok("clock", format!("agrees with {whose}"))
    }
}

/// Whom security keys and passkeys belong to, and whether it was another before.
async fn webauthn(store: &Store, config: &Config) -> Option<Finding> {
    let about = "webauthn";
    let party = house::relying_party(config)?;
    let domain = &party.id;
    Some(match credentials::stranded(store, &party).await {
        Ok(0) => Finding::ok(
            about,
            format!("security keys and passkeys belong to {domain}"),
        ),
        Ok(count) => Finding::new(
            Level::Warning,
            about,
            format!(
                "{count} enrolled security keys and passkeys belong to another domain than {domain}: no browser uses them"
            ),
            "set [webauthn] rp_id to the domain they were enrolled for, or let their owners enroll again",
        ),
        Err(error) => Finding::new(Level::Error, about, error.to_string(), "see the database"),
    })
}

async fn look_at_keys(store: &Store, config: &Config, context: &Context) -> Finding {
    let about = "keys";
    let made = async { store.begin_read().await?.signing_keys().await };
    match made.await {
        Ok(keys) if keys.is_empty() => {
            return Finding::new(
                Level::Hint,
                about,
                "there are none",
                "the first start makes them",
            );
        }
        Ok(_) => {}
        Err(error) => {
            return Finding::new(Level::Error, about, error.to_string(), "see the database");
        }
    }
    let path = sealing::sealing_key_path(&config.data_dir);
    let opened = async {
        fs::metadata(&path)?;
        let sealer = sealing::open_sealer(store, &config.data_dir, context.rng()).await?;
        let clock = std::sync::Arc::new(context.clock);
        keys::Keys::existing(store.clone(), sealer, clock).await?;
        anyhow::Ok(())
    };
    match opened.await {
        Ok(()) => Finding::ok(about, format!("{} opens what is sealed", path.display())),
        Err(error) => Finding::new(
            Level::Error,
            about,
            format!("{}: {error:#}", path.display()),
            "put the key back from its backup; without it no enrolled factor works",
        ),
    }
}
