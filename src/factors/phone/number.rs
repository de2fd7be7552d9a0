//! A number that a code may be sent to: one canonical form (E.164), of a country that is allowed, and of a kind that
//! costs what a message to a person costs.

use std::collections::BTreeMap;
use std::fmt;

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region,
    get_national_significant_number_owned,
};
use zeroize::Zeroizing;

use super::Channel;

/// Longer than any number with its separators.
const LONGEST: usize = 32;
/// So many digits of the national number make a prefix: about a network, or an area.
const PREFIX_DIGITS: usize = 3;

/// The countries whose numbers are taken, by their two letters.
#[derive(Debug, Clone)]
pub struct Countries(BTreeMap<String, Country>);

/// A country, as the list beside the number shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    region: Region,
    /// What its numbers begin with, behind the plus.
    pub calling: i32,
}

impl Country {
    /// Of two letters (ISO 3166), if it has numbers.
    pub fn parse(code: &str) -> Option<Self> {
        let region = Region::from_code(code).ok()?;
        let calling = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
        (region != Region::World).then_some(Self { region, calling })
    }

    fn code(self) -> String {
        self.region.as_region_str().to_string()
    }
}

impl Countries {
    /// Every country that has numbers.
    pub fn all() -> Self {
        let regions = PHONE_NUMBER_UTIL.get_supported_regions();
        Self::from(regions.filter_map(|region| Country::parse(&region.as_region_str())))
    }

    /// These; what is no country is passed over.
    pub fn of<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        Self::from(codes.into_iter().filter_map(Country::parse))
    }

    fn from(countries: impl Iterator<Item = Country>) -> Self {
        Self(countries.map(|country| (country.code(), country)).collect())
    }

    /// The one with these two letters.
    pub fn get(&self, code: &str) -> Option<Country> {
        self.0.get(code).copied()
    }

    /// The two letters of the only one.
    pub fn only(&self) -> Option<&str> {
        let code = self.0.keys().next()?;
        (self.0.len() == 1).then_some(code)
    }

    fn allows(&self, region: Region) -> bool {
        self.0.values().any(|country| country.region == region)
    }
}

/// Why a number is not taken. Each has words of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was typed.
    Missing,
    /// No number at all: letters, an extension, digits of another script.
    Format,
    /// No country was chosen, or one that is not allowed.
    Country,
    /// No number that its country gives out.
    Invalid,
    /// A kind of number that costs extra, or that nobody carries: premium, shared cost, toll-free, satellite, pager.
    Kind,
    /// A landline, where a text message was asked for.
    Landline,
}

impl Fault {
    /// Names its words, `error-<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "number-missing",
            Self::Format => "number-format",
            Self::Country => "number-country",
            Self::Invalid => "number-invalid",
            Self::Kind => "number-kind",
            Self::Landline => "number-landline",
        }
    }
}

/// A number that a code may be sent to.
#[derive(Clone)]
pub struct Number {
    e164: Zeroizing<String>,
    parsed: PhoneNumber,
    region: Region,
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(…)")
    }
}

impl Number {
    /// The number in what a person typed; `country` is what they chose beside it, which a leading plus overrides.
    ///
    /// # Errors
    /// Why no code is sent there.
    pub fn parse(
        typed: &str,
        country: Option<&str>,
        channel: Channel,
        countries: &Countries,
    ) -> Result<Self, Fault> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(Fault::Missing);
        }
        if typed.len() > LONGEST || !is_plain(typed) {
            return Err(Fault::Format);
        }
        let chosen = country
            .and_then(Country::parse)
            .map(|country| country.region)
            .filter(|region| countries.allows(*region));
        if !typed.starts_with('+') && chosen.is_none() {
            return Err(Fault::Country);
        }
        let parsed = PHONE_NUMBER_UTIL
            .parse(typed, chosen)
            .map_err(|_| Fault::Invalid)?;
        if parsed.extension.is_some() {
            return Err(Fault::Format);
        }
        let region = match parsed.get_region_code() {
            Some(region) if region != Region::World => region,
            _ if parsed.is_valid() => return Err(Fault::Kind),
            _ => return Err(Fault::Invalid),
        };
        if !parsed.is_valid() {
            return Err(Fault::Invalid);
        }
        if !countries.allows(region) {
            return Err(Fault::Country);
        }
        match (parsed.get_type(), channel) {
            (PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile, _)
            | (PhoneNumberType::FixedLine, Channel::Voice) => {}
            (PhoneNumberType::FixedLine, Channel::Sms) => return Err(Fault::Landline),
            _ => return Err(Fault::Kind),
        }
        if !parsed.can_be_internationally_dialled() {
            return Err(Fault::Kind);
        }
        let e164 = parsed.format_as(PhoneNumberFormat::E164).into_owned();
        Ok(Self {
            e164: Zeroizing::new(e164),
            parsed,
            region,
        })
    }

    /// The canonical form, for the send call and what is sealed: `+4915123456789`.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// As people write it, for the page of the person who typed it: `+49 1512 3456789`.
    pub fn pretty(&self) -> String {
        self.parsed
            .format_as(PhoneNumberFormat::International)
            .into_owned()
    }

    /// Its country, in two letters.
    pub fn country(&self) -> String {
        self.region.as_region_str().to_string()
    }

    /// Country code and the first digits of the national number: what is paused when codes to it are never entered.
    pub fn prefix(&self) -> String {
        let national = get_national_significant_number_owned(&self.parsed);
        let first: String = national.chars().take(PREFIX_DIGITS).collect();
        format!("{}{first}", self.parsed.country_code)
    }
}

/// Digits and what people put between them; a plus comes first or not at all.
fn is_plain(typed: &str) -> bool {
    let between = |c: char| matches!(c, ' ' | '\u{a0}' | '-' | '(' | ')' | '.' | '/');
    let rest = typed.strip_prefix('+').unwrap_or(typed);
    rest.chars().all(|c| c.is_ascii_digit() || between(c))
        && rest.chars().any(|c| c.is_ascii_digit())
}

#[cfg(test)]
#[path = "number/tests.rs"]
mod tests;
