//! The two screens: the number, and the code that was sent to it.

use serde::Serialize;

use crate::core::urls;
use crate::factors::phone::{Channel, Countries, Number, Sent};
use crate::pages::choose::Steps;
use crate::pages::frame::{FormError, Screen};
use crate::pages::session::Session;
use crate::views::Locale;

/// Which number.
#[derive(Serialize)]
pub struct PhoneNumber {
    steps: Steps,
    countries: Vec<CountryChoice>,
    number: String,
    channels: Vec<&'static str>,
    channel: &'static str,
    can_choose_other: bool,
}

#[derive(Serialize)]
struct CountryChoice {
    code: String,
    name: String,
    calling: i32,
    selected: bool,
}

/// The code that was sent to it.
#[derive(Serialize)]
pub struct PhoneCode {
    steps: Steps,
    number: String,
    channel: &'static str,
    /// The channel that another code could take instead.
    other_channel: Option<&'static str>,
    /// In how many seconds another code can be asked for.
    wait: u64,
    /// The same in minutes, rounded up.
    wait_minutes: u64,
    can_choose_other: bool,
}

const STEPS: Steps = Steps {
    current: 2,
    total: 3,
};

impl PhoneNumber {
    pub(super) fn of(
        session: &Session,
        channels: &[Channel],
        country: &str,
        number: &str,
        channel: Option<Channel>,
    ) -> Self {
        let locale = &session.speech.locale;
        let named = session.app.views.list(locale, "country-");
        let countries = &session.app.phone.countries;
        let chosen = chosen(countries, country, locale);
        let countries = named.iter().filter_map(|(code, name)| {
            Some(CountryChoice {
                calling: countries.get(code)?.calling,
                selected: chosen.as_ref() == Some(code),
                code: code.clone(),
                name: name.clone(),
            })
        });
        let countries = countries.collect();
        let first = channels.first().copied().unwrap_or(Channel::Sms);
        Self {
            steps: STEPS,
            countries,
            number: number.to_owned(),
            channels: channels.iter().map(|channel| channel.name()).collect(),
            channel: channel.unwrap_or(first).name(),
            can_choose_other: session.admission.offered.len() > 1,
        }
    }

    fn sample(number: &str, channels: &[Channel], selected: &str) -> Self {
        let country = |code: &str, name: &str, calling| CountryChoice {
            code: code.to_owned(),
            name: name.to_owned(),
            calling,
            selected: code == selected,
        };
        Self {
            steps: STEPS,
            countries: vec![
                country("AT", "Austria", 43),
                country("DE", "Germany", 49),
                country("CH", "Switzerland", 41),
            ],
            number: number.to_owned(),
            channels: channels.iter().map(|channel| channel.name()).collect(),
            channel: Channel::Sms.name(),
            can_choose_other: channels.len() > 1,
        }
    }
}

/// What was chosen; else the only country, or the one that the language is of.
fn chosen(countries: &Countries, typed: &str, locale: &Locale) -> Option<String> {
    let known = |code: &String| countries.get(code).is_some();
    let typed = Some(typed.to_uppercase()).filter(known);
    typed
        .or_else(|| countries.only().map(str::to_owned))
        .or_else(|| locale.country().filter(known))
}

impl Screen for PhoneNumber {
    const NAME: &'static str = "phone";
    const ACTION: &'static str = urls::PHONE;
    const INPUTS: &'static [&'static str] = &["country", "number"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        vec![
            ("fresh", Self::sample("", &Channel::ALL, "DE"), Vec::new()),
            (
                "wrong-number",
                Self::sample("0151 2345", &Channel::ALL[..1], ""),
                vec![FormError::sample("number-invalid")],
            ),
        ]
    }
}

impl PhoneCode {
    pub(super) fn of(session: &Session, sent: &Sent, channels: &[Channel]) -> Self {
        let countries = &session.app.phone.countries;
        let number = Number::parse(&sent.number, None, sent.channel, countries);
        let other = sent.channel.other();
        let wait = sent.again_at.since(session.app.now()).as_millis();
        let wait = u64::try_from(wait.div_ceil(1000)).unwrap_or(0);
        Self {
            steps: STEPS,
            number: number.map_or_else(|_| sent.number.clone(), |number| number.pretty()),
            channel: sent.channel.name(),
            other_channel: channels.contains(&other).then(|| other.name()),
            wait,
            wait_minutes: wait.div_ceil(60),
            can_choose_other: session.admission.offered.len() > 1,
        }
    }

    fn sample(channel: Channel, other: Option<Channel>, wait: u64) -> Self {
        Self {
            steps: STEPS,
            number: "+49 1512 3456789".to_owned(),
            channel: channel.name(),
            other_channel: other.map(Channel::name),
            wait,
            wait_minutes: wait.div_ceil(60),
            can_choose_other: other.is_some(),
        }
    }
}

impl Screen for PhoneCode {
    const NAME: &'static str = "phone-code";
    const ACTION: &'static str = urls::PHONE_CODE;
    const INPUTS: &'static [&'static str] = &["code"];

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        vec![
            (
                "sent",
                Self::sample(Channel::Sms, Some(Channel::Voice), 30),
                Vec::new(),
            ),
            (
                "wrong-code",
                Self::sample(Channel::Sms, None, 0),
                vec![FormError::sample("phone-code-wrong")],
            ),
            (
                "called",
                Self::sample(Channel::Voice, Some(Channel::Sms), 120),
                Vec::new(),
            ),
        ]
    }
}
