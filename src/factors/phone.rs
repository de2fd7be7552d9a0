//! `phone`: six digits that are sent to a number, as a text message or read out in a call.

pub mod number;
pub mod send;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use zeroize::{Zeroize as _, Zeroizing};

pub use number::{Countries, Fault, Number};
pub use send::{Budgets, Held, Promised, Send};

use super::verify::Known;
use super::{Pending, Proved, Wrong};
use crate::core::secret::same;
use crate::core::{EnrollmentId, Rng, Timestamp};
use crate::store::{PHONE_CHANNELS, Read};

/// A code is taken for so long (63B §3.1.3.2).
pub const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// So many wrong codes end what a login can do with phones, however many codes it asked for.
pub const MOST_WRONG: i64 = 5;

const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;

/// How a code reaches a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sms, Self::Voice];

    /// Its name in the API, in forms, in the outbox and in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// Its name in RFC 8176.
    pub fn amr(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "tel",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Sms => Self::Voice,
            Self::Voice => Self::Sms,
        }
    }
}

impl FromStr for Channel {
    type Err = ();
    fn from_str(name: &str) -> Result<Self, ()> {
        let named = Self::ALL.into_iter().find(|channel| channel.name() == name);
        named.ok_or(())
    }
}

/// What this installation does with phones.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who sends: `none`, `file`, `twilio` or `http`.
    pub provider: &'static str,
    /// The countries whose numbers are taken.
    pub countries: Countries,
    /// Whether the provider can call.
    pub calls: bool,
    /// How much may be sent.
    pub budgets: Budgets,
}

impl Policy {
    /// The channels that are on: those of the provider that an admin left on.
    ///
    /// # Errors
    /// Of the database.
    pub async fn channels(&self, read: &mut Read) -> crate::core::Result<Vec<Channel>> {
        let setting = read.setting(PHONE_CHANNELS).await?;
        let on =
            setting.and_then(|setting| serde_json::from_str::<Vec<Channel>>(&setting.value).ok());
        let is_on = |channel: &Channel| on.as_ref().is_none_or(|on| on.contains(channel));
        let can = |channel: &Channel| match channel {
            Channel::Sms => self.provider != "none",
            Channel::Voice => self.calls,
        };
        Ok(Channel::ALL.into_iter().filter(is_on).filter(can).collect())
    }
}

/// Six digits.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// A fresh code: each of the million is as likely as any other.
    pub fn new(rng: &dyn Rng) -> Self {
        // The last, incomplete million is drawn again: a remainder would favour small codes.
        const WHOLE: u32 = u32::MAX - u32::MAX % CODES;
        loop {
            let drawn = u32::from_be_bytes(rng.bytes());
            if drawn < WHOLE {
                return Self(Zeroizing::new(format!("{:06}", drawn % CODES)));
            }
        }
    }

    /// The code in what a person typed: blanks and dashes between the digits are theirs, all else is refused.
    pub fn parse(typed: &str) -> Option<Self> {
        let digits: String = typed
            .trim()
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '-'))
            .collect();
        (digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| Self(Zeroizing::new(digits)))
    }

    /// The digits, for the message alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A code that was sent: what the challenge keeps, sealed.
#[derive(Serialize, Deserialize)]
pub struct Sent {
    /// Where it went, in the canonical form.
    pub number: String,
    /// How.
    pub channel: Channel,
    /// The message that carries it.
    pub message_id: String,
    /// When the next one may be asked for.
    pub again_at: Timestamp,
    /// The enrollment that it verifies; none while enrolling.
    #[serde(default)]
    verifies: Option<EnrollmentId>,
    /// What may be told of the number.
    country: String,
    code: String,
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.number.zeroize();
        self.code.zeroize();
    }
}

impl Sent {
    /// This code, to this number.
    pub fn new(number: &Number, channel: Channel, code: &Code, promised: &Promised) -> Self {
        Self {
            number: number.e164().to_owned(),
            channel,
            message_id: promised.message_id.to_string(),
            again_at: promised.again_at,
            verifies: None,
            country: number.country(),
            code: code.expose().to_owned(),
        }
    }

    /// The same to verify an enrollment: it enrolls nothing then.
    pub fn verifying(self, enrollment_id: &EnrollmentId) -> Self {
        let mut sent = self;
        sent.verifies = Some(enrollment_id.clone());
        sent
    }

