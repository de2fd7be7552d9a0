//! `[phone]`: how codes reach phones, where to, and how many of them.

use std::num::NonZeroU32;
use std::path::{Path as FilePath, PathBuf};

use serde_json::{Value, json};

use super::gateway::{self, Gateway};
use super::key::{Key, Kind, Path, Section, Shown};
use super::reader::{Read, Reader, Reported};
use super::twilio::{self, Twilio};

pub(super) static PROVIDER: Key = Key {
    section: "phone",
    name: "provider",
    kind: Kind::Text,
    shown: Shown::Example("\"file\""),
    doc: "\"none\": nobody enrolls a phone (left out, in production).\n\
          \"file\": one file a message in <data_dir>/texts (left out, in development).\n\
          \"twilio\", or \"http\" for any other gateway: with the keys below.",
};

pub(super) static COUNTRIES: Key = Key {
    section: "phone",
    name: "countries",
    kind: Kind::TextList,
    shown: Shown::Default("[]"),
    doc: "The countries whose numbers are taken, like [\"DE\", \"AT\"]. Empty is none, but with \"file\" all.",
};

pub(super) static FROM: Key = Key {
    section: "phone",
    name: "from",
    kind: Kind::Text,
    shown: Shown::Example("\"+15005550006\""),
    doc: "Whom messages are from: a number, or a name where the provider allows one.",
};

const fn budget(name: &'static str, default: &'static str, doc: &'static str) -> Key {
    Key {
        section: "phone",
        name,
        kind: Kind::Number,
        shown: Shown::Default(default),
        doc,
    }
}

static DAILY_BUDGET: Key = budget(
    "daily_budget",
    "1000",
    "How many messages leave in 24 hours, of all instances together; then phones can't be enrolled\n\
     until they are over, and other methods go on. 0 is no limit, here and below.",
);
static DAILY_PER_USER: Key = budget(
    "daily_per_user",
    "10",
    "How many go to one user in 24 hours.",
);
static HOURLY_PER_NUMBER: Key = budget(
    "hourly_per_number",
    "6",
    "How many go to one number in an hour.",
);
static HOURLY_PER_ADDRESS: Key = budget(
    "hourly_per_address",
    "60",
    "How many are asked for from one address in an hour.",
);
static HOURLY_PER_PREFIX: Key = budget(
    "hourly_per_prefix",
    "200",
    "How many go to numbers of one prefix (country code and three digits) in an hour. A prefix is\n\
     paused for an hour when of 20 and more that had five minutes fewer than a fifth were answered.",
);
static PER_TICKET: Key = budget("per_ticket", "10", "How many one ticket sends in its life.");

pub(super) const SECTION: Section = Section {
    name: "phone",
    doc: "Codes by text message and call. Each message costs money, and there are people who earn by it.",
    keys: &[
        &PROVIDER,
        &COUNTRIES,
        &FROM,
        &twilio::SID,
        &twilio::TOKEN,
        &twilio::TOKEN_FILE,
        &twilio::SERVICE,
        &twilio::URL,
        &gateway::URL,
        &gateway::METHOD,
        &gateway::HEADERS,
        &gateway::BODY_TYPE,
        &gateway::BODY,
        &gateway::CALLS,
        &gateway::SECRET,
        &gateway::SECRET_FILE,
        &DAILY_BUDGET,
        &DAILY_PER_USER,
        &HOURLY_PER_NUMBER,
        &HOURLY_PER_ADDRESS,
        &HOURLY_PER_PREFIX,
        &PER_TICKET,
    ],
};

/// `[phone]`.
#[derive(Clone, Debug)]
pub struct Phone {
    /// How codes leave.
    pub provider: PhoneProvider,
    /// The countries whose numbers are taken, in two letters; nothing is all of them.
    pub countries: Option<Vec<String>>,
    /// How many may leave.
    pub budgets: PhoneBudgets,
}

/// How codes leave.
#[derive(Clone, Debug)]
pub enum PhoneProvider {
    /// Not at all.
    None,
    /// As files, for development.
    File(PathBuf),
    /// Through Twilio's REST API.
    Twilio(Twilio),
    /// Through any gateway that takes a request for each message.
    Http(Box<Gateway>),
}

impl PhoneProvider {
    /// Its name in the configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::File(_) => "file",
            Self::Twilio(_) => "twilio",
            Self::Http(_) => "http",
        }
    }

    /// Whether it can call, too.
    pub fn calls(&self) -> bool {
        match self {
            Self::None => false,
            Self::File(_) | Self::Twilio(_) => true,
            Self::Http(gateway) => gateway.calls,
        }
    }
}

