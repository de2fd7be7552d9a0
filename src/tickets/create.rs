//! Creating a ticket: what may be asked for, and what is written.

use std::time::Duration;

use serde_json::json;
use url::{Origin, Url};

use super::LONGEST_LIFETIME;
use crate::core::seal::Place;
use crate::core::{
    Actor, Email, Error, MessageId, Result, Rng, Sealer, TicketId, TicketSecret, Timestamp, UserId,
};
use crate::factors::{Factor, Switches, format_list};
use crate::store::{Event, NewMessage, NewTicket};
use crate::users;

/// What a caller asks for, word by word (contract §1.2).
#[derive(Debug, Clone, Default)]
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
    pub fn parse(asked: Asked, policy: &Policy, switches: &Switches) -> Result<Self> {
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
        let event = Event::new("ticket.created", actor, now, rng)
            .user(&self.user_id)
            .ticket(&ticket_id)
            .detail("send_mail", self.send_mail)
            .detail("factors", format_list(&self.factors))
            .detail("allow_multiple_enrollments", self.allow_multiple);
        let row = NewTicket {
            ticket_id: ticket_id.clone(),
            user_event: Event::new("user.created", actor, now, rng).user(&self.user_id),
            new_user_profile: self
                .email
                .as_ref()
                .filter(|_| self.auto_create)
                .map(users::profile_of_new),
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

/// The mail that carries a link: its payload is the secret, sealed for this message alone.
pub(super) fn link_mail(
    secret: &TicketSecret,
    expires_at: Timestamp,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> NewMessage {
    let message_id = MessageId::new(now, rng);
    let place = Place {
        table: "outbox",
        row: &[message_id.as_str()],
        column: "payload_sealed",
    };
    let payload_sealed = Some(sealer.seal(&place, secret.expose().as_bytes(), rng));
    NewMessage {
        message_id,
        kind: "enrollment",
        payload_sealed,
        detail: json!({}).to_string(),
        expires_at,
    }
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
mod tests {
    use super::*;
    use crate::core::OsRng;

    fn policy() -> Policy {
        let origin = Url::parse("https://app.example").unwrap().origin();
        Policy {
            lifetime: LONGEST_LIFETIME,
            result_origins: vec![origin],
            auto_create: true,
        }
    }

    fn asked() -> Asked {
        Asked {
            user_id: "auth0|ada".into(),
            email: Some("ada@example.com".into()),
            ..Asked::default()
        }
    }

    fn refused(asked: Asked) -> String {
        match CreateTicket::parse(asked, &policy(), &Switches::default()) {
            Err(Error::Invalid { property, .. }) => property.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        assert_eq!(
            refused(Asked {
                user_id: String::new(),
                ..asked()
            }),
            "user_id"
        );
        assert_eq!(
            refused(Asked {
                email: Some("no address".into()),
                ..asked()
            }),
            "email"
        );
        for factor in ["email", "duo", "OTP", "", "phone", "voice"] {
            assert_eq!(
                refused(Asked {
                    factor: vec![factor.into()],
                    ..asked()
                }),
                "factor",
                "{factor}"
            );
        }
        for ttl in [0, -1, i64::MIN, 5 * 86_400 + 1, i64::MAX] {
            assert_eq!(
                refused(Asked {
                    ttl_sec: Some(ttl),
                    ..asked()
                }),
                "ttl_sec",
                "{ttl}"
            );
        }
        for locale in ["", "e n", "en;q=1", "{{ 7*7 }}", "../../etc"] {
            assert_eq!(
                refused(Asked {
                    email_locale: Some(locale.into()),
                    ..asked()
                }),
                "email_locale",
                "{locale}"
            );
        }
    }

    #[test]
    fn a_result_url_leads_to_an_allowed_origin_only() {
        for url in [
            "https://app.example/done",
            "https://app.example",
            "https://app.example:443/?a=b#c",
        ] {
            assert!(
                CreateTicket::parse(
                    Asked {
                        result_url: Some(url.into()),
                        ..asked()
                    },
                    &policy(),
                    &Switches::default()
                )
                .is_ok(),
                "{url}"
            );
        }
        let hostile = [
            "//app.example",
            "/done",
            "http://app.example/",
            "https://app.example.evil/",
            "https://evil/app.example",
            "https://app.example:444/",
            "https://app.example@evil/",
            "https://user:pw@app.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:\\\\evil",
            "",
            "https://app.example%2f@evil/",
            "https://аpp.example/",
            "\thttps://evil/",
            "https://app.example.",
            "ftp://app.example/",
        ];
        for url in hostile {
            assert_eq!(
                refused(Asked {
                    result_url: Some(url.into()),
                    ..asked()
                }),
                "result_url",
                "{url}"
            );
        }
    }

    #[test]
    fn oob_means_what_goes_out_of_band_and_is_switched_on() {
        let create = CreateTicket::parse(
            Asked {
                factor: vec!["oob".into()],
                ..asked()
            },
            &policy(),
            &Switches::default(),
        )
        .unwrap();
        assert_eq!(create.factors, [Factor::PushNotification]);
        let off = Switches::new([], ["push-notification".to_owned()]);
        assert!(
            CreateTicket::parse(
                Asked {
                    factor: vec!["oob".into()],
                    ..asked()
                },
                &policy(),
                &off
            )
            .is_err()
        );
    }

    #[test]
    fn the_rows_hold_no_secret() {
        let create = CreateTicket::parse(
            Asked {
                send_mail: true,
                ..asked()
            },
            &policy(),
            &Switches::default(),
        )
        .unwrap();
        let sealer = Sealer::new(&[3; 32]);
        let (row, issued) = create.issue(
            &Actor::command_line(),
            &sealer,
            Timestamp::from_millis(1_000),
            &OsRng,
        );
        assert!(!format!("{row:?}").contains(issued.secret.expose()));
        assert_eq!(
            row.expires_at,
            Timestamp::from_millis(1_000) + LONGEST_LIFETIME
        );
        assert!(row.secret_hash.matches(issued.secret.digest().as_bytes()));
    }
}
