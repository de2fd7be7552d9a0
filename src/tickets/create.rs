//! Creating a ticket: what may be asked for, and what is written.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use url::{Origin, Url};

use super::LONGEST_LIFETIME;
use crate::core::seal::Place;
use crate::core::{
    Actor, Email, Error, MessageId, Result, Rng, Sealer, TicketId, TicketSecret, Timestamp, UserId,
};
use crate::factors::{Factor, Switches, format_list};
use crate::store::{Created, Event, Full, NewMessage, NewTicket, NewUser, UserLimits};
use crate::users;

/// What a caller asks for, word by word (contract §1.2).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Asked {
    /// `user_id`.
    pub user_id: String,
    /// `email`.
    pub email: Option<String>,
    /// `send_mail`, or `send_email`.
    pub send_mail: bool,
    /// `email_locale`.
    pub email_locale: Option<String>,
    /// `factor`: names of factors, `oob`, `sms` or `voice`.
    pub factor: Vec<String>,
    /// `allow_multiple_enrollments`.
    pub allow_multiple_enrollments: bool,
    /// `ttl_sec`.
    pub ttl_sec: Option<i64>,
    /// `result_url`.
    pub result_url: Option<String>,
}

/// What the admin lets be asked for.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The life of a ticket that asks for none, and the longest of any.
    pub lifetime: Duration,
    /// Where a `result_url` may lead.
    pub result_origins: Vec<Origin>,
    /// Whether an unknown user with an address is created.
    pub auto_create: bool,
    /// What one user may have.
    pub limits: UserLimits,
}

/// A ticket that may be created.
#[derive(Debug, Clone)]
pub struct CreateTicket {
    user_id: UserId,
    email: Option<Email>,
    send_mail: bool,
    locale: Option<String>,
    factors: Vec<Factor>,
    allow_multiple: bool,
    lifetime: Duration,
    result_url: Option<Url>,
    auto_create: bool,
    limits: UserLimits,
}

/// What the caller gets: the secret, this once.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The ticket's public name.
    pub ticket_id: TicketId,
    /// The secret that only the link carries.
    pub secret: TicketSecret,
    /// When it stops to be redeemable.
    pub expires_at: Timestamp,
}

impl CreateTicket {
    /// Checks what is asked for against the rules and the admin's policy.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the property.
    pub fn parse(asked: &Asked, policy: &Policy, switches: &Switches) -> Result<Self> {
        let email = asked
            .email
            .as_deref()
            .map(str::parse::<Email>)
            .transpose()?;
        Ok(Self {
            user_id: asked.user_id.parse()?,
            send_mail: asked.send_mail,
            locale: asked
                .email_locale
                .as_deref()
                .map(parse_locale)
                .transpose()?,
            factors: parse_factors(&asked.factor, switches)?,
            allow_multiple: asked.allow_multiple_enrollments,
            lifetime: parse_lifetime(asked.ttl_sec, policy.lifetime)?,
            result_url: asked
                .result_url
                .as_deref()
                .map(|url| parse_result_url(url, &policy.result_origins))
                .transpose()?,
            auto_create: policy.auto_create && email.is_some(),
            limits: policy.limits,
            email,
        })
    }

