//! `tessera outbox …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::house::House;
use super::{Context, out};
use crate::core::{Actor, MessageId};
use crate::store::OutboxMessage;
use crate::tickets::{Retried, retry};

/// `--dead` reads the outbox in pages of this size.
const PAGE: i64 = 500;

#[derive(Subcommand)]
pub(super) enum Verb {
    /// List messages, the oldest first
    List(List),
    /// Try messages again: what waits is due now, what was given up is promised again with a new link
    Retry(Retry),
}

#[derive(Args)]
pub(super) struct List {
    /// In this state
    #[arg(long, default_value = "dead", value_parser = ["due", "dead", "sent", "dropped"])]
    state: String,
    /// Those that follow this one, which was the last of the page before
    #[arg(long, value_name = "ID", value_parser = out::parsed::<MessageId>)]
    after: Option<MessageId>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

#[derive(Args)]
#[group(required = true)]
pub(super) struct Retry {
    /// Their ids, as the list shows them
    #[arg(value_name = "ID", value_parser = out::parsed::<MessageId>)]
    ids: Vec<MessageId>,
    /// All that were given up
    #[arg(long, conflicts_with = "ids")]
    dead: bool,
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    match verb {
        Verb::List(asked) => list(&house, context, asked).await?,
        Verb::Retry(asked) => retry_all(&house, context, asked).await?,
    }
    house.store.close().await;
    Ok(())
}

async fn list(house: &House, context: &Context, asked: List) -> anyhow::Result<()> {
    let mut read = house.store.begin_read().await?;
    // One more than is shown tells whether there are more.
    let found = read.messages(&asked.state, asked.after.as_ref(), asked.limit + 1);
    let mut messages = found.await?;
    drop(read);
    let limit = usize::try_from(asked.limit)?;
    let more = messages.len() > limit;
    messages.truncate(limit);
    let told: Vec<Value> = messages.iter().map(facts).collect();
    context.out.answer(&told, || {
        let Some(last) = messages.last() else {
            return format!("No message is {}.", asked.state);
        };
        let rows: Vec<Vec<String>> = messages.iter().map(row).collect();
        let heads = [
            "MESSAGE", "STATE", "KIND", "TICKET", "TRIES", "NEXT TRY", "REASON",
        ];
        let mut table = out::table(&heads, &rows);
        if more {
            let state = &asked.state;
            table.push_str(&format!(
                "\nThere are more: tessera outbox list --state {state} --after {}",
                last.message_id
            ));
        }
        table
    })
}

/// When it is tried next; what is settled is not.
fn next_try(message: &OutboxMessage) -> Option<String> {
    (message.state == "due").then(|| message.due_at.to_iso())
}

fn facts(message: &OutboxMessage) -> Value {
    json!({
        "message_id": message.message_id,
        "state": message.state,
        "kind": message.kind,
        "ticket_id": message.ticket_id,
        "attempts": message.attempts,
        "created_at": message.created_at.to_iso(),
        "next_try_at": next_try(message),
        "last_error": message.last_error,
    })
}

fn row(message: &OutboxMessage) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    vec![
        message.message_id.to_string(),
        message.state.clone(),
        message.kind.clone(),
        or_dash(message.ticket_id.clone()),
        message.attempts.to_string(),
        or_dash(next_try(message)),
        message.last_error.clone().unwrap_or_default(),
    ]
}

async fn retry_all(house: &House, context: &Context, asked: Retry) -> anyhow::Result<()> {
    let ids = if asked.dead {
        dead(house).await?
    } else {
        asked.ids
    };
    let actor = Actor::command_line();
    let (mut retried, mut left) = (Vec::new(), Vec::new());
    for id in ids {
        let (now, rng) = (context.now(), context.rng());
        let came = retry::retry(&house.store, &id, &actor, &house.sealer, now, rng);
        match came.await? {
            Retried::Due => retried.push(id),
            Retried::Not(why) => left.push((id, why)),
        }
    }
    let left_told: Vec<Value> = left
        .iter()
        .map(|(id, why)| json!({ "message_id": id, "reason": why }))
        .collect();
    let told = json!({ "retried": retried, "left": left_told });
    context.out.answer(&told, || {
        let mut lines = vec![format!("{} due now.", retried.len())];
        lines.extend(left.iter().map(|(id, why)| format!("left {id}: {why}")));
        lines.join("\n")
    })?;
    // One by one, what was named was meant; of all that failed, some are past help.
    anyhow::ensure!(
        asked.dead || left.is_empty(),
        "not all of them were retried"
    );
    Ok(())
}

async fn dead(house: &House) -> anyhow::Result<Vec<MessageId>> {
    let mut read = house.store.begin_read().await?;
    let mut ids: Vec<MessageId> = Vec::new();
    loop {
        let page = read.messages("dead", ids.last(), PAGE).await?;
        if page.is_empty() {
            return Ok(ids);
        }
        ids.extend(page.into_iter().map(|message| message.message_id));
    }
}
