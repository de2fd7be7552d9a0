//! `tessera ticket …`

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::house::{House, available, user_limits};
use super::{Context, out};
use crate::core::{Actor, Error, TicketId, Timestamp, UserId};
use crate::factors::Switches;
use crate::store::{Created, OutboxMessage, Ticket, TicketFilter};
use crate::tickets::{self, Asked, CreateTicket, Issued, Policy, manage};

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Create a ticket; its link is shown this once
    Create(Create),
    /// List tickets, the newest first
    List(List),
    /// Show a ticket, its mails and what happened to it
    Show {
        /// Its id
        #[arg(value_parser = out::parsed::<TicketId>)]
        id: TicketId,
    },
    /// Take a ticket back
    Revoke {
        /// Its id
        #[arg(value_parser = out::parsed::<TicketId>)]
        id: TicketId,
    },
    /// Make a new link for a ticket and mail it; the former link is dead
    Resend {
        /// Its id
        #[arg(value_parser = out::parsed::<TicketId>)]
        id: TicketId,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// Who may enroll: the back end's name for the person
    #[arg(long, value_name = "ID")]
    user: String,
    /// Where the mail goes; also the address of a user who is not known yet
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Mail the link
    #[arg(long)]
    send_mail: bool,
    /// Allow this factor only; can be repeated
    #[arg(long = "factor", value_name = "FACTOR")]
    factors: Vec<String>,
    /// The language of the mail, like de
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
    /// Let a user who has a factor add another
    #[arg(long)]
    allow_multiple: bool,
    /// How long the link can be used, like 2h
    #[arg(long, value_name = "SPAN", value_parser = humantime::parse_duration)]
    ttl: Option<Duration>,
    /// Where the last page offers to go
    #[arg(long, value_name = "URL")]
    result_url: Option<String>,
}

#[derive(Args)]
pub(super) struct List {
    /// Of this user only
    #[arg(long, value_name = "ID", value_parser = out::parsed::<UserId>)]
    user: Option<UserId>,
    /// In this state only
    #[arg(long, value_parser = ["open", "held", "used", "closed", "revoked", "expired"])]
    status: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let house = House::open(context.config()?, context).await?;
    match verb {
        Verb::Create(asked) => create(&house, context, asked).await?,
        Verb::List(asked) => list(&house, context, asked).await?,
        Verb::Show { id } => show(&house, context, &id).await?,
        Verb::Revoke { id } => revoke(&house, context, &id).await?,
        Verb::Resend { id } => resend(&house, context, &id).await?,
    }
    house.store.close().await;
    Ok(())
}

async fn create(house: &House, context: &Context, asked: Create) -> anyhow::Result<()> {
    let tickets = &house.config.tickets;
    let policy = Policy {
        lifetime: tickets.lifetime,
        result_origins: tickets.result_origins.clone(),
        auto_create: house.config.users.auto_create,
        limits: user_limits(&house.config.limits),
    };
    let wanted = CreateTicket::parse(&asked.into(), &policy, &switches(house).await?);
    let actor = Actor::command_line();
    let now = context.now();
    let (ticket, issued) =
        wanted
            .map_err(out::told)?
            .issue(&actor, &house.sealer, now, context.rng());
    match house.store.create_tickets(&[ticket]).await?.as_slice() {
        [Created::NoAddress] => {
            anyhow::bail!("--send-mail: there is no address to send the mail to; say --email")
        }
        [Created::NoUser] => {
            anyhow::bail!("--user: there is no such user; say --email to make one")
        }
        outcomes => {
            for outcome in outcomes {
                tickets::written(*outcome, now).map_err(out::told)?;
            }
            tell_issued(house, context, &issued)
        }
    }
}

impl From<Create> for Asked {
    fn from(asked: Create) -> Self {
        Self {
            user_id: asked.user,
            email: asked.email,
            send_mail: asked.send_mail,
            email_locale: asked.locale,
            factor: asked.factors,
            allow_multiple_enrollments: asked.allow_multiple,
            ttl_sec: asked
                .ttl
                .map(|span| i64::try_from(span.as_secs()).unwrap_or(i64::MAX)),
            result_url: asked.result_url,
        }
    }
}

async fn switches(house: &House) -> anyhow::Result<Switches> {
    let settings = house.store.begin_read().await?.factor_settings().await?;
    let (on, off): (Vec<_>, Vec<_>) = settings.into_iter().partition(|factor| factor.enabled);
    Ok(Switches::new(
        on.into_iter().map(|factor| factor.factor),
        off.into_iter().map(|factor| factor.factor),
        available(&house.config),
    ))
}

fn tell_issued(house: &House, context: &Context, issued: &Issued) -> anyhow::Result<()> {
    let link = house.urls.enroll_link(&issued.ticket_id, &issued.secret);
    let expires_at = issued.expires_at.to_iso();
    let told = json!({
        "ticket_id": issued.ticket_id,
        "ticket_url": link,
        "expires_at": expires_at,
    });
    context.out.answer(&told, || {
        out::facts(&[
            ("ticket_id", Some(issued.ticket_id.to_string())),
            ("ticket_url", Some(link.clone())),
            ("expires_at", Some(expires_at.clone())),
        ])
    })
}