    /// The rows to write, and what only the caller may know.
    pub fn issue(
        self,
        actor: &Actor,
        sealer: &Sealer,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> (NewTicket, Issued) {
        let ticket_id = TicketId::new(now, rng);
        let secret = TicketSecret::new(rng);
        let expires_at = now + self.lifetime;
        let mail = self
            .send_mail
            .then(|| link_mail(&secret, expires_at, sealer, now, rng));
        let brought = self.email.as_ref().filter(|_| self.auto_create);
        let new_user = brought.map(|email| NewUser {
            profile: users::profile_of_new(email),
            event: Event::new("user.created", actor, now, rng).user(&self.user_id),
        });
        let event = Event::new("ticket.created", actor, now, rng)
            .user(&self.user_id)
            .ticket(&ticket_id)
            .detail("send_mail", self.send_mail)
            .detail("factors", format_list(&self.factors))
            .detail("allow_multiple_enrollments", self.allow_multiple);
        let row = NewTicket {
            ticket_id: ticket_id.clone(),
            new_user,
            user_id: self.user_id,
            secret_hash: secret.digest(),
            factors: format_list(&self.factors),
            allow_multiple: self.allow_multiple,
            email: self.email,
            locale: self.locale,
            result_url: self.result_url.map(String::from),
            created_by: actor.name.clone(),
            created_at: now,
            expires_at,
            mail,
            event,
            limits: self.limits,
            call: None,
        };
        (
            row,
            Issued {
                ticket_id,
                secret,
                expires_at,
            },
        )
    }
}

/// Lets a ticket through that was written.
///
/// # Errors
/// [`Error`] that says why it was not.
pub fn written(outcome: Created, now: Timestamp) -> Result<()> {
    match outcome {
        Created::Ticket => Ok(()),
        Created::NoUser => Err(Error::no_user()),
        Created::NoAddress => Err(Error::invalid(
            "send_mail",
            "needs an address: send `email`, or give the user one",
        )),
        Created::Repeated => Err(Error::Unavailable(anyhow::anyhow!(
            "the call that has the key is gone"
        ))),
        Created::Full(Full::Mails(until)) => Err(mails_full(until, now)),
        Created::Full(Full::Tickets(until)) => Err(Error::Throttled {
            reason: "The user has as many open tickets as limits.open_tickets_per_user allows; revoke one, or wait",
            retry_after: until.since(now),
        }),
    }
}

/// The user was sent too much already.
pub(super) fn mails_full(until: Timestamp, now: Timestamp) -> Error {
    Error::Throttled {
        reason: "The user was sent as many mails in 24 hours as limits.mails_per_user allows",
        retry_after: until.since(now),
    }
}

/// The mail that carries a link: its payload is the secret, sealed for this message alone.
pub(super) fn link_mail(
    secret: &TicketSecret,
    expires_at: Timestamp,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> NewMessage {
    let message_id = MessageId::new(now, rng);
    NewMessage {
        payload_sealed: Some(seal_link(secret, &message_id, sealer, rng)),
        message_id,
        kind: "enrollment",
        detail: json!({}).to_string(),
        expires_at,
    }
}

/// The secret as the message of this id carries it.
pub(super) fn seal_link(
    secret: &TicketSecret,
    message_id: &MessageId,
    sealer: &Sealer,
    rng: &dyn Rng,
) -> Vec<u8> {
    let place = Place {
        table: "outbox",
        row: &[message_id.as_str()],
        column: "payload_sealed",
    };
    sealer.seal(&place, secret.expose().as_bytes(), rng)
}

/// A language tag; one that no words exist for falls back later, but it must be a tag.
fn parse_locale(tag: &str) -> Result<String> {
    let plain = tag.len() <= 35
        && !tag.is_empty()
        && tag
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain {
        Ok(tag.replace('_', "-"))
    } else {
        Err(Error::invalid(
            "email_locale",
            "must be a language tag such as en or pt-BR",
        ))
    }
}

fn parse_lifetime(asked: Option<i64>, limit: Duration) -> Result<Duration> {
    let limit = limit.min(LONGEST_LIFETIME);
    let Some(asked) = asked else {
        return Ok(limit);
    };
    match u64::try_from(asked) {
        Ok(seconds) if seconds > limit.as_secs() => Err(Error::invalid(
            "ttl_sec",
            format!("is above the limit of {} seconds", limit.as_secs()),
        )),
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::invalid(
            "ttl_sec",
            "must be a number of seconds above 0",
        )),
    }
}

fn parse_result_url(text: &str, allowed: &[Origin]) -> Result<Url> {
    let url =
        Url::parse(text).map_err(|_| Error::invalid("result_url", "must be an absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid(
            "result_url",
            "must not carry a user name or password",
        ));
    }
    let known = matches!(url.scheme(), "https" | "http") && allowed.contains(&url.origin());
    if known {
        Ok(url)
    } else {
        Err(Error::invalid(
            "result_url",
            "must have one of the origins of tickets.result_origins",
        ))
    }
}

/// The factors that are meant: `oob` is what goes out of band, `sms` and `voice` are channels of the phone (design §3).
fn parse_factors(names: &[String], switches: &Switches) -> Result<Vec<Factor>> {
    let mut factors = Vec::new();
    for name in names {
        let meant: &[Factor] = match name.as_str() {
            "oob" => &[Factor::PushNotification, Factor::Phone],
            "sms" | "voice" | "phone" => &[Factor::Phone],
            "email" => {
                return Err(Error::invalid(
                    "factor",
                    "email cannot be enrolled by ticket",
                ));
            }
            name => &[name.parse()?],
        };
        let allowed: Vec<Factor> = meant
            .iter()
            .copied()
            .filter(|factor| switches.allows(*factor))
            .collect();
        if allowed.is_empty() {
            return Err(Error::invalid("factor", format!("{name} is switched off")));
        }
        factors.extend(
            allowed
                .into_iter()
                .filter(|factor| !factors.contains(factor))
                .collect::<Vec<_>>(),
        );
    }
    Ok(factors)
}

#[cfg(test)]
mod tests;