    /// For the challenge.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // A map of texts has a JSON form.
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// From the challenge.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Whether this is the code that was sent, in constant time.
pub fn check(sent: &Sent, code: &Code) -> bool {
    same(sent.code.as_bytes(), code.0.as_bytes())
}

/// Checks a code while enrolling; what is written is number and channel.
pub(super) fn prove(pending: &Pending<'_>, code: &Code) -> Result<Proved, Wrong> {
    let sent = pending
        .challenge
        .and_then(Sent::from_bytes)
        .filter(|sent| sent.verifies.is_none())
        .ok_or(Wrong::Ended)?;
    if !check(&sent, code) {
        return Err(Wrong::Phone);
    }
    let (material, facts) = written(&sent.number, &sent.country, sent.channel);
    Ok(Proved {
        amr: sent.channel.amr(),
        material,
        last_step: None,
        credential_id: None,
        name: None,
        facts,
    })
}

/// The number of an enrollment whose code this is, and how it got there, if it was sent to verify that one and not guessed
/// at too often.
pub(super) fn verify(code: &Code, known: &Known<'_>) -> Option<(Zeroizing<String>, Channel)> {
    let sent = known.challenge.and_then(Sent::from_bytes)?;
    let number = number_in(known.material)?;
    let is_for_this = known.failures < MOST_WRONG
        && sent.verifies.as_ref() == Some(known.enrollment_id)
        && sent.number == *number;
    (is_for_this && check(&sent, code)).then_some((number, sent.channel))
}

/// The number that an enrollment's material keeps.
pub fn number_in(material: &[u8]) -> Option<Zeroizing<String>> {
    #[derive(Deserialize)]
    struct Material {
        number: String,
    }
    let material: Material = serde_json::from_slice(material).ok()?;
    Some(Zeroizing::new(material.number))
}

/// What is written of a number that a back end vouches for: what is sealed, and what may be told.
pub fn vouched(number: &Number, channel: Channel) -> (Zeroizing<Vec<u8>>, Value) {
    written(number.e164(), &number.country(), channel)
}

/// A number in the form that Auth0's clients know (contract §2.3), out of what may be told of its enrollment.
pub fn masked(facts: &Value) -> Option<String> {
    let last4 = facts["last4"].as_str()?;
    Some(format!("XXXXXXXX{last4}"))
}

fn written(number: &str, country: &str, channel: Channel) -> (Zeroizing<Vec<u8>>, Value) {
    let material = json!({ "number": number, "channel": channel });
    let last4 = number.len().saturating_sub(4);
    (
        Zeroizing::new(material.to_string().into_bytes()),
        json!({ "last4": number.get(last4..), "country": country, "channel": channel }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{MessageId, OsRng};

    #[test]
    fn a_million_codes_are_spread_evenly() {
        let mut digits = [[0_u32; 10]; DIGITS];
        let mut thousands = [0_u32; 1000];
        for _ in 0..1_000_000 {
            let code = Code::new(&OsRng);
            let number: usize = code.expose().parse().unwrap();
            thousands[number / 1000] += 1;
            for (at, digit) in code.expose().bytes().enumerate() {
                digits[at][usize::from(digit - b'0')] += 1;
            }
        }
        // Six standard deviations each way.
        for counts in digits {
            assert!(
                counts.iter().all(|count| (98_200..101_800).contains(count)),
                "{counts:?}"
            );
        }
        assert!(thousands.iter().all(|count| (810..1190).contains(count)));
    }

    #[test]
    fn the_last_incomplete_million_is_drawn_again() {
        struct Draws(std::sync::Mutex<Vec<u32>>);
        impl Rng for Draws {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.0.lock().unwrap().pop().unwrap().to_be_bytes());
            }
        }
        let draws = Draws(std::sync::Mutex::new(vec![
            4_293_999_999,
            4_294_000_000,
            u32::MAX,
        ]));
        assert_eq!(Code::new(&draws).expose(), "999999");
    }

    #[test]
    fn what_was_sent_to_verify_a_phone_enrolls_none() {
        let number = Number::parse("+4915123456789", None, Channel::Sms, &Countries::all());
        let (code, now) = (Code::new(&OsRng), Timestamp::from_millis(0));
        let promised = Promised {
            message_id: MessageId::new(now, &OsRng),
            again_at: now,
        };
        let sent = || Sent::new(number.as_ref().unwrap(), Channel::Sms, &code, &promised);
        let proved = |sent: &Sent| {
            let pending = Pending {
                seed: None,
                challenge: Some(&sent.to_bytes()),
            };
            prove(&pending, &code).map(drop)
        };
        assert_eq!(proved(&sent()), Ok(()));
        let id = EnrollmentId::new(now, &OsRng);
        assert_eq!(proved(&sent().verifying(&id)), Err(Wrong::Ended));
    }

    #[test]
    fn a_code_is_six_digits_however_it_is_spaced() {
        for typed in [
            "012345",
            " 012 345 ",
            "012-345",
            "0 1 2 3 4 5",
            "012\u{a0}345",
        ] {
            assert_eq!(Code::parse(typed).unwrap().expose(), "012345");
        }
        for typed in [
            "",
            "12345",
            "1234567",
            "12345a",
            "１２３４５６",
            "1234.56",
            "+12345",
        ] {
            assert!(Code::parse(typed).is_none(), "{typed}");
        }
        assert_eq!(format!("{:?}", Code::new(&OsRng)), "Code(…)");
    }
}
