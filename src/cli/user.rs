//! `tessera user …`

use clap::Subcommand;
use serde_json::{Value, json};

use super::house::House;
use super::{Context, out};
use crate::core::{Actor, Error, Timestamp, UserId};
use crate::store::{Enrollment, EventRow, User};
use crate::users::reset;

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Show a user, their factors and what happened
    Show {
        /// The back end's name for the person
        #[arg(value_parser = out::parsed::<UserId>)]
        id: UserId,
    },
    /// Remove all factors and the recovery code of a user and forget wrong proofs: the person then starts over
    Reset {
        /// The back end's name for the person
        #[arg(value_parser = out::parsed::<UserId>)]
        id: UserId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    match verb {
        Verb::Show { id } => show(&house, context, &id).await?,
        Verb::Reset { id, yes } => reset(&house, context, &id, yes).await?,
    }
    house.store.close().await;
    Ok(())
}

async fn show(house: &House, context: &Context, id: &UserId) -> anyhow::Result<()> {
    let mut read = house.store.begin_read().await?;
    let user = read.user(id).await?.ok_or_else(Error::no_user)?;
    let enrollments = read.enrollments_of(id).await?;
    let events = read.events_of_user(id).await?;
    let failures = read.failures_of(id).await?.ok_or_else(Error::no_user)?;
    drop(read);
    let stopped = (failures.retry_at > context.now()).then(|| failures.retry_at.to_iso());
    let told = json!({
        "user_id": user.user_id,
        "email": user.email,
        "blocked": user.blocked,
        "created_at": user.created_at.to_iso(),
        "wrong_proofs": failures.failures,
        "no_proof_before": stopped,
        "enrollments": enrollments.iter().map(enrollment).collect::<Vec<_>>(),
        "timeline": events.iter().map(event).collect::<Vec<_>>(),
    });
    let wrong = (failures.failures > 0).then(|| failures.failures.to_string());
    context.out.answer(&told, || {
        written(&user, wrong, stopped, &enrollments, &events)
    })
}

fn written(
    user: &User,
    wrong: Option<String>,
    stopped: Option<String>,
    enrollments: &[Enrollment],
    events: &[EventRow],
) -> String {
    let about = out::facts(&[
        ("user_id", Some(user.user_id.to_string())),
        ("email", user.email.clone()),
        ("blocked", user.blocked.then(|| "yes".to_owned())),
        ("created_at", Some(user.created_at.to_iso())),
        ("wrong_proofs", wrong),
        ("no_proof_before", stopped),
    ]);
    let factors = if enrollments.is_empty() {
        "No factor is enrolled.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = enrollments
            .iter()
            .map(|found| {
                vec![
                    found.enrollment_id.to_string(),
                    found.factor.clone(),
                    found.status.clone(),
                    iso(found.enrolled_at).unwrap_or_else(|| "-".to_owned()),
                ]
            })
            .collect();
        out::table(&["ENROLLMENT", "FACTOR", "STATUS", "ENROLLED"], &rows)
    };
    format!("{about}\n\n{factors}\n\n{}", timeline(events))
}

fn iso(millis: Option<i64>) -> Option<String> {
    millis.map(|millis| Timestamp::from_millis(millis).to_iso())
}

fn enrollment(found: &Enrollment) -> Value {
    json!({
        "id": found.enrollment_id,
        "factor": found.factor,
        "status": found.status,
        "name": found.name,
        "ticket_id": found.ticket_id,
        "created_at": found.created_at.to_iso(),
        "enrolled_at": iso(found.enrolled_at),
        "last_auth_at": iso(found.last_auth_at),
    })
}

/// One line of what happened, as the API tells it.
pub(super) fn event(event: &EventRow) -> Value {
    json!({
        "at": event.at.to_iso(),
        "event": event.kind,
        "actor": event.actor,
        "ip": event.ip,
        "request_id": event.request_id,
        "detail": serde_json::from_str::<Value>(&event.detail).unwrap_or_default(),
    })
}

/// What happened, one line each.
pub(super) fn timeline(events: &[EventRow]) -> String {
    let rows: Vec<Vec<String>> = events
        .iter()
        .map(|event| {
            vec![
                event.at.to_iso(),
                event.kind.clone(),
                event.actor.clone(),
                event.detail.replace("{}", ""),
            ]
        })
        .collect();
    out::table(&["AT", "EVENT", "BY", "DETAIL"], &rows)
}

async fn reset(house: &House, context: &Context, id: &UserId, yes: bool) -> anyhow::Result<()> {
    let known = house.store.begin_read().await?.user(id).await?;
    known.ok_or_else(Error::no_user)?;
    if !yes {
        let question = format!("Remove all factors and the recovery code of {id}?");
        match out::confirm(&question)? {
            Some(true) => {}
            Some(false) => anyhow::bail!("nothing was changed"),
            None => anyhow::bail!("there is nobody to ask; say --yes"),
        }
    }
    let actor = Actor::command_line();
    let removed = reset::reset(&house.store, id, &actor, context.now(), context.rng()).await?;
    context.out.answer(
        &json!({ "user_id": id, "removed": removed }),
        || match removed {
            1 => format!("Removed 1 factor of {id}."),
            count => format!("Removed {count} factors of {id}."),
        },
    )
}