async fn list(house: &House, context: &Context, asked: List) -> anyhow::Result<()> {
    let filter = TicketFilter {
        user_id: asked.user,
        status: asked.status,
    };
    let now = context.now();
    let mut read = house.store.begin_read().await?;
    let tickets = read.tickets(&filter, now, asked.limit, 0).await?;
    let total = read.count_tickets(&filter, now).await?;
    drop(read);
    let told: Vec<Value> = tickets.iter().map(|ticket| facts(ticket, now)).collect();
    context.out.answer(&told, || {
        let rows: Vec<Vec<String>> = tickets
            .iter()
            .map(|ticket| {
                vec![
                    ticket.ticket_id.to_string(),
                    manage::status(ticket, now).to_owned(),
                    ticket.created_at.to_iso(),
                    ticket.expires_at.to_iso(),
                    ticket.user_id.to_string(),
                ]
            })
            .collect();
        let table = out::table(&["TICKET", "STATUS", "CREATED", "EXPIRES", "USER"], &rows);
        format!("{table}\n{} of {total}", tickets.len())
    })
}

/// A ticket as the API tells it.
fn facts(ticket: &Ticket, now: Timestamp) -> Value {
    let iso = |millis: Option<i64>| millis.map(|millis| Timestamp::from_millis(millis).to_iso());
    let factors: Vec<&str> = ticket
        .factors
        .split(',')
        .filter(|f| !f.is_empty())
        .collect();
    json!({
        "ticket_id": ticket.ticket_id,
        "user_id": ticket.user_id,
        "status": manage::status(ticket, now),
        "factors": factors,
        "allow_multiple_enrollments": ticket.allow_multiple,
        "email_locale": ticket.locale,
        "result_url": ticket.result_url,
        "created_by": ticket.created_by,
        "created_at": ticket.created_at.to_iso(),
        "expires_at": ticket.expires_at.to_iso(),
        "redeemed_at": iso(ticket.redeemed_at),
        "ended_at": iso(ticket.ended_at),
    })
}

async fn show(house: &House, context: &Context, id: &TicketId) -> anyhow::Result<()> {
    let mut read = house.store.begin_read().await?;
    let ticket = read.ticket(id).await?.ok_or_else(Error::no_ticket)?;
    let mails = read.messages_of_ticket(id).await?;
    let timeline = read.timeline(&ticket.user_id, id).await?;
    drop(read);
    let mut told = facts(&ticket, context.now());
    told["mails"] = mails.iter().map(mail).collect();
    told["timeline"] = timeline.iter().map(super::user::event).collect();
    context.out.answer(&told, || {
        let mut lines = vec![written(&told)];
        lines.extend(mails.iter().map(|mail| {
            let error = mail.last_error.as_deref().unwrap_or_default();
            let line = format!(
                "mail {}: {} after {} tries {error}",
                mail.kind, mail.state, mail.attempts
            );
            line.trim_end().to_owned()
        }));
        lines.push(String::new());
        lines.push(super::user::timeline(&timeline));
        lines.join("\n")
    })
}

/// The plain facts of a ticket, one a line.
fn written(told: &Value) -> String {
    let names = [
        "ticket_id",
        "user_id",
        "status",
        "factors",
        "allow_multiple_enrollments",
        "email_locale",
        "result_url",
        "created_by",
        "created_at",
        "expires_at",
        "redeemed_at",
        "ended_at",
    ];
    let value = |name: &str| match &told[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        other => Some(other.to_string()),
    };
    out::facts(&names.map(|name| (name, value(name))))
}

fn mail(message: &OutboxMessage) -> Value {
    json!({
        "message_id": message.message_id,
        "kind": message.kind,
        "state": message.state,
        "attempts": message.attempts,
        "last_error": message.last_error,
        "created_at": message.created_at.to_iso(),
    })
}

async fn revoke(house: &House, context: &Context, id: &TicketId) -> anyhow::Result<()> {
    let actor = Actor::command_line();
    manage::revoke(&house.store, id, &actor, context.now(), context.rng()).await?;
    let ticket = house.store.begin_read().await?.ticket(id).await?;
    let ticket = ticket.ok_or_else(Error::no_ticket)?;
    let status = manage::status(&ticket, context.now());
    let told = json!({ "ticket_id": id, "status": status });
    context.out.answer(&told, || format!("{id} is {status}."))
}

async fn resend(house: &House, context: &Context, id: &TicketId) -> anyhow::Result<()> {
    let actor = Actor::command_line();
    let issued = manage::resend(
        &house.store,
        id,
        user_limits(&house.config.limits),
        &actor,
        &house.sealer,
        context.now(),
        context.rng(),
    );
    tell_issued(house, context, &issued.await.map_err(out::told)?)
}