/// How many codes may leave; `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub struct PhoneBudgets {
    /// In 24 hours.
    pub daily: Option<NonZeroU32>,
    /// To one user in 24 hours.
    pub daily_per_user: Option<NonZeroU32>,
    /// To one number in an hour.
    pub hourly_per_number: Option<NonZeroU32>,
    /// For one address in an hour.
    pub hourly_per_address: Option<NonZeroU32>,
    /// To one prefix in an hour.
    pub hourly_per_prefix: Option<NonZeroU32>,
    /// For one ticket.
    pub per_ticket: Option<NonZeroU32>,
}

/// Reads the section; `development` decides what a provider that is left out means.
pub(super) fn read(
    reader: &mut Reader,
    data_dir: Option<&FilePath>,
    development: bool,
) -> Read<Phone> {
    let budgets = budgets(reader);
    let countries = reader.list(&COUNTRIES, country);
    let from = reader.optional(&FROM, |text| super::value::line(text, 64));
    let named = reader.optional(&PROVIDER, |text| match text {
        "none" | "file" | "twilio" | "http" => Ok(text.to_owned()),
        _ => Err("is no provider; say none, file, twilio or http".to_owned()),
    })?;
    let default = if development { "file" } else { "none" };
    let provider = match named.as_deref().unwrap_or(default) {
        "file" if !development => {
            return Err(reader.refuse(
                &PROVIDER,
                "puts codes into files, and this is production; say twilio, http or none",
            ));
        }
        // Without a data folder, that it is missing is reported already.
        "file" => PhoneProvider::File(data_dir.ok_or(Reported)?.join("texts")),
        "twilio" => PhoneProvider::Twilio(twilio::read(reader, from?)?),
        "http" => PhoneProvider::Http(Box::new(gateway::read(reader, from?)?)),
        _ => PhoneProvider::None,
    };
    let countries = countries?;
    if countries.is_empty() && matches!(provider, PhoneProvider::Twilio(_) | PhoneProvider::Http(_))
    {
        return Err(reader.refuse(
            &COUNTRIES,
            "is empty, and codes cost money; say where your people are, like [\"DE\", \"AT\"]",
        ));
    }
    Ok(Phone {
        provider,
        countries: (!countries.is_empty()).then_some(countries),
        budgets: budgets?,
    })
}

fn budgets(reader: &mut Reader) -> Read<PhoneBudgets> {
    let mut limit = |key| reader.number(key).map(NonZeroU32::new);
    Ok(PhoneBudgets {
        daily: limit(&DAILY_BUDGET)?,
        daily_per_user: limit(&DAILY_PER_USER)?,
        hourly_per_number: limit(&HOURLY_PER_NUMBER)?,
        hourly_per_address: limit(&HOURLY_PER_ADDRESS)?,
        hourly_per_prefix: limit(&HOURLY_PER_PREFIX)?,
        per_ticket: limit(&PER_TICKET)?,
    })
}

fn country(text: &str) -> Result<String, String> {
    let region = rlibphonenumber::Region::from_code(text).ok();
    let numbers = region
        .and_then(|region| rlibphonenumber::PHONE_NUMBER_UTIL.get_country_code_for_region(region));
    if text.bytes().all(|b| b.is_ascii_uppercase()) && text.len() == 2 && numbers.is_some() {
        Ok(text.to_owned())
    } else {
        Err("is no country; say its two letters, like DE".to_owned())
    }
}

pub(super) fn describe(phone: &Phone) -> Vec<(Path, Value)> {
    let number = |limit: Option<NonZeroU32>| json!(limit.map_or(0, NonZeroU32::get));
    let budgets = &phone.budgets;
    let (twilio, gateway) = match &phone.provider {
        PhoneProvider::Twilio(twilio) => (Some(twilio), None),
        PhoneProvider::Http(gateway) => (None, Some(&**gateway)),
        PhoneProvider::None | PhoneProvider::File(_) => (None, None),
    };
    let from = twilio
        .and_then(|twilio| twilio.from.as_ref())
        .or_else(|| gateway.and_then(|gateway| gateway.from.as_ref()));
    let mut told = vec![
        (PROVIDER.path(), json!(phone.provider.name())),
        (
            COUNTRIES.path(),
            json!(phone.countries.as_deref().unwrap_or_default()),
        ),
        (FROM.path(), json!(from)),
    ];
    told.extend(twilio::describe(twilio));
    told.extend(gateway::describe(gateway));
    told.extend([
        (DAILY_BUDGET.path(), number(budgets.daily)),
        (DAILY_PER_USER.path(), number(budgets.daily_per_user)),
        (HOURLY_PER_NUMBER.path(), number(budgets.hourly_per_number)),
        (
            HOURLY_PER_ADDRESS.path(),
            number(budgets.hourly_per_address),
        ),
        (HOURLY_PER_PREFIX.path(), number(budgets.hourly_per_prefix)),
        (PER_TICKET.path(), number(budgets.per_ticket)),
    ]);
    told
}
